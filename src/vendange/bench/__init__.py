"""What the engine costs, measured on a company of any size that is made up from a seed."""
