"""The colleagues of the sample company, their territories and absences, and the two agreements they signed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password

from vendange.admit import actions as admit
from vendange.agree import actions as agree
from vendange.demo import names
from vendange.demo.places import EAST, NORTH, RHONE_ALPES, WEST
from vendange.models import AgreementVersion, Salesperson, User
from vendange.models import Team as Group
from vendange.route import actions as route

PASSWORD: Final = "vendange-demo"  # noqa: S105 (printed at the start: it opens invented data only)
DOMAIN: Final = "rochebrune.example"
TEXT: Final = "examples/agreements/complex-sale.yaml"
# How the first version differed from the one in force now: what both heads have learnt since.
FIRST_VERSION: Final = (
    ("judge_within: 1 working hour", "judge_within: 2 working hours"),
    ("accept: 4 working hours", "accept: 8 working hours"),
    ("at_least: 20", "at_least: 15"),
    ("cool_down: 90 days", "cool_down: 60 days"),
)


class NoExamples(Exception):
    """The agreement of the sample company is not where it should be."""

    def __init__(self) -> None:
        super().__init__(
            f"The sample company starts from {TEXT}, which is not in {settings.CHECKOUT}. "
            "Run `vendange demo` from a clone of the project."
        )


@dataclass(frozen=True, slots=True)
class Login:
    """How one may sign in to the sample company."""

    role: str
    username: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class Seller:
    """A salesperson, and how they work: `promptness` is the share of leads called on the same day.

    One who is always prompt is alone with their language: a lead that they missed would find nobody else.
    """

    username: str
    first_name: str
    last_name: str
    territory: tuple[str, ...]
    languages: tuple[str, ...]
    capacity: int
    temperament: str
    promptness: float


SELLERS: Final = (
    Seller("hugo", "Hugo", "Lemaire", RHONE_ALPES, ("fr", "en"), 40, "hunter", 0.9),
    Seller("elodie", "Élodie", "Vasseur", (*RHONE_ALPES, *EAST), ("fr", "en"), 36, "farmer", 0.88),
    Seller("bastien", "Bastien", "Roche", (*EAST, *NORTH, "DE"), ("fr", "de", "en"), 40, "hunter", 0.84),
    Seller("amina", "Amina", "Benali", (*NORTH, "BE"), ("fr", "en"), 36, "farmer", 0.93),
    Seller("gael", "Gaël", "Le Guen", WEST, ("fr", "en"), 40, "hunter", 0.8),
    Seller("sylvain", "Sylvain", "Costes", (*WEST, *NORTH), ("fr", "en"), 34, "farmer", 0.9),
    Seller("chiara", "Chiara", "Bellini", ("IT", "BE", "DE", "06", "13"), ("fr", "it", "de", "en"), 36, "hunter", 1.0),
)
DESK: Final = (("nadia", "Nadia", "Belkacem"), ("theo", "Théo", "Marchal"), ("lucie", "Lucie", "Fabre"))
LOGINS: Final = (
    Login("marketing", "sophie", PASSWORD, "Sophie Arnoux"),
    Login("ldr", "nadia", PASSWORD, "Nadia Belkacem"),
    Login("sales", "hugo", PASSWORD, "Hugo Lemaire"),
    Login("manager", "marc", PASSWORD, "Marc Delaunay"),
    Login("admin", "admin", PASSWORD, "Alix Fournier"),
)
PEOPLE_PER_SELLER, PEOPLE_PER_LDR = 420, 900  # beyond the cast, when the company is larger than usual


@dataclass(slots=True)
class Team:
    """Who works at the sample company."""

    admin: User
    head: User  # of marketing
    manager: User  # head of sales
    desk: list[User]
    sellers: list[Salesperson]
    promptness: dict[int, float]  # by id of the salesperson
    away: dict[int, list[tuple[datetime, datetime]]]

    @property
    def hugo(self) -> Salesperson:
        return self.sellers[0]

    def is_back(self, seller: Salesperson, when: datetime) -> datetime:
        """The moment itself, or the end of the absence in which it lies."""
        return next((ends for starts, ends in self.away[seller.pk] if starts <= when < ends), when)


def hire(*, people: int, start: datetime, end: datetime, rng: random.Random) -> Team:
    """Everybody joins on the first day; absences are known beforehand."""
    admin = _colleague("admin", "Alix", "Fournier", "admin", None, start)
    marketing = admit.add_team(name="Marketing", side="marketing", by=admin, now=start)
    desk_team = admit.add_team(name="Qualification", side="marketing", by=admin, now=start)
    sales = admit.add_team(name="Ventes", side="sales", by=admin, now=start)
    head = _colleague("sophie", "Sophie", "Arnoux", "marketing", admin, start, marketing, "marketing")
    manager = _colleague("marc", "Marc", "Delaunay", "manager", admin, start, sales, "sales")
    more = [(f"ldr{n}", *names.person(rng, "FR")) for n in range(len(DESK) + 1, people // PEOPLE_PER_LDR + 1)]
    desk = [_colleague(*one, "ldr", admin, start, desk_team) for one in (*DESK, *more)]
    team = Team(admin, head, manager, desk, [], {}, {})
    for seller in (*SELLERS, *_more_sellers(people, rng)):
        user = _colleague(seller.username, seller.first_name, seller.last_name, "sales", admin, start, sales)
        one = route.set_salesperson(
            user=user,
            by=manager,
            now=start,
            territory=seller.territory,
            languages=seller.languages,
            capacity=seller.capacity,
            temperament=seller.temperament,
        )
        team.sellers.append(one)
        team.promptness[one.pk] = seller.promptness
        team.away[one.pk] = []
    _plan_absences(team, start, end, rng)
    return team


def _colleague(
    username: str,
    first_name: str,
    last_name: str,
    role: str,
    by: User | None,
    now: datetime,
    team: Group | None = None,
    signs_for: str = "",
) -> User:
    may_sign_in = username in {one.username for one in LOGINS}
    return admit.add_user(
        email=f"{username}@{DOMAIN}",
        first_name=first_name,
        last_name=last_name,
        role=role,
        by=by,
        now=now,
        username=username,
        hashed=_hashed() if may_sign_in else "",
        team=team,
        signs_for=signs_for,
        language="fr" if signs_for else "",
    )


@cache
def _hashed() -> str:
    """Made once for all: a slow hash guards nothing here, because everybody is told the password."""
    return make_password(PASSWORD)


def _more_sellers(people: int, rng: random.Random) -> list[Seller]:
    found = []
    for number in range(len(SELLERS) + 1, people // PEOPLE_PER_SELLER + 1):
        like = rng.choice(SELLERS)
        first, last = names.person(rng, "FR")
        found.append(
            Seller(f"sales{number}", first, last, like.territory, like.languages, 40, like.temperament, like.promptness)
        )
    return found


def _plan_absences(team: Team, start: datetime, end: datetime, rng: random.Random) -> None:
    """A fortnight in each summer, a few days now and then; Chiara is away now, so her leads wait for an owner."""
    for one in (seller for seller in team.sellers if team.promptness[seller.pk] < 1):
        day = start + timedelta(days=rng.randrange(20, 60))
        while day < end - timedelta(days=12):
            length = timedelta(days=14 if day.month in {7, 8} else rng.choice((2, 3, 5)))
            if day + length < end - timedelta(days=6):
                _absence(team, one, day, day + length, "Congés", start)
            day += timedelta(days=rng.randrange(60, 130))
    chiara = team.sellers[len(SELLERS) - 1]
    _absence(team, chiara, end - timedelta(days=3), end + timedelta(days=5), "Formation", end - timedelta(days=4))


def _absence(
    team: Team, seller: Salesperson, starts_at: datetime, ends_at: datetime, reason: str, now: datetime
) -> None:
    route.add_absence(salesperson=seller, starts_at=starts_at, ends_at=ends_at, reason=reason, by=team.manager, now=now)
    team.away[seller.pk].append((starts_at, ends_at))


def text() -> str:
    """The agreement in force now; raises NoExamples."""
    path = settings.CHECKOUT / TEXT
    if not path.is_file():
        raise NoExamples
    return str(path.read_text(encoding="utf-8"))


def first_text(now_in_force: str) -> str:
    before = now_in_force
    for new, old in FIRST_VERSION:
        before = before.replace(new, old)
    return before


def sign(words: str, heads: Sequence[User], now: datetime) -> AgreementVersion:
    """Drafted by the first, signed by both."""
    version = agree.draft(text=words, by=heads[0], now=now)
    if version.status == "draft":
        for place, head in enumerate(heads):
            version = agree.sign(version=version, by=head, now=now + timedelta(minutes=20 * place))
    return version
