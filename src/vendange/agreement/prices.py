"""Reads what a lead costs who receives it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from vendange.agreement.currencies import CURRENCIES
from vendange.agreement.items import read_codes, read_name, read_some
from vendange.agreement.places import Place
from vendange.agreement.sections import CELLS, read_volume_cells
from vendange.agreement.sentence import sentence
from vendange.agreement.terms import Price, Prices

HIGHEST: Final = 1_000_000


def read_prices(place: Place | None, types: Sequence[str]) -> Prices | None:
    if place is None:
        return None
    fields = place.fields(("currency", "levels"), needed=("currency", "levels"))
    levels = read_some(fields.get("levels"), lambda below: _read_price(below, types))
    if "levels" in fields:
        _check_that_each_counts(fields["levels"], levels)
    return Prices(_read_currency(fields["currency"]) if "currency" in fields else "EUR", levels)


def _read_currency(place: Place) -> str:
    code = place.text()
    if code and code not in CURRENCIES:
        near = code.upper() if code.upper() in CURRENCIES else ""
        remedy = (
            sentence("Did you mean {near}?", near=near)
            if near
            else sentence("Write the three capital letters of the currency, such as EUR.")
        )
        place.refuse(sentence("{code} is not a known currency.", code=code), remedy)
    return code


def _read_price(place: Place, types: Sequence[str]) -> Price:
    fields = place.fields(("id", "label", "lead_types", "grades", "amount"), needed=("id", "amount"))
    cells = set(read_volume_cells(fields["grades"])) if "grades" in fields else set()
    return Price(
        *read_name(fields),
        lead_types=read_codes(fields["lead_types"], types) if "lead_types" in fields else (),
        grades=tuple(cell for cell in CELLS if cell in cells),
        amount_cents=_read_cents(fields["amount"]) if "amount" in fields else 0,
    )


def _read_cents(place: Place) -> int:
    amount = place.number(at_least=0, at_most=HIGHEST)
    cents = Decimal(f"{amount:.9f}") * 100
    if cents != int(cents):
        place.refuse(
            sentence("{amount} is not an amount of money.", amount=place.text()),
            sentence("Write at most two decimals: 180.00."),
        )
    return int(cents)


def _check_that_each_counts(place: Place, levels: Sequence[Price]) -> None:
    """The first level that fits is the price, so none may stand behind one that takes all its leads."""
    written = list(place.items()) if place.is_list() else []
    for number, (below, level) in enumerate(zip(written, levels, strict=False)):
        before = next((one for one in levels[:number] if _takes_all_of(one, level)), None)
        if before:
            below.refuse(
                sentence("No lead ever gets this price: {id} takes them all first.", id=before.id),
                sentence("Move it above {id}.", id=before.id),
            )


def _takes_all_of(one: Price, other: Price) -> bool:
    return all(
        not wide or (narrow and set(narrow) <= set(wide))
        for wide, narrow in ((one.lead_types, other.lead_types), (one.grades, other.grades))
    )
