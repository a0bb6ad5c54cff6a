"""What a saved configuration says, and what changed since the save before, in the reader's language and money form."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from vendange.agreement.currencies import CURRENCIES
from vendange.engine.configuration import KINDS, Changed, Changes, Option, read_changes, read_configuration
from vendange.web.figures import MINUS, money, number

MOST_TOLD: Final = 6  # options in one line
YES, NO = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


def said_of(kind: str, props: object) -> str:
    """One line, such as “engine: diesel → electric, +€ 4,200”; "" for other kinds of signals."""
    if kind not in KINDS or not isinstance(props, Mapping):
        return ""
    kept = read_changes(props.get("changes")) if "changes" in props else None
    if kept is None:
        return first_save(props)
    return line_of(kept, read_configuration(props).currency) if kept else _("saved again, nothing changed")


def first_save(props: Mapping[str, Any]) -> str:
    one = read_configuration(props)
    price = amount(one.price, one.currency)
    options = [option_words(name, option) for name, option in one.options.items()]
    return ", ".join(part for part in (one.product, *shortened(options), price) if part)


def line_of(found: Changes, currency: str) -> str:
    """Options first, then what the whole costs more."""
    parts = [_("product: %(before)s → %(after)s") % pair(*found.product)] if found.product else []
    parts += shortened([changed_words(one, currency) for one in found.options])
    if found.more is not None:
        parts.append(more(found.more, currency))
    elif found.price or found.currency:
        was, now = found.currency or (currency, currency)
        prices = found.price or (None, None)
        before, after = amount(prices[0], was), amount(prices[1], now)
        if found.price is None:  # the figure stays, in another currency
            before, after = was, now
        parts.append(_("price: %(before)s → %(after)s") % pair(before, after))
    return ", ".join(parts)


def shortened(parts: list[str]) -> list[str]:
    left = len(parts) - MOST_TOLD
    if left <= 0:
        return parts
    return [*parts[:MOST_TOLD], ngettext("%(n)s more option", "%(n)s more options", left) % {"n": left}]


def changed_words(one: Changed, currency: str) -> str:
    if one.before is None and one.after is not None:
        return _("added: %(option)s") % {"option": option_words(one.name, one.after)}
    if one.after is None and one.before is not None:
        return _("taken away: %(option)s") % {"option": option_words(one.name, one.before)}
    before, after = one.before or Option(""), one.after or Option("")
    if before.value == after.value:
        return f"{label(one.name, '')} {pair_of(before.price, after.price, currency)}"
    return label(one.name, f"{value(before.value)} → {value(after.value)}")


def option_words(name: str, option: Option) -> str:
    return name if option.value.lower() in YES else label(name, value(option.value))


def label(name: str, told: str) -> str:
    return (_("%(option)s: %(value)s") % {"option": name, "value": told}).rstrip()


def value(text: str) -> str:
    if text.lower() in YES:
        return pgettext("an option of a configuration", "yes")
    if text.lower() in NO:
        return pgettext("an option of a configuration", "no")
    return text or "–"


def pair(before: str, after: str) -> dict[str, str]:
    return {"before": before or "–", "after": after or "–"}


def pair_of(before: float | None, after: float | None, currency: str) -> str:
    return f"{amount(before, currency) or '–'} → {amount(after, currency) or '–'}"


def amount(price: float | None, currency: str) -> str:
    if price is None:
        return ""
    places = 0 if price == int(price) else 2
    return money(round(price * 100), currency) if currency in CURRENCIES else number(price, places)


def more(difference: float, currency: str) -> str:
    sign = MINUS if difference < 0 else "+"
    return sign + amount(abs(difference), currency)
