"""Written by no step: takes the rows of one record over to another, each told by its number, and gives them back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import models

AT_ONCE: Final = 2_000


class Naming(NamedTuple):
    """A table whose rows name a record, and the field that does."""

    table: type[models.Model]
    field: str


def tables_that_name(record: type[models.Model], but: Collection[type[models.Model]]) -> Iterator[tuple[str, Naming]]:
    """Every table with rows of such a record, by its name; what is one per record is made anew instead.

    Records of the same kind are told with the field that names the record: "Organisation.parent".
    """
    for relation in record._meta.related_objects:
        table = relation.related_model
        if table not in but and not relation.one_to_one:
            assert isinstance(table, type)  # noqa: S101 - for the type checker
            name = table.__name__ if table is not record else f"{table.__name__}.{relation.field.name}"
            yield name, Naming(table, relation.field.name)


def take_rows(naming: Mapping[str, Naming], *, kept: models.Model, absorbed: models.Model) -> dict[str, list[int]]:
    """All rows of `absorbed` that `kept` has not got are `kept`'s; which ones, by table."""
    moved = {}
    for name, (table, field) in naming.items():
        ids = _free(table, field, kept, absorbed)
        for some in _portions(ids):
            table._default_manager.filter(pk__in=some).update(**{field: kept})
        if ids:
            moved[name] = ids
    return moved


def give_rows_back(
    naming: Mapping[str, Naming], moved: Mapping[str, Sequence[int]], *, kept: models.Model, absorbed: models.Model
) -> None:
    """Those that `kept` still has of the rows that were taken."""
    for name, ids in moved.items():
        table, field = naming[name]
        for some in _portions(ids):
            table._default_manager.filter(pk__in=some, **{field: kept}).update(**{field: absorbed})


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]


def _free(table: type[models.Model], field: str, kept: models.Model, absorbed: models.Model) -> list[int]:
    """Rows of the absorbed one that the kept one has not got by the table's own rule of what is there once."""
    rows = table._default_manager.filter(**{field: absorbed})
    for rule in table._meta.total_unique_constraints:
        others = [name for name in rule.fields if name != field]
        if field in rule.fields:
            for values in table._default_manager.filter(**{field: kept}).values_list(*others):
                rows = rows.exclude(**dict(zip(others, values, strict=True)))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def fill(kept: models.Model, become: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Save these values of the record; each with what it was and what it is now."""
    filled = {name: (getattr(kept, name), value) for name, value in become.items()}
    for name, value in become.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(become))
    return filled


def empty_again(kept: models.Model, filled: Mapping[str, Sequence[Any]]) -> None:
    """What had been filled is as before, unless somebody has changed it since."""
    back = {name: before for name, (before, after) in filled.items() if getattr(kept, name) == after}
    for name, value in back.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(back))
