"""Makes up people and their signals, bucket by bucket, the same ones for the same seed.

Few people do most: how many signals one has is drawn from a log-normal law, so that with 20 for each on average half
have at most 4, one in a hundred more than 220, the busiest some 14,000, and one in six none. Signals come in visits.
"""

from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vendange.bench import vocabulary as words
from vendange.bench.size import END, START, VERSION, Size
from vendange.engine.history.manifest import BUCKETS
from vendange.engine.rows import DAY
from vendange.engine.tables import KEPT_SCHEMA, PEOPLE_SCHEMA, TEXT

SPREAD: Final = 1.68  # of the logarithm of how many signals a person has
NEW_VISIT: Final = 0.3  # share of the signals that begin a visit
AT_ONCE: Final = 0.03  # share of those in a visit that come with the one before, to the microsecond
PAUSE: Final = 80e6  # mean microseconds between two signals of a visit
UNKNOWN: Final = np.float64("nan")


class Company:
    """Everybody and everything of one size."""

    def __init__(self, size: Size) -> None:
        self.size = size

    def random(self, *what: int) -> Any:
        return np.random.default_rng([self.size.seed, VERSION, *what])

    @cached_property
    def counts(self) -> Any:
        """How many signals each person has; in all, exactly what was asked for."""
        weights = np.exp(SPREAD * self.random(1).standard_normal(self.size.people))
        low, high = 0.0, self.size.signals + 1.0
        for _ in range(80):
            middle = (low + high) / 2
            if np.floor(weights * middle).sum() > self.size.signals:
                high = middle
            else:
                low = middle
        counts = np.floor(weights * low).astype(np.int64)
        missing = self.size.signals - int(counts.sum())
        counts += missing // self.size.people
        counts[: missing % self.size.people] += 1
        return counts.astype(np.int32)

    @cached_property
    def employers(self) -> Any:
        """The organisation of each person, 0 for none. Large ones have hundreds of people."""
        random = self.random(2)
        found = 1 + (self.size.organisations * random.random(self.size.people) ** 1.5).astype(np.int32)
        found[random.random(self.size.people) < 0.08] = 0
        return found

    @cached_property
    def known_since(self) -> Any:
        days = self.random(3).integers(-700, 1_090, self.size.people)
        return START + days.astype(np.int64) * DAY

    @cached_property
    def organisations(self) -> dict[str, pa.Array]:
        """Columns of the organisations, place 0 for nobody's."""
        count = self.size.organisations + 1
        random = self.random(4)
        employees = np.floor(np.exp(random.normal(4.0, 1.8, count)))
        codes = random.integers(1, 96, count).astype(np.int32)
        departments = [f"{code:02}" for code in range(1, 97)]
        columns = {
            "employees": pa.array(_sometimes(random, employees, 0.75)),
            "industry": _texts(words.families(words.INDUSTRIES, 11), random, count, 0.8),
            "country": _texts(words.choice(words.COUNTRIES), random, count, 0.95),
            "region": _coded(codes, departments, random.random(count) < 0.8),
            "postal_code": _coded(codes, [f"{code}000" for code in departments], random.random(count) < 0.7),
            "tier": pa.array(_sometimes(random, words.choice(words.TIERS).draw(random, count).astype(float), 0.3)),
        }
        return {f"organisation__{name}": column for name, column in columns.items()}

    def of_bucket(self, bucket: int) -> Any:
        """Ids of the people of a bucket, from 1."""
        return np.arange(bucket or BUCKETS, self.size.people + 1, BUCKETS, dtype=np.int64)

    def people(self, bucket: int) -> pa.Table:
        """In engine form, sorted by person."""
        ids = self.of_bucket(bucket)
        random, count = self.random(5, bucket), len(ids)
        employers = self.employers[ids - 1]
        nobody = pa.array(employers == 0)
        columns: dict[str, pa.Array] = {
            "person": pa.array(ids),
            "organisation": pa.array(employers.astype(np.int64), mask=employers == 0),
            "person__level": pa.array(_sometimes(random, words.choice(words.LEVELS).draw(random, count) * 1.0, 0.8)),
            "person__role": _texts(words.choice(words.ROLES), random, count, 0.4),
            "person__job_title": _texts(words.families(words.JOBS), random, count, 0.7),
            "person__country": _texts(words.choice(words.COUNTRIES), random, count, 0.9),
            "person__language": _texts(words.choice(words.LANGUAGES), random, count, 0.9),
            "person__source": _texts(words.choice(words.SOURCES), random, count, 1.0),
            "person__known_since": pa.array(self.known_since[ids - 1]),
        }
        places = pa.array(employers.astype(np.int64), mask=nobody.to_numpy(zero_copy_only=False))
        columns |= {name: column.take(places) for name, column in self.organisations.items()}
        return pa.table([columns[name] for name in PEOPLE_SCHEMA.names], schema=PEOPLE_SCHEMA)

    def signals(self, bucket: int) -> pa.Table:
        """In the form of the history, sorted by person, time and id. Ids grow with time, as in a database."""
        ids = self.of_bucket(bucket)
        random, counts = self.random(6, bucket), self.counts[ids - 1]
        owner = np.repeat(np.arange(len(ids)), counts)
        at = _moments(random, owner, np.maximum(self.known_since[ids - 1], START))
        count = len(owner)
        id_ = np.empty(count, np.int64)
        id_[np.argsort(at, kind="stable")] = np.arange(count, dtype=np.int64) * BUCKETS + bucket + 1
        employers = self.employers[ids - 1].astype(np.int64)[owner]
        columns: dict[str, pa.Array] = {
            "person": pa.array(ids[owner]),
            "organisation": pa.array(employers, mask=employers == 0),
            "at": pa.array(at),
            "id": pa.array(id_),
            "received": pa.array(at + random.integers(1_000, 90_000_000, count)),
            **_contents(random, count),
        }
        return pa.table([columns[name] for name in KEPT_SCHEMA.names], schema=KEPT_SCHEMA)


def _moments(random: Any, owner: Any, since: Any) -> Any:
    """When each signal happens: visits anywhere between `since` and the end, signals some seconds apart. In order."""
    count = len(owner)
    fresh = random.random(count) < NEW_VISIT
    fresh[:1] = True
    fresh[1:] |= owner[1:] != owner[:-1]
    first = np.flatnonzero(fresh)
    visit = np.cumsum(fresh) - 1
    visitor = owner[first]
    begins = since[visitor] + (random.random(len(first)) * (END - since[visitor])).astype(np.int64)
    pauses = (random.exponential(PAUSE, count)).astype(np.int64)
    pauses[fresh | (random.random(count) < AT_ONCE)] = 0
    passed = np.cumsum(pauses)
    at = np.minimum(begins[visit] + passed - passed[first][visit], END - 1)
    return at[np.lexsort((at, owner))]


def _contents(random: Any, count: int) -> dict[str, pa.Array]:
    """What the signals are about; each kind has columns of its own."""
    kinds = list(words.KINDS)
    kind = words.choice(words.KINDS).draw(random, count)
    views, mails = kind == kinds.index("page_viewed"), kind == kinds.index("email_clicked")
    reads = np.isin(kind, [kinds.index(name) for name in ("content_read", "content_downloaded", "video_watched")])
    timed = np.isin(kind, [kinds.index(name) for name in ("content_read", "video_watched")])
    return {
        "kind": _coded(kind, kinds, np.ones(count, bool)),
        "path": _drawn(words.families(words.PAGES), random, views),
        "asset": _drawn(words.families(words.ASSETS), random, reads),
        "campaign": _drawn(words.families(words.CAMPAIGNS), random, mails | (random.random(count) < 0.05)),
        "channel": _drawn(words.choice(words.CHANNELS), random, views),
        "topic": _drawn(words.choice(words.TOPICS), random, (views | reads) & (random.random(count) < 0.45)),
        "value": pa.array(np.where(timed, np.round(random.exponential(2.5, count), 2), UNKNOWN), mask=~timed),
        "origin": _drawn(words.choice(words.ORIGINS), random, np.ones(count, bool)),
    }


def _drawn(choice: words.Choice, random: Any, known: Any) -> pa.Array:
    return _coded(choice.draw(random, len(known)), choice.texts, known)


def _texts(choice: words.Choice, random: Any, count: int, share: float) -> pa.Array:
    """Drawn texts, known for a share of the rows."""
    return _drawn(choice, random, random.random(count) < share)


def _coded(codes: Any, texts: Any, known: Any) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=~known), pa.array(texts, TEXT.value_type))


def _sometimes(random: Any, values: Any, share: float) -> pa.Array:
    return pa.array(values, pa.float64(), mask=random.random(len(values)) >= share)
