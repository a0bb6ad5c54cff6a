"""A followed link: nobody's visit, or the act of a person who allows it; judged with what happened around it."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime

from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.capture.rules import Incoming, Refused, Who
from vendange.engine.machines import (
    FROM_REQUEST,
    HEAD_BEFORE,
    HUMAN,
    MANY_WITHIN,
    SENT_BEFORE,
    STAYED_WITHIN,
    Around,
    Follow,
    Judged,
    judged_follow,
)
from vendange.identify import actions as identify
from vendange.identify.rules import STRONG
from vendange.link import actions as links
from vendange.link import queries as linked
from vendange.link.rules import Said, forbidden_by, network_of, person_of
from vendange.models import Followed, Identity, InboxEvent, Signal, TrackedLink, User
from vendange.score import actions as score

KIND: Final = "link"  # of the inbox event
BATCH: Final = 500
LONGEST_STAY: Final = timedelta(minutes=30)


def make(
    *,
    kind: str,
    name: str,
    leads_to: str,
    by: User | None,
    now: datetime,
    campaign: str = "",
    channel: str = "",
    topic: str = "",
    asset: str = "",
) -> TrackedLink:
    """A new link or pixel; what it brings comes from a source of its own. Raises BadDestination."""
    source = capture.source_named(name=links.SOURCE, kind=KIND, now=now)
    return links.add_link(
        kind=kind, name=name, leads_to=leads_to, source=source, by=by, now=now, campaign=campaign, channel=channel,
        topic=topic, asset=asset,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """What events of marked links are: signals of people, visits of nobody, and those of which nothing is kept."""

    signals: list[tuple[InboxEvent, Incoming]] = field(default_factory=list)
    visits: list[tuple[InboxEvent, Incoming]] = field(default_factory=list)
    forgotten: list[InboxEvent] = field(default_factory=list)

    @property
    def read(self) -> set[int]:
        """The numbers of all these events."""
        return {event.pk for event, _ in (*self.signals, *self.visits)} | {event.pk for event in self.forgotten}


def read(events: Iterable[InboxEvent], now: datetime) -> Read:
    """Sort out links that were followed through an address made for a person.

    Consent is asked as of the moment when the link was followed, and again now: whoever has withdrawn or objected since
    leaves nothing behind, not even a visit (C45).
    """
    found = Read()
    marked = [(event, said) for event in events if event.kind == KIND and (said := _marked(event))]
    if not marked:
        return found
    owners = {event.pk: person_of(said["mark"], said["link"], settings.SECRET_KEY) for event, said in marked}
    people = linked.living({number for number in owners.values() if number is not None})
    allowed = linked.said_by({one.pk for one in people.values()})
    keys = _keys_of({one.pk for one in people.values()})
    ids = linked.ids_of({said["link"] for _, said in marked})
    for event, said in marked:
        owner = people.get(owners[event.pk] or 0)
        link, who = ids.get(said["link"]), keys.get(owner.pk) if owner else None
        if owner is None or who is None or link is None:
            _visit(event, said, found)
        elif _forbidden(allowed.get(owner.pk, ()), event, now):
            found.forgotten.append(event)
        else:
            _signal(event, who, link, found)
    return found


def _marked(event: InboxEvent) -> Mapping[str, Any] | None:
    try:
        said = json.loads(bytes(event.payload))
    except ValueError:
        return None
    return said if isinstance(said, dict) and isinstance(said.get("mark"), str) and said.get("link") else None


def _forbidden(said: Iterable[Said], event: InboxEvent, now: datetime) -> bool:
    said = list(said)
    return bool(forbidden_by(said, captured.of_micros(event.received_at)) or forbidden_by(said, now))


def _keys_of(people: Collection[int]) -> dict[int, Who]:
    """By what each of these people is found again."""
    rows = Identity.objects.filter(person__in=people, kind__in=STRONG).order_by("-pk")
    return {person: Who(**{kind: value}) for person, kind, value in rows.values_list("person", "kind", "value")}


def _visit(event: InboxEvent, said: Mapping[str, Any], found: Read) -> None:
    plain = {**{name: one for name, one in said.items() if name != "mark"}, "context": {"mode": "audience"}}
    nobodys = InboxEvent(
        source=event.source, message_id=event.message_id, kind=KIND, received_at=event.received_at,
        user_agent=event.user_agent, hints=event.hints, payload=json.dumps(plain).encode(),
    )  # fmt: skip
    read_as = captured.visit(nobodys)
    if isinstance(read_as, Incoming):
        found.visits.append((event, read_as))
    else:
        found.forgotten.append(event)


def _signal(event: InboxEvent, who: Who, link: int, found: Read) -> None:
    said = captured.read(event)
    if isinstance(said, Refused):
        found.forgotten.append(event)
        return
    day = localtime(said.received_at).date()
    network = network_of(event.ip, day, settings.SECRET_KEY)
    found.signals.append((event, replace(said, who=who, followed=(link, network))))


def keep(kept: Sequence[Signal], fresh: Sequence[Incoming], now: datetime) -> set[int]:
    """Of signals that are new: the links that they are, judged at once. Returns who else must be measured."""
    pairs = [(row, one.followed) for row, one in zip(kept, fresh, strict=True) if one.followed]
    if not pairs:
        return set()
    mine = {row.pk: row for row, _ in pairs}
    rows = links.keep(pairs, now)
    changed = judged(linked.around(rows, MANY_WITHIN, WIDEST), coming=_coming(now))
    capture.judge(changed)
    for one, verdict in changed:
        if one.pk in mine:
            mine[one.pk].verdict, mine[one.pk].because = verdict
    others = {one.person_id for one, _ in changed if one.pk not in mine}
    identify.acted_again(others)
    return others


def _coming(now: datetime) -> list[Follow]:
    """What has been followed since and still waits in the inbox. Nothing of it is kept here."""
    marked = [(event, said) for event in captured.held(now, HELD_READ) if (said := _marked(event))]
    owners = {event.pk: person_of(said["mark"], said["link"], settings.SECRET_KEY) for event, said in marked}
    people = linked.living({number for number in owners.values() if number is not None}) if marked else {}
    ids = linked.ids_of({said["link"] for _, said in marked}) if marked else {}
    found = []
    for event, said in marked:
        person, read_as = people.get(owners[event.pk] or 0), captured.read(event)
        if person and said["link"] in ids and isinstance(read_as, Incoming):
            network = network_of(event.ip, localtime(read_as.received_at).date(), settings.SECRET_KEY)
            request = Judged(read_as.verdict, read_as.because)
            pixel = bool(said.get("pixel"))
            at, link = read_as.occurred_at, ids[said["link"]]
            found.append(Follow(link, person.pk, person.organisation_id, at, request, network, pixel))
    return found


HELD_READ: Final = 2_000
WIDEST: Final = max(HEAD_BEFORE, MANY_WITHIN)


def judged(
    rows: Sequence[Followed], known: Mapping[int, Judged] | None = None, *, coming: Sequence[Follow] = ()
) -> list[tuple[Signal, Judged]]:
    """Signals of these followings that deserve another verdict than they have.

    `known`: verdicts of their requests; `coming`: what was followed beside them and is not kept yet.
    """
    if not rows:
        return []
    near = {one.pk: one for one in [*rows, *linked.around(rows, WIDEST, MANY_WITHIN)]}
    people = {one.person_id for one in rows}
    first, last = min(one.at for one in rows), max(one.at for one in rows)
    sent = linked.delivered(people, first - SENT_BEFORE, last)
    stays = linked.stays(people, first, last + STAYED_WITHIN + LONGEST_STAY)
    follows = {pk: linked.as_follow(one, _request(one.signal, known or {})) for pk, one in near.items()}
    changed = []
    for one in rows:
        others = _others(follows, one.pk, coming)
        given = judged_follow(
            follows[one.pk], Around(others, sent.get(one.person_id, ()), stays.get(one.person_id, ()))
        )
        if given != (one.signal.verdict, one.signal.because):
            changed.append((one.signal, given))
    return changed


def _others(follows: Mapping[int, Follow], pk: int, coming: Sequence[Follow]) -> list[Follow]:
    mine = follows[pk]
    near = [*(one for number, one in follows.items() if number != pk), *coming]
    return [one for one in near if one.person == mine.person or (mine.network and one.network == mine.network)]


def _request(signal: Signal, known: Mapping[int, Judged]) -> Judged:
    """What the request alone says; a reason that came from around it is looked for anew."""
    if signal.pk in known:
        return known[signal.pk]
    return Judged(signal.verdict, signal.because) if signal.because in FROM_REQUEST else HUMAN


@transaction.atomic
def let_go(people: Collection[int] | None = None) -> int:
    """What was followed by somebody who withdrew since goes, with its signals; they are to be measured. How many.

    `people`: only theirs. Such a signal came by tracking alone, so no line and no point of it outlives the consent
    (C20, C44); consent given again does not bring it back.
    """
    rows = linked.no_longer_allowed(people, BATCH)
    if rows:
        links.forget(rows)
        concerned = {one.person_id for one in rows}
        identify.acted_again(concerned)
        score.touch(dict.fromkeys(concerned))
    return len(rows)


def look_again(*, now: datetime, measure: Callable[[Collection[int]], object]) -> int:
    """Judge again the followings whose next look is due, a batch; the people concerned are measured. How many."""
    with transaction.atomic():
        rows = linked.to_judge_again(now, BATCH)
        changed = judged(rows)
        capture.judge(changed)
        links.looked_at(rows, now)
        people = {one.person_id for one, _ in changed}
        identify.acted_again(people)
        score.touch({one.person_id: one.occurred_at for one, _ in changed})
    if people:
        measure(people)
    return len(rows)
