"""The filters above a list: what is chosen stands in the address, and beside each choice how many it would show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from vendange.agreement.segments import STAGES
from vendange.find.queries import COLUMNS, Counts, Wanted
from vendange.models import Segment, User
from vendange.web.access import Request
from vendange.web.paging import address
from vendange.words import Word, word

LONGEST_SEARCH: Final = 200
CODES: Final[Mapping[str, Sequence[str]]] = {
    "relationship": ("suspect", "prospect", "customer"),
    "temperature": ("hot", "warm", "cold"),
    "tier": ("core", "target_1", "target_2"),
    "stage": STAGES,
}
NEWEST: Final = "newest"
BY_NAME: Final = "name"
OF_MANY: Final = ("source", "owner")  # whose values are not ours to know
BESIDE: Final = ("owner", "stage", "segment")  # who has several is counted in each, who has none in none
LONG: Final = (*OF_MANY, "stage", "segment")


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    label: Word
    count: int | None  # None: not counted
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """`options` begin with the one that leaves the filter out. `is_long`: a select instead of buttons."""

    name: str
    title: Word
    options: Sequence[Option]
    is_long: bool

    @property
    def chosen(self) -> str:
        return next((one.code for one in self.options if one.chosen), "")


def wanted_of(given: QueryDict, kind: str) -> Wanted:
    """What the address asks for; what it cannot mean is left out."""
    names = (*COLUMNS[kind], "owner", *(("stage", "segment") if kind == "person" else ()))
    found = {name: given.get(name, "").replace("\x00", "")[:100] for name in names}
    known = {name: code for name, code in found.items() if name in OF_MANY or code in CODES.get(name, ())}
    if is_id(found.get("segment", "")):
        known["segment"] = found["segment"]
    return Wanted(q=given.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH], **known)


def filters_of(request: Request, kind: str, wanted: Wanted, counts: Counts, total: int) -> list[Filter]:
    """Every filter that has something to choose, in the order in which they are read."""
    names = [
        name
        for name in ("relationship", "temperature", "tier", "stage", "source", "owner", "segment")
        if name in counts
    ]
    called = {**_names_of(counts["owner"], wanted.owner), **_segments(counts.get("segment", {}), wanted.segment)}
    found = [_filter(request, name, wanted, counts[name], total, called) for name in names]
    return [one for one in found if one.chosen or any(option.count for option in one.options[1:])]


def _filter(
    request: Request, name: str, wanted: Wanted, counts: Mapping[str, int], total: int, called: Mapping[str, str]
) -> Filter:
    now = getattr(wanted, name)
    codes = CODES.get(name) or sorted(
        {*filter(None, counts), *filter(None, [now])}, key=lambda code: called.get(code, code).casefold()
    )
    every = sum(counts.values()) if name not in BESIDE else None if now else total
    whole = Option("", pgettext("filter", "All"), every, address(request.GET, **{name: ""}), not now)
    some = [
        Option(
            code,
            _label(name, code, called),
            counts.get(code, 0),
            address(request.GET, **{name: code}),
            code == now,
        )
        for code in codes
    ]
    return Filter(name, _title(name), [whole, *some], name in LONG)


def _title(name: str) -> Word:
    return {
        "relationship": _("Status"),
        "temperature": _("Temperature"),
        "tier": _("Target"),
        "source": _("First source"),
        "owner": _("Held by"),
        "stage": _("Open lead"),
        "segment": _("Segment"),
    }[name]


def _label(name: str, code: str, called: Mapping[str, str]) -> Word:
    if name in ("owner", "segment"):
        return called.get(code, code)
    if name in OF_MANY:
        return code
    return word(name, code)


def _names_of(owners: Mapping[str, int], chosen: str) -> Mapping[str, str]:
    logins = {*owners, chosen}
    return {one.username: one.name for one in User.objects.filter(username__in=logins)}


def _segments(counts: Mapping[str, int], chosen: str) -> Mapping[str, str]:
    """The names of these segments, by public id."""
    wanted = {*counts, *filter(None, [chosen])}
    if not wanted:
        return {}
    return {
        str(one): name for one, name in Segment.objects.filter(public_id__in=wanted).values_list("public_id", "name")
    }


def is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def sorts_of(request: Request, now: str, *names: str) -> list[Option]:
    """The orders of a list; "" is the one that it has when nobody asks."""
    called = {
        "": _("the last to act first"),
        NEWEST: _("the last to be known first"),
        BY_NAME: _("by name"),
    }
    now = now if now in names else ""
    return [Option(name, called[name], None, address(request.GET, sort=name), name == now) for name in ("", *names)]
