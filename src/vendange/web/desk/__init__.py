"""The desk: where an LDR judges every alert."""
