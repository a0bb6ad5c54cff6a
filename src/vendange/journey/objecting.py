"""Somebody does not want to be contacted: it is kept, what was followed goes, and what is known of them is measured."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from vendange.journey import following
from vendange.journey.arrive import measure
from vendange.models import Consent, Person, User
from vendange.qualify import actions as qualify
from vendange.score import actions as score


def record(*, person: Person, channel: str, method: str, wording: str = "", by: User | None, now: datetime) -> Consent:
    """They refuse this channel from now on."""
    with transaction.atomic():
        told = qualify.record_objection(person=person, channel=channel, method=method, wording=wording, by=by, now=now)
        following.let_go({person.pk})
        score.touch({person.pk: None})
    measure([person.pk], now=now)
    return told


def record_each(*, people: Collection[Person], method: str, wording: str = "", by: User | None, now: datetime) -> int:
    """They refuse every channel from now on; how many had not before. The clock measures them."""
    with transaction.atomic():
        told = qualify.record_objections(people=people, method=method, wording=wording, by=by, now=now)
        while following.let_go(told):
            continue
        score.touch(dict.fromkeys(told))
    return len(told)
