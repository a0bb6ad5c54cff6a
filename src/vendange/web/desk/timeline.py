"""What happened, by day, each thing with its icon and its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from vendange.agreement.terms import Agreement
from vendange.journey.queries import Item, story
from vendange.models import Person
from vendange.qualify.rules import BY_MACHINE
from vendange.web import moments
from vendange.web.called import colon
from vendange.web.configured import said_of
from vendange.web.heat import ICONS, fall
from vendange.web.told.voice import Voice, voice_of
from vendange.words import word

LENGTH = 60
# Taking a lead and leaving it is the desk's affair, not the person's story.
UNTOLD = frozenset({"taken", "released", "lease_ended", "call_back", "accepted", "called"})
SIGNAL_ICONS: Mapping[str, str] = {
    "page_viewed": "mouse-pointer-click",
    "content_read": "newspaper",
    "content_downloaded": "download",
    "video_watched": "circle-play",
    "email_clicked": "mail",
    "email_replied": "reply",
    "newsletter_subscribed": "mail",
    "form_submitted": "clipboard-list",
    "webinar_registered": "calendar",
    "webinar_attended": "presentation",
    "event_registered": "calendar",
    "booth_visited": "tent",
    "partner_conversation": "handshake",
    "social_post": "share-2",
    "call_received": "phone",
    "meeting_held": "messages-square",
    "news_heard": "ear",
    "configuration_saved": "settings-2",
    "configuration_changed": "settings-2",
    "sample_requested": "flask-conical",
    "demo_requested": "presentation",
    "quote_requested": "file-text",
    "callback_requested": "phone-call",
    "purchase_recorded": "shopping-cart",
}
CALL_LOOK: Mapping[str, tuple[str, str]] = {
    "reached": ("phone-call", "good"),
    "no_answer": ("phone-missed", "bad"),
    "message": ("voicemail", ""),
    "call_back": ("calendar-clock", "warn"),
}
MOVE_LOOK: Mapping[str, tuple[str, str]] = {
    "alert": ("bell", "accent"),
    "passed": ("arrow-right-left", "good"),
    "recycled": ("refresh-cw", "warn"),
    "eliminated": ("ban", "bad"),
    "returned": ("undo-2", "warn"),
    "won": ("badge-check", "good"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    icon: str
    css: str
    title: str
    detail: str
    struck_out: bool = False  # a machine did it: shown, counts for nothing
    voice: Voice | None = None  # what a colleague told


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    entries: Sequence[Entry]


def timeline_of(person: Person, agreement: Agreement, now: datetime) -> list[Day]:
    entries = [entry_of(item, agreement, now) for item in story(person, limit=LENGTH) if is_told(item)]
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        days.setdefault(localtime(entry.at).date(), []).append(entry)
    return [Day(day_label(day, now), found) for day, found in days.items()]


def is_told(item: Item) -> bool:
    return item.type != "decision" and not (item.type == "move" and item.detail.get("because") in UNTOLD)


def day_label(day: date, now: datetime) -> str:
    nights = (localtime(now).date() - day).days
    if nights in (0, 1):
        return _("Today") if nights == 0 else _("Yesterday")
    form = pgettext("format of a day in a list", "j F")
    if day.year != localtime(now).year:
        form = pgettext("format of a day in a list, with its year", "j F Y")
    return date_format(day, form)


def entry_of(item: Item, agreement: Agreement, now: datetime) -> Entry:
    if item.type == "signal":
        return signal_entry(item, now)
    if item.type == "call":
        return call_entry(item, now)
    if item.type == "move":
        return move_entry(item, agreement)
    return other_entry(item, agreement, now)


def signal_entry(item: Item, now: datetime) -> Entry:
    told = item.detail
    machine = told.get("verdict") == "machine"
    about = told.get("topic") or told.get("asset") or ""
    title = str(word("kind", item.kind)) + (f"{colon()}{about}" if about else "")
    voice = voice_of(told.get("props"), teller=item.by, told_at=parse_datetime(told.get("told_at", "")), now=now)
    parts = [told.get("path", ""), told.get("campaign", ""), "" if voice else told.get("source", "")]
    if told.get("asset") and told.get("topic"):
        parts.insert(0, told["asset"])
    parts.insert(0, said_of(item.kind, told.get("props")))
    if machine:
        parts.insert(0, _("a machine did this, it counts for nothing"))
    icon = "bot" if machine else SIGNAL_ICONS.get(item.kind, "sparkles")
    css = "accent" if item.kind.endswith("_requested") and not machine else ""
    return Entry(item.at, icon, css, title, joined(parts), struck_out=machine, voice=voice)


def call_entry(item: Item, now: datetime) -> Entry:
    icon, css = CALL_LOOK.get(item.kind, ("phone", ""))
    again = parse_datetime(item.detail.get("call_back_at") or "")
    parts = [item.by, str(word("side", item.detail.get("side", ""))), item.detail.get("note", "")]
    if again:
        parts.insert(1, _("to call again %(when)s") % {"when": f"{moments.day(again, now)}, {moments.clock(again)}"})
    return Entry(
        item.at,
        icon,
        css,
        pgettext("something done", "Call") + colon() + str(word("call_result", item.kind)).lower(),
        joined(parts),
    )


def move_entry(item: Item, agreement: Agreement) -> Entry:
    icon, css = MOVE_LOOK.get(item.kind, ("arrow-right", ""))
    told = item.detail
    title = str(word("stage", item.kind))
    if item.kind == "alert":
        woken = {"woke_up": _("Woke up: back on the desk"), "new_signals": _("Acts again: back on the desk")}
        title = woken.get(str(told.get("because")), _("Ripe: put on the desk"))
    elif item.kind == "passed" and told.get("to"):
        title = _("Passed to %(name)s") % {"name": told["to"]}
    reason = named(agreement, "off_target", told.get("reason"))
    if told.get("reason") == BY_MACHINE:
        reason = _("Opened by a machine")
    labels = [named(agreement, "tracks", told.get("track")), reason]
    return Entry(item.at, icon, css, title, joined([*labels, item.by]))


def other_entry(item: Item, agreement: Agreement, now: datetime) -> Entry:
    if item.type == "report":
        return Entry(
            item.at, "clipboard-list", "", _("Report of the salesperson"), report_words(item.detail, agreement)
        )
    if item.type == "return":
        why = named(agreement, "returns", item.kind) or item.kind
        return Entry(item.at, "undo-2", "warn", _("Given back") + colon() + why, joined([item.by, item.detail["note"]]))
    if item.type == "cooling":
        return Entry(item.at, ICONS.get(item.kind, "snowflake"), "warn", _("Interest has fallen"), fall(item.detail))
    return consent_entry(item, now)


def consent_entry(item: Item, now: datetime) -> Entry:
    channel = str(word("channel", item.detail.get("channel", "")))
    until = parse_date(item.detail.get("until", ""))
    ended = until is not None and until < localtime(now).date()
    neutral = ended or item.kind in ("informed", "contract")
    css = "" if neutral else "good" if item.kind == "given" else "bad"
    title = _("Consent") + f" ({channel})" + colon() + str(word("consent", item.kind)).lower()
    holds = (_("ended on %(day)s") if ended else _("until %(day)s")) % {"day": moments.day(until, now)} if until else ""
    purpose = str(word("purpose", item.detail["purpose"])) if item.detail.get("purpose") else ""
    return Entry(item.at, "shield-check", css, title, joined([purpose, holds]))


def report_words(detail: Mapping[str, Any], agreement: Agreement) -> str:
    """The answers in the words of the agreement."""
    language, said = get_language() or "en", []
    for field in agreement.reports:
        answer = str(detail["answers"].get(field.id, ""))
        if answer:
            label = dict(field.choices).get(answer)
            said.append(f"{field.label.in_language(language)} {label.in_language(language) if label else answer}")
    return joined(said)


def named(agreement: Agreement, section: str, code: object) -> str:
    label = agreement.labels().get(f"{section}/{code}") if code else None
    return label.in_language(get_language() or "en") if label else ""


def joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)
