"""A bulk act that is over, written into the database of a running Vendange."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]


def fill() -> None:
    """Runs in a process of its own, with the environment of the server."""
    django.setup()
    from vendange.journey import in_bulk
    from vendange.models import Segment, User

    now = datetime.now(UTC)
    by = User.objects.get(username="sophie")
    one = Segment.objects.filter(kind="hand").earliest("id")
    people = list(one.members.order_by("id").values_list("person_id", flat=True)[:3])
    job = in_bulk.ask(act="leave", given={"segment": str(one.public_id)}, people=people, by=by, now=now)
    job.result = dict(in_bulk.run(job, lambda *_: None, lambda: False))
    job.state, job.ended_at = "done", now
    job.save()


def act_in(environment: dict[str, str]) -> None:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.in_bulk import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120)
