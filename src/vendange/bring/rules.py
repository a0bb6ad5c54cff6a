"""Bring decides: what one row of a file says, by its map, or why it cannot be taken. Plain Python."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from vendange.agreement.problems import choose_from
from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.vocabulary import LEVELS, ROLES, TIERS
from vendange.sheets.column_map import KEYS, SAID_OF_ROW, SIGNAL_FIELDS, TRAITS, ColumnMap
from vendange.sheets.countries import code_of
from vendange.sheets.dates import NoSuchDate, read_date
from vendange.sheets.sheet import ADDED
from vendange.sheets.terms import ConsentTerms

CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "level": LEVELS,
    "role": ROLES,
    "tier": TIERS,
    "regime": ("consumer", "professional", "unknown"),
    "status": ("won", "lost"),
}
LONGEST: Final[Mapping[str, int]] = {
    **TRAITS,
    **SIGNAL_FIELDS,
    **SAID_OF_ROW,
    "external_id": 255,
    "user_id": 255,
    "email": 254,
    "name": 240,
    "employees": 20,
    "qualified_by": 80,
    "sold_by": 80,
    "lost_reason": 200,
}
LONGEST_FACT: Final = 500
CURRENCY: Final = re.compile(r"[A-Z]{3}")
EMPLOYEES: Final = re.compile(
    r"\d[\d .,'\u00a0\u202f]{0,12}(\+|\s*(-|–|à|to)\s*\d[\d .,'\u00a0\u202f]{0,12})?", re.ASCII
)
LOCALE: Final = re.compile(r"([A-Za-z]{2,3})[_-][A-Za-z]{2,4}")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
GARBLED: Final = re.compile(r"\ufffd|[ÃÂ][\u0080-\u00bf]|â€")
MOST_CENTS: Final = 10**15
# How files write yes and no.
YES_AND_NO: Final = (
    "yes y true 1 x on oui o vrai given granted accepted opt-in optin subscribed inscrit ok",
    "no n false 0 off non faux refused denied declined opt-out optout unsubscribed withdrawn désinscrit refusé",
)
YES, NO = (frozenset(words.split()) for words in YES_AND_NO)
ALWAYS_UNKNOWN: Final = "unknown"
# Which line of consent an objection of a row writes.
OBJECTIONS: Final[Mapping[str, str]] = {"do_not_email": "email", "do_not_call": "phone", "do_not_contact": "all"}


class RowRefused(Cannot):
    """This row cannot be taken; the sentence says why and what to correct."""


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
    """One row of a file of people. `message_id` is the same wherever the same row stands."""

    line: int
    message_id: str
    who: Named
    occurred_at: datetime
    only_day: bool = False
    origin: str = ""
    value: float | None = None
    about: Mapping[str, str] = field(default_factory=dict)  # path, asset, campaign, channel, topic of the signal
    words: tuple[Word, ...] = ()


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
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {name: place for place, name in enumerate(self.header)})
        object.__setattr__(self, "zone", ZoneInfo(self.map.time_zone))

    def person(self, line: int, cells: Sequence[str]) -> Row:
        """Of a file of people. Raises RowRefused."""
        fields = self.fields(cells)
        has_time = "occurred_at" in fields and (fields["occurred_at"] or self.map.signal)
        occurred_at, only_day = self._date(fields, "occurred_at") if has_time else (self.now, False)
        number = fields.get("value", "")
        return Row(
            line=line,
            message_id=self._message_id(cells),
            who=self._who(cells, fields),
            occurred_at=occurred_at,
            only_day=only_day,
            origin=fields.get("origin", ""),
            value=float(self._number(number, "value")) if number else None,
            about={name: fields[name] for name in SIGNAL_FIELDS if name != "value" and fields.get(name)},
            words=self._words(fields, occurred_at),
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
            currency=_currency(fields.get("currency", "")),
            qualified_by=fields.get("qualified_by", ""),
            sold_by=fields.get("sold_by", ""),
            lost_reason=fields.get("lost_reason", ""),
        )

    def fields(self, cells: Sequence[str]) -> dict[str, str]:
        """Field → text, checked one by one; empty cells of columns keep their (empty) place. Raises RowRefused."""
        if len(cells) != len(self.header):
            raise RowRefused(
                sentence(
                    "The row has {cells} cells, the first line has {names}. Check the quotes and the separators of"
                    " this row.",
                    cells=len(cells),
                    names=len(self.header),
                )
            )
        found = {name: cells[self.places[column]].strip() for name, column in self.map.columns.items()}
        found.update(self.map.values)
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
        traits = {name: fields[name] for name in TRAITS if fields.get(name)}
        traits |= _split(fields.get("name", ""), traits)
        traits |= self._regime(traits)
        for name, column in self.map.facts.items():
            if text := cells[self.places[column]].strip():
                _readable(name, text, LONGEST_FACT)
                traits[name] = text
        return Named(**keys, traits=traits)

    def _regime(self, traits: Mapping[str, str]) -> dict[str, str]:
        """Without a basis nobody may be contacted: whoever is no professional yet does not become one by this file."""
        terms = self.map.terms
        said = terms.regime if terms.regime not in ("", "column") else traits.get("regime", "")
        if terms.consent and terms.consent.basis == "none" and said:
            return {"regime": ALWAYS_UNKNOWN, "regime_said": said}
        return {"regime": said} if said else {}

    def _words(self, fields: Mapping[str, str], occurred_at: datetime) -> tuple[Word, ...]:
        at, _ = self._date(fields, "consent_at") if fields.get("consent_at") else (None, False)
        words = list(self._agreed(self.map.terms.consent, fields, at or self._of_all() or occurred_at))
        for name, channel in OBJECTIONS.items():
            if fields.get(name) and _yes(fields[name], name):
                words.append(Word(channel, "prospecting", "refused", at or self.now, name))
        return tuple(words)

    def _agreed(self, terms: ConsentTerms | None, fields: Mapping[str, str], at: datetime) -> list[Word]:
        if terms is None or terms.basis == "none":
            return []
        status = terms.basis
        if status == "column":
            said = fields.get("consent", "")
            if not said:
                return []
            status = "given" if _yes(said, "consent") else "refused"
        return [Word(channel, terms.purpose, status, at, terms.wording) for channel in terms.channels]

    def _of_all(self) -> datetime | None:
        consent = self.map.terms.consent
        if consent is None or not consent.at:
            return None
        return read_date(consent.at, format="YYYY-MM-DD", zone=self.zone, latest=self.now)[0]

    def _date(self, fields: Mapping[str, str], name: str) -> tuple[datetime, bool]:
        try:
            return read_date(fields.get(name, ""), format=self.map.date_format, zone=self.zone, latest=self.now)
        except NoSuchDate as error:
            raise RowRefused(error.sentence) from None

    def _message_id(self, cells: Sequence[str]) -> str:
        """The same row of the same source is the same message, in whatever order its columns stand."""
        names = self.map.row_key or tuple(sorted(set(self.header) - set(ADDED) - set(self.map.ignore)))
        told = [self.map.source, self.map.signal, [[name, cells[self.places[name]].strip()] for name in names]]
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


def checked(name: str, text: str) -> str:
    """The text in the form in which the field holds it. Raises RowRefused."""
    if not text:
        return ""
    _readable(name, text, LONGEST.get(name, 100))
    if name in CODES:
        return _code(name, text)
    if name == "email":
        return _email(text)
    if name in {"country", "organisation_country"}:
        return _country(name, text)
    if name == "language":
        found = LOCALE.fullmatch(text)
        return found[1].lower() if found else text
    if name == "employees" and not EMPLOYEES.fullmatch(text):
        raise RowRefused(sentence("{text} is not a number of employees. Write a whole number, such as 120.", text=text))
    return text


def _code(name: str, text: str) -> str:
    folded = text.lower()
    if folded in CODES[name]:
        return folded
    known = sentence(
        "{text} is not a {name} that we know. {remedy}", text=text, name=name, remedy=choose_from(folded, CODES[name])
    )
    raise RowRefused(known)


def _country(name: str, text: str) -> str:
    found = text if re.fullmatch(r"[A-Z]{2}", text) else code_of(text)
    if not found:
        raise RowRefused(
            sentence(
                "{text} is not a country code ({name}). Write two capital letters, such as FR.", text=text, name=name
            )
        )
    return found


def _readable(name: str, text: str, longest: int) -> None:
    if CONTROL.search(text):
        raise RowRefused(sentence("{name} holds an invisible control character. Remove it.", name=name))
    if GARBLED.search(text):
        raise RowRefused(
            sentence(
                "{name} holds garbled letters ({text}). They were lost before they came here: correct them, or export"
                " again as UTF-8.",
                name=name,
                text=text[:40],
            )
        )
    if len(text) > longest:
        raise RowRefused(
            sentence(
                "{name} has {length} characters, the most is {most}. Shorten it.",
                name=name,
                length=len(text),
                most=longest,
            )
        )


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise RowRefused(
            sentence("{text} is not an e-mail address. Correct it, or empty the cell.", text=text)
        ) from None


def _currency(text: str) -> str:
    if text and not CURRENCY.fullmatch(text):
        raise RowRefused(sentence("{text} is not a currency. Write three capital letters, such as EUR.", text=text))
    return text


def _yes(text: str, name: str) -> bool:
    folded = text.strip().lower()
    if folded not in YES | NO:
        raise RowRefused(sentence("{text} is neither yes nor no ({name}). Write yes or no.", text=text, name=name))
    return folded in YES


def _split(name: str, traits: Mapping[str, str]) -> dict[str, str]:
    """First and last name of a full one: the words in capitals, or else the last word, are the last name."""
    words = name.split()
    if not words or traits.get("last_name"):
        return {}
    shouted = [word for word in words if word.isupper() and len(word) > 1]
    if not shouted or len(shouted) == len(words):
        shouted = words[-1:]
        first = words[:-1]
    else:
        first = [word for word in words if word not in shouted]
    found = {"first_name": traits.get("first_name", "") or " ".join(first)[:120], "last_name": " ".join(shouted)[:120]}
    return {part: text for part, text in found.items() if text}


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
