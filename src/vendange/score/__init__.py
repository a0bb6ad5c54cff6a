"""Score: what the signed agreement measures in what a person is and does. An index, never a proof (R37)."""
