"""Combines organisations: which two may be one, and the merge that a human decides and can undo."""
