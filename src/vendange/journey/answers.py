"""An answer to a form: kept beside its signal, its consents with it, and confirmed by letter where that is owed."""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from vendange.ask import actions as ask
from vendange.ask import queries as asked
from vendange.ask.rules import PROVED_BY_LETTER, key_of, secret_of
from vendange.capture.rules import Incoming
from vendange.identify import queries as identified
from vendange.models import Consent, Outgoing, Person, Signal, Submission
from vendange.models.outgoing import post_all
from vendange.unite import actions as unite
from vendange.vouch import actions as vouch

CONFIRM_WITHIN: Final = timedelta(days=7)
MOST_LETTERS: Final = 3  # to one person in a day, whoever fills in forms under their address
Box = Mapping[str, Any]


def keep(kept: Sequence[Signal], fresh: Sequence[Incoming], now: datetime) -> None:
    """Keep the answers among these new signals, in the transaction that keeps the signals; a few queries for all."""
    forms = asked.of_sources({one.source_id for one in fresh if one.answered})
    pairs = [(row, one) for row, one in zip(kept, fresh, strict=True) if one.answered and one.source_id in forms]
    if not pairs:
        return
    people = {row.person_id for row, one in pairs if one.answered.get("consents")}
    objected = _objected(people) if people else frozenset()
    guarded = identified.vouched_for(people) if people else set[int]()
    written = Counter(_letters(people, now)) if people else Counter[int]()
    answers = [
        _submission(
            row, one, forms[one.source_id], objected, asks_proof=row.person_id in guarded or _wants_proof(row, one)
        )
        for row, one in pairs
    ]
    letters = [
        _letter(one, said, written, now)
        for one, (row, said) in zip(answers, pairs, strict=True)
        if row.verdict != "machine"
    ]
    ask.keep_submissions(answers)
    ask.keep_consents(
        ask.consent_of(one, box, at=one.at)
        for one, (row, _) in zip(answers, pairs, strict=True)
        for box in one.consents
        if not box.get("pending") and row.verdict != "machine"
    )
    post_all(letter for letter in letters if letter is not None)


def _wants_proof(row: Signal, one: Incoming) -> bool:
    """Whether they live where only an answered letter proves a consent, by what we know or by what was typed."""
    company = row.person.organisation
    said = {row.person.country, one.who.traits.get("country", ""), company.country if company else ""}
    return not PROVED_BY_LETTER.isdisjoint(said)


def _submission(
    row: Signal, one: Incoming, form_id: int, objected: Collection[tuple[int, str]], *, asks_proof: bool
) -> Submission:
    """`asks_proof`: whoever typed this address may be anybody; for whom we know, only the mailbox can agree (A27)."""
    said = one.answered
    boxes = [dict(box) for box in said.get("consents", ())]
    for box in boxes:
        against = {(row.person_id, box["channel"]), (row.person_id, "all")} & set(objected)
        # Somebody who once said no is not signed up again by whoever types their address (C22).
        if said.get("confirm") or against or asks_proof or row.verdict == "machine":
            box["pending"] = True
        if row.verdict == "machine":
            box["machine"] = True
    return Submission(
        form_id=form_id,
        version=said.get("version", 0),
        message_id=one.message_id,
        person=row.person,
        anonymous_id=one.who.anonymous_id[:255],
        answers=said.get("answers", {}),
        consents=boxes,
        page=str(said.get("page", ""))[:500],
        referrer=str(said.get("referrer", ""))[:500],
        campaign=said.get("campaign", {}),
        at=one.occurred_at,
    )


def _objected(people: Collection[int]) -> frozenset[tuple[int, str]]:
    """(person, channel) where the latest word of a person is no."""
    latest: dict[tuple[int, str], str] = {}
    rows = Consent.objects.filter(person__in=people).exclude(channel="tracking").order_by("at", "pk")
    for person, channel, status in rows.values_list("person_id", "channel", "status"):
        latest[person, channel] = status
    return frozenset(key for key, status in latest.items() if status != "given")


def _letters(people: Collection[int], now: datetime) -> list[int]:
    """The people to whom letters of confirmation were written in the last 24 hours, as often as one was."""
    rows = Submission.objects.filter(person__in=people, at__gt=now - timedelta(days=1)).exclude(confirm_key="")
    return list(rows.values_list("person_id", flat=True))


def _letter(one: Submission, said: Incoming, written: Counter[int], now: datetime) -> Outgoing | None:
    """The letter that asks the mailbox whether it agrees. Nothing that a stranger typed stands in it."""
    pending = any(box.get("pending") for box in one.consents)
    if not pending or not said.who.email or not one.person:
        return None
    if written[one.person.pk] >= MOST_LETTERS:
        return None
    written[one.person.pk] += 1
    seed = secrets.token_hex(16)
    one.confirm_key = key_of(secret_of(settings.SECRET_KEY, seed))
    one.confirm_until = now + CONFIRM_WITHIN
    return Outgoing(
        key=f"confirm_consent:{seed}",
        kind="mail",
        recipient=said.who.email,
        template="confirm_consent",
        language=str(said.answered.get("language", ""))[:5],
        values={"seed": seed, "form": said.answered.get("title", ""), "until": one.confirm_until.isoformat()},
        created_at=now,
        due_at=now,
    )


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The answer that was confirmed; `again`: it had been before."""

    answer: Submission
    again: bool


def confirm(*, secret: str, now: datetime) -> Confirmed | None:
    """The mailbox agrees, by the secret of its letter; None when no letter carried it. Raises ask.actions.TooLate."""
    found = asked.to_confirm(key_of(secret))
    if found is None:
        return None
    with transaction.atomic():
        whose = _proved(found, now) if found.confirmed_at is None else found.person
        fresh = ask.confirm(submission=found, whose=whose, now=now)
        if not fresh:
            transaction.set_rollback(True)  # somebody pressed twice: the mailbox was proved by the first
    return Confirmed(found, again=not fresh)


def _proved(found: Submission, now: datetime) -> Person | None:
    """Whose the mailbox is that has answered; where that is another record than was meant, a human is asked."""
    if found.person is None:
        return None
    whose = vouch.proved(person=found.person, email=asked.email_of(found), source=found.form.name, now=now)
    if whose.pk != found.person_id:
        unite.ask_about(found.person, whose, now)
    return whose
