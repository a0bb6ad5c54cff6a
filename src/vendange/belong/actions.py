"""Writes organisations, by batch or by hand."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from string import ascii_lowercase, ascii_uppercase
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower

from vendange.agreement.sentence import Incomplete
from vendange.belong import queries
from vendange.belong.rules import (
    MEASURED,
    ORGANISATION_FIELDS,
    ORGANISATION_TRAITS,
    Named,
    key_of_parent,
    keys_of,
    makes_a_circle,
    region_of,
    value_of,
)
from vendange.models import Organisation, OrganisationFact, User
from vendange.models.each import add_each, maker, number_each, update_each
from vendange.models.fields import room
from vendange.models.moving import fill
from vendange.models.organisation import claim, one_at_a_time, vouch_for
from vendange.models.trail import record as tell

Key = tuple[str, str]
UNIQUE: Final = ("external_id", "siren", "siret", "domain")
WRITTEN: Final = (*UNIQUE, *ORGANISATION_FIELDS.values(), "parent_id")
HIGHEST: Final = 50  # steps above a company that are looked at
SMALL: Final = str.maketrans(ascii_uppercase, ascii_lowercase)  # as SQLite makes letters small
ROOM: Final = {column: room(Organisation, column) for column in ORGANISATION_FIELDS.values()}


class Companies:
    """The organisations that one batch names, each found as docs/rules/organisations.md says.

    Handed to `identify.find_or_create`, which asks for them in this order: `load` once, `resolve` for each row,
    `save` once.
    """

    def __init__(self) -> None:
        self.by_key: dict[Key, Organisation] = {}
        self.created: list[Organisation] = []
        self.changed: dict[int, Organisation] = {}
        self.before: dict[int, dict[str, Any]] = {}  # those, as they stood
        self.by_id: dict[int, Organisation] = {}  # one object for all that a known one is found by
        self.stated: set[tuple[int, str]] = set()  # columns that a colleague has written
        self.claimed: set[int] = set()  # id() of those that nobody believed has named: a claim may fill them
        self.believed: list[int] = []  # of those, the known ones that this batch vouches for
        self.below: list[Organisation] = []  # those that have a new one above them, or are new themselves
        self.make = maker(Organisation, domain=None, external_id=None)
        self.keys: dict[int, list[Key]] = {}  # of what was loaded, by id()

    def speaks_of_one(self, traits: Mapping[str, str]) -> bool:
        """Whether these traits say anything of a company."""
        return any(traits.get(trait) for trait in ORGANISATION_TRAITS)

    def load(self, named: Iterable[Named], own: Iterable[Organisation | None] = ()) -> None:
        """All organisations that these may mean: one question for each kind of key.

        One that was merged means the one that took it in. `own`: where people are known to work.
        """
        wanted: dict[str, set[str]] = {}
        for one in named:
            self.keys[id(one)] = keys = keys_of(one)
            for kind, value in keys:
                wanted.setdefault(kind, set()).add(value)
            if name := one.traits.get("organisation", "").strip():
                wanted["name"].add(name.translate(SMALL))
            if above := key_of_parent(one.traits):
                wanted.setdefault(above[0], set()).update((above[1], above[1].translate(SMALL)))
        found = [
            (kind, value, number)
            for kind, values in wanted.items()
            for number, value in Organisation.objects.annotate(said=Lower("name") if kind == "name" else F(kind))
            .filter(said__among=values)
            .values_list("pk", "said")
        ]
        rows = {row.pk: row for row in Organisation.objects.filter(pk__among={number for *_, number in found})}
        named_so = [rows[number] for kind, _, number in found if kind == "name"]
        by_key = {("name", row.name.lower()): row for row in sorted(named_so, key=_stands_last)}
        by_key.update({(kind, value): rows[number] for kind, value, number in found if kind != "name"})
        self._follow(by_key)
        for row in own:
            if row is not None and row.pk and row.name == row.domain:
                self._one(row)
        self.stated, claimed = queries.told_of(self.by_id)
        self.claimed = {id(row) for pk, row in self.by_id.items() if pk in claimed}

    def _follow(self, rows: Mapping[Key, Organisation]) -> None:
        """Keep each under its key, and those that have taken them in instead of those that were merged."""
        known = {row.pk: row for row in rows.values()}
        while missing := {row.merged_into_id for row in known.values()} - {None, *known}:
            known.update(Organisation.objects.in_bulk(missing))
        for key, row in rows.items():
            while row.merged_into_id is not None:
                row = known[row.merged_into_id]
            self.by_key[key] = self._one(row)

    def _one(self, row: Organisation) -> Organisation:
        return self.by_id.setdefault(row.pk, row)

    def resolve(
        self,
        named: Named,
        traits: Mapping[str, str],
        own: Organisation | None,
        now: datetime,
        *,
        overwrite: bool = False,
        trusted: bool = True,
    ) -> Organisation | None:
        """The organisation that this names, made if it is new, and told what is said of it; None: none is named.

        `own`: where this person is known to work; it takes a name or an id that nobody has, as long as it has none.
        `overwrite`: what is said replaces what stands, save the keys by which it is found and what a colleague wrote.
        `trusted`: who says so is believed. A claim tells nothing of a company that somebody believed has named.
        """
        keys = self.keys.get(id(named)) or keys_of(named)
        if not keys:
            return None
        said = dict(keys)
        one, above = self._meant(keys, said)
        if one is None and above is None and own is not None and own.external_id is None and own.name == own.domain:
            one = self._one(own) if own.pk else own
        if one is None:
            one = self._new(traits, said, above)
            one.created_at = now
            self.claimed.add(id(one))
        if trusted:
            self._believe(one)
        elif id(one) not in self.claimed:
            return one
        if one.name == one.domain:  # known by its mail addresses only until now
            self._write(one, "name", traits.get("organisation", one.name)[:200])
        self._fill(one, said, traits, overwrite=overwrite, trusted=trusted)
        for key in keys:
            self.by_key.setdefault(key, one)
        if trusted and (key_above := key_of_parent(traits)):
            self._stand_below(one, key_above, traits["parent_organisation"], now)
        return one

    def _believe(self, one: Organisation) -> None:
        if id(one) in self.claimed:
            self.claimed.remove(id(one))
            self.believed += [one.pk] if one.pk else []

    def _stand_below(self, one: Organisation, key: Key, text: str, now: datetime) -> None:
        """What a file says stands above; what stands there already stays, and so does what a colleague wrote."""
        if one.parent_id or one.parent or (one.pk, "parent") in self.stated:
            return
        above = self.by_key.get(key)
        if above is None:
            above = self.make()
            above.name, above.created_at = text[:200], now
            if key[0] != "name":
                setattr(above, *key)
            self.created.append(above)
            self.by_key[key] = above
        if not self._stands_above(one, above):
            self._write(one, "parent", above)
            self.below.append(one)

    def _stands_above(self, one: Organisation, other: Organisation) -> bool:
        """Whether `other` is this one or somewhere below it, also by what this batch says."""
        at: Organisation | None = other
        for _ in range(HIGHEST):
            if at is None or at is one or (at.pk and at.pk == one.pk):
                return at is not None
            if at.parent_id in self.by_id:
                at = self.by_id[at.parent_id]
            else:
                at = self._one(at.parent) if at.parent is not None and at.parent.pk else at.parent
        return True

    def _meant(self, keys: list[Key], said: Mapping[str, str]) -> tuple[Organisation | None, Organisation | None]:
        """The organisation that these keys mean, or None and the one above the new one that they mean.

        Another SIRET than its seat's is a site of a company; another SIREN is another company, of one group when both
        have the same domain.
        """
        found = next(((kind, self.by_key[kind, value]) for kind, value in keys if (kind, value) in self.by_key), None)
        if found is None:
            return None, None
        kind, one = found
        siren, siret = said.get("siren", ""), said.get("siret", "")
        if kind == "siren" and siret and one.siret and one.siret != siret:
            return None, one
        if kind in ("domain", "name") and siren and siren != one.number != "":
            return None, one if kind == "domain" else None
        return one, None

    def _new(self, traits: Mapping[str, str], said: Mapping[str, str], above: Organisation | None) -> Organisation:
        name = traits.get("organisation") or (above.name if above else "")
        name = name or said.get("domain") or said.get("external_id") or said["siren"]
        one = self.make()
        one.name = name[:200]
        if above is not None:
            one.parent = above
            self.below.append(one)
            if said.get("siren") == above.number:
                one.siret = said["siret"]
        self.created.append(one)
        return one

    def _fill(
        self, one: Organisation, said: Mapping[str, str], traits: Mapping[str, str], *, overwrite: bool, trusted: bool
    ) -> None:
        for column in UNIQUE:
            key = said.get(column)
            free = key and not getattr(one, column) and (column, key) not in self.by_key and _may_have(one, column)
            if free and (one.pk, column) not in self.stated:
                self._write(one, column, key)
        for trait, column in ORGANISATION_FIELDS.items():
            if not traits.get(trait) or (column == "tier" and not trusted):
                continue
            stands = getattr(one, column)
            value = None if stands and not overwrite else value_of(trait, column, traits)
            if value and value != stands and (one.pk, column) not in self.stated:
                self._write(one, column, value[: ROOM[column]] if isinstance(value, str) else value)
        if one.postal_code and not one.region and (region := region_of(one.country, one.postal_code)):
            self._write(one, "region", region)

    def _write(self, one: Organisation, column: str, value: str | int | Organisation | None) -> None:
        """Of one that is known, what stood there before this batch is kept."""
        if one.pk and one.pk not in self.changed:
            self.before[one.pk] = {name: getattr(one, name) for name in WRITTEN}
            self.changed[one.pk] = one
        setattr(one, column, value)

    def save(self) -> None:
        """Write what is new and what has changed; new organisations know their numbers from here on."""
        number_each(self.created)
        for one in self.below:
            one.parent = one.parent  # takes the number that it has now
        self._open_circles()
        add_each(self.created)
        OrganisationFact.objects.bulk_create(claim(one) for one in self.created if id(one) in self.claimed)
        if self.believed:
            vouch_for(self.believed)
        update_each((self.changed[pk] for pk in {pk for pk, *_ in self.changes()}), WRITTEN)

    def _open_circles(self) -> None:
        """Somebody else may have moved companies since these were read; who would stand above itself stays put."""
        moved = [one for one in self.below if one.pk in self.changed]
        if not moved:
            return
        one_at_a_time()
        above = {**queries.parents(), **{one.pk: one.parent_id for one in self.created}}
        for one in moved:
            if one.parent_id is not None and makes_a_circle(one.pk, one.parent_id, above):
                one.parent_id = self.before[one.pk]["parent_id"]
            above[one.pk] = one.parent_id

    @property
    def told_more(self) -> frozenset[int]:
        """The known ones of which something has changed that tells how well all their people fit."""
        return frozenset(pk for pk, column, *_ in self.changes() if column in MEASURED)

    def changes(self) -> Iterator[tuple[int, str, Any, Any]]:
        """Each value of a known organisation that is another now: its id, the column, before and after."""
        for pk, row in self.changed.items():
            for column, value in self.before[pk].items():
                if value != getattr(row, column):
                    yield pk, column, value, getattr(row, column)


def _stands_last(row: Organisation) -> tuple[bool, int]:
    """The last of one name is the one that counts: the eldest that was not merged."""
    return row.merged_into_id is None, -row.pk


def _may_have(one: Organisation, column: str) -> bool:
    """A site has neither the number nor the mail domain of its company."""
    return column not in ("siren", "domain") or not one.is_site


# By hand


class NotStated(Incomplete):
    """What a colleague says of an organisation cannot stand: a sentence for each field."""


@transaction.atomic
def state(
    *, organisation: Organisation, said: Mapping[str, str], reason: str = "", by: User, now: datetime
) -> frozenset[str]:
    """A colleague writes these fields of an organisation; returns those that have changed.

    `said`: of queries.STATED, as typed; `parent` is what names the organisation above, "" for none. What is said by
    hand stays until a hand changes it. Raises NotStated; then nothing is written.
    """
    if "parent" in said:
        one_at_a_time()
    one = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    become, problems = queries.as_columns(one, said, reason)
    if problems:
        raise NotStated(problems)
    before = {column: getattr(one, column) for column in become}
    changed = {column: value for column, value in become.items() if value != before[column]}
    if not changed:
        return frozenset()
    fill(one, changed)
    if {"country", "postal_code"} & set(changed):
        fill(one, {"region": region_of(one.country, one.postal_code)})
    shown = {column: _shown(value) for column, value in changed.items() if column in queries.STATED}
    if "parent_id" in changed:
        shown["parent"] = one.parent.name if one.parent else ""
    vouch_for({one.pk, one.parent_id} - {None})
    OrganisationFact.objects.bulk_create(
        OrganisationFact(
            organisation=one, field=column, value=value[:500], origin="reported", source=by.name[:120],
            reason=reason[:300], at=now, by=by,
        )
        for column, value in shown.items()
    )  # fmt: skip
    detail = {column: [_shown(before.get(column, "")), value] for column, value in shown.items()}
    tell("organisation.stated", one, at=now, by=by, detail={"changed": detail, "reason": reason[:300]})
    return frozenset(shown)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
