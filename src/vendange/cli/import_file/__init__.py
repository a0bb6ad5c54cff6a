"""`vendange import FILE --map MAP`: a file of people, signals or past deals comes in."""
