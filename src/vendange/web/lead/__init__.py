"""One lead: what is known of it, and everything sales can do with it."""
