"""Reveals: which company a visitor's network belongs to, and how sure that is."""
