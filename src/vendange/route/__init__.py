"""Route: which salesperson a passed lead goes to, and why them."""
