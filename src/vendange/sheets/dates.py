"""Dates as files write them. A date that can be read in two ways is refused, never guessed."""

import re
from datetime import UTC, date, datetime
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

from vendange.agreement.sentence import Sentence, sentence

ISO: Final = "YYYY-MM-DD"
DAYS: Final = {
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
}
HOURS: Final = {"": "", " HH:MM": " %H:%M", " HH:MM:SS": " %H:%M:%S"}
PATTERNS: Final = {day + hour: DAYS[day] + HOURS[hour] for day, hour in product(DAYS, HOURS)}
FORMATS: Final = (ISO, *PATTERNS)
ISO_SHAPE: Final = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?", re.ASCII
)
SLASHES: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})\b.*", re.ASCII)
SHORT_YEAR: Final = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}\b.*", re.ASCII)
DAY_NUMBER: Final = re.compile(r"\d{5}([.,]\d+)?", re.ASCII)
OLDEST: Final = date(1970, 1, 1)


class NoSuchDate(ValueError):
    """A text that is no date we may read; the sentence says why and what to write."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_date(text: str, *, format: str, zone: ZoneInfo, latest: datetime) -> tuple[datetime, bool]:
    """The instant in UTC, and whether only the day is known (then it is 00:00 in `zone`).

    `format` is one of FORMATS; YYYY-MM-DD, which has one meaning, is read whatever the format. `latest` is the last
    instant that is believed.
    """
    raw = text.strip()
    found = _iso(raw) if format == ISO or ISO_SHAPE.fullmatch(raw) else _as_written(raw, format)
    if found.date() < OLDEST:
        raise NoSuchDate(sentence("{date} is before {oldest}. Correct the year.", date=raw, oldest=OLDEST.isoformat()))
    only_day = ":" not in raw
    instant = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    if instant > latest:
        raise NoSuchDate(sentence("{date} lies in the future. Correct the date.", date=raw))
    return instant, only_day


def _iso(raw: str) -> datetime:
    if not ISO_SHAPE.fullmatch(raw):
        raise NoSuchDate(_why_not_iso(raw))
    try:
        return datetime.fromisoformat(raw.replace(" UTC", "Z").replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
    except ValueError:
        raise NoSuchDate(sentence("{date} is a date that cannot be. Correct the day or the hour.", date=raw)) from None


def _as_written(raw: str, format: str) -> datetime:
    try:
        return datetime.strptime(raw, PATTERNS[format])  # noqa: DTZ007 (the zone of the map is added by read_date)
    except ValueError:
        pass
    shaped = SLASHES.fullmatch(raw) and not SHORT_YEAR.fullmatch(raw)
    if shaped and len(raw) in {len(format), len(format) - 1, len(format) - 2}:
        raise NoSuchDate(
            sentence(
                "{date} cannot be a date written {format}. Correct the day, the month or the hour.",
                date=raw,
                format=format,
            )
        )
    if not raw:
        raise NoSuchDate(sentence("The date is missing. Write it as {format}.", format=format))
    raise NoSuchDate(sentence("{date} is not written {format}, as the map says. Write it so.", date=raw, format=format))


def _why_not_iso(raw: str) -> Sentence:
    if not raw:
        return sentence("The date is missing. Write it as {format}.", format="2026-04-03")
    match = SLASHES.fullmatch(raw)
    if match:
        return _two_ways(raw, match[2])
    if SHORT_YEAR.fullmatch(raw):
        return sentence(
            "{date} has a year of two digits. Write four, and the format in the map: {example}.",
            date=raw,
            example="date: {format: DD/MM/YYYY}",
        )
    if DAY_NUMBER.fullmatch(raw):
        return sentence(
            "{date} is a spreadsheet's day number. Give the column the format of a date and save the file again.",
            date=raw,
        )
    return sentence(
        "{date} is not a date. Write it as 2026-04-03 or 2026-04-03 14:30, or give the format of dates in the map.",
        date=raw,
    )


def _two_ways(raw: str, sign: str) -> Sentence:
    day_first, month_first = (f"{order}{sign}YYYY" for order in (f"DD{sign}MM", f"MM{sign}DD"))
    known = [one for one in (day_first, month_first) if one in FORMATS]
    return sentence(
        "{date} can be read in two ways. Say in the map which one is meant: {formats}.",
        date=raw,
        formats=" / ".join([f"date: {{format: {known[0]}}}", *known[1:]]),
    )
