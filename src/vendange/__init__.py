"""Vendange: open lead management for B2B sales."""
