"""Qualify: a human judges every alert: pass, recycle or eliminate."""
