"""One row of a file as the journey takes it: a signal, a declaration, or the end of a deal; or why it is refused."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from vendange.agreement.problems import choose_from
from vendange.agreement.vocabulary import LEVELS, ROLES, TIERS
from vendange.capture.rules import Incoming, Who
from vendange.journey.past import PastDeal
from vendange.sheets.column_map import KEYS, SIGNAL_FIELDS, TRAITS, ColumnMap
from vendange.sheets.dates import NoSuchDate, read_date
from vendange.sheets.sheet import ADDED

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
    "external_id": 255,
    "user_id": 255,
    "email": 254,
    "qualified_by": 80,
    "sold_by": 80,
    "lost_reason": 200,
}
LONGEST_FACT: Final = 500
COUNTRY: Final = re.compile(r"[A-Z]{2}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
GARBLED: Final = re.compile(r"\ufffd|[ÃÂ][\u0080-\u00bf]|â€")
MOST_CENTS: Final = 10**15


class RowRefused(ValueError):
    """This row cannot be taken; the message says why and what to correct."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of one file by one map. `source_id` and `batch_id` are 0 in a dry run."""

    map: ColumnMap
    header: tuple[str, ...]
    now: datetime
    source_id: int = 0
    batch_id: int = 0
    places: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", {name: place for place, name in enumerate(self.header)})

    def signal(self, row: list[str]) -> Incoming:
        """Of a file of people. Raises RowRefused."""
        fields = self._fields(row)
        occurred_at, only_day = self._date(fields, "occurred_at") if "occurred_at" in fields else (self.now, False)
        number = fields.get("value", "")
        return Incoming(
            source_id=self.source_id,
            message_id=self._message_id(row),
            kind=self.map.signal,
            occurred_at=occurred_at,
            received_at=self.now,
            who=self._who(row, fields),
            value=float(self._number(number, "value")) if number else None,
            props={"precision": "day"} if only_day else {},
            origin="declared",
            import_batch_id=self.batch_id or None,
            path=fields.get("path", ""),
            asset=fields.get("asset", ""),
            campaign=fields.get("campaign", ""),
            channel=fields.get("channel", ""),
            topic=fields.get("topic", ""),
        )

    def ending(self, row: list[str], line: int) -> PastDeal:
        """Of a file of deals. Raises RowRefused."""
        fields = self._fields(row)
        key = fields.get("external_id", "")
        if not key:
            raise RowRefused(f"{self.map.columns['external_id']} is empty: whose deal is it? Fill it in.")
        if not fields.get("status"):
            raise RowRefused("Nothing says whether the deal was won or lost. Write won or lost.")
        amount = fields.get("amount", "")
        return PastDeal(
            row=line,
            key=key,
            closed_at=self._date(fields, "closed_at")[0],
            status=fields["status"],
            amount_cents=self._cents(amount) if amount else None,
            currency=_currency(fields.get("currency", "")),
            qualified_by=fields.get("qualified_by", ""),
            sold_by=fields.get("sold_by", ""),
            lost_reason=fields.get("lost_reason", ""),
        )

    def _fields(self, row: list[str]) -> dict[str, str]:
        """Field → text, checked one by one; empty cells of columns keep their (empty) place."""
        if len(row) != len(self.header):
            what = f"The row has {len(row)} cells, the first line has {len(self.header)}."
            raise RowRefused(f"{what} Check the quotes and the separators of this row.")
        found = {name: row[self.places[column]].strip() for name, column in self.map.columns.items()}
        found.update(self.map.values)
        return {name: _checked(name, text) for name, text in found.items()}

    def _who(self, row: list[str], fields: Mapping[str, str]) -> Who:
        keys = {name: fields.get(name, "") for name in KEYS}
        if not any(keys.values()):
            columns = [self.map.columns[name] for name in KEYS if name in self.map.columns]
            raise RowRefused(f"Nobody is named: {', '.join(columns)} is empty. Fill it in.")
        traits = {name: fields[name] for name in TRAITS if fields.get(name)}
        for name, column in self.map.facts.items():
            if text := row[self.places[column]].strip():
                _readable(name, text, LONGEST_FACT)
                traits[name] = text
        return Who(**keys, traits=traits)

    def _date(self, fields: Mapping[str, str], name: str) -> tuple[datetime, bool]:
        zone = ZoneInfo(self.map.time_zone)
        try:
            return read_date(fields.get(name, ""), format=self.map.date_format, zone=zone, latest=self.now)
        except NoSuchDate as error:
            raise RowRefused(str(error)) from None

    def _message_id(self, row: list[str]) -> str:
        """The same row of the same source is the same message, in whatever order its columns stand."""
        names = self.map.row_key or tuple(sorted(set(self.header) - set(ADDED) - set(self.map.ignore)))
        told = [self.map.source, self.map.signal, [[name, row[self.places[name]].strip()] for name in names]]
        return "import-" + hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def _number(self, text: str, name: str) -> Decimal:
        """A plain number with the decimal sign of the map; spaces may part the thousands."""
        raw = re.sub(r"[\s\u00a0\u202f]", "", text)
        sign = self.map.decimal
        if not re.fullmatch(rf"-?\d{{1,15}}({re.escape(sign)}\d{{1,6}})?", raw, re.ASCII):
            other = "comma" if sign == "." else "point"
            what = f"{text} is not a number written like 1234{sign}50 ({name})."
            raise RowRefused(f"{what} Write it so, or say decimal: {other} in the map.")
        try:
            return Decimal(raw.replace(",", "."))
        except InvalidOperation:
            raise RowRefused(f"{text} is not a number ({name}). Correct it.") from None

    def _cents(self, text: str) -> int:
        number = self._number(text, "amount") * 100
        if number != int(number) or not 0 <= number <= MOST_CENTS:
            raise RowRefused(f"{text} cannot be an amount. Write a positive one with at most two decimals.")
        return int(number)


def _checked(name: str, text: str) -> str:
    """The text in the form in which the field holds it."""
    if not text:
        return ""
    _readable(name, text, LONGEST.get(name, 100))
    if name in CODES:
        folded = text.lower()
        if folded not in CODES[name]:
            raise RowRefused(f"{text} is not a {name} that we know. {choose_from(folded, CODES[name])}")
        return folded
    if name == "email":
        return _email(text)
    if name in {"country", "organisation_country"} and not COUNTRY.fullmatch(text):
        raise RowRefused(f"{text} is not a country code ({name}). Write two capital letters, such as FR.")
    if name == "employees" and not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise RowRefused(f"{text} is not a number of employees. Write a whole number, such as 120.")
    return text


def _readable(name: str, text: str, longest: int) -> None:
    if CONTROL.search(text):
        raise RowRefused(f"{name} holds an invisible control character. Remove it.")
    if GARBLED.search(text):
        what = f"{name} holds garbled letters ({text[:40]})."
        raise RowRefused(f"{what} They were lost before they came here: correct them, or export again as UTF-8.")
    if len(text) > longest:
        raise RowRefused(f"{name} has {len(text)} characters, the most is {longest}. Shorten it.")


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise RowRefused(f"{text} is not an e-mail address. Correct it, or empty the cell.") from None


def _currency(text: str) -> str:
    if text and not CURRENCY.fullmatch(text):
        raise RowRefused(f"{text} is not a currency. Write three capital letters, such as EUR.")
    return text
