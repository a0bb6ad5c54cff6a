"""Mail comes back → what it is → the address, the objection or the signal that follows, each message once.

Nothing here is engagement: only what a human wrote counts, as a signal like any other (C35, C74).
"""

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from vendange.capture import actions as capture
from vendange.capture import queries as captured
from vendange.capture.rules import Incoming, Refused, Who
from vendange.identify import queries as identified
from vendange.journey import following
from vendange.journey.arrive import FAULTS, arrive, measure
from vendange.models import InboxEvent, MailIn, Source, User
from vendange.models.outgoing import post_mail
from vendange.qualify import actions as qualify
from vendange.reach import actions as reach
from vendange.reach import queries as reached
from vendange.reach.rules import Reported, Standing, Told, after_failure, after_success, concerned, read
from vendange.score import actions as score

log = logging.getLogger("vendange.mail")
COMPLAINT: Final = "complaint"
REPLIED: Final = "email_replied"


@dataclass(frozen=True, slots=True)
class About:
    """Of whom one message speaks, what it says, and why nothing follows ("" when something does)."""

    email: str
    status: str = ""
    said: str = ""
    ignored: str = ""


def take_in(raw: bytes, *, received_at: datetime, now: datetime) -> MailIn | None:
    """Take one message in; None when it was taken in before. It is not kept, only what it was."""
    told = read(raw, received_at=received_at)
    if reached.is_known(told.key):
        return None
    about = understood(told)
    if told.kind == "reply" and not about.ignored:
        _signal(told, about.email, received_at, now)
    row = _follow(told, about, received_at, now)
    _measure(row, now)
    return row


def take_in_whatever(raw: bytes, *, received_at: datetime, now: datetime) -> MailIn | None:
    """Like `take_in`; a message that breaks us is kept as such, so that it does not hold up those behind it."""
    try:
        return take_in(raw, received_at=received_at, now=now)
    except FAULTS:
        key = read(raw, received_at=received_at).key
        log.exception("The message %s cannot be taken in; it stays where it is", key)
        return reach.keep(key=key, kind="other", email="", ignored="unreadable", received_at=received_at)


def understood(told: Told) -> About:
    """Of whom it speaks, and whether that is proven. Reads only."""
    if told.kind in ("bounce", "delayed", "delivered"):
        return _about_letter(told)
    if told.kind == "complaint":
        return _about_complaint(told)
    if told.kind == "other":
        return About(told.sender, said=told.subject, ignored="other")
    known = reached.people_at(told.sender)
    ignored = "" if known else "nobody"
    if told.kind == "reply" and told.is_unproven and not _answers_ours(told):
        ignored = "forged"
    return About(told.sender, said=told.subject, ignored=ignored)


def _answers_ours(told: Told) -> bool:
    """Whether it shows the mark of a letter to its sender: nobody else has seen that."""
    letter = reached.letter_of(told.marks)
    return letter is not None and letter.recipient.lower() == told.sender


def _about_complaint(told: Told) -> About:
    """The mark says whose complaint it may be; a report that names only others is forged."""
    letter = reached.letter_of(told.marks)
    named = told.complained
    if letter is None or (named and letter.recipient.lower() not in named):
        return About(named[0] if named else "", ignored="forged")
    return About(letter.recipient.lower())


def _about_letter(told: Told) -> About:
    letter = reached.letter_of(told.marks)
    first = told.reports[0]
    if letter is None:
        return About(first.email, first.status, first.said, "forged")
    report = concerned(told.reports, letter.recipient)
    if report is None:
        return About(first.email, first.status, first.said, "forged")
    return About(letter.recipient.lower(), report.status, report.said)


@transaction.atomic
def _follow(told: Told, about: About, received_at: datetime, now: datetime) -> MailIn | None:
    about, standing = _judged(told.kind, about, received_at)
    row = _kept(told.key, told.kind, about, received_at)
    if row is None or about.ignored:
        return row
    _act(told.kind, about, standing, now)
    if told.kind == "auto_reply" and told.away_until:
        reach.away(email=about.email, until=told.away_until, now=now)
    return row


def take_report(one: Reported, *, received_at: datetime, now: datetime) -> MailIn | None:
    """What a provider told us through its own door, which only it can open; None when it was taken in before."""
    one = replace(one, email=one.email.replace("\0", ""), said=one.said.replace("\0", ""))
    if reached.is_known(one.key):
        return None
    letter = reached.letter_of(one.marks)
    known = one.kind == "subscription" or letter or reached.people_at(one.email) or reached.colleague_at(one.email)
    about = About(one.email, one.status, one.said, "" if known else "nobody")
    with transaction.atomic():
        about, standing = _judged(one.kind, about, received_at)
        row = _kept(one.key, one.kind, about, received_at)
        if row is not None and not about.ignored:
            _act(one.kind, about, standing, now)
    _measure(row, now)
    return row


def _measure(row: MailIn | None, now: datetime) -> None:
    """Whoever complained is measured at once, without what was followed of them."""
    if row is not None and row.kind == COMPLAINT and not row.ignored:
        measure([person.pk for person in reached.people_at(row.email)], now=now)


def _kept(key: str, kind: str, about: About, received_at: datetime) -> MailIn | None:
    return reach.keep(
        key=key,
        kind=kind,
        email=about.email,
        status=about.status,
        detail=about.said,
        ignored=about.ignored,
        received_at=received_at,
    )


def _judged(kind: str, about: About, at: datetime) -> tuple[About, Standing | None]:
    """What a failure or a success does to the address; a failure that says nothing of it does nothing."""
    before = reached.standing(about.email)
    if about.ignored:
        return about, None
    if kind == "bounce":
        standing, meant = after_failure(before, about.status, about.said, at=at)
        return (replace(about, ignored=meant), None) if meant == "not_the_address" else (about, standing)
    if kind in ("delivered", "reply") and before is not None:
        return about, after_success(before, at=at)
    if kind == "complaint":
        return about, Standing("complained", before.soft if before else 0, at)
    return about, None


def _act(kind: str, about: About, standing: Standing | None, now: datetime) -> None:
    before = reached.standing(about.email)
    colleague = reached.colleague_at(about.email)
    people = reached.people_at(about.email)
    if standing is not None and standing != before:
        reach.stand(email=about.email, standing=standing, status=about.status, said=about.said, by=None, now=now)
        if colleague and standing.state in reached.NO_LETTERS and (before is None or before.state != standing.state):
            _warn(colleague, about, now)
    if kind == "complaint":
        objected = reached.objected(people)
        for person in people:
            if person.pk not in objected:  # two reports of one complaint are one objection
                qualify.record_objection(person=person, channel="all", method=COMPLAINT, by=None, now=now)
        ids = {person.pk for person in people}
        following.let_go(ids)
        score.touch(dict.fromkeys(ids))


def _warn(colleague: User, about: About, now: datetime) -> None:
    """Their mail does not arrive, so they cannot be told: the administrators are."""
    log.warning("Mail to our colleague %s does not arrive: %s %s", about.email, about.status, about.said[:200])
    admins = User.objects.filter(role="admin", is_active=True).exclude(pk=colleague.pk).order_by("pk")
    values = {
        "colleague": colleague.name,
        "email": about.email,
        "note": about.said[:200],
        "url": f"{settings.BASE_URL}/capture/mail/",
    }
    post_mail("colleague_unreachable", f"{colleague.pk}:{now:%Y-%m-%d}", admins, values, now)


def _signal(told: Told, email: str, received_at: datetime, now: datetime) -> None:
    """A human wrote to us. The same message again is the same signal."""
    person = reached.people_at(email)[0]
    key = identified.strong_key_of(person) or ("email", email)
    source = capture.source_named(name=reached.MAILBOX, kind="mail", now=now)
    named: dict[str, Any] = {key[0]: key[1]}
    one = Incoming(
        source_id=source.pk,
        message_id=told.key,
        kind=REPLIED,
        occurred_at=received_at,
        received_at=now,
        who=Who(**named),
        props={"subject": told.subject, "answers_ours": reached.letter_of(told.marks) is not None},
    )
    arrive(signals=[one], now=now)


def drain(*, now: datetime, limit: int = 200) -> int:
    """Take in what mail providers posted; returns how many. What cannot be read is refused alone, with its reason."""
    events = reached.waiting(limit)
    refused = [(event, why) for event in events if (why := _taken(event, now)) is not None]
    if events:
        capture.settle(handled=events, refused=refused, forgotten=events)
    return len(events)


def _taken(event: InboxEvent, now: datetime) -> Refused | None:
    received_at = captured.of_micros(event.received_at)
    try:
        if event.kind == "mail":
            take_in(bytes(event.payload), received_at=received_at, now=now)
        else:
            take_report(_reported(event), received_at=received_at, now=now)
    except FAULTS as fault:
        log.exception("Mail %s cannot be taken in", event.message_id)
        return Refused("cannot_be_stored", f"{type(fault).__name__}: {fault}")
    return None


def _reported(event: InboxEvent) -> Reported:
    said = json.loads(bytes(event.payload))
    return Reported(
        key=event.message_id,
        kind=said["kind"],
        email=str(said["email"]).replace("\0", ""),
        status=str(said.get("status", "")),
        said=str(said.get("said", "")),
        marks=tuple(str(one) for one in said.get("marks", ())),
    )


def open_door(*, by: User | None, now: datetime) -> Source:
    """The door of the mail provider, opened when there is none: a source whose key is secret."""
    found = reached.door()
    if found is not None:
        return found
    number = Source.objects.filter(kind="mail").count()
    name = f"{reached.DOOR} {number}" if number else reached.DOOR
    return capture.add_source(name=name, kind="mail", origins=(), by=by, now=now)


def works_again(*, email: str, by: User, now: datetime) -> bool:
    """A colleague says that letters arrive there again; False when there is nothing to take back."""
    row = reached.address(email)
    return row is not None and reach.works_again(address=row, by=by, now=now)
