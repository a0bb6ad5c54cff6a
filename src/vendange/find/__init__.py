"""Finds people and organisations: by name, address, number, company or job title, however they are written."""
