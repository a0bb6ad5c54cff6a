"""Meets: what colleagues tell of people met, heard or read, and the shows where they meet them."""
