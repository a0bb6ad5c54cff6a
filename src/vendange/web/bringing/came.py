"""What became of a file: its counts, what was refused and why, who came, what can be taken back, what stayed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.bring import queries
from vendange.models import ImportBatch, Person
from vendange.models.job import unpacked
from vendange.sheets.column_map import BadMap
from vendange.web import moments
from vendange.web.bringing.fields import word_of
from vendange.web.bringing.forms import BASES, REGIMES
from vendange.web.bringing.refusing import of_row
from vendange.web.bringing.states import UNDER_WAY, spent
from vendange.web.bringing.typed import as_day
from vendange.web.figures import number
from vendange.words import Word, said, word

SHOWN: Final = 20
# What a revert could not take back, and why.
WHATS: Final[Mapping[str, Word]] = {
    "people": gettext_lazy("People"),
    "organisations": gettext_lazy("Companies"),
    "leads": gettext_lazy("Leads"),
    "consents": gettext_lazy("People who have refused"),
    "values": gettext_lazy("Values"),
}
WHYS: Final[Mapping[str, Word]] = {
    "acted": gettext_lazy("have done something since"),
    "lead": gettext_lazy("have a lead"),
    "call": gettext_lazy("were called"),
    "deal": gettext_lazy("have a deal"),
    "merged": gettext_lazy("were merged with others"),
    "consent": gettext_lazy("said something of being contacted since"),
    "told": gettext_lazy("something was told of them since"),
    "key": gettext_lazy("are known by another key too"),
    "people": gettext_lazy("somebody works there"),
    "sites": gettext_lazy("have sites of their own"),
    "other_file": gettext_lazy("another file named them too"),
    "refused": gettext_lazy("whoever refused is not contacted again"),
    "used": gettext_lazy("are used elsewhere"),
    "waiting": gettext_lazy("wait on the desk, marked"),
    "open": gettext_lazy("a colleague has them open"),
    "judged": gettext_lazy("a colleague has judged them"),
    "changed": gettext_lazy("were changed since"),
}
STAYS: Final[Sequence[Word]] = (
    gettext_lazy("People and companies with whom something has happened since, or whom another file named too"),
    gettext_lazy("Values that somebody has changed since"),
    gettext_lazy("Leads that a colleague has judged"),
    gettext_lazy("Objections: whoever refused is not contacted again by mistake"),
)

Figure = tuple[Word, int, str]  # what is counted, how many, its colour


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were refused: how many for this reason, and the first line of them."""

    count: int
    text: str
    first: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What a dry run found. `stale`: something was changed since."""

    at: datetime
    figures: Sequence[Figure]
    reasons: Sequence[Reason]
    stale: bool


def under_way(batch: ImportBatch) -> bool:
    return batch.status in UNDER_WAY and batch.job is not None and batch.job.is_under_way


def tried_of(batch: ImportBatch) -> Tried | None:
    job = batch.job
    if job is None or job.state != "done" or job.result is None or job.ended_at is None:
        return None
    result = job.result
    reasons = reasons_of(result.get("reasons", []), batch.how)
    return Tried(job.ended_at, figures_of(result, batch), reasons, is_stale(batch))


def refused_when_tried(batch: ImportBatch) -> str:
    """Where the dry run of a draft has written the rows that it would refuse."""
    if batch.status != "draft" or batch.job is None or batch.job.state != "done":
        return ""
    return str((batch.job.result or {}).get("refused_file", ""))


def is_stale(batch: ImportBatch) -> bool:
    """What was tried is no longer what is said."""
    try:
        return bool(queries.map_of(batch).sha != batch.map_sha)
    except BadMap:
        return True


def figures_of(counts: Mapping[str, Any], batch: ImportBatch) -> list[Figure]:
    """Rows = added + known + refused, and what they make; of a file of acts the people apart."""
    added = _("New") if batch.kind == "people" and not batch.how.get("signal") else _("Added")
    told: list[Figure] = [
        (_("Rows"), counts["rows"], ""),
        (added, counts["added"], "good"),
        (_("Known already"), counts["known"], ""),
        (_("Refused"), counts["refused"], "bad" if counts["refused"] else ""),
    ]
    more = (
        (_("New people"), counts["people"] if batch.how.get("signal") else 0),
        (_("New companies"), counts["organisations"]),
        (_("Leads"), counts["leads"]),
        (_("People whose refusal stays"), counts.get("kept_out", 0)),
    )
    warned = (
        (_("Agreed, but no date: not contacted"), counts.get("undated", 0)),
        (_("Agreed to calls over a year ago: not called"), counts.get("old_calls", 0)),
    )
    shown = [*((label, count, "") for label, count in more), *((label, count, "warn") for label, count in warned)]
    return [*told, *(one for one in shown if one[1])]


def reasons_of(kept: Sequence[Mapping[str, Any]], how: Mapping[str, Any]) -> list[Reason]:
    """The most frequent first, each as it was said of its first row."""
    found = [Reason(one["count"], of_row(unpacked(one["sentence"]), how), one["line"]) for one in kept]
    return sorted(found, key=lambda one: (-one.count, one.first))


def page_of(batch: ImportBatch) -> dict[str, Any]:
    """All that the page of an import shows that has ended."""
    stands = queries.standing(batch)
    counts = {
        name: getattr(batch, name) for name in ("rows", "added", "known", "refused", "people", "organisations", "leads")
    }
    return {
        "figures": figures_of({**counts, **queries.told_of(batch)}, batch),
        "reasons": reasons_of(batch.read_as.get("reasons", []), batch.how),
        "failure": said(stands.why) if stands.why else "",
        "stopped": stopped_of(batch, stands.state),
        "back": back_of(batch),
        "stayed": stayed_of(batch),
        "still_there": still_there(batch),
        "links": links_of(batch),
        "may_go_on": stands.can_go_on,
        "may_revert": stands.can_revert,
        "next_row": queries.last_row(batch) + 1 if stands.can_go_on else 0,
        "told": told_of(batch),
        "lasted": lasted_of(batch),
    }


def lasted_of(batch: ImportBatch) -> str:
    """How long its rows took to come in, since somebody last asked for it."""
    job = batch.job
    if job is None or job.kind != queries.KIND or not job.started_at or not job.ended_at:
        return ""
    return spent((job.ended_at - job.started_at).total_seconds())


def stopped_of(batch: ImportBatch, state: str) -> str:
    if state != "stopped" or not batch.total:
        return ""
    return _("It was stopped after row %(n)s of %(total)s. What is in stays in; you can go on from there.") % {
        "n": number(queries.last_row(batch)),
        "total": number(batch.total),
    }


def back_of(batch: ImportBatch) -> str:
    if batch.reverted_at is None:
        return ""
    name = batch.reverted_by.name if batch.reverted_by else _("command line")
    day = moments.exact(batch.reverted_at)
    told = _("Taken back by %(name)s, %(day)s. The counts say what had come in.") % {"name": name, "day": day}
    return told if stayed_of(batch) else f"{told} {_('Nothing had to stay.')}"


def stayed_of(batch: ImportBatch) -> list[tuple[int, str]]:
    """What a revert had to leave: how many, what, and why; most first."""
    counted = [
        (count, f"{WHATS.get(what, what)}: {WHYS.get(why, WHYS['used'])}")
        for what, reasons in batch.stayed.items()
        if what != "list"
        for why, count in reasons.items()
        if count
    ]
    return sorted(counted, reverse=True)


def still_there(batch: ImportBatch) -> list[tuple[str, str, Word]]:
    """The first people that a revert had to leave: name, address, why."""
    listed = {key: why for what, key, why in batch.stayed.get("list", [])[:SHOWN] if what == "person"}
    people = Person.objects.filter(public_id__in=listed)
    return [
        (one.name, reverse("person", args=[one.public_id]), WHYS.get(listed[str(one.public_id)], "")) for one in people
    ]


def links_of(batch: ImportBatch) -> list[tuple[str, Word, str]]:
    """To those who came: the list of people by their first source, which is this file's origin."""
    if batch.kind != "people" or batch.status == "reverted" or not batch.people:
        return []
    origin = batch.how.get("map", {}).get("values", {}).get("source", "")
    query = urlencode({"source": origin} if origin else {"sort": "newest"})
    return [("users", _("See the people who came"), f"{reverse('people')}?{query}")]


def told_of(batch: ImportBatch) -> list[tuple[Word, str, bool]]:
    """What was said of the file, and how its columns were read; whether that is what somebody typed."""
    how = batch.how
    if not how.get("map"):
        return []
    consent = how.get("consent", {})
    channels = ", ".join(str(word("channel", one)) for one in consent.get("channel", []))
    shown = (
        (_("Where it comes from"), how.get("origin", ""), True),
        (_("Why they may be contacted"), str(dict(BASES).get(consent.get("basis", ""), "")), False),
        (_("On which channels"), channels, False),
        (_("What they were told or agreed to"), consent.get("wording", ""), True),
        (_("On which day"), day_of(consent.get("at", "")), False),
        (_("Who they are"), str(dict(REGIMES).get(how.get("regime", ""), "")), False),
        (_("What each row tells that they did"), str(word("kind", how["signal"])) if how.get("signal") else "", False),
        (_("What was filled before"), _("kept") if how.get("keep_filled", True) else _("overwritten"), False),
        (_("Map"), batch.map_name, True),
        (_("Columns"), columns_of(how["map"]), True),
        (_("Left out"), ", ".join(how["map"].get("ignore", [])), True),
    )
    return [one for one in shown if one[1]]


def day_of(text: str) -> str:
    day = as_day(text)
    return moments.full_day(day) if day else ""


def columns_of(known: Mapping[str, Any]) -> str:
    pairs = {**known.get("columns", {}), **known.get("facts", {})}
    return ", ".join(f"{column} → {word_of(name)}" for name, column in pairs.items())


def would_go(batch: ImportBatch) -> dict[str, Any]:
    """What a revert takes back and what it leaves, before anybody asks for it."""
    made = queries.made_by(batch)
    names = (
        ("Person", _("people whom only this file named")),
        ("Organisation", _("companies that only this file named")),
        ("Signal", _("signals, and the points that they gave")),
        ("changed", _("values that it filled or changed: they become what they were")),
    )
    goes: list[tuple[int | None, str]] = [(made[name], text) for name, text in names if made.get(name)]
    rest = _("what it told of people who were known already: facts, addresses, permissions")
    return {"goes": [*goes, (None, rest)], "stays": STAYS}
