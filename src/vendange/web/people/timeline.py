"""What a person did and what was said to them, newest first, by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vendange.identify import queries
from vendange.models import Call, Consent, Person, Signal
from vendange.web import consents, moments
from vendange.web.configured import said_of
from vendange.web.people.labels import ASKS, KIND_ICONS
from vendange.web.told.voice import Voice, voice_of
from vendange.words import word

SHOWN = 60
FARTHEST = 3000
VERDICTS = ("human", "machine", "unknown")
VERDICT_ICONS = {"human": "user-check", "machine": "bot", "unknown": "circle-question-mark"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    hour: str
    icon: str
    css: str
    title: str
    detail: str
    verdict: str
    note: str
    voice: Voice | None = None  # what a colleague told

    @property
    def verdict_icon(self) -> str:
        return VERDICT_ICONS.get(self.verdict, "circle-question-mark")


@dataclass(frozen=True, slots=True)
class Tab:
    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Entries by day, the counts of each verdict, and where the older ones begin (0: nowhere)."""

    days: Sequence[tuple[str, Sequence[Entry]]]
    tabs: Sequence[Tab]
    verdict: str
    older: int


def timeline_of(person: Person, verdict: str, start: int, now: datetime) -> Timeline:
    """`start` entries are passed over. Calls and consents are human beings speaking: they count as human."""
    counts = dict(queries.verdicts(person))
    calls, consents = queries.contacts_counted(person)
    counts["human"] = counts.get("human", 0) + calls + consents
    start = min(max(start, 0), FARTHEST)
    until = start + SHOWN
    entries = [signal_entry(one, now) for one in queries.signals_of(person, verdict, until)]
    if verdict in ("", "human"):
        entries += [call_entry(one, now) for one in queries.calls_of(person, until)]
        entries += consent_entries(queries.consents_of(person, until), now)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    total = counts.get(verdict, 0) if verdict else sum(counts.values())
    return Timeline(by_day(entries[start:until], now), tabs_of(counts), verdict, until if until < total else 0)


def tabs_of(counts: dict[str, int]) -> list[Tab]:
    every = Tab("", _("All"), sum(counts.values()))
    return [every, *(Tab(code, str(word("verdict", code)).capitalize(), counts.get(code, 0)) for code in VERDICTS)]


def by_day(entries: Sequence[Entry], now: datetime) -> list[tuple[str, list[Entry]]]:
    return [(heading(day[0].at, now), day) for _key, day in grouped(entries)]


def grouped(entries: Sequence[Entry]) -> list[tuple[object, list[Entry]]]:
    return [(key, list(day)) for key, day in groupby(entries, key=lambda entry: localtime(entry.at).date())]


def heading(at: datetime, now: datetime) -> str:
    nights = moments.days_between(at, now)
    if nights in (0, 1):
        day = date_format(localtime(at), pgettext("format of a day in a heading", "l j F"))
        return _("Today, %(day)s") % {"day": day} if nights == 0 else _("Yesterday, %(day)s") % {"day": day}
    if localtime(at).year == localtime(now).year:
        return date_format(localtime(at), pgettext("format of a day in a heading", "l j F"))
    return date_format(localtime(at), pgettext("format of a day and year in a heading", "j F Y"))


def signal_entry(one: Signal, now: datetime) -> Entry:
    said = one.props.get("said") if isinstance(one.props, dict) else ""
    where = [part for part in (one.asset, one.path, one.topic, one.campaign) if part]
    kind = str(word("kind", one.kind))
    counts = _("counts for nothing") if one.verdict == "machine" else ""
    because = str(word("because", one.because)) if one.because else ""
    origin = str(word("origin", one.origin))
    teller = one.by.name if one.by and one.origin == "reported" else ""
    voice = voice_of(one.props, teller=teller, told_at=one.received_at, now=now)
    told = "" if voice else one.source.name
    clock = one.props.get("time_said") if isinstance(one.props, dict) else ""
    clock = _("their clock said %(time)s") % {"time": str(clock)[:40]} if clock else ""
    return Entry(
        at=one.occurred_at,
        hour="" if has_only_day(one) else moments.clock(one.occurred_at),
        icon=KIND_ICONS.get(one.kind, "activity"),
        css="accent" if one.kind in ASKS else "",
        title=kind,
        detail=str(said or said_of(one.kind, one.props) or " · ".join(where[:2])),
        verdict=one.verdict,
        note=" · ".join(part for part in (counts, because, origin, told, clock) if part),
        voice=voice,
    )


def has_only_day(one: Signal) -> bool:
    """Noon stands for a day whose hour nobody said."""
    return isinstance(one.props, dict) and one.props.get("precision") == "day"


def call_entry(one: Call, now: datetime) -> Entry:
    titles = {
        "reached": _("Call answered"),
        "no_answer": _("Call, no answer"),
        "message": _("Call, message left"),
        "call_back": _("Call, to be called back"),
    }
    detail = one.note
    if one.call_back_at:
        again = f"{moments.day(one.call_back_at, now)}, {moments.clock(one.call_back_at)}"
        detail = detail or _("Call back %(when)s") % {"when": again}
    return Entry(
        at=one.at,
        hour=moments.clock(one.at),
        icon="phone-call" if one.result == "reached" else "phone",
        css="good" if one.result == "reached" else "",
        title=titles.get(one.result, str(word("call_result", one.result))),
        detail=detail,
        verdict="human",
        note=_("by %(name)s") % {"name": one.by.name},
    )


def consent_entries(said: Sequence[Consent], now: datetime) -> list[Entry]:
    told = consents.told_of(said, now)
    return [consent_entry(one, told[one.pk], now) for one in said]


def consent_entry(one: Consent, told: consents.Told, now: datetime) -> Entry:
    given, basis = one.status == "given", one.status in ("informed", "contract")
    what = _("Consent: %(channel)s") if given else _("Objection: %(channel)s")
    if basis:  # what allows contact without a consent
        what = _("Basis for contact: %(channel)s")
    until = moments.day(told.until, now) if told.until else ""
    holds = (_("ended on %(day)s") if told.ended else _("until %(day)s")) % {"day": until} if until else ""
    return Entry(
        at=one.at,
        hour=moments.clock(one.at),
        icon="badge-check" if given or basis else "ban",
        css="good" if given and not told.ended else "" if given or basis else "bad",
        title=what % {"channel": str(word("channel", one.channel))},
        detail=told.words or one.page,
        verdict="human",
        note=" · ".join(part for part in (told.about, holds, one.by.name if one.by else "") if part),
    )
