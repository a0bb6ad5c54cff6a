"""A group on the page of one of its organisations: its sites, how warm each is, and all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vendange.belong import queries
from vendange.belong.rules import Stand as Measured
from vendange.belong.rules import together
from vendange.engine.company_numbers import spaced_number
from vendange.identify.queries import organisations_visible_to
from vendange.models import Heat, Organisation
from vendange.web.access import Request
from vendange.web.heat import Stand, stand_of


@dataclass(frozen=True, slots=True)
class Row:
    organisation: Organisation
    depth: int
    stand: Stand | None
    signals: int
    people: int
    may_open: bool
    here: bool
    number: str


@dataclass(frozen=True, slots=True)
class Group:
    """`stand`: of the whole group, None when none of it was measured."""

    rows: Sequence[Row]
    stand: Stand | None
    signals: int
    people: int


def group_of(request: Request, one: Organisation, since: datetime) -> Group | None:
    """None for a company that stands alone."""
    members = queries.group_of(one, since)
    if not members:
        return None
    ids = [member.organisation.pk for member in members]
    visible = set(organisations_visible_to(request.user).filter(pk__in=ids).values_list("pk", flat=True))
    rows = [
        Row(
            member.organisation, min(member.depth, 4), stand_of(member.organisation), member.signals, member.people,
            member.organisation.pk in visible, member.organisation.pk == one.pk, number_of(member.organisation),
        )
        for member in members
    ]  # fmt: skip
    return Group(
        rows, _whole([row.organisation for row in rows]), sum(r.signals for r in rows), sum(r.people for r in rows)
    )


def number_of(one: Organisation) -> str:
    """As people read it: of a site its SIRET, of a company its SIREN, else what was written."""
    if one.is_site:
        return spaced_number("", one.siret or "")
    return spaced_number(one.siren) if one.siren else one.registry_number


def _whole(organisations: Sequence[Organisation]) -> Stand | None:
    heats = [heat for one in organisations if (heat := getattr(one, "heat", None)) is not None]
    found = together([Measured(one.temperature, one.engaged, one.roles, one.disagreement) for one in heats])
    if found is None:
        return None
    whole = Organisation(name="")
    whole.heat = Heat(
        temperature=found.temperature,
        engaged=found.engaged,
        roles=dict(found.roles),
        disagreement=found.disagreement,
        as_of=max(one.as_of for one in heats),
    )
    return stand_of(whole)
