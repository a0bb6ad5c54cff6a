"""Who belongs together: segments by conditions in the grammar of the agreement, or chosen by hand."""
