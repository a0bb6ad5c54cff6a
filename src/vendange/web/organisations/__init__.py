"""Organisations: the companies, who is who in each, and which part in a purchase nobody is known to play."""
