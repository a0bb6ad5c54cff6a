"""Writes organisations, by batch: one question to the database for each kind of key."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models.functions import Lower

from vendange.belong.rules import (
    ORGANISATION_FIELDS,
    ORGANISATION_TRAITS,
    Named,
    keys_of,
    region_of,
    whole_number,
)
from vendange.models import Organisation
from vendange.models.each import update_each
from vendange.models.fields import room

Key = tuple[str, str]
WRITTEN: Final = ("domain", "external_id", *ORGANISATION_FIELDS.values())


class Companies:
    """The organisations that one batch names: by domain, by their id elsewhere, else by exact name.

    Handed to `identify.find_or_create`, which asks for them in this order: `load` once, `resolve` for each row,
    `save` once.
    """

    def __init__(self) -> None:
        self.by_key: dict[Key, Organisation] = {}
        self.created: list[Organisation] = []
        self.changed: dict[int, Organisation] = {}
        self.before: dict[int, dict[str, Any]] = {}  # known ones that this batch means, as they stand
        self.by_id: dict[int, Organisation] = {}  # one object for all that a known one is found by
        self.told_more: set[int] = set()  # those whose profile has changed, for all their people

    def speaks_of_one(self, traits: Mapping[str, str]) -> bool:
        """Whether these traits say anything of a company."""
        return any(traits.get(trait) for trait in ORGANISATION_TRAITS)

    def load(self, named: Iterable[Named]) -> None:
        """All organisations that these may mean: one question for each kind of key."""
        wanted: dict[str, set[str]] = {"domain": set(), "external_id": set(), "name": set()}
        for one in named:
            for kind, value in keys_of(one):
                wanted[kind].add(value)
        if wanted["name"]:
            rows = Organisation.objects.annotate(folded=Lower("name")).filter(folded__in=list(wanted["name"]))
            self.by_key.update({("name", row.name.lower()): self._one(row) for row in rows.order_by("-id")})
        for kind in ("external_id", "domain"):
            if wanted[kind]:
                found = Organisation.objects.filter(**{f"{kind}__in": list(wanted[kind])})
                self.by_key.update({(kind, getattr(row, kind)): self._one(row) for row in found})

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
    ) -> Organisation | None:
        """The organisation that this names, made if it is new, and told what is said of it; None: none is named.

        `own`: where this person is known to work; it takes a name or an id that nobody has, as long as it has none.
        `overwrite`: what is said replaces what stands, save the keys by which it is found.
        """
        keys = keys_of(named)
        if not keys:
            return None
        one = next((self.by_key[key] for key in keys if key in self.by_key), None)
        if one is None and own is not None and own.external_id is None and own.name == own.domain:
            one = self._one(own) if own.pk else own
        if one is not None and one.pk:
            self.before.setdefault(one.pk, {column: getattr(one, column) for column in WRITTEN})
        if one is not None and one.name == one.domain:  # known by its mail addresses only until now
            one.name = traits.get("organisation", one.name)[:200]
        if one is None:
            said = traits.get("organisation") or dict(keys).get("domain") or dict(keys)["external_id"]
            one = Organisation(name=said[:200], created_at=now, domain=None, external_id=None)
            self.created.append(one)
        self._fill(one, dict(keys), traits, overwrite=overwrite)
        for key in keys:
            self.by_key.setdefault(key, one)
        return one

    def _fill(self, one: Organisation, keys: Mapping[str, str], traits: Mapping[str, str], *, overwrite: bool) -> None:
        changed = one.name != one.domain and one.name == traits.get("organisation", "")[:200]
        for name in ("domain", "external_id"):
            if keys.get(name) and not getattr(one, name) and (name, keys[name]) not in self.by_key:
                setattr(one, name, keys[name])
                changed = True
        for trait, column in ORGANISATION_FIELDS.items():
            value = whole_number(traits.get(trait, "")) if column == "employees" else traits.get(trait)
            if value and value != getattr(one, column) and (overwrite or not getattr(one, column)):
                setattr(one, column, value[: room(Organisation, column)] if isinstance(value, str) else value)
                changed = True
                if one.pk:
                    self.told_more.add(one.pk)
        if one.postal_code and not one.region:
            one.region = region_of(one.country, one.postal_code)
        if changed and one.pk:
            self.changed[one.pk] = one

    def save(self) -> None:
        """Write what is new and what has changed; new organisations know their numbers from here on."""
        Organisation.objects.bulk_create(self.created)
        update_each(self.changed.values(), WRITTEN)

    def changes(self) -> Iterator[tuple[int, str, Any, Any]]:
        """Each value of a known organisation that is another now: its id, the column, before and after."""
        for pk, row in self.changed.items():
            for column, value in self.before[pk].items():
                if value != getattr(row, column):
                    yield pk, column, value, getattr(row, column)
