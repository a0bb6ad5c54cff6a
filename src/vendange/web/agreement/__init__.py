"""The agreement room: what marketing and sales promised each other, read in words, drafted and signed."""
