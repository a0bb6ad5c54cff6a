"""Agree: both heads write, sign and withdraw versions of the agreement."""
