"""A file whose map is being made and one that came in, written into the database of a running Vendange."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]
HEADER = "First Name,Last Name,Email,Company / Account,Lead Source,Machines\n"
GOOD = "Camille,Moreau,camille.moreau@nova-brought.example,Atelier Nova,SIMODEC,5\n"
FILE = HEADER + GOOD * 4 + "Hugo,Roux,no address,Atelier Nova,SIMODEC,2\n"
CONSENT = {
    "basis": "informed", "channel": ["email"], "purpose": "prospecting", "at": "2026-04-03", "wording": "Notice 2026"
}  # fmt: skip


def fill() -> None:
    """Runs in a process of its own, with the environment of the server."""
    django.setup()
    from vendange.bring import actions
    from vendange.journey.bringing import carry
    from vendange.models import User
    from vendange.web.bringing.drafts import found_of

    now = datetime.now(UTC)
    by = User.objects.filter(role="marketing").order_by("id").first()
    for name in ("came.csv", "draft.csv"):
        batch = actions.bring(io.BytesIO(FILE.encode()), name, by, now)
        how = {**found_of(batch), "origin": "Fair of Lyon", "consent": CONSENT, "regime": "professional"}
        how["map"] = {**how["map"], "source": "Fair of Lyon"}
        actions.note(batch, how, "Fair")
        if name == "came.csv":
            actions.choose(batch, how, now)
            carry(batch, lambda *_: None, lambda: False)
    assert by
    actions.keep_map("Fair", how, by, now)


def bring_files_to(environment: dict[str, str]) -> None:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", "from tests.browser.brought import fill; fill()"]
    subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120)
