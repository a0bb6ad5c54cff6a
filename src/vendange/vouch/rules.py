"""Vouch decides: which facts may become what a person's record says."""

from typing import Final

COLUMNS: Final = {
    "email": "email",
    "phone": "phone_raw",
    "first_name": "first_name",
    "last_name": "last_name",
    "job_title": "job_title",
    "level": "level",
    "role": "role",
    "language": "language",
    "country": "country",
    "time_zone": "time_zone",
    "regime": "regime",
}
FEWEST: Final = 5  # verified answers before a share of true ones is told
