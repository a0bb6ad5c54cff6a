"""A small company whose salespeople have work, written into the database of a running Vendange."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

PASSWORD = "vendange-demo"
ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)


def fill() -> None:
    """Runs in a process of its own, with the environment of the server."""
    django.setup()
    from tests.web.relay import company

    now = datetime.now(UTC)
    house = company(now)
    for place, firm in enumerate(("Atelier Nova", "Hexal", "Lorval")):
        house.passed(at=now - 2 * HOUR, to=house.hugo, name=f"Camille Moreau{place}", company=firm)
    for _ in range(3):
        house.accepted(at=now - 3 * HOUR, to=house.hugo)
    for _ in range(4):
        house.called(at=now - 5 * HOUR, to=house.hugo)


def fill_sales_of(environment: dict[str, str]) -> None:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.sales_company import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120)
