"""A human vouches for what was only claimed: the record takes it over, and the score follows."""

from datetime import datetime

from django.db import transaction

from vendange.identify.rules import e164
from vendange.journey.arrive import measure
from vendange.models import Fact, User
from vendange.score import actions as score
from vendange.vouch import actions as vouch


def take_over(*, fact: Fact, by: User, now: datetime) -> None:
    """The person's record says this from now on; raises `vouch.actions.NotTaken`."""
    phone = e164(fact.value, fact.person.country) if fact.field == "phone" else fact.person.phone
    with transaction.atomic():
        person = vouch.take_over(fact=fact, phone=phone, by=by, now=now)
        score.touch({person.pk: None})
    measure([person.pk], now=now)
