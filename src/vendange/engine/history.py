"""All signals of the past as Parquet files in 64 buckets by person, kept in step with the database."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

BUCKETS: Final = 64

Sums = tuple[int, int, int]  # count, sum of ids, print of what every signal is


class Source(Protocol):
    """Where the history comes from. Signals are tables in engine form plus `received` int64 (engine.tables)."""

    def signals_since(self, id: int) -> Iterator["pa.RecordBatch | pa.Table"]:
        """Every signal whose id is greater, in any order, in pieces of any size."""
        ...

    def signals_of_bucket(self, bucket: int) -> "pa.Table":
        """Every signal of the people whose number leaves `bucket` when divided by 64."""
        ...

    def people(self) -> "pa.Table":
        """Everybody who is known today, with or without signals."""
        ...

    def sums(self) -> Mapping[int, Sums]:
        """Count, sum of ids and print of each bucket that has signals (see `print_of`)."""
        ...
