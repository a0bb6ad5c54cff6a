"""A text tried before anybody signs it: on one person, with the lines that add up, and on everybody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import get_language

from vendange.agree.queries import Terms
from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Agreement
from vendange.engine.measure import measure_all
from vendange.engine.plan import plan_of
from vendange.engine.replay import replay_all
from vendange.find.queries import Typed, people_found
from vendange.identify import queries as identified
from vendange.models import Measure, Person, User
from vendange.score.queries import (
    Base,
    Dot,
    Spot,
    Stands,
    as_json,
    crowd_of,
    everybody,
    micros,
    moment,
    signals_kept,
)
from vendange.web.agreement.grid import MOST_DOTS
from vendange.web.called import Called, called_by
from vendange.web.people.score import Side, side_of
from vendange.web.points import Points, points_of

FOUND: Final = 8  # people whom a search shows
CALLS: Final = 5  # alerts of one person that are shown, the latest
NAMED: Final = 60  # people who change cell, by name
MOST_SIGNALS: Final = 200_000  # that are measured while somebody waits


@dataclass(frozen=True, slots=True)
class Call:
    at: datetime
    called: Called
    lead_type: str
    grade: str


@dataclass(frozen=True, slots=True)
class Stand:
    """One person under one agreement, now."""

    name: str
    grade: str
    calls: bool
    aside: str  # why nobody calls them, "" when they may be
    fit: Side
    engagement: Side
    points: Points
    until: datetime | None  # when something falls if nothing more happens
    alerts: Sequence[Call]  # the latest first
    times: int
    alone: bool  # patterns of their whole organisation call too, which one person's acts cannot show


@dataclass(frozen=True, slots=True)
class Tested:
    person: Person
    draft: Stand
    held: Stand | None
    aside: str  # why the desk has set them aside, whatever an agreement says; "" when it has not


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody who stands in another cell; "" is outside the grid, because an agreement sets them aside."""

    person: Person
    before: str
    after: str
    kind: str  # gain | lost | other


@dataclass(frozen=True, slots=True)
class Preview:
    base: Base
    moves: Sequence[tuple[str, str, int]]  # from, to, how many: the most frequent first
    changed: int
    gained: int  # people who stand in a calling cell by this text only
    lost: int
    named: Sequence[Moved]


class TooMuch(Cannot):
    """More signals than anybody would wait for; the simulation measures them in the background."""


def find_people(user: User, query: str) -> list[Person]:
    """Whom these words fit best."""
    words = query.replace("\x00", "").strip()[:100]
    if not words:
        return []
    return people_found(identified.visible_to(user).select_related("measure"), Typed(words), FOUND)


def person_of(user: User, public_id: str) -> Person | None:
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return identified.visible_to(user).select_related("organisation").filter(public_id=wanted).first()


def tested(person: Person, agreement: Agreement, name: str, held: Terms | None, now: datetime) -> Tested:
    """Under the draft, and under the agreement in force where there is one."""
    other = stand_of(person, held.agreement, f"v{held.version.number}", now) if held else None
    return Tested(person, stand_of(person, agreement, name, now), other, off_target(person, agreement, held))


def stand_of(person: Person, agreement: Agreement, name: str, now: datetime) -> Stand:
    plan = plan_of(agreement)
    crowd = crowd_of(plan, [person.pk], committed=True)
    found = next(iter(measure_all(plan, crowd, micros(now))))
    lines = [as_json(line) for line in found.lines]
    measure = Measure(person=person, fit=found.fit, engagement=found.engagement, grade=found.grade, lines=lines)
    alerts = [alert for _person, alert in replay_all(plan, crowd) if alert.at <= micros(now)]
    types = {one.id: one.label for one in agreement.lead_types}
    language = get_language() or "en"
    return Stand(
        name=name,
        grade=found.grade,
        calls=found.grade in agreement.alert,
        aside=aside_of(agreement, found.set_aside),
        fit=side_of("fit", found.fit, measure, agreement, now),
        engagement=side_of("engagement", found.engagement, measure, agreement, now),
        points=points_of(lines, agreement, now, at=now),
        until=None if found.next_change_at is None else moment(found.next_change_at),
        alerts=[
            Call(
                moment(one.at),
                called_by(one.way, one.rule, [as_json(line) for line in one.lines], agreement),
                types[one.lead_type].in_language(language) if one.lead_type in types else one.lead_type,
                one.grade,
            )
            for one in reversed(alerts[-CALLS:])
        ],
        times=len(alerts),
        alone=any(one.of == "organisation" for one in agreement.patterns),
    )


def off_target(person: Person, agreement: Agreement, held: Terms | None) -> str:
    """In the words of either text; the code of a reason that both have forgotten."""
    for one in (agreement, held.agreement) if held else (agreement,):
        if label := one.labels().get(f"off_target/{person.set_aside}"):
            return label.in_language(get_language() or "en")
    return str(person.set_aside)


def aside_of(agreement: Agreement, reason: str) -> str:
    label = agreement.labels().get(f"target/{reason}")
    return label.in_language(get_language() or "en") if label else reason


def preview_of(agreement: Agreement, held: Agreement | None, now: datetime) -> Preview:
    """Everybody measured by both texts, now. TooMuch when that takes longer than a page may."""
    kept = signals_kept()
    if kept > MOST_SIGNALS:
        raise TooMuch(
            sentence(
                "There are {count} signals: more than can be measured while you wait. "
                "Save the draft and simulate it: that runs in the background.",
                count=kept,
            )
        )
    after = everybody(agreement, now)
    before = everybody(held, now) if held else after
    calling = held.alert if held else agreement.alert
    pairs = {person: (before[person].cell, after[person].cell) for person in after if person in before}
    changes = {person: pair for person, pair in pairs.items() if pair[0] != pair[1]}
    kinds = Counter(kind_of(one, calling, agreement.alert) for one in pairs.values())
    return Preview(
        base=base_of(after, before, calling),
        moves=[(*pair, count) for pair, count in Counter(changes.values()).most_common()],
        changed=len(changes),
        gained=kinds["gain"],
        lost=kinds["lost"],
        named=named(changes, calling, agreement.alert),
    )


def base_of(after: Mapping[int, Stands], before: Mapping[int, Stands], calling: frozenset[str]) -> Base:
    """The same figures as of the stored measures, of people measured just now."""
    inside = {person: one for person, one in after.items() if one.cell}
    called = {person for person, one in before.items() if one.cell in calling}
    people, of_them = (
        Counter(one.cell for one in inside.values()),
        Counter(inside[one].cell for one in called & inside.keys()),
    )
    spots = Counter((int(one.fit), int(one.engagement)) for one in inside.values())
    marked = Counter((int(inside[one].fit), int(inside[one].engagement)) for one in called & inside.keys())
    each = max(1, -(-len(inside) // MOST_DOTS))
    return Base(
        people=len(inside),
        cells={cell: (count, of_them[cell]) for cell, count in people.items()},
        before=Counter(one.cell for one in before.values() if one.cell),
        spots=[Spot(*spot, count, marked[spot]) for spot, count in sorted(spots.items())],
        dots=[
            Dot(one.fit, one.engagement, person in called)
            for person, one in sorted(inside.items())
            if person % each == 0
        ],
    )


def named(changes: Mapping[int, tuple[str, str]], held: frozenset[str], draft: frozenset[str]) -> list[Moved]:
    """Who is called from now on first, then who is not any more, then the others."""
    order = {"gain": 0, "lost": 1, "other": 2}
    chosen = sorted(changes, key=lambda one: (order[kind_of(changes[one], held, draft)], one))[:NAMED]
    people = Person.objects.select_related("organisation").in_bulk(chosen)
    return [Moved(people[one], *changes[one], kind_of(changes[one], held, draft)) for one in chosen if one in people]


def kind_of(pair: tuple[str, str], held: frozenset[str], draft: frozenset[str]) -> str:
    gains, had = pair[1] in draft, pair[0] in held
    return "gain" if gains and not had else "lost" if had and not gains else "other"
