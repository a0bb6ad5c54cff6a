"""What a visitor put together in a configurator, and what has changed when they save it again. Plain Python.

Whatever a site sends is read: what is nested is laid flat with dots (`engine.power`), what is too deep or too much is
left out, what is no text, number or truth is nothing. Values are compared as the text that people read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps
from typing import Any, Final

from vendange.engine.plain_text import number_of, one_line

SAVED: Final = "configuration_saved"
CHANGED: Final = "configuration_changed"  # saved again, and something is different
KINDS: Final = frozenset({SAVED, CHANGED})
FIELDS: Final = frozenset({"configuration_id", "product", "price", "currency", "options", "changes"})  # of a signal
MOST_OPTIONS: Final = 100
DEEPEST: Final = 4  # of options within options
LONGEST_NAME: Final = 80
LONGEST_VALUE: Final = 120
MOST_LISTED: Final = 20  # values of one option
HIGHEST: Final = 1e12  # of a price: beyond, it is none
NAMES: Final = ("name", "option", "label", "id", "key")
VALUES: Final = ("value", "choice", "selected")
PAIRS: Final = ("product", "price", "currency")
AMOUNT: Final = re.compile(r"(?:[A-Za-z]{3}|[€$£¥])?(-?\d[\d.,]*?)(?:[.,][-–—]+)?(?:[A-Za-z]{3}|[€$£¥])?")
PRICES: Final = ("price", "amount", "cost")


@dataclass(frozen=True, slots=True)
class Option:
    """What was chosen, as text, and what it costs in whole units of the currency; None when nobody said."""

    value: str
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """One save. `options` by their flat name, in the order of their names; `id` is the site's own, "" when none."""

    id: str = ""
    product: str = ""
    price: float | None = None
    currency: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """One option that is another one now. `before` None: it was added; `after` None: it was taken away."""

    name: str
    before: Option | None
    after: Option | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What makes one save another one: pairs of before and after where they differ, None where they are the same."""

    product: tuple[str, str] | None = None
    price: tuple[float | None, float | None] | None = None
    currency: tuple[str, str] | None = None
    options: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.product or self.price or self.currency or self.options)

    @property
    def more(self) -> float | None:
        """How much dearer it is now, negative when cheaper; None when that cannot be said, or nothing has changed."""
        return dearer(*self.price) if self.price and not self.currency else None


def dearer(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(after - before, 2)


def read_configuration(props: Mapping[str, Any]) -> Configuration:
    """What the properties of a signal say of a configuration; never refuses.

    >>> read_configuration({"product": "Press 40", "options": [{"name": "engine", "value": "diesel"}]}).options
    {'engine': Option(value='diesel', price=None)}
    """
    found: dict[str, Option] = {}
    for name, option in _options(props.get("options"), "", DEEPEST):
        found.setdefault(name, option)
    first = sorted(found)[:MOST_OPTIONS]
    return Configuration(
        id=one_line(props.get("configuration_id"), 255),
        product=_text(props.get("product"), 200),
        price=_price(props, (*PRICES, "value", "revenue")),
        currency=one_line(props.get("currency"), 3).upper(),
        options={name: found[name] for name in first},
    )


def _options(given: object, above: str, deep: int) -> Iterator[tuple[str, Option]]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            yield from _named(_joined(above, name), value, deep)
    elif _is_list(given):
        for one in _listed(given):
            if isinstance(one, Mapping):
                name = next((text for key in NAMES if (text := one_line(one.get(key), LONGEST_NAME))), "")
                yield from _named(_joined(above, name), one, deep)
            else:  # a bare list of what was ticked
                yield from _named(_joined(above, one), True, deep)


def _named(name: str, value: object, deep: int) -> Iterator[tuple[str, Option]]:
    if not name or deep < 1:
        return
    if isinstance(value, Mapping):
        chosen = next((key for key in VALUES if key in value), None)
        if chosen is None and _price(value, PRICES) is None:
            yield from _options(value, name, deep - 1)
        else:
            told = _text(value.get(chosen), LONGEST_VALUE) if chosen else "true"
            yield name, Option(told, _price(value, PRICES))
    elif text := _text(value, LONGEST_VALUE):
        yield name, Option(text)


def _joined(above: str, name: object) -> str:
    own = one_line(name, LONGEST_NAME)
    return f"{above}.{own}"[:LONGEST_NAME].strip() if above and own else own


def _text(given: object, longest: int) -> str:
    if isinstance(given, Mapping):
        return one_line(given.get("name") or given.get("label"), longest)
    if _is_list(given):
        return ", ".join(text for one in _listed(given) if (text := one_line(one, longest)))[:longest].strip()
    if isinstance(given, float) and given.is_integer() and abs(given) < HIGHEST:
        return str(int(given))  # 2.0 and 2 are the same to people, and JSON does not keep them apart
    return one_line(given, longest)


def _is_list(given: object) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes)


def _listed(given: Any) -> Sequence[Any]:
    found: Sequence[Any] = given[: MOST_OPTIONS * 2]
    return found


def _price(given: Mapping[str, Any], names: Iterable[str]) -> float | None:
    for name in names:
        said = given.get(name)
        number = None if isinstance(said, bool) else _amount(said)
        if number is not None and abs(number) <= HIGHEST:
            return round(number, 2) + 0.0
    return None


def _amount(said: object) -> float | None:
    """A number, or an amount as people write it.

    >>> [_amount(one) for one in (49400.5, "49 400,50 €", "€49,400.50", "CHF 49'400.–", "49.400,50 EUR", "49 or so")]
    [49400.5, 49400.5, 49400.5, 49400.0, 49400.5, None]
    """
    plain = number_of(said)
    if plain is not None or not isinstance(said, str):
        return plain
    found = AMOUNT.fullmatch(re.sub(r"[\s'’]", "", said[:40]))
    if found is None:
        return None
    text = found[1]
    comma, point = text.rfind(","), text.rfind(".")
    is_decimal = comma > point and (point >= 0 or len(text) - comma - 1 != 3) and text.count(",") == 1
    text = text.replace(".", "").replace(",", ".") if is_decimal else text.replace(",", "")
    return number_of(text)


def as_props(one: Configuration) -> dict[str, Any]:
    """The same as properties of a signal: reading them again gives the same configuration."""
    options = {name: _option_json(option) for name, option in one.options.items()}
    said = {"configuration_id": one.id, "product": one.product, "price": one.price, "currency": one.currency}
    return {name: value for name, value in {**said, "options": options}.items() if value not in (None, "", {})}


def as_fields(properties: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a signal, made those of a save: product as asset, price as value, options as they are compared."""
    one = read_configuration(properties)
    props = {name: value for name, value in fields["props"].items() if name not in FIELDS} | as_props(one)
    return {**fields, "asset": fields["asset"] or one.product, "value": one.price, "props": props}


def _option_json(option: Option) -> dict[str, Any]:
    return {"value": option.value} | ({} if option.price is None else {"price": option.price})


def thread_of(one: Configuration, source: int, person: int) -> str:
    """What makes two saves the same configuration: the site's name for it, else who saves it for which product."""
    key = ["id", source, one.id] if one.id else ["product", source, person, one.product.casefold()]
    return sha256(dumps(key).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Told:
    """What a save is to the rules and to people: its kind, its `value`, and what is kept with it."""

    kind: str
    value: float | None
    changes: dict[str, Any] | None


def told(before: Configuration | None, one: Configuration) -> Told:
    """A first save has its price as value, one that changed something how much dearer it became."""
    if before is None:
        return Told(SAVED, one.price, None)
    found = changes(before, one)
    if not found:
        return Told(SAVED, one.price, {})
    return Told(CHANGED, None if found.currency else dearer(before.price, one.price), changes_json(found))


def changes(before: Configuration, after: Configuration) -> Changes:
    """What one must change of `before` to have `after`; the name of the site for it does not count."""
    names = sorted({*before.options, *after.options})
    pairs = [Changed(name, before.options.get(name), after.options.get(name)) for name in names]
    return Changes(
        product=_pair(before.product, after.product),
        price=_pair(before.price, after.price),
        currency=_pair(before.currency, after.currency),
        options=tuple(one for one in pairs if one.before != one.after),
    )


def _pair(before: Any, after: Any) -> Any:
    return None if before == after else (before, after)


def applied(before: Configuration, to: Changes) -> Configuration:
    """`before` with these changes made."""
    options = dict(before.options)
    for one in to.options:
        options.pop(one.name, None)
        if one.after is not None:
            options[one.name] = one.after
    return Configuration(
        id=before.id,
        product=to.product[1] if to.product else before.product,
        price=to.price[1] if to.price else before.price,
        currency=to.currency[1] if to.currency else before.currency,
        options={name: options[name] for name in sorted(options)},
    )


def changes_json(found: Changes) -> dict[str, Any]:
    """To be kept with a signal; {} when nothing has changed."""
    told: dict[str, Any] = {name: list(pair) for name in PAIRS if (pair := getattr(found, name)) is not None}
    if found.options:
        told["options"] = [
            {"name": one.name}
            | ({"before": _option_json(one.before)} if one.before else {})
            | ({"after": _option_json(one.after)} if one.after else {})
            for one in found.options
        ]
    return told


def read_changes(kept: object) -> Changes | None:
    """What `changes_json` wrote; None when it is nothing that it can have written."""
    if not isinstance(kept, Mapping):
        return None
    try:
        pairs: dict[str, Any] = {name: _read_pair(kept[name]) for name in PAIRS if name in kept}
        options = tuple(
            Changed(str(one["name"]), _read_option(one.get("before")), _read_option(one.get("after")))
            for one in kept.get("options", ())
        )
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    return Changes(**pairs, options=options)


def _read_pair(given: Any) -> tuple[Any, Any]:
    before, after = given
    return before, after


def _read_option(given: Any) -> Option | None:
    return None if given is None else Option(str(given["value"]), given.get("price"))
