"""Telling: what a colleague heard or saw, typed in half a minute, also where there is no network."""
