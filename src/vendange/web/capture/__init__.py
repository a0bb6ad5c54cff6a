"""Capture: where signals come from, which files came in, and what was refused and why."""
