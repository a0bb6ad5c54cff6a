"""The files of networks that are installed and what they say; what was recognised, and what never may be."""

import json
import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import maxminddb
from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from vendange.models import Informed, NotRevealed, Organisation, Revealed, Signal
from vendange.reveal.rules import HIGH, Barred, Company, address_of, company_of, read, together

log = logging.getLogger(__name__)
SUFFIX: Final = ".mmdb"
OLD: Final = timedelta(days=60)  # networks change hands: beyond, a file misleads
SPECIFIC: Final = ("enterprise", "company", "isp", "domain", "connection", "anonymous", "privacy", "asn")
PAGES_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class File:
    """One installed file; `about` is what was learnt of it when it was added."""

    path: Path
    kind: str
    built_at: datetime
    added_at: datetime
    fields: Sequence[str]
    networks: int
    broken: bool = False

    def is_old(self, now: datetime) -> bool:
        return now - self.built_at > OLD


@dataclass(slots=True)
class _Reader:
    name: str
    reader: Any
    providers: frozenset[str]
    complained: bool = field(default=False)

    def __del__(self) -> None:
        """Only once nobody reads it any more: others may be in the middle of a lookup when it is replaced."""
        self.reader.close()

    def say(self, ip: str) -> tuple[Mapping[str, str], int] | None:
        """What it says of an address. A file that breaks while we read says nothing, and never stops us."""
        try:
            record, length = self.reader.get_with_prefix_len(ip)
        except Exception as fault:
            if not self.complained:
                log.error("%s cannot be read any more (%s). Add it again: vendange companies add", self.name, fault)
            self.complained = True
            return None
        if not isinstance(record, dict):
            return None
        length = length - 96 if "." in ip and length > 32 else length
        return read(record), length


def folder() -> Path:
    """Where the files stand; made when the first is added."""
    return Path(settings.HOME) / "companies"


def about(path: Path) -> Mapping[str, Any]:
    """What was learnt of a file when it was added; empty when that was lost."""
    try:
        found = json.loads(path.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def paths() -> list[Path]:
    """The files, the one that says most of companies first."""
    found = sorted(folder().glob(f"*{SUFFIX}"))
    return sorted(found, key=lambda path: next((n for n, w in enumerate(SPECIFIC) if w in path.name.lower()), 99))


def files() -> list[File]:
    return [_file(path) for path in paths()]


def _file(path: Path) -> File:
    told = about(path)
    added = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    try:
        with maxminddb.open_database(path) as reader:
            meta = reader.metadata()
        built, kind, broken = datetime.fromtimestamp(meta.build_epoch, UTC), str(meta.database_type), False
    except Exception:
        built, kind, broken = added, path.stem, True
    return File(path, kind, built, added, tuple(told.get("fields", ())), int(told.get("networks", 0)), broken)


_lock = threading.Lock()
_open: tuple[object, list[_Reader]] = (None, [])


def _readers() -> list[_Reader]:
    """Those of the files as they are now. A file that was replaced is opened anew; who reads the old one goes on."""
    global _open
    signature = [(path, *_stamp(path)) for path in paths()]
    if _open[0] != signature:
        with _lock:
            _open = (signature, [one for path, *_ in signature if (one := _reader(path))])
    return _open[1]


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


def _reader(path: Path) -> _Reader | None:
    """Read call by call, not mapped into memory: a file that somebody cuts short is then a fault, not our death."""
    try:
        maxminddb.open_database(path).close()  # the plain reader below leaves a damaged file open
        reader = maxminddb.open_database(path, maxminddb.MODE_FILE)
    except Exception as fault:
        log.error("%s cannot be opened (%s). Add it again: vendange companies add", path.name, fault)
        return None
    return _Reader(path.name, reader, frozenset(about(path).get("providers", ())))


def is_ready() -> bool:
    """Whether there is a file to look in; asks no database."""
    return bool(_readers())


def companies_at(addresses: Collection[str]) -> dict[str, Company]:
    """What these addresses come to, by address; private ones and those that are none are left out."""
    readers = _readers()
    providers = frozenset().union(*(one.providers for one in readers))
    found = {}
    for text in addresses:
        address = address_of(text)
        if address is not None and text not in found:
            said = [told for one in readers if (told := one.say(str(address))) is not None]
            found[text] = company_of(together(said, address), providers)
    return found


def informed() -> Informed | None:
    """Who has confirmed that visitors are told, while that stands."""
    return Informed.objects.filter(ended_at=None).select_related("by").order_by("-at").first()


def barred() -> list[NotRevealed]:
    """What is never recognised, the newest first; those that have ended are left out."""
    return list(NotRevealed.objects.filter(ended_at=None).select_related("by").order_by("-at", "-pk"))


def as_rules(rows: Collection[NotRevealed]) -> list[Barred]:
    return [Barred(one.network, one.name, one.reason) for one in rows]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; "" and 0 are everything."""

    q: str = ""
    known: str = ""  # yes | no
    sure: str = ""  # high
    days: int = 0


@dataclass(slots=True)
class Line:
    """One company that was seen from its networks."""

    name: str
    domain: str
    confidence: float
    organisation: Organisation | None
    visitors: int
    visits: int
    first_at: datetime
    last_at: datetime
    because: Sequence[str] = ()
    networks: Sequence[str] = ()
    pages: Sequence[tuple[str, int]] = ()


def narrowed(wanted: Wanted, now: datetime) -> QuerySet[Revealed]:
    rows = Revealed.objects.all()
    for word in wanted.q.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(domain__icontains=word))
    if wanted.known:
        rows = rows.filter(organisation__isnull=wanted.known == "no")
    if wanted.sure == "high":
        rows = rows.filter(confidence__gte=HIGH)
    if wanted.days:
        rows = rows.filter(last_at__gte=now - timedelta(days=wanted.days))
    return rows


def seen(wanted: Wanted, now: datetime, offset: int, limit: int) -> list[Line]:
    """Companies, the last seen first; each with its networks, why, and the pages that were read most."""
    grouped = (
        narrowed(wanted, now)
        .values("name", "domain")
        .annotate(
            sure=Max("confidence"),
            visitors=Count("person", distinct=True),
            times=Sum("visits"),
            first=Min("first_at"),
            last=Max("last_at"),
        )
        .order_by("-last", "name")[offset : offset + limit]
    )
    lines = {
        (row["name"], row["domain"]): Line(
            row["name"], row["domain"], row["sure"], None, row["visitors"], row["times"], row["first"], row["last"]
        )
        for row in grouped
    }
    _complete(lines)
    return list(lines.values())


MOST_VISITORS: Final = 2_000  # of one page of the list, whose pages are counted


def _complete(lines: Mapping[tuple[str, str], Line]) -> None:
    names = {name for name, _ in lines}
    rows = Revealed.objects.filter(name__in=names).select_related("organisation").order_by("-last_at")[:MOST_VISITORS]
    of_person: dict[int, list[Line]] = {}
    for row in rows:
        line = lines.get((row.name, row.domain))
        if line is None:
            continue
        line.organisation = line.organisation or row.organisation
        if not line.because or row.confidence == line.confidence:
            line.because = row.because
        if row.network not in line.networks:
            line.networks = [*line.networks, row.network]
        of_person.setdefault(row.person_id, []).append(line)
    counts: dict[int, dict[str, int]] = {}
    for person, path, times in _read_pages(of_person):
        for line in of_person[person]:
            mine = counts.setdefault(id(line), {})
            mine[path] = mine.get(path, 0) + times
    for line in lines.values():
        pages = counts.get(id(line), {})
        line.pages = sorted(pages.items(), key=lambda page: (-page[1], page[0]))[:PAGES_NAMED]


def _read_pages(people: Collection[int]) -> Sequence[tuple[int, str, int]]:
    rows = Signal.objects.filter(person_id__in=people, kind="page_viewed").exclude(verdict="machine").exclude(path="")
    return list(rows.values_list("person_id", "path").annotate(times=Count("pk")).order_by())


def how_many(wanted: Wanted, now: datetime) -> int:
    """Companies that the list has."""
    return narrowed(wanted, now).values("name", "domain").distinct().count()


def of_organisation(organisation: Organisation, limit: int) -> Sequence[Revealed]:
    """Visitors from its networks, the last seen first."""
    rows = Revealed.objects.filter(organisation=organisation).select_related("person")
    return list(rows.order_by("-last_at")[:limit])
