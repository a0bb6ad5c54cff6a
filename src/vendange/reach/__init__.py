"""Reaches: which addresses still take letters, from what comes back."""
