"""Home: the common metric first, the same for everyone; then what awaits each role."""
