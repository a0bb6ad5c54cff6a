"""Sheets: a CSV file as a table: which bytes are which letters, what separates cells, which dates can be read."""
