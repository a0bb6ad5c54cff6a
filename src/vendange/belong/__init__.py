"""Say which company somebody belongs to: by its domain or number, its sites, who may be one and the same."""
