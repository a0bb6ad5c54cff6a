"""Simulate: what a draft would have called over the recorded past, and what nobody may conclude from it (R15)."""
