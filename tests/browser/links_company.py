"""Two people who agreed to be followed and the links of one mailing, in the database of a running Vendange."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import django

ROOT = Path(__file__).parents[2]
PEOPLE = ("scanned@nova.example", "reader@usine.example")


def fill(site: str) -> None:
    """Runs in a process of its own; prints the addresses of each person's mail. A click alone calls the desk."""
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from tests.people import EXAMPLES, colleague, sign_agreement
    from vendange.capture import actions as capture
    from vendange.capture.rules import Incoming, Who
    from vendange.journey import following
    from vendange.journey.arrive import arrive
    from vendange.link.queries import Maker, addresses_of
    from vendange.models import Consent, Person

    now = timezone.now()
    text = (EXAMPLES / "complex-sale.yaml").read_text().replace("on: callback_requested", "on: email_clicked")
    carole, marc = colleague("carole", "marketing", "marketing"), colleague("marc", "manager", "sales")
    sign_agreement(text, carole, marc, now - timedelta(days=200))
    source = capture.source_named(name="Web site", kind="segment", now=now)
    then = now - timedelta(days=2)
    for email in PEOPLE:
        one = Incoming(source.pk, email, "newsletter_subscribed", then, then, Who(email=email))
        arrive(signals=[one], now=then)
        person = Person.objects.get(email=email)
        Consent.objects.create(
            person=person, channel="tracking", purpose="lead", status="given", at=then, method="form"
        )
    made = [
        following.make(kind="link", name=f"Link {n}", leads_to=f"{site}/page{n}", by=carole, now=now, channel="email")
        for n in range(4)
    ]
    mails: dict[str, list[str]] = {email: [] for email in PEOPLE}
    for link in made:
        for row in addresses_of(Maker(link, settings.BASE_URL, settings.SECRET_KEY), PEOPLE, now):
            mails[row.email].append(row.address)
    print(json.dumps(mails))


def fill_links_of(environment: dict[str, str], site: str) -> dict[str, list[str]]:
    told = {**environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    words = [sys.executable, "-c", f"from tests.browser.links_company import fill; fill({site!r})"]
    done = subprocess.run(words, env=told, cwd=os.fspath(ROOT), check=True, timeout=120, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found
