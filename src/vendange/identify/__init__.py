"""Identify: which person and which organisation this is. Strong keys decide, weak keys never merge anybody."""
