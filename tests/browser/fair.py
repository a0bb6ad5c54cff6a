"""A trade show with a visit, written into the database of a running Vendange."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import django

ROOT = Path(__file__).parents[2]


def fill() -> None:
    """Runs in a process of its own, with the environment of the server."""
    django.setup()
    from vendange.journey import telling
    from vendange.meet.rules import Newcomer, Told
    from vendange.models import User

    now = datetime.now(UTC)
    by = User.objects.filter(role="marketing").order_by("id").first()
    assert by
    days = (now.date(), (now + timedelta(days=2)).date())
    show = telling.add_show(
        name="SIMODEC", place="La Roche-sur-Foron", topic="machining", kind="booth_visited", days=days, by=by, now=now
    )
    told = Told(
        "booth_visited", now, said="Il nous faut un tour avant le printemps.", judged="Projet réel.", warmth="strong"
    )
    telling.tell(
        told=told,
        who=Newcomer("Alma Perrin", "Fonderie Vauclair"),
        message_id="first-visit",
        show=show,
        by=by,
        now=now,
        zone=ZoneInfo("Europe/Paris"),
    )


def add_fair_to(environment: dict[str, str]) -> None:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.fair import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120)
