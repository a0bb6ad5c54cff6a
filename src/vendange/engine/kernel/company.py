"""Patterns of an organisation: what its people do together. Called before the kernel follows each person."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vendange.engine.crowd import NOBODY, Crowd
from vendange.engine.kernel.jars import NEVER
from vendange.engine.kernel.maker import Maker
from vendange.engine.kernel.running import Hit, Kernel
from vendange.engine.kernel.windows import Company, Hits
from vendange.engine.plan import WORD, Plan, words_for
from vendange.engine.rows import EVIDENCE_KEPT


@dataclass(frozen=True, slots=True)
class Acts:
    """Signals that an organisation's pattern may count, in any order. `masks[w][i]`: word w of signal i."""

    organisation: Any
    person: Any
    at: Any
    id: Any
    masks: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.at)


def acts_of(plan: Plan, crowd: Crowd) -> Acts:
    """The acts of this crowd that count for an organisation: not of who is set aside or works nowhere."""
    import numpy

    signals, people = len(crowd.at), crowd.size
    starts = numpy.asarray(crowd.starts, dtype=numpy.int64)
    masks = numpy.asarray(crowd.masks, dtype=numpy.int64).reshape(plan.words, signals)
    aside = (numpy.asarray(crowd.aside, dtype=numpy.int64).reshape(words_for(plan.aside), people) != 0).any(axis=0)
    organisation = numpy.asarray(crowd.organisations, dtype=numpy.int64)
    counts = numpy.repeat(~aside & (organisation != NOBODY), numpy.diff(starts))
    shares = sum((masks[word] & bits) != 0 for word, bits in enumerate(plan.sharing)) > 0
    chosen = numpy.flatnonzero(counts & shares)
    owner = numpy.repeat(numpy.arange(people), numpy.diff(starts))[chosen]
    return Acts(
        organisation[owner],
        numpy.asarray(crowd.people, dtype=numpy.int64)[owner],
        numpy.asarray(crowd.at, dtype=numpy.int64)[chosen],
        numpy.asarray(crowd.ids, dtype=numpy.int64)[chosen],
        tuple(words[chosen] for words in masks),
    )


def together(parts: Sequence[Acts]) -> Acts:
    import numpy

    join = numpy.concatenate
    return Acts(
        join([part.organisation for part in parts]),
        join([part.person for part in parts]),
        join([part.at for part in parts]),
        join([part.id for part in parts]),
        tuple(join(words) for words in zip(*(part.masks for part in parts), strict=True)),
    )


def hits_of(
    plan: Plan,
    acts: Acts,
    *,
    since: Mapping[int, int] | None = None,
    known: Mapping[tuple[int, int], int] | None = None,
    evidence: bool = True,
    compiled: bool | None = None,
) -> list[Hit]:
    """Every call of a pattern of an organisation, by organisation, pattern and time.

    `since`: by organisation, the moment from which calls are wanted. `known`: by organisation and pattern (its place
    in plan.shared_ids), the last call of before. `evidence`: name the signals; left out for a whole history.
    """
    if not len(acts) or not plan.shared.within:
        return []
    import numpy

    kernel = Kernel(plan, len(acts), compiled=compiled)
    order = numpy.lexsort((acts.id, acts.at, acts.organisation))
    organisations, starts = numpy.unique(acts.organisation[order], return_index=True)
    person = acts.person[order]
    company = Company(
        starts=kernel.make.column([*starts, len(order)], int),
        at=kernel.make.column(acts.at[order], int),
        masks=kernel.make.column(numpy.concatenate([words[order] for words in acts.masks]), int),
        size=len(order),
        who=kernel.make.column(numpy.unique(person, return_inverse=True)[1], int),
        called=_last_calls(kernel.make, organisations, len(plan.shared.within), known or {}),
        since=kernel.make.column([(since or {}).get(int(one), NEVER) for one in organisations], int),
    )
    found = _found(kernel, company)
    ids = acts.id[order]
    return [
        Hit(
            int(person[signal]),
            int(company.at[signal]),
            int(pattern),
            _evidence(plan, company, ids, int(signal), int(pattern)) if evidence else (),
        )
        for signal, pattern in zip(found.signal, found.pattern, strict=True)
    ]


def _evidence(plan: Plan, company: Company, ids: Any, signal: int, pattern: int) -> tuple[int, ...]:
    """The latest signals of the organisation in the window that a term of the pattern counts, newest first."""
    at, found, bits = company.at[signal], list[int](), _bits_of(plan, pattern)
    start = bisect_right(company.starts, signal) - 1
    place = bisect_right(company.at, at, signal, int(company.starts[start + 1])) - 1
    while place >= company.starts[start] and company.at[place] > at - plan.shared.within[pattern]:
        if any(int(company.masks[bit // WORD * company.size + place]) >> (bit % WORD) & 1 for bit in bits):
            found.append(int(ids[place]))
            if len(found) == EVIDENCE_KEPT:
                break
        place -= 1
    return tuple(found)


def _bits_of(plan: Plan, pattern: int) -> Sequence[int]:
    return plan.shared.bit[plan.shared.first[pattern] : plan.shared.first[pattern + 1]]


def _last_calls(make: Maker, organisations: Any, patterns: int, known: Mapping[tuple[int, int], int]) -> Any:
    calls = [known.get((int(one), pattern), NEVER) for one in organisations for pattern in range(patterns)]
    return make.column(calls, int)


def _found(kernel: Kernel, company: Company) -> Hits:
    make, room = kernel.make, 256 + company.size // 8
    people = 1 + max(company.who)
    shared = make.table(kernel.plan.shared)
    while True:
        hits = Hits(*(make.empty(size, int) for size in (room, room, len(kernel.plan.shared.bit), people, 1)))
        made = kernel.code.company_hits(shared, company, hits)
        if made <= room:
            return hits._replace(signal=hits.signal[:made], pattern=hits.pattern[:made])
        room = made
