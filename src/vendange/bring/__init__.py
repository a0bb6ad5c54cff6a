"""Bring files in: what their columns mean, how far each import is, what taking one back needs."""
