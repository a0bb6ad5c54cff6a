"""The ground floor: the signed agreement as frozen values, and the words it is written with. No Django."""
