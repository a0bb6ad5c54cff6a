"""Segments: who belongs together by conditions or by hand, and what is done with many people at once."""
