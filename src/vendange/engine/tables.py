"""Arrow tables in the form in which the engine compares: texts folded, ranks as places, and null for the unknown.

Each distinct text is folded once, however many rows hold it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from vendange.agreement.conditions import as_known
from vendange.agreement.vocabulary import PERSON_DIMENSIONS, SIGNAL_DIMENSIONS
from vendange.engine.crowd import Someone
from vendange.engine.schema import PEOPLE, SIGNALS, Type, column_of

Fold = Callable[[Any], object]

TEXT: Final = pa.dictionary(pa.int32(), pa.string())
ARROW: Final[Mapping[Type, pa.DataType]] = {"int64": pa.int64(), "float64": pa.float64(), "string": TEXT}
DIMENSION_OF: Final = {column_of(dimension): dimension for dimension in [*PERSON_DIMENSIONS, *SIGNAL_DIMENSIONS]}


def schema_of(columns: Mapping[str, Type]) -> pa.Schema:
    return pa.schema([(name, ARROW[type_]) for name, type_ in columns.items()])


SIGNALS_SCHEMA: Final = schema_of(SIGNALS)
PEOPLE_SCHEMA: Final = schema_of(PEOPLE)
KEPT_SCHEMA: Final = SIGNALS_SCHEMA.append(pa.field("received", pa.int64()))  # signals as the history keeps them


def folded(raw: pa.Table, schema: pa.Schema) -> pa.Table:
    """Columns as a database gives them, by the names of `schema`, in engine form; columns not given are unknown.

    Texts in any case, '' or null; ranks by their codes; numbers of any kind; times as microseconds or timestamps.
    """
    return pa.table([_column(raw, field) for field in schema], schema=schema)


def _column(raw: pa.Table, field: pa.Field) -> pa.Array:
    if field.name not in raw.column_names:
        return pa.nulls(raw.num_rows, field.type)
    found = raw.column(field.name).combine_chunks()
    if isinstance(found, pa.ChunkedArray):  # dictionaries of several chunks stay apart until they are told not to
        found = found.unify_dictionaries()
        found = found.chunk(0) if found.num_chunks == 1 else pa.concat_arrays(found.chunks)
    return _known(found, field)


def _known(found: pa.Array, field: pa.Field) -> pa.Array:
    if pa.types.is_boolean(found.type) or pa.types.is_null(found.type):  # true and false are no numbers
        return pa.nulls(len(found), field.type)
    if _is_text(found.type):
        return _translated(found, field, _fold_of(field.name))
    if field.type == TEXT:
        return pa.nulls(len(found), field.type)
    return _number(found, field.type)


def _is_text(type_: pa.DataType) -> bool:
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _fold_of(column: str) -> Fold:
    dimension = DIMENSION_OF.get(column)
    if dimension is None:  # a kind is a code, the same in every row
        return lambda text: text or None
    return lambda text: as_known(dimension, text)


def _translated(found: pa.Array, field: pa.Field, fold: Fold) -> pa.Array:
    """Each distinct text through `fold`; two texts may become the same one."""
    coded = found if pa.types.is_dictionary(found.type) else found.dictionary_encode()
    known = [None if text is None else fold(text) for text in coded.dictionary.to_pylist()]
    if field.type != TEXT:
        return pa.array(known, pa.float64()).cast(field.type).take(coded.indices)
    places: dict[object, int] = {}
    codes = [None if text is None else places.setdefault(text, len(places)) for text in known]
    indices = pa.array(codes, pa.int32()).take(coded.indices)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(places), pa.string()))


def _number(found: pa.Array, type_: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(found.type):
        return found.cast(pa.timestamp("us", found.type.tz), safe=False).cast(type_)
    if pa.types.is_floating(found.type):
        found = pc.if_else(pc.is_finite(found), found, pa.scalar(None, found.type))
    return found.cast(type_, safe=False)


def signals_table(people: Iterable[Someone]) -> pa.Table:
    """Rows in engine form, in the order given."""
    rows = [(one.person, one.organisation, row) for one in people for row in one.signals]
    columns: dict[str, Sequence[Any]] = {
        "person": [person for person, _, _ in rows],
        "organisation": [organisation for _, organisation, _ in rows],
        "at": [row.at for _, _, row in rows],
        "id": [row.id for _, _, row in rows],
        "kind": [row.kind for _, _, row in rows],
    }
    dimensions = [name for name in SIGNAL_DIMENSIONS if name != "at"]
    columns |= {name: [as_known(name, getattr(row, name)) for _, _, row in rows] for name in dimensions}
    return _table(columns, SIGNALS_SCHEMA)


def people_table(people: Iterable[Someone]) -> pa.Table:
    """Profiles in engine form, in the order given."""
    members = list(people)
    columns: dict[str, Sequence[Any]] = {
        "person": [one.person for one in members],
        "organisation": [one.organisation for one in members],
    }
    for dimension in PERSON_DIMENSIONS:
        columns[column_of(dimension)] = [as_known(dimension, one.profile.get(dimension)) for one in members]
    return _table(columns, PEOPLE_SCHEMA)


def _table(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    arrays = []
    for field in schema:
        if pa.types.is_integer(field.type):
            values = [None if value is None else int(value) for value in columns[field.name]]
            arrays.append(pa.array(values, field.type))
        elif field.type == TEXT:
            arrays.append(pa.array(columns[field.name], pa.string()).dictionary_encode())
        else:
            arrays.append(pa.array(columns[field.name], field.type))
    return pa.table(arrays, schema=schema)
