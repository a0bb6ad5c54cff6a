"""Files of people: brought, read, mapped, tried, taken in, taken back. For marketing and administrators."""
