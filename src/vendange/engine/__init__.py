"""Measures a person under an agreement: plain Python, no Django, no database, no clock of its own."""
