"""Ask: forms that people fill in themselves, what they consent to, and what they answered."""
