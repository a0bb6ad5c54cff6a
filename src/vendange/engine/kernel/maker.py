"""Columns in the form that the kernel reads: lists when it is interpreted, numpy arrays when it is compiled."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, get_type_hints

Table = TypeVar("Table", bound=NamedTuple)


class Maker:
    """Makes columns of int64 (`int`) and float64 (`float`)."""

    def __init__(self, *, arrays: bool) -> None:
        self.arrays = arrays

    def column(self, values: Any, kind: type) -> Any:
        if self.arrays:
            import numpy

            # Writable too: a read-only array is another type to the compiler, which would compile everything again.
            return numpy.require(values, numpy.int64 if kind is int else numpy.float64, ("C", "W"))
        return values.tolist() if hasattr(values, "tolist") else list(values)

    def empty(self, size: int, kind: type, value: float = 0) -> Any:
        if self.arrays:
            import numpy

            return numpy.full(size, value, dtype=numpy.int64 if kind is int else numpy.float64)
        return [kind(value)] * size

    def table(self, table: Table) -> Table:
        """The same named tuple with its sequences as columns; the type of a field says of what."""
        hints = get_type_hints(type(table))
        fields = (
            self.column(value, int if hints[name] == Sequence[int] else float) if isinstance(value, list) else value
            for name, value in table._asdict().items()
        )
        return type(table)(*fields)
