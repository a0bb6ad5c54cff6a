"""The bench of segments: one filled from empty out of everybody, and what following who acts costs."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from vendange.bench.clock import alone, peak
from vendange.bench.database import Place, enter
from vendange.bench.result import Result
from vendange.bench.size import END

NOW: Final = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=END)
FILLED: Final = 10.0  # seconds at most, for a segment of 100,000
PEER: Final = 203  # members a second: Mautic, see docs/benchmarks.md
KEPT: Final = 20  # segments that are followed at once
ACTING: Final = (1, 100)  # people who act at once
FILLING: Final = """
who:
  person.country: [FR, BE, CH]
did:
  - on: page_viewed
    within: 365 days
    times: 4
did_not:
  - on: quote_requested
    within: 90 days
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds of filling, and of the bare count of what it looks at; milliseconds of each look, by people."""

    vendor: str
    filled: list[float]
    processor: list[float]  # of this process, seconds of each filling
    members: int
    limit: list[float]
    again: float
    looks: dict[int, list[float]]
    peak: float


def bench_segment(place: Place, rounds: int) -> list[Result]:
    """Fill segments out of a company that stands there, and follow people."""
    answer: Answer = alone(segmented, place, rounds)
    return _results(place.size.people, answer)


def segmented(place: Place, rounds: int) -> Answer:
    enter(place)
    from django.db import connection

    from vendange.agreement.segments import selection_of
    from vendange.models import Segment, SegmentMark
    from vendange.segment import actions, queries

    Segment.objects.all().delete()
    SegmentMark.objects.all().delete()
    made = [actions.create(name=f"bench {n}", wording=FILLING, by=None, now=NOW) for n in range(rounds)]
    queries.belonging_between(1, queries.PIECE, selection_of(FILLING), NOW)  # as a worker has it at hand
    limit = [_timed(_bare)[0] for _ in range(rounds)]
    filled, processor = [], []
    for one in made:
        before = time.process_time()
        filled.append(_timed(partial(_fill, one))[0])
        processor.append(time.process_time() - before)
    again, members = _timed(partial(_fill, made[0]))
    Segment.objects.all().delete()
    for n, wording in enumerate(_others()):
        actions.create(name=f"kept {n}", wording=wording, by=None, now=NOW)
    draw = random.Random(place.size.seed)
    looks = {many: [_look(draw, place.size.people, many) for _ in range(3 + 10 * rounds)][3:] for many in ACTING}
    Segment.objects.all().delete()
    return Answer(connection.vendor, filled, processor, members, limit, again, looks, peak())


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def _fill(one: Any) -> int:
    from vendange.segment import actions

    return actions.fill(one, now=NOW, tell=lambda *_: None, cancelled=lambda: False)


def _bare() -> int:
    """What the database needs at the very least: to count the acts that are asked about, once for everybody."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT person_id FROM vendange_signal WHERE kind = 'page_viewed'"
            " AND verdict <> 'machine' GROUP BY person_id HAVING count(*) >= 4) AS acted"
        )
        return int(cursor.fetchone()[0])


def _look(draw: random.Random, people: int, many: int) -> float:
    from vendange.segment import actions

    some = draw.sample(range(1, people + 1), many)
    return 1000 * _timed(lambda: actions.look(some, now=NOW, measured=True))[0]


def _others() -> Sequence[str]:
    """Twenty segments of every sort."""
    found = []
    for n in range(KEPT // 4):
        days = 30 * (n + 1)
        found += [
            f"who: {{person.country: FR}}\ndid: {{on: page_viewed, within: {days} days, times: {n + 2}}}",
            f"did: {{on: [quote_requested, demo_requested], within: {days} days}}\nstands: {{held_by: nobody}}",
            f"who: {{organisation.employees: {{at_least: {50 * (n + 1)}}}}}\nconsents: {{email: not_refused}}",
            "did: {on: content_downloaded, where: {topic: {contains: a}}}\n"
            f"did_not: {{on: page_viewed, within: {days} days}}",
        ]
    return found


# What is told


def _results(people: int, answer: Answer) -> list[Result]:
    size = f"{people:,} people, {answer.vendor}"
    filled, limit = _middle(answer.filled), _middle(answer.limit)
    details = {"members": answer.members, "members_a_second": round(answer.members / filled), "peer": PEER}
    found = [
        Result(
            f"segment filled from empty, {answer.members:,} of {size}",
            "s",
            filled,
            limit,
            FILLED,
            {**details, "peak_gb": round(answer.peak, 2)},
        ),
        Result(f"the same, processor, {size}", "s", _middle(answer.processor), None, None),
        Result(f"the same looked at anew, {size}", "s", answer.again, None, None),
    ]
    for many, spent in answer.looks.items():
        name = f"{many} who acted, looked at for {KEPT} segments, {size}"
        found.append(Result(name, "ms", _middle(spent), None, None, {"each": round(_middle(spent) / many, 3)}))
    return found


def _middle(spent: Sequence[float]) -> float:
    return sorted(spent)[len(spent) // 2]
