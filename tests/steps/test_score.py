"""The live path gives what the slow, obvious version gives, asked row by row or in Arrow, on both databases."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.engine.drawn import START, agreements, organisations
from tests.people import House
from vendange.agreement.terms import Agreement
from vendange.engine import oracle
from vendange.engine.heat import Colleague, heat
from vendange.engine.oracle import Call, Member
from vendange.engine.oracle.heat import heat as heat_of_oracle
from vendange.engine.rows import DAY, Alert
from vendange.models import Heat, Measure, Organisation, Person, Signal, Touched
from vendange.score import queries
from vendange.score.actions import Ripe, refresh, touch
from vendange.score.queries import micros, moment, profile
from vendange.score.rules import Told, news

NOW = moment(START + 10_000 * DAY)
ROLES = st.sampled_from(["", "decides", "USES", "pays"])
EXAMPLES = 300 if settings.default and settings.default.max_examples >= 1000 else 15


def fitting(table: Any, column: str, drawn: object) -> str:
    return str(drawn or "")[: table._meta.get_field(column).max_length]


def kept(members: Sequence[Member], source_id: int) -> list[Member]:
    """These people in the tables, in one organisation; as the tables know them."""
    facts = members[0].profile
    size = facts.get("organisation.employees")
    names = ("industry", "country", "region", "postal_code", "tier")
    columns = {name: fitting(Organisation, name, facts.get(f"organisation.{name}")) for name in names}
    firm = Organisation.objects.create(
        name="Drawn", created_at=NOW, employees=int(size) if size == 50 else None, **columns
    )
    found = []
    for member in sorted(members, key=lambda one: one.person):
        person = Person(organisation=firm, created_at=moment(START))
        for name in ("level", "role", "job_title", "language", "source", "country"):
            setattr(person, name, fitting(Person, name, member.profile.get(f"person.{name}")))
        person.save()
        rows = [
            Signal(
                person=person,
                source_id=source_id,
                message_id=f"{member.person} {row.id}",
                occurred_at=moment(row.at),
                received_at=NOW,
                value=row.value if row.value == row.value else None,
                kind=row.kind,
                origin=row.origin or "",
                **{name: getattr(row, name) or "" for name in ("path", "asset", "campaign", "channel", "topic")},
            )
            for row in sorted(member.signals, key=lambda row: row.id)
        ]
        Signal.objects.bulk_create(rows)
        known = Person.objects.select_related("organisation").get(pk=person.pk)
        signals = [
            row._replace(id=made.pk, value=made.value)
            for row, made in zip(sorted(member.signals, key=lambda row: row.id), rows, strict=True)
        ]
        found.append(Member(person.pk, profile(known), signals))
    return found


def asked(house: House, agreement: Agreement, members: Sequence[Member]) -> list[Ripe]:
    touched = {one.person: moment(min(row.at for row in one.signals)) if one.signals else None for one in members}
    touch(touched)
    return refresh(touched=touched, version=house.version, agreement=agreement, now=NOW)


def calls_of(ripe: Sequence[Ripe]) -> list[Call]:
    alerts = [(one.person.pk, one.alert) for one in ripe]
    found = [
        Call(person, one.at, one.way, one.rule, one.lead_type, one.grade, frozenset(one.signal_ids))
        for person, one in alerts
    ]
    return sorted(found, key=lambda one: (one.person, one.at))


@pytest.mark.parametrize("few", [0, 100])
def test_live_calls_and_measures_as_the_oracle_does(house: House, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW", few)

    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate])  # shrinking takes minutes
    @given(agreements(), organisations())
    def check(agreement: Agreement, people: list[Member]) -> None:
        with transaction.atomic():
            members = kept(people, house.source.pk)
            found = calls_of(asked(house, agreement, members))
            assert found == sorted(oracle.calls(agreement, members), key=lambda one: (one.person, one.at))
            stands = [(one, oracle.stand(agreement, one.profile, one.signals, micros(NOW))) for one in members]
            check_measures([(one.person, stand) for one, stand in stands])
            check_heat(heat_of_oracle(agreement, [(one.profile, stand) for one, stand in stands]))
            assert not Touched.objects.exists()
            transaction.set_rollback(True)

    check()


def check_measures(stands: Sequence[tuple[int, oracle.Standing]]) -> None:
    for person, stand in stands:
        kept_ = Measure.objects.get(person_id=person)
        assert (kept_.grade, kept_.temperature, kept_.set_aside) == (stand.grade, stand.temperature, stand.set_aside)
        assert {name: cell for name, (_, cell) in kept_.dimensions.items()} == stand.cells
        assert set(kept_.changes) == stand.changes
        assert kept_.interests.keys() == stand.interests.keys()


def check_heat(expected: object) -> None:
    kept_ = Heat.objects.first()
    if expected is None:
        assert kept_ is None
        return
    assert kept_ is not None
    found = (kept_.temperature, kept_.engaged, kept_.roles, kept_.disagreement)
    assert found == tuple(getattr(expected, name) for name in ("temperature", "engaged", "roles", "disagreement"))


@settings(max_examples=100)
@given(
    agreements(),
    st.lists(st.tuples(st.sampled_from(["", "decides", "USES", "pays"]), st.integers(0, 100), st.booleans())),
)
def test_heat_is_counted_as_the_oracle_counts(agreement: Agreement, drawn: list[tuple[str, int, bool]]) -> None:
    stands = [
        (
            {"person.role": role},
            oracle.Standing(0, points, "D4", "cold", "x" if aside else "", {}, {}, {}, {}, frozenset()),
        )
        for role, points, aside in drawn
    ]
    expected = heat_of_oracle(agreement, stands)
    found = heat(agreement, [Colleague(role, points, aside) for role, points, aside in drawn])
    assert (found is None) == (expected is None)
    if found and expected:
        assert (found.temperature, found.engaged, dict(found.roles), found.disagreement) == (
            expected.temperature,
            expected.engaged,
            expected.roles,
            expected.disagreement,
        )


def alert(at: int, way: str, rule: str) -> Alert:
    return Alert(at, way, rule, "project", 0.0, 0.0, "A1", (), ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "rule", "told", "fresh"),
    [
        ("act", "quote", Told(DAY, "act", "quote"), False),
        ("act", "quote", Told(-DAY, "act", "quote"), True),
        ("act", "quote", Told(0, "act", "demo"), True),
        ("pattern", "buys", Told(9 * DAY, "pattern", "buys"), False),
        ("pattern", "buys", Told(-9 * DAY, "pattern", "buys", mine=False), False),
        ("pattern", "buys", Told(10 * DAY, "pattern", "buys"), True),
        ("pattern", "buys", Told(0, "pattern", "talks"), True),
        ("change", "laser", Told(-DAY, "change", "laser"), False),
        ("change", "laser", Told(-DAY, "change", "press"), True),
        ("score", "A1", Told(9 * DAY, "act", "quote"), False),
        ("score", "A1", Told(0, "pattern", "buys", mine=False), True),
        ("dimension", "presses", Told(-9 * DAY, "score", "A1"), False),
        ("dimension", "presses", Told(-10 * DAY, "score", "A1"), True),
    ],
)
def test_what_is_news(way: str, rule: str, told: Told, fresh: bool) -> None:
    given = told._replace(at=told.at - 1) if way == "act" and told.at == DAY else told
    assert bool(news([alert(0, way, rule)], [given], 10.0)) is fresh


def test_the_same_alert_twice_in_one_go_is_told_once() -> None:
    twice = [alert(0, "pattern", "buys"), alert(DAY, "pattern", "buys"), alert(11 * DAY, "pattern", "buys")]
    assert [one.at for one in news(twice, [], 10.0)] == [0, 11 * DAY]


def test_touching_again_keeps_the_oldest_moment(house: House) -> None:
    [person] = kept([Member(1, {}, [])], house.source.pk)
    late = NOW - timedelta(microseconds=1)
    for at, expected in ((None, None), (NOW, NOW), (late, late), (None, late), (NOW, late)):
        touch({person.person: at})
        assert Touched.objects.get().since == expected
