"""Sell: a salesperson accepts, calls, reports, gives back, wins or loses."""
