"""Written by no step: the SQL that reads signals and people for the engine, and a few of them as plain rows.

Rows cost less than Arrow up to a few thousand signals; `vendange.models.arrow` reads more.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import connection

from vendange.agreement.vocabulary import PERSON_DIMENSIONS, SIGNAL_DIMENSIONS
from vendange.engine.crowd import Someone
from vendange.engine.rows import SignalRow
from vendange.engine.schema import column_of

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH: Final = EPOCH.replace(tzinfo=None)
LIST: Final = ":list"  # stands in our SQL for the one parameter, a list of numbers
AMONG: Final = f"IN (SELECT value FROM json_each({LIST}))"  # noqa: S608 (ours, all through this file)
AND_PERSON: Final = "JOIN vendange_person p ON p.id = s.person_id"
AND_ORGANISATION: Final = "LEFT JOIN vendange_organisation o ON o.id = p.organisation_id"
COUNTS: Final = "s.verdict <> 'machine'"  # what a machine did counts for nothing
# PostgreSQL guesses wrong how many rows a list of people has, and reads the whole table: this leaves it no choice.
EACH: Final = f"FROM unnest({LIST}::text::bigint[]) AS asked(number)"
OF_PERSON: Final = "CROSS JOIN LATERAL (SELECT * FROM vendange_signal s WHERE s.person_id = {person}{more} OFFSET 0) s"
OF_ORGANISATION: Final = (
    "CROSS JOIN LATERAL (SELECT id, organisation_id FROM vendange_person p"
    " WHERE p.organisation_id = asked.number AND p.set_aside = '' OFFSET 0) p"
)
# Pairs of a number and a moment. SQLite keeps the order of tables that are joined across.
EACH_SINCE: Final = (
    "FROM (SELECT (pair->>0)::bigint AS number, (pair->>1)::timestamptz AS since"  # noqa: S608
    f" FROM json_array_elements({LIST}::text::json) AS pair) AS asked"
)
EACH_SINCE_ON_SQLITE: Final = (
    f"FROM json_each({LIST}) AS asked"
    " CROSS JOIN vendange_person p ON p.organisation_id = json_extract(asked.value, '$[0]') AND p.set_aside = ''"
    " CROSS JOIN vendange_signal s ON s.person_id = p.id AND s.occurred_at >= json_extract(asked.value, '$[1]')"
)

SIGNAL_COLUMNS: Final[Mapping[str, str]] = {
    "person": "s.person_id",
    "organisation": "p.organisation_id",
    "at": "s.occurred_at",
    "id": "s.id",
    "kind": "s.kind",
    **{name: f"s.{name}" for name in SIGNAL_DIMENSIONS if name != "at"},
    "received": "s.received_at",
}
PERSON_COLUMNS: Final[Mapping[str, str]] = {
    "person": "p.id",
    "organisation": "p.organisation_id",
    **{column_of(name): name.replace("person.", "p.").replace("organisation.", "o.") for name in PERSON_DIMENSIONS},
    "person__known_since": "p.created_at",
}
ROW: Final = ("id", "at", "kind", "path", "asset", "campaign", "channel", "topic", "value", "origin")


def from_signals_of(*, with_person: bool = False) -> str:
    """FROM and WHERE of signals that count, of the people in the list. `with_person`: their person is `p`."""
    join = f" {AND_PERSON}" if with_person else ""
    if connection.vendor == "postgresql":
        return f"{EACH} {OF_PERSON.format(person='asked.number', more='')}{join} WHERE {COUNTS}"
    return f"FROM vendange_signal s{join} WHERE {COUNTS} AND s.person_id {AMONG}"


def from_people(*, listed: bool) -> str:
    if not listed:
        return f"FROM vendange_person p {AND_ORGANISATION}"
    if connection.vendor == "postgresql":
        return f"{EACH} JOIN vendange_person p ON p.id = asked.number {AND_ORGANISATION}"
    return f"FROM vendange_person p {AND_ORGANISATION} WHERE p.id {AMONG}"


def from_signals_of_companies(kinds: Collection[str]) -> str:
    """Signals of these kinds, each organisation's since its moment (`since`), of people whom nobody has set aside."""
    quoted = ", ".join(f"'{kind}'" for kind in sorted(kinds))
    which = f" AND s.kind IN ({quoted})"
    if connection.vendor == "postgresql":
        theirs = OF_PERSON.format(person="p.id", more=f" AND s.occurred_at >= asked.since{which}")
        return f"{EACH_SINCE} {OF_ORGANISATION} {theirs} WHERE {COUNTS}"
    return f"{EACH_SINCE_ON_SQLITE} WHERE {COUNTS}{which}"


def from_acts(kinds: Collection[str], after: datetime | None, until: datetime) -> str:
    """Signals of these kinds that count, of the people in the list, after one moment, if any, and up to another."""
    quoted = ", ".join(f"'{kind}'" for kind in sorted(kinds))
    which = [f"s.kind IN ({quoted})", f"s.occurred_at <= {_at(until)}"]
    if after is not None:
        which.append(f"s.occurred_at > {_at(after)}")
    said = " AND ".join(which)
    if connection.vendor == "postgresql":
        return f"{EACH} {OF_PERSON.format(person='asked.number', more=f' AND {said}')} WHERE {COUNTS}"
    return f"FROM vendange_signal s WHERE {COUNTS} AND s.person_id {AMONG} AND {said}"


def _at(moment: datetime) -> str:
    """A moment in the SQL of this database."""
    stored = str(connection.ops.adapt_datetimefield_value(moment))
    return f"'{stored}'::timestamptz" if connection.vendor == "postgresql" else f"'{stored}'"


def listed(numbers: Collection[int]) -> str:
    """The one parameter, as this database reads lists."""
    text = ",".join(map(str, sorted(numbers)))
    return f"[{text}]" if connection.vendor == "sqlite" else f"{{{text}}}"


def since(moments: Mapping[int, datetime]) -> str:
    """The one parameter of what is asked of each number since its moment."""
    adapted = connection.ops.adapt_datetimefield_value
    pairs = [[number, str(adapted(at))] for number, at in sorted(moments.items())]
    return msgspec.json.encode(pairs).decode()


def rows(sql: str, given: str | None = None) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        if given is None:
            cursor.execute(sql)
        else:
            cursor.execute(sql.replace("%", "%%").replace(LIST, "%s"), [given])
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return found


def someones(people: Collection[int]) -> list[Someone]:
    """A few people with their whole history."""
    return _someones(people, _signals(from_signals_of(), listed(people)))


def someones_of_companies(moments: Mapping[int, datetime], kinds: Collection[str]) -> list[Someone]:
    """Who did something of these kinds since the moment of their organisation, with those signals only."""
    found = _signals(from_signals_of_companies(kinds), since(moments))
    return _someones(list(found), found)


def colleagues_of(organisations: Collection[int], engagement: float) -> Sequence[tuple[int, str, float | None, bool]]:
    """Organisation, role, engagement, set aside: of who has a role, or was last measured so engaged or more."""
    if connection.vendor == "postgresql":
        theirs = f"{EACH} JOIN vendange_person p ON p.organisation_id = asked.number"
        only = ""
    else:
        # The plus keeps SQLite from choosing the index of the merged, in which nearly everybody stands.
        theirs, only = "FROM vendange_person p", f"p.organisation_id {AMONG} AND "
    return rows(
        "SELECT p.organisation_id, p.role, m.engagement, p.set_aside <> '' OR coalesce(m.set_aside, '') <> ''"
        f" {theirs} LEFT JOIN vendange_measure m ON m.person_id = p.id WHERE {only}+p.merged_into_id IS NULL"
        f" AND (m.engagement >= {float(engagement)} OR p.role <> '')",
        listed(organisations),
    )


def decisions_of(people: Collection[int]) -> Sequence[tuple[int, datetime, str, str]]:
    """Person, moment, way and rule of what humans were called for about these people, oldest first.

    Not what a machine called for, once a human has closed it: the person themselves calls at once.
    """
    machines = "SELECT 1 FROM vendange_review r WHERE r.lead_id = d.lead_id AND r.off_target = 'by_machine'"
    if connection.vendor == "postgresql":
        theirs = f"{EACH} JOIN vendange_decision d ON d.person_id = asked.number WHERE"
    else:
        theirs = f"FROM vendange_decision d WHERE d.person_id {AMONG} AND"
    called = f"SELECT d.person_id, d.at, d.way, d.rule {theirs} NOT EXISTS ({machines}) ORDER BY d.at"
    return rows(called, listed(people))


def _signals(rest: str, given: str) -> dict[int, list[SignalRow]]:
    columns = ", ".join(SIGNAL_COLUMNS[name] for name in ROW)
    found: dict[int, list[SignalRow]] = {}
    for person, number, at, *said in rows(f"SELECT s.person_id, {columns} {rest}", given):
        found.setdefault(person, []).append(SignalRow(number, micros(at), *said))
    return found


def _someones(people: Collection[int], signals: Mapping[int, Sequence[SignalRow]]) -> list[Someone]:
    columns = ", ".join(PERSON_COLUMNS[column_of(name)] for name in PERSON_DIMENSIONS)
    sql = f"SELECT p.id, p.organisation_id, {columns} {from_people(listed=True)}"
    return [
        Someone(person, organisation, _profile(known), signals.get(person, ()))
        for person, organisation, *known in rows(sql, listed(people))
    ]


def _profile(known: Sequence[Any]) -> dict[str, object]:
    found = dict(zip(PERSON_DIMENSIONS, known, strict=True))
    found["person.known_since"] = micros(found["person.known_since"])
    return found


def micros(at: datetime) -> int:
    """Since 1970. SQLite gives moments of UTC without saying so."""
    return (at - (EPOCH if at.tzinfo else NAIVE_EPOCH)) // timedelta(microseconds=1)
