"""The columns of the two tables that the engine reads, wherever they are kept: Arrow, Parquet, DuckDB, Spark."""

from collections.abc import Mapping
from typing import Final, Literal

from vendange.agreement.conditions import DIMENSIONS, RANKS
from vendange.agreement.vocabulary import PERSON_DIMENSIONS, SIGNAL_DIMENSIONS

Type = Literal["int64", "float64", "string"]


def column_of(dimension: str) -> str:
    """The column that holds a dimension; a point in a name would have to be quoted everywhere."""
    return dimension.replace(".", "__")


def type_of(dimension: str) -> Type:
    """Ranks are kept as their place, dates as microseconds, texts folded; see `conditions.as_known`."""
    kind = DIMENSIONS[dimension]
    if kind == "date":
        return "int64"
    return "float64" if kind == "number" or kind in RANKS else "string"


SIGNALS: Final[Mapping[str, Type]] = {
    "person": "int64",
    "organisation": "int64",
    "at": "int64",
    "id": "int64",
    "kind": "string",
    **{column_of(dimension): type_of(dimension) for dimension in SIGNAL_DIMENSIONS if dimension != "at"},
}
PEOPLE: Final[Mapping[str, Type]] = {
    "person": "int64",
    "organisation": "int64",
    **{column_of(dimension): type_of(dimension) for dimension in PERSON_DIMENSIONS},
}
