"""A small company whose desk has work, written into the database of a running Vendange."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import django

PASSWORD = "a long password for tests"
NAMES = ("camille", "thomas", "ines", "sarah", "oumar", "elsa")
ROOT = Path(__file__).parents[2]


def fill() -> None:
    """Runs in a process of its own, with the environment of the server."""
    django.setup()
    from django.utils import timezone

    from tests.people import open_house
    from vendange.journey.arrive import arrive
    from vendange.models import Person

    now = timezone.now()
    house = open_house(now=now - timedelta(days=200))
    for place, name in enumerate(NAMES):
        at = now - timedelta(minutes=30 - place)
        told = {
            "first_name": name.capitalize(),
            "last_name": "Moreau",
            "phone": f"+3346571004{place}",
            "role": "advises",
        }
        told |= {"organisation": f"Atelier {name.capitalize()}", "level": "manager", "city": "Lyon"}
        arrive(signals=[house.quote_request(f"{name}@{name}.example", at, **told)], now=at)
    Person.objects.update(regime="professional")  # as colleagues know: a site only claims it


def fill_the_desk_of(environment: dict[str, str]) -> None:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.desk_company import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120)
