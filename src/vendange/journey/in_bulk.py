"""One act for many people: each by the same way as for one, the refused with their reasons, undone where it can be."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.agreement.stages import Holder
from vendange.agreement.vocabulary import TIERS
from vendange.journey import belonging, handover, objecting, vouching
from vendange.models import Job, Organisation, Person, Salesperson, Segment, User
from vendange.models.held import open_leads
from vendange.models.job import Cancel, Stopped, Tell, packed
from vendange.models.trail import record
from vendange.models.turns import Turns
from vendange.segment import actions as segment
from vendange.vouch.rules import REGIMES, told_by

KIND: Final = "bulk"
TOGETHER: Final = 5_000  # people at most in one transaction; with each mark all that was done is written again
FEWEST: Final = 20
AT_ONCE: Final = {"join": TOGETHER, "leave": TOGETHER, "language": 1_000, "regime": 1_000, "objection": 500}  # at first
LONGEST: Final = 0.3  # seconds of one transaction: who waits for SQLite has a turn then
MOST_REFUSED: Final = 1_000  # that are named; all are counted
FIELDS: Final = ("language", "regime")
LANGUAGES: Final = ("fr", "en", "de", "es", "it", "nl", "pt", "pl")  # that can be reported of many
ACTS: Final = ("join", "leave", "language", "regime", "tier", "objection", "give")
UNDONE: Final = ("join", "leave", "language", "regime", "tier")

CHANGED_SINCE: Final = sentence("This was changed again since: it stays as it is.")

Refused = tuple[str, str, Sentence]  # public id and name of whom, and why


@dataclass(slots=True)
class Came:
    """What came of some people: `done` were changed, `same` were so already; `before`: what undoing needs."""

    done: int
    same: int
    refused: list[Refused]
    before: list[list[Any]]


def ask(
    *,
    act: str,
    given: Mapping[str, str],
    people: Collection[int],
    by: User,
    now: datetime,
    token: UUID | None = None,
) -> Job:
    """Have it done to these people. Raises Cannot when what is asked can be done to nobody.

    `token`: of the page that asks, and the public id of the job: the same page asks once, however often it is sent.
    """
    check(act, given, by)
    asked = {"act": act, "given": dict(given), "people": sorted(people)}
    new = {"kind": KIND, "by": by, "asked_at": now, "asked": asked}
    with transaction.atomic():
        job, made = Job.objects.get_or_create(public_id=token or Job().public_id, defaults=new)
        if not made and (job.kind != KIND or job.by_id != by.pk):
            raise Cannot(sentence("This page was used already: begin again from the list of people."))
        if made:
            told = {"act": act, "people": len(people), **given}
            record("people.asked_in_bulk", job, at=now, by=by, detail=told)
    return job


def ask_to_undo(job: Job, *, by: User, now: datetime) -> Job:
    """Have a bulk act undone: an undoing under way, or done, is joined."""
    if not may_be_undone(job):
        raise Cannot(sentence("This cannot be undone."))
    undoing = undoing_of(job)
    if undoing is not None:
        return undoing
    asked = {"act": "undo", "given": {}, "of": str(job.public_id)}
    undoing = Job.objects.create(kind=KIND, by=by, asked_at=now, asked=asked)
    record("people.undone_in_bulk", undoing, at=now, by=by, detail={"act": job.asked["act"], "of": str(job.public_id)})
    return undoing


def may_be_undone(job: Job) -> bool:
    return job.asked["act"] in UNDONE and not job.is_under_way and bool((job.result or {}).get("before"))


def undoing_of(job: Job) -> Job | None:
    return Job.objects.filter(kind=KIND, asked__of=str(job.public_id)).order_by("id").first()


def what_of(job: Job) -> tuple[str, Mapping[str, str]]:
    """The act and what was given with it, without reading who is meant: they may be hundreds of thousands."""
    return Job.objects.filter(pk=job.pk).values_list("asked__act", "asked__given").get()


def check(act: str, given: Mapping[str, str], by: User) -> None:
    """Raises Cannot when this can be done to nobody."""
    if act == "language" and given["value"] not in LANGUAGES:
        raise Cannot(sentence("Choose one of those offered."))
    if act == "regime" and given["value"] not in REGIMES:
        raise Cannot(sentence("Choose one of those offered."))
    if act == "regime":
        told_by(by.name, given.get("reason", ""))
    if act in ("join", "leave"):
        one = Segment.objects.filter(public_id=given["segment"], kind="hand", closed_at=None)
        if not one.exists():
            raise Cannot(sentence("Choose an open segment by hand."))
    if act == "tier" and given["tier"] not in ("", *TIERS):
        raise Cannot(sentence("Choose one of those offered."))
    if act == "tier" and not given["reason"]:
        raise Cannot(sentence("Say why these companies are such targets."))
    if act == "give" and not _salesperson(given):
        raise Cannot(sentence("Choose a colleague who carries leads."))


def _salesperson(given: Mapping[str, str]) -> Salesperson | None:
    carriers = Salesperson.objects.select_related("user").filter(user__is_active=True)
    return carriers.filter(user__username=given["colleague"]).first()


# Doing it


def run(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    """The whole of it; begun again after a death it goes on where it stood, as what is done twice is done once.

    Piece by piece, so short that whoever writes meanwhile has their turn; people are measured by the clock.
    """
    by = job.by
    if by is None:
        raise Cannot(sentence("Whoever asked for this is not there any more."))
    kept: dict[str, Any] = {"at": 0, "done": 0, "same": 0, "refused": [], "refusals": 0, "before": []}
    kept |= job.result if job.tries > 1 and job.result else {}
    of = Job.objects.get(public_id=job.asked["of"]) if job.asked["act"] == "undo" else job
    things: Sequence[Any] = job.asked["people"] if of is job else (of.result or {}).get("before", [])
    at_once, turns = AT_ONCE.get(of.asked["act"], FEWEST), Turns()
    while kept["at"] < len(things):
        if cancelled():
            raise Stopped
        turns.give()
        tell("Changing people", kept["at"], len(things))
        some, begun = things[kept["at"] : kept["at"] + at_once], monotonic()
        with transaction.atomic():
            now = datetime.now(UTC)
            came = _do(job, some, by, now) if of is job else _undo(of, some, by, now)
            kept["at"] += len(some)
            _keep(kept, came)
            Job.objects.filter(pk=job.pk).update(result=kept)
        at_once = _next_piece(at_once, monotonic() - begun)
    told = {name: kept[name] for name in ("done", "same", "refusals")}
    record("people.changed_in_bulk", job, at=datetime.now(UTC), by=by, detail={"act": job.asked["act"], **told})
    return kept


def _next_piece(size: int, seconds: float) -> int:
    """How many next, when so many took so long."""
    if seconds > LONGEST:
        return max(size // 2, FEWEST)
    return min(size * 2, TOGETHER) if seconds < LONGEST / 3 else size


def _keep(kept: dict[str, Any], came: Came) -> None:
    kept["done"] += came.done
    kept["same"] += came.same
    kept["refusals"] += len(came.refused)
    room = MOST_REFUSED - len(kept["refused"])
    kept["refused"] += [[who, name, packed(why)] for who, name, why in came.refused[:room]]
    kept["before"] += came.before


def _do(job: Job, some: Sequence[Any], by: User, now: datetime) -> Came:
    act, given = job.asked["act"], job.asked["given"]
    if act in ("join", "leave"):
        return _in_segment(act, given["segment"], some, now)
    found = list(Person.objects.filter(pk__among=some, merged_into=None).select_related("organisation").order_by("pk"))
    if act == "tier":
        return _each(_companies(found), lambda firm: _tier(firm, given["tier"], given, by, now))
    if act in FIELDS:
        return _fields(found, act, {one.pk: given["value"] for one in found}, given, by, now)
    if act == "objection":
        method, words = given.get("method", ""), given.get("said", "")
        done = objecting.record_each(people=found, method=method, wording=words, by=by, now=now)
        return Came(done, len(found) - done, [], [])
    return _give(found, given, by, now)


def _each(things: Sequence[Any], act: Callable[[Any], list[Any] | None]) -> Came:
    """`act` answers with what it was before, or None when nothing had to change; what it refuses is told."""
    came = Came(0, 0, [], [])
    for one in things:
        try:
            with transaction.atomic():
                before = act(one)
        except Cannot as refused:
            came.refused.append((str(one.public_id), one.name, refused.sentence))
            continue
        if before is None:
            came.same += 1
        else:
            came.done += 1
            came.before += [before] if before else []
    return came


def _in_segment(act: str, public_id: str, people: Sequence[int], now: datetime) -> Came:
    one = Segment.objects.get(public_id=public_id)
    changed = segment.add(one, people, now=now) if act == "join" else segment.remove(one, people, now=now)
    return Came(len(changed), len(people) - len(changed), [], [[pk] for pk in changed])


def _fields(
    people: Sequence[Person], field: str, said: Mapping[int, str], given: Mapping[str, str], by: User, now: datetime
) -> Came:
    reason = given.get("reason", "")
    before, refused = vouching.report_each(field=field, said=said, reason=reason, by=by, now=now)
    by_id = {one.pk: one for one in people}
    why_not = [(str(by_id[pk].public_id), by_id[pk].name, why) for pk, why in refused.items()]
    same = len(people) - len(before) - len(refused)
    return Came(len(before), same, why_not, [[pk, was] for pk, was in before.items()])


def _companies(people: Sequence[Person]) -> list[Organisation]:
    return list({one.organisation.pk: one.organisation for one in people if one.organisation}.values())


def _tier(one: Organisation, tier: str, given: Mapping[str, str], by: User, now: datetime) -> list[Any] | None:
    before = one.tier
    said, reason = {"tier": tier}, given["reason"]
    changed = belonging.state(organisation=one, said=said, reason=reason, by=by, now=now, at_once=0)
    return [one.pk, before] if changed else None


def _give(people: Sequence[Person], given: Mapping[str, str], by: User, now: datetime) -> Came:
    """Each open lead; `same`: people who have none."""
    to = _salesperson(given)
    if to is None:
        raise Cannot(sentence("This colleague carries no leads any more."))
    came, without = Came(0, 0, [], []), {one.pk for one in people}
    leads = open_leads().filter(person__in=without).select_related("person").order_by("pk")
    for lead in leads:
        without.discard(lead.person_id)
        try:
            if lead.holder == Holder.NOBODY:
                handover.give(lead=lead, salesperson=to, by=by, now=now)
            else:
                handover.hand_to(lead=lead, salesperson=to, by=by, now=now)
            came.done += 1
        except Cannot as refused:
            came.refused.append((str(lead.person.public_id), lead.person.name, refused.sentence))
    came.same = len(without)
    return came


def _undo(done: Job, before: Sequence[Any], by: User, now: datetime) -> Came:
    act, given = done.asked["act"], done.asked["given"]
    if act in ("join", "leave"):
        opposite = "leave" if act == "join" else "join"
        return _in_segment(opposite, given["segment"], [pk for pk, *_ in before], now)
    was = dict(before)
    if act == "tier":
        firms = Organisation.objects.filter(pk__among=was.keys())
        return _each(
            list(firms),
            lambda one: _as_before(one.tier, given["tier"], lambda: _tier(one, was[one.pk], given, by, now)),
        )
    people = list(Person.objects.filter(pk__among=was.keys(), merged_into=None))
    ours = [one for one in people if getattr(one, act) == given["value"]]
    came = _fields(ours, act, {one.pk: was[one.pk] for one in ours}, given, by, now)
    since = [one for one in people if getattr(one, act) != given["value"]]
    came.refused += [(str(one.public_id), one.name, CHANGED_SINCE) for one in since]
    return came


def _as_before(now: str, made: str, back: Callable[[], list[Any] | None]) -> list[Any] | None:
    """What somebody has changed since stays as it is."""
    if now != made:
        raise Cannot(CHANGED_SINCE)
    return back()


def told(job: Job) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Whom it was refused for, and why, as kept."""
    yield from (job.result or {}).get("refused", [])
