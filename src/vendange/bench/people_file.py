"""A file of people with their companies, as an export of another system: made up from a seed, the same each time.

Six rows in a hundred are somebody who stands there already: with the same address, or written a little otherwise under
another number, so that only a search for duplicates finds them.
"""

import csv
import random
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vendange.bench.names import FIRST, TITLE, firm_name, last_name, word_of

PER_FIRM: Final = 5  # people
AGAIN: Final = 0.06  # of the rows
SAME_ADDRESS: Final = 0.3  # of those
PRIVATE: Final = 0.15  # of the addresses
REMEMBERED: Final = 1_000  # people, of whom some come again
COLUMNS: Final = {
    "external_id": "Record ID",
    "email": "Email",
    "first_name": "First name",
    "last_name": "Last name",
    "phone": "Phone number",
    "job_title": "Job title",
    "country": "Country",
    "organisation": "Company",
    "postal_code": "Postal code",
    "city": "City",
    "employees": "Employees",
    "industry": "Industry",
}
CITIES: Final = (
    ("69003", "Lyon"),
    ("75011", "Paris"),
    ("33000", "Bordeaux"),
    ("38000", "Grenoble"),
    ("67000", "Strasbourg"),
)
TRADES: Final = ("metal", "wood", "energy", "food", "building", "")
SIZES: Final = ("12", "45", "51-200", "180", "1200", "")
# How such a file is read: what the columns mean, and that people were told.
HOW: Final[dict[str, Any]] = {
    "map": {"columns": COLUMNS},
    "origin": "Bench of importing",
    "consent": {"basis": "informed", "channel": ["email"], "purpose": "prospecting", "wording": "Told by letter"},
    "keep_filled": True,
    "regime": "professional",
}


def write_people(path: Path, rows: int, seed: int) -> None:
    """A CSV file with a line of names and so many rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.values())
        writer.writerows(_rows(rows, random.Random(seed)))


def _rows(rows: int, draw: random.Random) -> Iterator[tuple[str, ...]]:
    firms = max(1, rows // PER_FIRM)
    seen: deque[tuple[str, ...]] = deque(maxlen=REMEMBERED)
    for number in range(1, rows + 1):
        if seen and draw.random() < AGAIN:
            yield _again(draw.choice(seen), number, draw)
            continue
        row = _somebody(number, draw.randrange(firms), draw)
        seen.append(row)
        yield row


def _somebody(number: int, firm: int, draw: random.Random) -> tuple[str, ...]:
    first, last = word_of(FIRST, draw), last_name(draw)
    host = draw.choice(("gmail.com", "orange.fr")) if draw.random() < PRIVATE else f"firm{firm}.example"
    phone = "0{} {:02} {:02} {:02} {:02}".format(draw.choice("1467"), *(draw.randrange(100) for _ in range(4)))
    return (
        f"R{number}",
        f"{_plain(first)}.{_plain(last)}{number % 97}@{host}",
        first,
        last,
        phone if draw.random() < 0.6 else "",
        draw.choice(TITLE),
        "FR",
        *_company(firm),
    )


def _plain(name: str) -> str:
    return name.encode("ascii", "ignore").decode().lower() or "x"


def _company(firm: int) -> tuple[str, ...]:
    """The same for all its people, whoever comes first."""
    draw = random.Random(firm)
    return (firm_name(draw), *draw.choice(CITIES), draw.choice(SIZES), draw.choice(TRADES))


def _again(row: tuple[str, ...], number: int, draw: random.Random) -> tuple[str, ...]:
    """Somebody who stands there already, under another number."""
    if draw.random() < SAME_ADDRESS:
        return (f"R{number}", *row[1:])
    local, _, host = row[1].partition("@")
    first, last = row[2], row[3]
    at = draw.randrange(1, len(last) - 1) if len(last) > 5 else 0
    slipped = last[:at] + last[at + 1] + last[at] + last[at + 2 :] if at else last.upper()
    return (f"R{number}", f"{local}+{draw.choice(('salon', 'web'))}@{host}", first, slipped, *row[4:])
