"""Capture: what came in is kept once, with its reason when it is refused."""
