"""The journey: the only code that sequences steps, and the only code that moves a lead."""
