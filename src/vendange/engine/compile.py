"""Turns the questions of a plan into SQL: one whole number per 62 questions, in the dialect of any engine.

The only module that knows Ibis. What it writes depends on nothing but the agreement and the dialect, so it is kept.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, reduce
from hashlib import sha256
from importlib import import_module
from operator import add, and_, ge, le, or_
from pathlib import Path
from typing import Any, Final, Literal

from vendange.agreement.conditions import DIMENSIONS, Condition, Group, Leaf, dimensions_of, interval, wanted_values
from vendange.engine.history.files import replaced
from vendange.engine.plan import PLANS_KEPT, WORD, Plan, words_for
from vendange.engine.schema import PEOPLE, SIGNALS, column_of

Dialect = Literal["duckdb", "spark"]
Expression = Any  # what Ibis builds with; its types say nothing to mypy

VERSION: Final = "3"  # of what this module writes; another one makes all kept texts void
COMPILERS: Final[Mapping[Dialect, tuple[str, str]]] = {
    "duckdb": ("ibis.backends.sql.compilers.duckdb", "DuckDBCompiler"),
    "spark": ("ibis.backends.sql.compilers.pyspark", "PySparkCompiler"),
}
IDENTITY: Final = re.compile("[0-9a-f]{64}")

_written: dict[tuple[int, str, Dialect], tuple[Plan, str]] = {}


def signals_sql(plan: Plan, dialect: Dialect, cache: Path | None = None) -> str:
    """From table `signals` (engine.tables.SIGNALS): `person, organisation, at, id, mask0…[, weight][, content]`.

    In no order. Signals that answer no question are left out, unless the plan keeps them. `cache`: a folder for texts.
    """
    return _kept(plan, "signals", dialect, cache, signals_expression)


def every_signal_sql(plan: Plan, dialect: Dialect, cache: Path | None = None) -> str:
    """As `signals_sql`, with those that answer nothing.

    To leave them out, DuckDB works out every mask twice: it is faster to do that afterwards.
    """
    return _kept(plan, "every-signal", dialect, cache, every_signal_expression)


def people_sql(plan: Plan, dialect: Dialect, cache: Path | None = None) -> str:
    """From table `people` (engine.tables.PEOPLE): `person, organisation, fit0…, aside0…`, in no order."""
    return _kept(plan, "people", dialect, cache, people_expression)


@lru_cache(maxsize=256)
def holding_sql(condition: Condition, table: Literal["people", "signals"], dialect: Dialect = "duckdb") -> str:
    """From that table: `person` of each row of which the condition is true."""
    import ibis

    rows = ibis.table(dict(PEOPLE if table == "people" else SIGNALS), name=table)
    return written(rows.filter(truth(condition, rows)).select("person"), dialect)


def _kept(plan: Plan, name: str, dialect: Dialect, cache: Path | None, build: Callable[[Plan], Expression]) -> str:
    """The text as written before, in this process or by another; a cache that cannot be used is no error."""
    place = (id(plan), name, dialect)
    known = _written.get(place)
    if known is not None and known[0] is plan:
        return known[1]
    path = _path(plan, name, dialect, cache)
    text = _read(path) or _write(path, written(build(plan), dialect))
    if len(_written) >= PLANS_KEPT * len(COMPILERS):
        _written.clear()
    _written[place] = (plan, text)
    return text


def _path(plan: Plan, name: str, dialect: Dialect, cache: Path | None) -> Path | None:
    """Where the text stands on disk; only an agreement that was read from a text has an identity to trust."""
    if cache is None or not IDENTITY.fullmatch(plan.agreement.sha):
        return None
    return cache / f"{name}-{plan.agreement.sha}-{VERSION}-{dialect}.sql"


def _read(path: Path | None) -> str:
    """A kept text, "" when there is none or when it is not what was written."""
    if path is None:
        return ""
    try:
        first, _, text = path.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if first == _seal(text) else ""


def _write(path: Path | None, text: str) -> str:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replaced(path, f"{_seal(text)}\n{text}".encode())
        except OSError:
            pass
    return text


def _seal(text: str) -> str:
    return f"-- {sha256(text.encode()).hexdigest()}"


def written(expression: Expression, dialect: Dialect) -> str:
    """The SQL of an Ibis expression; needs neither the engine nor a connection to it."""
    module, name = COMPILERS[dialect]
    compiler = getattr(import_module(module), name)()
    if dialect == "spark":
        _spare_spark()
    text: str = compiler.to_sqlglot(expression).sql(dialect=compiler.dialect)
    return text


def _spare_spark() -> None:
    """Ibis knows its options of Spark only once pyspark is imported; none of our columns holds NaN."""
    import ibis
    from ibis.config import Config

    if ibis.options.pyspark is None:
        options = type(
            "Options", (Config,), {"__annotations__": {"treat_nan_as_null": bool}, "treat_nan_as_null": False}
        )
        ibis.options.pyspark = options()


def signals_expression(plan: Plan) -> Expression:
    """As `signals_sql`, still open for more."""
    rows = every_signal_expression(plan)
    if plan.keeps_all_signals:
        return rows
    return rows.filter(reduce(or_, (rows[f"mask{word}"] != 0 for word in range(plan.words))))


def every_signal_expression(plan: Plan) -> Expression:
    """As `every_signal_sql`, still open for more."""
    import ibis

    signals = ibis.table(dict(SIGNALS), name="signals")
    columns = {name: signals[name] for name in ("person", "organisation", "at", "id")}
    columns |= {f"mask{word}": _mask(plan, word, signals) for word in range(plan.words)}
    if plan.agreement.weights:
        arms = [(signals.origin == origin, _real(share)) for origin, share in plan.agreement.weights]
        columns["weight"] = ibis.cases(*arms, else_=_real(1.0))
    if plan.limits.contents:
        columns["content"] = ibis.coalesce(signals.asset, signals.path, "")
    return signals.select(**columns)


def _mask(plan: Plan, word: int, signals: Expression) -> Expression:
    """The bits of one word, asked only of signals of the right kinds: kinds with the same questions go together."""
    import ibis

    asked: dict[str, list[int]] = defaultdict(list)
    for place in range(word * WORD, min((word + 1) * WORD, len(plan.questions))):
        for kind in plan.questions[place].on:
            asked[kind].append(place)
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for kind, places in asked.items():
        alike[tuple(places)].append(kind)
    arms = [
        (
            signals.kind.isin(sorted(kinds)),
            _bits([(place % WORD, plan.questions[place].where) for place in places], signals),
        )
        for places, kinds in alike.items()
    ]
    return ibis.cases(*arms, else_=_number(0)) if arms else _number(0)


def _bits(asked: Sequence[tuple[int, Condition | None]], table: Expression) -> Expression:
    """A number with those bits set whose condition holds; each condition is asked once."""
    import ibis

    bits: dict[Condition | None, int] = {}
    for place, where in asked:
        bits[where] = bits.get(where, 0) | 1 << place
    parts = [
        _number(number) if where is None else ibis.cases((truth(where, table), _number(number)), else_=_number(0))
        for where, number in bits.items()
    ]
    return reduce(add, parts) if parts else _number(0)


def _number(value: int) -> Expression:
    """A number of 64 bits also where SQL would take a smaller one."""
    import ibis

    return ibis.literal(value).cast("int64")


def _real(value: float) -> Expression:
    """The very float64: written as 0.1 alone, SQL would take it for a decimal."""
    import ibis

    return ibis.literal(repr(value)).cast("float64")


def people_expression(plan: Plan) -> Expression:
    """As `people_sql`, still open for more."""
    import ibis

    people = ibis.table(dict(PEOPLE), name="people")
    columns = {name: people[name] for name in ("person", "organisation")}
    for name, conditions in (("fit", plan.fit), ("aside", plan.aside)):
        for word in range(words_for(conditions)):
            asked = list(enumerate(conditions[word * WORD : (word + 1) * WORD]))
            columns[f"{name}{word}"] = _bits(asked, people)
    return people.select(**columns)


def truth(condition: Condition, table: Expression, *, denied: bool = False) -> Expression:
    """True, or false or null: what is not known answers no question. Where it is denied, null must become false first.

    (Wherever it is not, null and false come to the same, and engines are faster without asking.)
    """
    import ibis

    denied = denied or (isinstance(condition, Group) and condition.join == "none")
    if isinstance(condition, Leaf):
        answer = _leaf(condition, table[column_of(condition.dimension)])
        return answer.fill_null(False) if denied else answer
    parts = [truth(part, table, denied=denied) for part in condition.parts]
    if condition.join == "all":
        return reduce(and_, parts) if parts else ibis.literal(value=True)
    any_of_them = reduce(or_, parts) if parts else ibis.literal(value=False)
    return any_of_them if condition.join == "any" else ~any_of_them


def _leaf(leaf: Leaf, column: Expression) -> Expression:
    if leaf.operator == "exists":
        return column.notnull() if leaf.value is True else column.isnull()
    return _question(leaf, column)


def _question(leaf: Leaf, column: Expression) -> Expression:
    if leaf.operator in {"between", "at_least", "at_most", "before", "after"}:
        return _within(leaf, column)
    wanted = wanted_values(leaf)
    if leaf.operator == "starts_with":
        return column.startswith(wanted[0])
    if leaf.operator == "contains":
        return column.contains(wanted[0])
    choices = [value if isinstance(value, str) else _real(value) for value in wanted]
    if leaf.operator == "not":
        return column.notin(choices) if choices else column.notnull()
    return column.isin(choices) if choices else column.isnull() & column.notnull()


def _within(leaf: Leaf, column: Expression) -> Expression:
    low, high = interval(leaf)
    whole = DIMENSIONS[leaf.dimension] == "date"
    bounds = [
        compare(column, int(bound) if whole else _real(bound))
        for bound, compare in ((low, ge), (high, le))
        if not math.isinf(bound)
    ]
    return reduce(and_, bounds)


def dimensions_read(plan: Plan) -> frozenset[str]:
    """Every dimension that a question of this plan reads: the columns that a scan needs."""
    conditions = [*(question.where for question in plan.questions), *plan.fit, *plan.aside]
    return frozenset().union(*map(dimensions_of, conditions))
