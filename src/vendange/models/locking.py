"""Written by no step: reads one row with the rows that it names, locked until the end of the transaction.

Every act of the desk and of sales begins so. Django writes the statement anew each time, which costs more than asking
it; here it is written once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=models.Model)
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one table in the statement; `relation`: the field of the row that names it."""

    table: type[models.Model]
    relation: Any
    names: tuple[str, ...]
    columns: tuple[str, ...]
    converts: tuple[tuple[int, Convert], ...]  # of those columns that the database keeps in another form
    key: int  # place of the primary key

    def made(self, alias: str, values: Sequence[Any]) -> Any:
        """The instance, None when nothing is named."""
        if values[self.key] is None:
            return None
        cells = list(values)
        for place, convert in self.converts:
            cells[place] = convert(cells[place])
        return self.table.from_db(alias, self.names, cells)


class Locking(Generic[Row]):
    """One question: the row of `table` for which `where`, in SQL on `t0`, holds; `with_` names its foreign keys.

    `left_out`: columns, by table and name, that stay in the database until somebody asks for them.
    """

    def __init__(
        self, table: type[Row], where: str, with_: Sequence[str] = (), left_out: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.table, self.where, self.with_, self.left_out = table, where, with_, frozenset(left_out)

    def first(self, values: Sequence[Any]) -> Row | None:
        """The first such row by its number. Raises TransactionManagementError where no lock could last."""
        if not self.connection.in_atomic_block:
            raise TransactionManagementError(f"{self.table.__name__} can be locked in a transaction only")
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, list(values))
            found = cursor.fetchone()
        return None if found is None else self._row(found)

    def _row(self, found: Sequence[Any]) -> Row:
        alias, start, row = self.connection.alias, 0, None
        for part in self.parts:
            end = start + len(part.names)
            made = part.made(alias, found[start:end])
            if part.relation is None:
                row = made
            else:
                part.relation.set_cached_value(row, made)
            start = end
        assert isinstance(row, self.table)  # noqa: S101 (the first part is the row)
        return row

    @property
    def connection(self) -> Any:
        return connections[router.db_for_write(self.table)]

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        relations: list[Any] = [self.table._meta.get_field(name) for name in self.with_]
        return (self._part(self.table, None), *(self._part(one.related_model, one) for one in relations))

    def _part(self, table: type[models.Model], relation: Any) -> _Part:
        meta: Any = table._meta
        kept = [one for one in meta.concrete_fields if (meta.model_name, one.name) not in self.left_out]
        converts = [(place, convert) for place, one in enumerate(kept) for convert in self._converts(one)]
        names, columns = tuple(one.attname for one in kept), tuple(one.column for one in kept)
        return _Part(table, relation, names, columns, tuple(converts), kept.index(meta.pk))

    def _converts(self, field: Any) -> Iterator[Convert]:
        column, connection = field.get_col(field.model._meta.db_table), self.connection
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
            yield partial(self._converted, convert, column)

    def _converted(self, convert: Callable[..., Any], column: Any, value: Any) -> Any:
        return convert(value, column, self.connection)

    @cached_property
    def sql(self) -> str:
        quote = self.connection.ops.quote_name
        said = [f"t{number}.{quote(name)}" for number, part in enumerate(self.parts) for name in part.columns]
        joins = [
            f" LEFT JOIN {quote(part.table._meta.db_table)} t{number} ON t{number}.id = t0.{part.relation.column}"
            for number, part in enumerate(self.parts)
            if part.relation is not None
        ]
        lock = " FOR UPDATE OF t0" if self.connection.features.has_select_for_update else ""
        origin = f"FROM {quote(self.table._meta.db_table)} t0{''.join(joins)} WHERE {self.where}"
        return f"SELECT {', '.join(said)} {origin} ORDER BY t0.id LIMIT 1{lock}"
