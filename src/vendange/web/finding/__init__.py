"""Finding somebody from anywhere: the palette of Ctrl K, and the page that does the same without JavaScript."""
