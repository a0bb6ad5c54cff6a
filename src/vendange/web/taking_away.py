"""Lists of people and organisations as files for a spreadsheet, as they are narrowed. The trail says who took one."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, cast

from django.db.models import Model, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET

from vendange.find.actions import note_taken
from vendange.find.queries import Wanted, search_for, wanted_rows
from vendange.identify import queries
from vendange.web.access import Request, allow
from vendange.web.narrowing import is_id, wanted_of

MAY_EXPORT: Final = ("marketing", "manager", "admin")
AT_ONCE: Final = 1_000  # rows that are held in memory
NUMBER: Final = re.compile(r"[+-]?\d[\d ]*([.,]\d+)?")
BEGINS: Final = frozenset("=+-@＝＋－＠")
SPLITS: Final = re.compile(r"([;|\t\r\n\v\f\x85\u2028\u2029])")  # where some spreadsheet begins a new cell
COVER: Final = " \u00a0\u202f\u200b\ufeff\"'"  # what may stand before a formula
Cell = Callable[[Any], object]
PEOPLE: Final[Mapping[str, Cell]] = {
    "id": lambda one: one.public_id,
    "first_name": lambda one: one.first_name,
    "last_name": lambda one: one.last_name,
    "email": lambda one: one.email,
    "phone": lambda one: one.phone or one.phone_raw,
    "job_title": lambda one: one.job_title,
    "level": lambda one: one.level,
    "role": lambda one: one.role,
    "language": lambda one: one.language,
    "country": lambda one: one.country,
    "regime": lambda one: one.regime,
    "source": lambda one: one.source,
    "relationship": lambda one: one.relationship,
    "temperature": lambda one: one.measure.temperature if hasattr(one, "measure") else "",
    "grade": lambda one: one.measure.grade if hasattr(one, "measure") else "",
    "company": lambda one: one.organisation.name if one.organisation else "",
    "domain": lambda one: one.organisation.domain if one.organisation else "",
    "tier": lambda one: one.organisation.tier if one.organisation else "",
    "created_at": lambda one: one.created_at,
    "last_signal_at": lambda one: one.last_signal_at,
}
ORGANISATIONS: Final[Mapping[str, Cell]] = {
    "id": lambda one: one.public_id,
    "name": lambda one: one.name,
    "domain": lambda one: one.domain,
    "registry_number": lambda one: one.registry_number,
    "external_id": lambda one: one.external_id,
    "country": lambda one: one.country,
    "postal_code": lambda one: one.postal_code,
    "city": lambda one: one.city,
    "region": lambda one: one.region,
    "industry": lambda one: one.industry,
    "no_of_employees": lambda one: one.employees,
    "tier": lambda one: one.tier,
    "temperature": lambda one: one.heat.temperature if hasattr(one, "heat") else "",
    "created_at": lambda one: one.created_at,
}


class _Line:
    """What `csv` writes into, and takes out of at once."""

    def write(self, text: str) -> str:
        return text


def harmless(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, also one that splits it at a semicolon, a tab or a new line.

    Numbers, telephone numbers among them, stay as they are.

    >>> harmless("=1+1"), harmless("+33612345678"), harmless("@SUM(A1)"), harmless("-2+3"), harmless("-12,5")
    ("'=1+1", '+33612345678', "'@SUM(A1)", "'-2+3", '-12,5')
    >>> harmless("x;=1+1"), harmless("x;+33612345678")
    ("x;'=1+1", 'x;+33612345678')
    """
    text = "" if value is None else str(value)
    if text[:1] in {"\t", "\r", "\n"}:
        text = f"'{text}"
    return "".join(map(_plain, SPLITS.split(text)))


def _plain(part: str) -> str:
    return f"'{part}" if part.lstrip(COVER)[:1] in BEGINS and not NUMBER.fullmatch(part.strip()) else part


@allow(*MAY_EXPORT)
@require_GET
def people(request: Request) -> HttpResponse:
    rows = queries.visible_to(request.user).select_related("organisation", "measure").defer("measure__lines")
    return _taken(request, "person", "people", rows, PEOPLE)


@allow(*MAY_EXPORT)
@require_GET
def organisations(request: Request) -> HttpResponse:
    rows = queries.organisations_visible_to(request.user).select_related("heat")
    return _taken(request, "organisation", "organisations", rows, ORGANISATIONS)


def _taken(request: Request, kind: str, called: str, rows: QuerySet[Any], columns: Mapping[str, Cell]) -> HttpResponse:
    """The line of the trail is written before the first row leaves."""
    now = timezone.now()
    wanted: Wanted = wanted_of(request.GET, kind)
    found = wanted_rows(rows, kind, wanted, search_for(kind, wanted.q)).order_by("pk")
    asked: dict[str, Any] = {name: value for name, value in asdict(wanted).items() if value}
    if "ticked" in request.GET:
        ticked = [one for one in request.GET.getlist("one") if is_id(one)]
        found, asked = found.filter(public_id__in=ticked), {**asked, "ticked": len(ticked)}
    note_taken(called, asked, found.count(), by=request.user, now=now)
    name = f"{called}-{localtime(now):%Y-%m-%d-%H%M}.csv"
    answer = StreamingHttpResponse(_lines(found, columns), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return cast(HttpResponse, answer)


def _lines(rows: QuerySet[Model], columns: Mapping[str, Cell]) -> Iterator[str]:
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + _said(writer, list(columns))
    for one in rows.iterator(chunk_size=AT_ONCE):
        yield _said(writer, [harmless(_written(cell(one))) for cell in columns.values()])


def _said(writer: Any, cells: Sequence[str]) -> str:
    return str(writer.writerow(cells))


def _written(value: object) -> object:
    """Times as ISO 8601, to the second."""
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
