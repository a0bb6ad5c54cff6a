"""My leads: what a salesperson has to accept, call, report and follow."""
