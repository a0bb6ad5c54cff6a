"""People: the list, and the page of one person: what they did, what is known, what it is worth."""
