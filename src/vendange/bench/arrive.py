"""The bench of the live path: people are touched in a full database; what does it cost to know what it means?"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from vendange.bench.clock import alone, peak, spending
from vendange.bench.database import Place, enter
from vendange.bench.result import Result
from vendange.bench.server import Server
from vendange.bench.size import END, START, Size
from vendange.bench.terms import plan_from
from vendange.engine.kernel.fast import can_compile, compiled
from vendange.engine.plan import Plan

TARGETS: Final = {1: 25.0, 100: 40.0, 5_000: 250.0}  # people touched: milliseconds
FULL: Final = 10_000_000  # signals from which on the targets are judged
WARM: Final = 2  # rounds before those that count
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
JUST_NOW: Final = EPOCH + timedelta(microseconds=END - 1)  # nobody else acts at this moment: it is a mark
Touched = dict[int, datetime | None]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the fresh process is told."""

    place: Place
    server: Server | None
    agreement: Path | None
    people: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds of each round; `server`: the mean for one round, None when nobody can say."""

    ours: list[float]
    limit: list[float]
    written: list[float]
    server: dict[str, float] | None
    signals: float  # mean of those of the people of one round
    alerts: int
    peak: float
    vendor: str


class _Undone(Exception):
    """Leaves a transaction so that it writes nothing."""


def touched_people(ask: Ask) -> Answer:
    """Measure so many people, again and again others; then fetch the same rows bare; then with writing."""
    enter(ask.place)
    from django.db import connection

    if can_compile():
        compiled()  # as a worker has it at hand
    plan = plan_from(ask.agreement)
    groups = _groups(ask)
    for group in groups:
        _fetch(group)  # both are measured with the pages in memory: this is about processors, not about a disk
    alerts: list[int] = []
    count = WARM + ask.rounds
    ours, server_ours = _timed(ask, [partial(_noted, alerts, partial(_judge, plan), group) for group in groups])
    fetched: list[int] = []
    limit, server_limit = _timed(ask, [partial(_noted, fetched, _fetch, group) for group in groups])
    version = _version(plan)
    written, _ = _timed(ask, [partial(_write, plan, version, group) for group in groups])
    _forget()
    return Answer(
        ours=ours,
        limit=limit,
        written=written,
        server=None if server_ours is None or server_limit is None else {"ours": server_ours, "limit": server_limit},
        signals=sum(fetched) / count,
        alerts=sum(alerts),
        peak=peak(),
        vendor=connection.vendor,
    )


def _noted(counts: list[int], work: Callable[[Touched], int], touched: Touched) -> None:
    counts.append(work(touched))


def _timed(ask: Ask, rounds: Sequence[Callable[[], object]]) -> tuple[list[float], float | None]:
    """Milliseconds of processor time of each round but the first ones, and of the server for one round."""
    for round_ in rounds[:WARM]:
        round_()
    before = ask.server.cpu() if ask.server else None
    each = []
    for round_ in rounds[WARM:]:
        with spending() as spent:
            round_()
        each.append(1000 * spent.cpu)
    after = ask.server.cpu() if ask.server else None
    server = None if before is None or after is None else 1000 * (after - before) / len(each)
    return each, server


def _groups(ask: Ask) -> list[Touched]:
    """Other people for each round; each has just done once more what they did last. Takes out what it put in before."""
    from django.db.models import OuterRef, Subquery

    from vendange.models import Person, Signal

    random = np.random.default_rng([ask.place.size.seed, ask.people])
    _forget()
    mine = Signal.objects.filter(person_id=OuterRef("pk")).order_by("-occurred_at")  # one look into the index each
    groups: list[Touched] = []
    for place in range(WARM + ask.rounds):
        drawn = random.choice(ask.place.size.people, min(ask.place.size.people, 2 * ask.people + 8), replace=False) + 1
        rows = Person.objects.filter(pk__in=drawn.tolist()).annotate(last=Subquery(mine.values("pk")[:1]))
        last = {person: signal for person, signal in rows.values_list("pk", "last") if signal is not None}
        acting = [int(one) for one in drawn if int(one) in last][: ask.people]
        again = list(Signal.objects.filter(pk__in=[last[person] for person in acting]))
        for one in again:
            one.pk, one.message_id, one.occurred_at = None, f"again {place} {one.pk}", JUST_NOW
        Signal.objects.bulk_create(again)
        groups.append(dict.fromkeys(acting, JUST_NOW))
    return groups


def _forget() -> None:
    """Take out what people did for the bench only."""
    from vendange.models import Signal

    Signal.objects.filter(occurred_at=JUST_NOW).delete()


def _judge(plan: Plan, touched: Touched) -> int:
    """What production does before it writes: rows, figures, calls with their reasons. How many calls.

    The lines of a measure are made as they are written, and counted there.
    """
    from django.db import transaction

    from vendange.engine.kernel.running import Kernel
    from vendange.score import actions, queries

    since = {person: queries.micros(at) for person, at in touched.items() if at is not None}
    with transaction.atomic():
        crowd = queries.crowd_of(plan, touched, committed=True)
        Kernel(plan, len(crowd.at)).stand(crowd, END, next_change=True)
        found = actions.Calls(plan, crowd, since, END, committed=True).found()
    return len(found)


def _fetch(touched: Touched) -> int:
    """The same rows by the same index with the bare driver, as its own Python values. How many signals."""
    from django.db import connection

    from vendange.models import reading

    connection.ensure_connection()
    bare = connection.connection
    given = reading.listed(touched)
    cursor = bare.cursor()
    signals = cursor.execute(
        *_bare(
            "SELECT s.person_id, s.id, s.occurred_at, s.kind, s.path, s.asset, s.campaign, s.topic, s.value "
            + reading.from_signals_of(),
            given,
        )
    ).fetchall()
    cursor.execute(
        *_bare(
            "SELECT p.id, p.organisation_id, p.level, p.role, p.job_title, p.country, o.employees, o.industry, o.tier "
            + reading.from_people(listed=True),
            given,
        )
    ).fetchall()
    cursor.close()
    return len(signals)


def _bare(sql: str, given: str) -> tuple[str, list[str]]:
    from django.db import connection

    mark = "?" if connection.vendor == "sqlite" else "%s"
    return sql.replace("%", "%%" if mark == "%s" else "%").replace(":list", mark), [given]


def _write(plan: Plan, version: Any, touched: Touched) -> None:
    """As production does it, but for the commit: what is written is taken back, so that every run finds the same."""
    from django.db import transaction

    from vendange.score import actions

    now = EPOCH + timedelta(microseconds=END)
    with suppress(_Undone), transaction.atomic():
        actions.refresh(touched=touched, version=version, agreement=plan.agreement, now=now, committed=True)
        raise _Undone


def _version(plan: Plan) -> Any:
    from vendange.models import AgreementVersion

    begin = EPOCH + timedelta(microseconds=START)
    values = {"name": plan.agreement.name, "status": "signed", "created_at": begin, "in_force_from": begin}
    number = AgreementVersion.objects.count() + 1
    return AgreementVersion.objects.get_or_create(sha=plan.agreement.sha, defaults={**values, "number": number})[0]


def bench_arrive(asked: Ask) -> list[Result]:
    """One line for each number of people that were touched."""
    return [
        _judged(replace(asked, people=people), target)
        for people, target in TARGETS.items()
        if people <= asked.place.size.people // 4
    ]


def _judged(asked: Ask, target: float) -> Result:
    found = alone(touched_people, asked)
    served = found.server or {"ours": 0.0, "limit": 0.0}
    applies = _is_full(asked.place.size) and asked.agreement is None
    return Result(
        name=f"arrive {asked.people} {found.vendor}",
        unit="CPU ms",
        ours=median(found.ours) + served["ours"],
        limit=median(found.limit) + served["limit"],
        target=target if applies else None,
        details={
            "people": asked.place.size.people,
            "signals": asked.place.size.signals,
            "seed": asked.place.size.seed,
            "target_of": "ours",
            "touched": asked.people,
            "their_signals": round(found.signals, 1),
            "rounds": len(found.ours),
            "least_and_most": [round(min(found.ours), 2), round(max(found.ours), 2)],
            "calls": found.alerts,
            "limit_is": "the same rows by the same index, fetched with the bare driver, same run, pages in memory",
            "server_ms": None if found.server is None else round(found.server["ours"], 2),
            "server_ms_of_limit": None if found.server is None else round(found.server["limit"], 2),
            "with_writing": round(median(found.written), 2),
            "peak": round(found.peak, 3),
            "compiled": can_compile(),
        },
    )


def _is_full(size: Size) -> bool:
    return size.signals >= FULL and can_compile()
