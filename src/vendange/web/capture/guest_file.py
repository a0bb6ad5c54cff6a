"""A file of a show's organiser: who comes, or who was scanned. Read, checked row by row, taken in."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.agreement.sentence import Sentence
from vendange.capture.actions import close_batch, open_batch
from vendange.journey.telling import Collected, take_guests
from vendange.meet.rules import Days, Guest, RowRefused, columns_of, names_somebody, read_guest
from vendange.models import ImportBatch, TradeShow, User
from vendange.sheets.refusal import FileRefused
from vendange.sheets.refused import RefusedRows
from vendange.sheets.sheet import Sheet, called_twice, open_any, rows_of
from vendange.words import said

BIGGEST: Final = 5_000_000
MOST_ROWS: Final = 20_000
AT_ONCE: Final = 500
OURS: Final = "file.csv"  # a name from outside may be longer than a disk takes
BASES: Final = [
    ("consent", gettext_lazy("They agreed")),
    ("informed", gettext_lazy("They were informed and could refuse (professionals only)")),
]


class GuestFile(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File (CSV)"),
        help_text=gettext_lazy("With a time for each row: scans. Without: people expected, and no signal."),
    )
    collected_by = forms.CharField(
        label=gettext_lazy("Who collected it"),
        max_length=200,
        help_text=gettext_lazy("The organiser, or us with their scanners."),
    )
    basis = forms.ChoiceField(label=gettext_lazy("On which basis"), choices=BASES, widget=forms.RadioSelect)
    wording = forms.CharField(
        label=gettext_lazy("What the visitors were told"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Word for word: it is kept with each person as the proof."),
    )
    professional = forms.BooleanField(label=gettext_lazy("All of them came for their work"), required=False)

    def clean_file(self) -> Any:
        found = self.cleaned_data["file"]
        if (found.size or 0) > BIGGEST:
            raise forms.ValidationError(_("This file is larger than 5 MB: take it in with `vendange import`."))
        return found


@dataclass(slots=True)
class Taken:
    """What became of a file: rows = added + known + refused. `read`, `left_out`: names of its columns."""

    batch: ImportBatch
    scans: bool
    read: Sequence[str]
    left_out: Sequence[str]
    rows: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0
    leads: int = 0
    first: Sequence[tuple[int, str]] = ()


def take(form: GuestFile, show: TradeShow, by: User, now: datetime) -> Taken | None:
    """What came of it; None when the file as a whole is refused, which the form then says."""
    given = form.cleaned_data
    collected = Collected(
        given["collected_by"].strip(), given["basis"], given["wording"].strip(), professional=given["professional"]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / OURS
        path.write_bytes(given["file"].read())
        name = (given["file"].name or OURS)[:200]
        try:
            sheet = open_any(path, columns=())
            columns = columns_of(sheet.header)
            check(sheet, columns)
            return Intake(sheet, name, columns, show, collected, by, now).run()
        except FileRefused as refused:
            form.add_error("file", [_said_of(name, problem) for problem in refused.problems])
            return None


def _said_of(name: str, problem: str) -> str:
    """The sentence speaks of the file by its own name, not by that under which we keep it for a moment."""
    if not isinstance(problem, Sentence):
        return problem
    values = {**problem.values, "file": name} if "file" in problem.values else problem.values
    return said(Sentence(problem.template, values))


def check(sheet: Sheet, columns: Mapping[str, int]) -> None:
    used = [sheet.header[place] for place in columns.values()]
    twice = [called_twice(name) for name in used if sheet.header.count(name) > 1]
    if twice:
        raise FileRefused(*twice)
    if not names_somebody(columns):
        raise FileRefused(
            _("No column says who the visitors are. Name one “E-mail”, or “Badge”, or “Name” and “Company”.")
        )
    if sheet.rows > MOST_ROWS:
        told = _("This file has more than %(n)s rows: take it in with `vendange import`.")
        raise FileRefused(told % {"n": MOST_ROWS})


def fitted(row: list[str], width: int, whole: int) -> list[str]:
    """Without the cells behind the last column that has a name, unless there are more than the first line has."""
    return row if any(cell.strip() for cell in row[whole:]) else row[:width]


@dataclass(frozen=True, slots=True)
class Intake:
    """One file on its way in. The same file again adds nothing."""

    sheet: Sheet
    name: str
    columns: Mapping[str, int]
    show: TradeShow
    collected: Collected
    by: User
    now: datetime

    def run(self) -> Taken:
        batch = self._open()
        used = sorted(self.columns.values())
        names = [self.sheet.header[place] for place in used]
        rest = [place for place in range(len(self.sheet.header)) if place not in used]
        left_out = [self.sheet.header[place] or _("column %(n)s") % {"n": place + 1} for place in rest]
        taken = Taken(batch, bool({"at", "hour"} & self.columns.keys()), names, left_out)
        kept = Path(settings.HOME) / "refused" / f"{self.show.public_id}-{batch.pk}.csv"
        status = "stopped"
        try:
            with RefusedRows(self.sheet, kept) as refused:
                rows = rows_of(self.sheet)
                while some := list(islice(rows, AT_ONCE)):
                    self._take(some, refused, taken)
            status = "done"
        finally:
            taken.refused, taken.first = refused.count, refused.first
            self._close(taken, status, refused.written)
        return taken

    def _open(self) -> ImportBatch:
        return open_batch(
            file_name=self.name,
            file_sha=self.sheet.sha,
            map_name=self.show.name,
            map_sha=str(self.show.public_id),
            by=self.by,
            now=self.now,
        )

    def _close(self, taken: Taken, status: str, refused_file: str) -> None:
        close_batch(
            batch=taken.batch,
            status=status,
            rows=taken.rows,
            added=taken.added,
            known=taken.known,
            refused=taken.refused,
            refused_file=refused_file,
            now=timezone.now(),
        )

    def _take(self, rows: Sequence[tuple[int, list[str]]], refused: RefusedRows, taken: Taken) -> None:
        days = Days(self.show.from_day, self.show.to_day, timezone.get_default_timezone())
        guests: list[Guest] = []
        theirs: list[tuple[int, list[str]]] = []
        width = 1 + max(place for place, name in enumerate(self.sheet.header) if name)
        for line, row in rows:
            cells = fitted(row, width, len(self.sheet.header))
            try:
                guests.append(read_guest(cells, self.columns, width=width, days=days, now=self.now))
                theirs.append((line, row))
            except RowRefused as wrong:
                refused.add(line, row, said(wrong))
        came = take_guests(
            show=self.show, guests=guests, collected=self.collected, batch=taken.batch, by=self.by, now=self.now
        )
        for place, why in (came.refused or {}).items():
            refused.add(*theirs[place], said(why))
        taken.rows += len(rows)
        taken.added += came.added
        taken.known += came.known
        taken.leads += came.leads
