"""Revert: what an import brought goes back, but for what has happened since."""
