"""Bring decides: what one row of a file says, by its map, or why it cannot be taken. Plain Python."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from vendange.agreement.sentence import Cannot, Sentence, joined, sentence
from vendange.engine.periods import YEAR
from vendange.sheets.cells import (
    LONGEST_FACT,
    MOST_CENTS,
    RowRefused,
    checked,
    currency,
    first_and_last,
    readable,
    said_yes,
)
from vendange.sheets.column_map import KEYS, SIGNAL_FIELDS, TRAITS, ColumnMap
from vendange.sheets.dates import NoSuchDate, read_date
from vendange.sheets.signs import ADDED

FORBIDS: Final = ("refused", "withdrawn")
# Nobody was asked on the web before, and no proof of thirty years ago is believed: such a day is a slip of the pen.
FIRST_ASKED: Final = datetime(1995, 1, 1, tzinfo=UTC)
BELIEVED_FOR: Final = timedelta(days=30 * 365.25)
MOMENT: Final = timedelta(microseconds=1)  # by which a refusal is younger than what it overrules
# Which line of consent an objection of a row writes.
OBJECTIONS: Final[Mapping[str, str]] = {"do_not_email": "email", "do_not_call": "phone", "do_not_contact": "all"}

# Columns by which a system says that a record is not there any more, and what they say then.
GONE: Final[Mapping[str, bool]] = {"deleted": True, "active": False}


@dataclass(frozen=True, slots=True)
class Named:
    """The keys that name a person, and what is declared of them."""

    user_id: str = ""
    external_id: str = ""
    email: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)
    anonymous_id: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """What a row says of being contacted. `status`: given | informed | contract | refused."""

    channel: str
    purpose: str
    status: str
    at: datetime
    wording: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file of people. `message_id` is the same wherever the same row stands; "" where it is no signal."""

    line: int
    message_id: str
    who: Named
    occurred_at: datetime
    only_day: bool = False
    origin: str = ""
    value: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)  # path, asset, campaign, channel, topic of the signal
    words: tuple[Word, ...] = ()
    undated: bool = False  # somebody agreed, and nobody says on which day: then nothing is written of it (C53)
    old_call: bool = False  # agreed to be called more than a year ago: useless for calling (C53)


@dataclass(frozen=True, slots=True)
class Ending:
    """One row of a file of deals."""

    line: int
    key: str
    closed_at: datetime
    status: str
    amount_cents: int | None
    currency: str
    qualified_by: str
    sold_by: str
    lost_reason: str = ""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of one file by one map."""

    map: ColumnMap
    header: tuple[str, ...]
    now: datetime
    places: Mapping[str, int] = field(init=False)
    columns: tuple[tuple[str, int], ...] = field(init=False)  # each field that is read, with the place of its column
    told_by: tuple[str, ...] = field(init=False)  # columns by which a row is told from others
    traits: tuple[str, ...] = field(init=False)  # those that this file can say
    about: tuple[str, ...] = field(init=False)  # the same of what a signal can say
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.header)}
        told_by = self.map.row_key or tuple(sorted(set(self.header) - set(ADDED) - set(self.map.ignore)))
        columns = tuple((name, places[column]) for name, column in self.map.columns.items() if column in places)
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "told_by", told_by)
        named = {*self.map.columns, *self.map.values}
        object.__setattr__(self, "traits", tuple(name for name in TRAITS if name in named))
        object.__setattr__(self, "about", tuple(name for name in SIGNAL_FIELDS if name in named and name != "value"))
        object.__setattr__(self, "zone", ZoneInfo(self.map.time_zone))

    def person(self, line: int, cells: Sequence[str]) -> Row:
        """Of a file of people. Raises RowRefused."""
        fields = self.fields(cells)
        has_time = "occurred_at" in fields and (fields["occurred_at"] or self.map.signal)
        occurred_at, only_day = self._date(fields, "occurred_at") if has_time else (self.now, False)
        number = fields.get("value", "")
        words, undated = self._words(fields, occurred_at if has_time else None)
        return Row(
            line=line,
            message_id=self._message_id(cells) if self.map.signal else "",
            who=self._who(cells, fields),
            occurred_at=occurred_at,
            only_day=only_day,
            origin=fields.get("origin", ""),
            value=float(self._number(number, "value")) if number else None,
            about={name: fields[name] for name in self.about if fields[name]},
            words=words,
            undated=undated,
            old_call=any(
                one.channel == "phone" and one.status == "given" and self.now - one.at > YEAR for one in words
            ),
        )

    def ending(self, line: int, cells: Sequence[str]) -> Ending:
        """Of a file of deals. Raises RowRefused."""
        fields = self.fields(cells)
        key = fields.get("external_id", "")
        if not key:
            column = self.map.columns.get("external_id", "external_id")
            raise RowRefused(sentence("{column} is empty: whose deal is it? Fill it in.", column=column))
        if not fields.get("status"):
            raise RowRefused(sentence("Nothing says whether the deal was won or lost. Write won or lost."))
        amount = fields.get("amount", "")
        return Ending(
            line=line,
            key=key,
            closed_at=self._date(fields, "closed_at")[0],
            status=fields["status"],
            amount_cents=self._cents(amount) if amount else None,
            currency=currency(fields.get("currency", "")),
            qualified_by=fields.get("qualified_by", ""),
            sold_by=fields.get("sold_by", ""),
            lost_reason=fields.get("lost_reason", ""),
        )

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """Field → text, checked one by one; empty cells of columns keep their (empty) place. Raises RowRefused.

        So is the row of a record that was deleted or put away where it comes from.
        """
        if len(cells) != len(self.header):
            raise RowRefused(
                sentence(
                    "The row has {cells} cells, the first line has {names}. Check the quotes and the separators of"
                    " this row.",
                    cells=len(cells),
                    names=len(self.header),
                )
            )
        found = {name: cells[place].strip() for name, place in self.columns}
        found.update(self.map.values)
        for name, gone in GONE.items():
            if found.get(name) and said_yes(found[name], name) is gone:
                column = self.map.columns.get(name, name)
                raise RowRefused(
                    sentence(
                        "{column} says that this record was deleted or archived where it comes from. Leave its row out,"
                        " or leave out the column if it means something else.",
                        column=column,
                    )
                )
        return {name: checked(name, text) for name, text in found.items()}

    def shown(self, cells: Sequence[str]) -> dict[str, str]:
        """Field or fact → text, as they would be kept; what is empty is left out. Raises RowRefused."""
        facts = {name: cells[self.places[column]].strip() for name, column in self.map.facts.items()}
        return {name: text for name, text in {**self.fields(cells), **facts}.items() if text}

    def _who(self, cells: Sequence[str], fields: Mapping[str, str]) -> Named:
        keys = {name: fields.get(name, "") for name in KEYS}
        if not any(keys.values()):
            columns = ", ".join(self.map.columns[name] for name in KEYS if name in self.map.columns)
            raise RowRefused(sentence("Nobody is named: {columns} is empty. Fill it in.", columns=columns))
        traits = {name: fields[name] for name in self.traits if fields[name]}
        traits |= first_and_last(fields.get("name", ""), traits)
        traits = self._with_regime(traits)
        for name, column in self.map.facts.items():
            if text := cells[self.places[column]].strip():
                readable(name, text, LONGEST_FACT)
                traits[name] = text
        return Named(**keys, traits=traits)

    def _with_regime(self, traits: dict[str, str]) -> dict[str, str]:
        """Without a basis nobody may be contacted: whoever is no professional yet does not become one by this file."""
        terms = self.map.terms
        said = terms.regime if terms.regime not in ("", "column") else traits.get("regime", "")
        others = {name: text for name, text in traits.items() if name != "regime"}
        if not said or said == "unknown":
            return others
        return others | {"regime_said" if terms.consent and terms.consent.basis == "none" else "regime": said}

    def _words(self, fields: Mapping[str, str], told_at: datetime | None) -> tuple[tuple[Word, ...], bool]:
        """What the row says of being contacted, and whether it agrees on a day that nobody has told.

        `told_at`: when what it tells happened; it dates an agreement too, unless a column has that date.
        """
        at, _ = self._date(fields, "consent_at") if fields.get("consent_at") else (None, False)
        day = at or self._of_all() or (None if "consent_at" in fields else told_at)
        terms, status = self.map.terms.consent, self._status(fields)
        undated = status == "given" and day is None
        words = []
        if terms and status and not undated:
            if (
                status in ("given", "informed")
                and day
                and (why := too_long_ago(day, self.now, fields.get("consent_at") or terms.at))
            ):
                raise RowRefused(why)
            said_at = day or told_at or self.now
            words = [Word(channel, terms.purpose, status, said_at, terms.wording) for channel in terms.channels]
        for name, channel in OBJECTIONS.items():
            if fields.get(name) and said_yes(fields[name], name):
                words.append(Word(channel, "prospecting", "refused", at or self.now, name))
        return tuple(words), undated

    def _status(self, fields: Mapping[str, str]) -> str:
        """By what right this row says that somebody may be contacted, "refused" when it says no; "" says nothing."""
        terms = self.map.terms.consent
        if terms is None or terms.basis == "none":
            return ""
        if terms.basis != "column":
            return terms.basis
        said = fields.get("consent", "")
        return "" if not said else "given" if said_yes(said, "consent") else "refused"

    def _of_all(self) -> datetime | None:
        consent = self.map.terms.consent
        if consent is None or not consent.at:
            return None
        try:
            return read_date(consent.at, format="YYYY-MM-DD", zone=self.zone, latest=self.now)[0]
        except NoSuchDate as error:
            raise RowRefused(error.sentence) from None

    def _date(self, fields: Mapping[str, str], name: str) -> tuple[datetime, bool]:
        try:
            return read_date(fields.get(name, ""), format=self.map.date_format, zone=self.zone, latest=self.now)
        except NoSuchDate as error:
            raise RowRefused(error.sentence) from None

    def _message_id(self, cells: Sequence[str]) -> str:
        """The same row of the same source is the same message, in whatever order its columns stand."""
        cell_of = self.places
        told = [self.map.source, self.map.signal, [[name, cells[cell_of[name]].strip()] for name in self.told_by]]
        return "import-" + hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def _number(self, text: str, name: str) -> Decimal:
        """A plain number with the decimal sign of the map; spaces may part the thousands."""
        raw = re.sub(r"[\s\u00a0\u202f]", "", text)
        sign = self.map.decimal
        if not re.fullmatch(rf"-?\d{{1,15}}({re.escape(sign)}\d{{1,6}})?", raw, re.ASCII):
            raise RowRefused(
                sentence(
                    "{text} is not a number written like {example} ({name}). Write it so, or say decimal: {other} in"
                    " the map.",
                    text=text,
                    example=f"1234{sign}50",
                    name=name,
                    other="comma" if sign == "." else "point",
                )
            )
        return Decimal(raw.replace(",", "."))

    def _cents(self, text: str) -> int:
        number = self._number(text, "amount") * 100
        if number != int(number) or not 0 <= number <= MOST_CENTS:
            raise RowRefused(
                sentence("{text} cannot be an amount. Write a positive one with at most two decimals.", text=text)
            )
        return int(number)


def too_long_ago(day: datetime, now: datetime, written: str = "") -> Sentence | None:
    """Why nobody can have agreed on this day; None when they can. `written`: the day as people wrote it."""
    oldest = max(FIRST_ASKED, now - BELIEVED_FOR)
    if day >= oldest:
        return None
    return sentence(
        "Nobody can have agreed on {date} to be contacted: it is before {oldest}. Correct the year.",
        date=written or day.date().isoformat(),
        oldest=oldest.date().isoformat(),
    )


def heeded(word: Word, latest: Mapping[str, tuple[str, datetime]]) -> Word | None:
    """What is to be written of a word of a file, after the person's latest on each channel (status, when), or None.

    The strictest wins (C22): a file allows nothing that was ever refused on this channel or on all, and what it refuses
    stands above whatever was allowed before, also when that is younger or of the same moment. A basis does not replace
    a consent.
    """
    stands, since = latest.get(word.channel, ("", word.at))
    if word.status in FORBIDS:
        if stands in FORBIDS:
            return None
        return replace(word, at=max(word.at, since + MOMENT) if stands else word.at)
    if is_kept_out(word, latest) or (stands and stands == word.status) or stands == "given":
        return None
    return word


def is_kept_out(word: Word, latest: Mapping[str, tuple[str, datetime]]) -> bool:
    """Whether an objection overrules what the file allows."""
    said = [latest.get(channel, ("", word.at))[0] for channel in (word.channel, "all")]
    return word.status not in FORBIDS and any(one in FORBIDS for one in said)


def by_place(problems: Iterable[tuple[str, Sentence]]) -> dict[str, Sentence]:
    found: dict[str, list[Sentence]] = {}
    for place, one in problems:
        found.setdefault(place or "map", []).append(one)
    return {
        place: several[0] if len(several) == 1 else joined({str(n): one for n, one in enumerate(several)})
        for place, several in found.items()
    }


class ChangedMeanwhile(Cannot):
    """A colleague has changed this draft since; `name` and `at` say who and when, `number` which change that was."""

    def __init__(self, number: int, name: str, at: datetime) -> None:
        super().__init__(sentence("{name} has changed this draft meanwhile: look at it again.", name=name))
        self.number, self.name, self.at = number, name, at


def change_of(how: Mapping[str, Any]) -> int:
    """The number of the last change of a draft by somebody."""
    return int(how.get("changed", {}).get("number", 0))


def check_seen(how: Mapping[str, Any], who: int, seen: int) -> None:
    """Whether somebody else has changed a draft since its change `seen`. Raises ChangedMeanwhile, with the last."""
    others = [last for one, last in how.get("changed", {}).get("by", {}).items() if one != str(who)]
    number, name, at = max(others, default=(0, "", ""))
    if number > seen:
        raise ChangedMeanwhile(number, name, datetime.fromisoformat(at))


def changed(before: Mapping[str, Any], who: int, name: str, at: datetime) -> dict[str, Any]:
    """What is kept of the changes of a draft after one more: the last of each colleague."""
    number = change_of(before) + 1
    by = before.get("changed", {}).get("by", {})
    return {"number": number, "by": {**by, str(who): [number, name, at.isoformat()]}}


def said_of(how: Mapping[str, Any]) -> dict[str, Any]:
    """What people chose on a page, as `map_from` reads it: the map, with what they said of the file as a whole."""
    said = {"kind": "people", **how.get("map", {})}
    for ours, theirs in (("source", "origin"), ("signal", "signal"), ("regime", "regime")):
        if how.get(theirs):
            said[ours] = how[theirs]
    if how.get("consent"):
        said["consent"] = {name: value for name, value in how["consent"].items() if value not in ("", None, [])}
    if "keep_filled" in how:
        said["keep_filled"] = bool(how["keep_filled"])
    return {name: value for name, value in said.items() if value not in ("", None, [], {})}
