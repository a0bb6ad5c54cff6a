"""A key for each role, and leads in several stages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from tests.people import MONDAY, House
from vendange.admit.actions import add_key
from vendange.journey import desk
from vendange.models import Lead
from vendange.qualify.rules import Judgement

HOUR = timedelta(hours=1)
Ask = Callable[..., Any]


def ask_as(role: str) -> Ask:
    """Calls the API with a fresh key of that role; answers the response."""
    _, secret = add_key(name=f"test {role}", role=role, by=None, now=MONDAY)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(path: str, **query: Any) -> Any:
        return client.get(f"/api/v1{path}", query)

    return ask


def passed(house: House, email: str) -> Lead:
    lead = house.lead(email)
    judgement = Judgement("pass", gap_reason="They decide on Tuesday")
    desk.judge(lead=lead, by=house.alice, now=MONDAY + HOUR, judgement=judgement)
    lead.refresh_from_db()
    return lead
