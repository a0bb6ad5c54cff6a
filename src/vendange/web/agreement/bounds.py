"""What contacts and leads may cost, as people say it: pressure, prices, the minutes of the desk."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.agreement.terms import Agreement, Desk, Price
from vendange.web import figures
from vendange.web.agreement.maturity import Line, Section, listed, types_of
from vendange.web.agreement.sentences import time_in_words
from vendange.words import word


def desk_time(desk: Desk) -> str:
    if desk.straight_to_sales:
        return _("No lead desk: every lead goes straight to a salesperson.")
    told = ngettext("Judging one takes %(n)s minute.", "Judging one takes %(n)s minutes.", desk.minutes_per_lead)
    taken = told % {"n": desk.minutes_per_lead}
    if desk.minutes_per_week is None:
        return taken
    room = _("The %(minutes)s minutes of a week are enough for %(n)s.") % {
        "minutes": figures.number(desk.minutes_per_week),
        "n": figures.number(desk.minutes_per_week // desk.minutes_per_lead),
    }
    return f"{taken} {room}"


def pressure(agreement: Agreement) -> Section | None:
    """How often one person may be contacted."""
    lines = [
        Line(
            one.label,
            listed(
                (
                    ", ".join(str(word("channel", channel)) for channel in one.channels) or _("every channel"),
                    _("at most %(n)s in %(time)s") % {"n": one.at_most, "time": time_in_words(one.within_days)},
                )
            ),
        )
        for one in agreement.pressure
    ]
    return Section(_("How often one person may be contacted"), "", lines) if lines else None


def prices(agreement: Agreement) -> Section | None:
    found = agreement.prices
    if found is None:
        return None
    lines = [Line(one.label, price(one, found.currency, types_of(agreement))) for one in found.levels]
    return Section(_("What a lead costs"), _("The first line that fits a lead is its price."), lines)


def price(one: Price, currency: str, types: dict[str, str]) -> str:
    return listed(
        (
            ", ".join(types.get(lead_type, lead_type) for lead_type in one.lead_types),
            ", ".join(cells_in_short(one.grades)),
            figures.money(one.amount_cents, currency),
        )
    )


def cells_in_short(cells: tuple[str, ...]) -> list[str]:
    """Four cells of one letter are that letter.

    >>> cells_in_short(("A1", "A2", "A3", "A4", "B1"))
    ['A', 'B1']
    """
    short: list[str] = []
    for letter in "ABCD":
        own = [cell for cell in cells if cell.startswith(letter)]
        short.extend([letter] if len(own) == 4 else own)
    return short
