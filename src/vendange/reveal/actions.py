"""Writes what was recognised, what never may be, who confirmed that visitors know; adds and removes files."""

import json
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import maxminddb
from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.models import Informed, NotRevealed, Organisation, Person, Revealed, User
from vendange.models.each import add_each, update_each
from vendange.models.trail import record as tell
from vendange.reveal.queries import SUFFIX, File, files, folder
from vendange.reveal.rules import Company, compact, network_of, overlap, read, same_house

SAME_VISIT: Final = timedelta(minutes=30)
PATIENCE: Final = 20.0  # seconds for which a file is read through before it is believed
MOST_PROVIDERS: Final = 50_000
CHUNK: Final = 1 << 20
USEFUL: Final = frozenset({"organisation", "domain", "isp", "carrier", "connection", "user", "flag.anonymous"})
REASONS: Final = ("office", "provider", "objection")


class CannotRead(Cannot):
    """This file is not one of networks, is damaged, or says nothing of companies."""


class CannotBar(Cannot):
    """Nothing is named that could be left out."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page seen by somebody from the network of a company."""

    person: Person
    company: Company
    organisation: Organisation | None
    at: datetime


def add_file(stream: BinaryIO, *, by: User | None, now: datetime) -> File:
    """Read a file through, then put it in place of the one of its kind, at once for all; raises CannotRead."""
    folder().mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder(), prefix=".new-")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(CHUNK):
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        kind, about = _examined(fresh)
        place = folder() / (re.sub(r"[^A-Za-z0-9-]+", "-", kind).strip("-")[:80] + SUFFIX)
        _put(json.dumps(about).encode(), place.with_suffix(".json"))
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
    added = next(one for one in files() if one.path == place)
    _told("companies.file_added", {"file": place.name, "built": added.built_at.isoformat()}, by=by, now=now)
    return added


def _put(content: bytes, place: Path) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as target:
        target.write(content)
    Path(name).replace(place)


def _examined(path: Path) -> tuple[str, dict[str, Any]]:
    """The kind of a file and what it knows; raises CannotRead."""
    try:
        with maxminddb.open_database(path) as reader:
            kind = str(reader.metadata().database_type)
            about = _read_through(reader)
    except CannotRead:
        raise
    except Exception:  # the library raises whatever a damaged file makes it stumble over
        raise CannotRead(
            sentence("This file is damaged, or is no file of networks (.mmdb). Download it again, unpacked.")
        ) from None
    if not USEFUL & set(about["fields"]):
        raise CannotRead(
            sentence(
                "{kind} says nothing of companies or providers. Give a file such as GeoIP2 ISP, Domain or Enterprise.",
                kind=kind,
            )
        )
    return kind, about


def _read_through(reader: Any) -> dict[str, Any]:
    """Every network, for as long as we have patience: its fields, and who is the provider of somebody else."""
    until, count = time.monotonic() + PATIENCE, 0
    fields: set[str] = set()
    providers: set[str] = set()
    for _, record in reader:
        count += 1
        if isinstance(record, dict):
            found = read(record)
            fields |= set(found)
            isp, name = found.get("isp", ""), found.get("organisation", "")
            if isp and name and len(providers) < MOST_PROVIDERS and not same_house(isp, name):
                providers.add(compact(isp))
        if not count % 1000 and time.monotonic() > until:
            break
    return {"fields": sorted(fields), "networks": count, "providers": sorted(providers - {""})}


def remove_file(name: str, *, by: User | None, now: datetime) -> bool:
    """Whether there was one of that name (with or without .mmdb). Who has it open reads on until it looks again."""
    place = next((one.path for one in files() if name in (one.path.name, one.path.stem)), None)
    if place is None:
        return False
    place.unlink(missing_ok=True)
    place.with_suffix(".json").unlink(missing_ok=True)
    _told("companies.file_removed", {"file": place.name}, by=by, now=now)
    return True


def record(visits: Sequence[Visit]) -> None:
    """Count visits: one for all that somebody does within half an hour. Two questions, whatever their number."""
    people = {one.person.pk for one in visits}
    known = {(row.person_id, row.network): row for row in Revealed.objects.filter(person_id__in=people)}
    fresh: dict[tuple[int, str], Revealed] = {}
    changed: dict[int, Revealed] = {}
    for one in sorted(visits, key=lambda visit: visit.at):
        key = (one.person.pk, one.company.network)
        row = known.get(key) or fresh.get(key)
        if row is None:
            row = fresh[key] = Revealed(person=one.person, network=key[1], first_at=one.at, last_at=one.at)
            row.visits = 1
        elif one.at > row.last_at + SAME_VISIT or one.at < row.first_at - SAME_VISIT:
            row.visits += 1
        row.first_at, row.last_at = min(row.first_at, one.at), max(row.last_at, one.at)
        row.organisation, row.because = one.organisation, list(one.company.because)
        row.name, row.domain = one.company.name[:200], one.company.domain[:190]
        row.confidence = one.company.confidence
        if row.pk:
            changed[row.pk] = row
    add_each(fresh.values())
    columns = ["organisation", "name", "domain", "confidence", "because", "visits", "first_at", "last_at"]
    update_each(changed.values(), columns)


def belongs(rows: Iterable[Revealed], organisation: Organisation) -> None:
    """These visits are of this organisation."""
    changed = list(rows)
    for row in changed:
        row.organisation = organisation
    update_each(changed, ["organisation"])


def bar(*, network: str, name: str, reason: str, by: User | None, now: datetime) -> tuple[NotRevealed, list[int]]:
    """Never recognise this network or this name again; what was recognised is removed. Returns whom that concerns."""
    given = network_of(network) if network.strip() else None
    if network.strip() and (given is None or given.prefixlen < (8 if given.version == 4 else 16)):
        raise CannotBar(
            sentence("{network} is no network. Write an address, or a network such as 203.0.113.0/24.", network=network)
        )
    if given is None and not name.strip():
        raise CannotBar(sentence("Name a network, or the name or domain of a company."))
    row = NotRevealed.objects.create(
        network=str(given) if given else "", name="" if given else name.strip().casefold()[:200], reason=reason, at=now,
        by=by,
    )  # fmt: skip
    people = _forget(row)
    tell("companies.barred", row, at=now, by=by, detail={"network": row.network, "name": row.name, "reason": reason})
    return row, people


def _forget(row: NotRevealed) -> list[int]:
    if row.network:
        networks = Revealed.objects.values_list("network", flat=True).distinct().order_by()
        rows = Revealed.objects.filter(network__in=[one for one in networks if overlap(one, row.network)])
    else:
        rows = Revealed.objects.filter(name__iexact=row.name) | Revealed.objects.filter(domain=row.name)
    people = list(rows.values_list("person_id", flat=True).distinct())
    rows.delete()
    return people


def end(row: NotRevealed, *, by: User | None, now: datetime) -> None:
    """From now on it may be recognised again; ending twice is ending once."""
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        tell("companies.allowed", row, at=now, by=by, detail={"network": row.network, "name": row.name})


def forget_those_who_said(people: Collection[int]) -> None:
    """Visits of people who have said since that they work elsewhere, or whose company is known better than this."""
    rows = Revealed.objects.filter(person_id__in=people, person__organisation__isnull=False)
    rows.filter(person__organisation_confidence__isnull=True).delete()


def forget_old(before: datetime, limit: int) -> list[int]:
    """Visits that ended before this moment are removed; returns whose they were."""
    rows = list(Revealed.objects.filter(last_at__lt=before).order_by("last_at").values_list("pk", "person_id")[:limit])
    Revealed.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
    return [person for _, person in rows]


def suggest_employers(found: Iterable[tuple[Person, Organisation, float]]) -> frozenset[int]:
    """What the network of a visit says of where somebody works, and how sure that is. No fact is kept.

    Returns the organisations for which they counted before.
    """
    changed, lost = list[Person](), set[int]()
    for person, organisation, confidence in found:
        if person.organisation_id and person.organisation_id != organisation.pk:
            lost.add(person.organisation_id)
        person.organisation, person.organisation_confidence = organisation, confidence
        changed.append(person)
    update_each(changed, ["organisation", "organisation_confidence"])
    return frozenset(lost)


def add_organisation(*, name: str, domain: str, by: User, now: datetime) -> Organisation:
    """One that a colleague names; its domain is verified and new (`journey.revealing`)."""
    made = Organisation.objects.create(name=name.strip()[:200], domain=domain, created_at=now)
    tell("organisation.added", made, at=now, by=by, detail={"name": made.name, "domain": domain})
    return made


def forget_suggested(person_ids: Collection[int]) -> frozenset[int]:
    """Undo it for those of whom nothing better is known; returns the organisations that lose somebody."""
    rows = Person.objects.filter(pk__in=person_ids, organisation_confidence__isnull=False)
    lost = frozenset(rows.values_list("organisation_id", flat=True)) - {None}
    rows.update(organisation=None, organisation_confidence=None)
    return lost


@transaction.atomic
def turn_on(*, notice: str, by: User, now: datetime) -> Informed:
    """Somebody confirms that visitors are told of it, and where; only from then on is anybody recognised (C43)."""
    Informed.objects.filter(ended_at=None).update(ended_at=now, ended_by=by)
    row = Informed.objects.create(notice=notice[:500], at=now, by=by)
    tell("companies.turned_on", row, at=now, by=by, detail={"notice": row.notice})
    return row


@transaction.atomic
def turn_off(*, by: User, now: datetime) -> None:
    for row in Informed.objects.filter(ended_at=None):
        row.ended_at, row.ended_by = now, by
        row.save(update_fields=["ended_at", "ended_by"])
        tell("companies.turned_off", row, at=now, by=by)


def _told(verb: str, detail: dict[str, str], *, by: User | None, now: datetime) -> None:
    """Files are no rows: their line hangs on the one who confirmed last, or on nobody's."""
    subject = Informed.objects.order_by("-at").first() or Informed(pk=0)
    tell(verb, subject, at=now, by=by, detail=detail)
