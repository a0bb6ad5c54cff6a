"""Asks: forms, what they may ask next, the texts of consent, and the answers."""
