"""Settings: my own, and for administrators the colleagues, teams and keys."""
