"""The people of the tests: Alice and Aude at the desk, Bob and Bruno in sales, Carole in marketing, Marc over sales."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from vendange.agree import actions as agree
from vendange.capture import actions as capture
from vendange.capture.rules import Incoming, Who
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Lead, Person, Source, User
from vendange.route import actions as route

EXAMPLES = Path(__file__).parents[1] / "examples" / "agreements"
MONDAY = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)  # 10:00 in Paris, a working day like any other
_numbers = count()


@dataclass(frozen=True, slots=True)
class House:
    """A small company, its agreement signed and in force since January."""

    alice: User
    aude: User
    bob: User
    bruno: User
    carole: User
    marc: User
    version: AgreementVersion
    source: Source

    def quote_request(self, email: str, at: datetime, message_id: str = "", **traits: str) -> Incoming:
        """Somebody asks for a quote on the site: a revealing act."""
        return self.signal("quote_requested", email, at, message_id, traits)

    def signal(
        self,
        kind: str,
        email: str,
        at: datetime,
        message_id: str = "",
        traits: Mapping[str, str] | None = None,
        path: str = "",
    ) -> Incoming:
        return Incoming(
            source_id=self.source.pk,
            message_id=message_id or f"m{next(_numbers)}",
            kind=kind,
            occurred_at=at,
            received_at=at,
            who=Who(email=email, traits={"country": "FR", "regime": "professional", **(traits or {})}),
            path=path,
        )

    def lead(self, email: str = "camille@atelier-nova.example", at: datetime = MONDAY) -> Lead:
        """A fresh alert on the desk, of a professional: a site only claims that, so a colleague has made sure of it."""
        arrive(signals=[self.quote_request(email, at, first_name="Camille", last_name="Moreau")], now=at)
        Person.objects.filter(email=email, regime="unknown").update(regime="professional")
        return Lead.objects.select_related("person", "agreement").filter(person__email=email).latest("id")


def colleague(username: str, role: str, signs_for: str = "") -> User:
    user = User(username=username, email=f"{username}@vendor.example", role=role, signs_for=signs_for)
    user.first_name, user.last_name = username.capitalize(), "Test"
    user.set_password("a long password for tests")
    user.save()
    return user


def sign_agreement(text: str, carole: User, marc: User, now: datetime) -> AgreementVersion:
    version = agree.draft(text=text, by=carole, now=now)
    agree.sign(version=version, by=carole, now=now)
    return agree.sign(version=version, by=marc, now=now)


def open_house(example: str = "complex-sale.yaml", now: datetime = MONDAY - timedelta(days=200)) -> House:
    """Two of each role, and the example agreement in force."""
    alice, aude = colleague("alice", "ldr"), colleague("aude", "ldr")
    bob, bruno = colleague("bob", "sales"), colleague("bruno", "sales")
    carole, marc = colleague("carole", "marketing", "marketing"), colleague("marc", "manager", "sales")
    version = sign_agreement((EXAMPLES / example).read_text(), carole, marc, now)
    for seller in (bob, bruno):
        route.set_salesperson(user=seller, by=marc, now=now, territory=[], capacity=20)
    source = capture.source_named(name="Web site", kind="segment", now=now)
    return House(alice, aude, bob, bruno, carole, marc, version, source)


@pytest.fixture
def house(db: None) -> House:
    return open_house()
