"""Unites: which records may be one person, and the merge that a human decides and can undo."""
