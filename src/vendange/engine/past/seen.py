"""What the history itself is: when each kind of signal was first recorded, how much came in late, what rules read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from vendange.agreement.label import Label
from vendange.agreement.maturity import Act, EngagementRule, Topic
from vendange.agreement.terms import Agreement
from vendange.engine.history.manifest import BUCKETS
from vendange.engine.history.reading import manifest_of, tables_of
from vendange.engine.rows import DAY

NO_LABEL = Label("", "")


class First(NamedTuple):
    """When a kind was first recorded, how many signals of it there are, and in how many different weeks."""

    at: int
    signals: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Signals of machines are never in the history. `late`: received more than a day after they happened."""

    signals: int
    people: int  # with or without signals
    first_at: int | None
    last_at: int | None
    late: int
    kinds: Mapping[str, First]


def seen(folder: Path, until: int) -> Seen:
    """Of the signals before `until`; NoHistory when there is none to read."""
    signals, late, last = 0, 0, list[int]()
    firsts: dict[str, tuple[int, int]] = {}
    weeks: dict[str, set[int]] = {}
    for place in range(BUCKETS):
        table, _, _ = tables_of(folder, place, ["kind", "at", "received"], ["person"])
        table = table.filter(pc.less(table.column("at"), until))
        if not table.num_rows:
            continue
        signals += table.num_rows
        late += _count(pc.greater(pc.subtract(table.column("received"), table.column("at")), DAY))
        last.append(pc.max(table.column("at")).as_py())
        for kind, week, first, count in _by_week(table):
            known = firsts.get(kind, (first, 0))
            firsts[kind] = min(first, known[0]), known[1] + count
            weeks.setdefault(kind, set()).add(week)
    kinds = {kind: First(at, count, len(weeks[kind])) for kind, (at, count) in firsts.items()}
    first_at = min((one.at for one in kinds.values()), default=None)
    return Seen(signals, manifest_of(folder).people, first_at, max(last, default=None), late, kinds)


def _count(answers: pa.ChunkedArray) -> int:
    return int(pc.sum(pc.fill_null(answers, False)).as_py() or 0)


def _by_week(table: pa.Table) -> Iterator[tuple[str, int, int, int]]:
    """(kind, week, first time, signals) of each kind in each week of seven days since 1970."""
    week = pc.divide(table.column("at"), 7 * DAY)
    plain = pa.table({"kind": table.column("kind").cast(pa.string()), "week": week, "at": table.column("at")})
    for row in plain.group_by(["kind", "week"]).aggregate([("at", "min"), ("at", "count")]).to_pylist():
        yield row["kind"], row["week"], row["at_min"], row["at_count"]


def uses(agreement: Agreement) -> dict[str, set[object]]:
    """For each kind, all that the agreement does with its signals to call a human; labels and ids do not matter."""
    found: dict[str, set[object]] = {}
    items: list[EngagementRule | Act | Topic] = [*agreement.engagement, *agreement.acts, *_topics(agreement)]
    for item in items:
        for kind in item.on:
            found.setdefault(kind, set()).add(replace(item, id="", label=NO_LABEL))
    for pattern in agreement.patterns:
        for kind in {kind for term in pattern.terms for kind in term.on}:
            found.setdefault(kind, set()).add(replace(pattern, id="", label=NO_LABEL))
    return found


def _topics(agreement: Agreement) -> tuple[Topic, ...]:
    interests = agreement.interests
    calls = interests is not None and interests.change is not None and interests.change.lead_type
    return interests.topics if interests is not None and calls else ()
