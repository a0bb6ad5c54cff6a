"""What is known of a company, side by side: what is in use, what its people said, what colleagues wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from vendange.belong import queries
from vendange.belong.queries import Said
from vendange.belong.rules import ORGANISATION_FIELDS, company_domain
from vendange.engine.company_numbers import read_number
from vendange.models import Organisation, OrganisationFact
from vendange.web.people.labels import field_name, field_value
from vendange.words import Word

TRAIT_OF: Final = {column: trait for trait, column in ORGANISATION_FIELDS.items()}
SHOWN: Final = (
    "name", "domain", "registry_number", "country", "industry", "employees", "postal_code", "city", "region", "tier",
)  # fmt: skip
OTHERS: Final = 4
REMARKS: Final = {
    "length": _("not 9 or 14 digits"),
    "digits": _("wrong: a digit does not fit"),
    "vat_key": _("wrong: the key does not fit"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was said: by how many people, or by which colleague and why; `remark`: what is wrong with it."""

    shown: str
    people: int
    by: str
    reason: str
    at: datetime
    in_use: bool
    remark: Word


@dataclass(frozen=True, slots=True)
class Row:
    name: Word
    field: str
    used: str
    origin: str  # reported, declared or "" when nobody is known to have said it
    is_checked: bool
    said: Sequence[Value]
    written: Sequence[Value]
    more: int

    @property
    def differ(self) -> bool:
        return any(not value.in_use for value in self.said)


def known_of(one: Organisation) -> list[Row]:
    """A row for each field of which anything is known."""
    said, written = queries.said_by_people(one), queries.stated_of(one)
    rows = []
    for column in SHOWN:
        theirs = [each for each in said if each.field == TRAIT_OF.get(column, column)]
        ours = [each for each in written if each.field == column]
        if theirs or ours or _held(one, column):
            rows.append(_row(one, column, theirs, ours))
    return rows


def _row(one: Organisation, column: str, said: Sequence[Said], written: Sequence[OrganisationFact]) -> Row:
    held = _held(one, column)
    spoken = [_spoken(column, held, each, one.country) for each in said]
    wrote = [
        Value(
            _shown(column, each.value), 0, each.by.name if each.by else each.source, each.reason, each.at,
            _same(column, each.value, held), "",
        )
        for each in written
    ]  # fmt: skip
    by_people = any(value.in_use for value in spoken)
    origin = "reported" if wrote and wrote[0].in_use else "declared" if by_people else ""
    return Row(
        field_name(TRAIT_OF.get(column, column)), column, _shown(column, held), origin,
        column == "registry_number" and bool(one.siren or one.siret), spoken[:OTHERS], wrote[:2],
        max(0, len(spoken) - OTHERS),
    )  # fmt: skip


def _spoken(column: str, held: str, said: Said, country: str) -> Value:
    wrong = read_number(said.value, country).wrong if column == "registry_number" else ""
    in_use = _same(column, said.value, held)
    return Value(_shown(column, said.value), said.people, "", "", said.at, in_use, REMARKS.get(wrong, ""))


def _held(one: Organisation, column: str) -> str:
    value = getattr(one, column)
    return "" if value is None else str(value)


def _shown(column: str, value: str) -> str:
    return field_value(column, value) if value else ""


def _same(column: str, value: str, held: str) -> bool:
    if column == "domain":
        return company_domain("@" + value) == held != ""
    return value.casefold() == held.casefold() != ""
