"""The sample company: alive, invented, repeatable, and made by no other means than a real one."""

import ast
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from django.db.models import Max, Q

from tests.house.tree import SRC, calls, name_of, python, tree_of
from vendange.agreement.stages import CLOSED
from vendange.cli.demo import demo
from vendange.demo import team
from vendange.demo.company import LOGINS, Built, NoExamples, NotEmpty, build
from vendange.models import (
    Assignment,
    Call,
    Deal,
    Lead,
    Move,
    Organisation,
    Outgoing,
    Person,
    Report,
    Review,
    Signal,
    Signature,
    Trail,
    User,
)
from vendange.models.trail import broken

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)  # a Friday, 11:40 in Paris
CLOSED_STAGES = [str(stage) for stage in CLOSED]
MOMENTS: tuple[tuple[type[Any], str], ...] = (
    (Signal, "occurred_at"),
    (Lead, "opened_at"),
    (Move, "at"),
    (Review, "decided_at"),
    (Assignment, "first_called_at"),
    (Call, "at"),
    (Report, "at"),
    (Deal, "closed_at"),
    (Trail, "at"),
)


def built(*, seed: int = 7, people: int = 100, now: datetime = NOW) -> Built:
    return build(people=people, months=3, seed=seed, now=now, progress=lambda _what, _share: None)


def story() -> list[tuple[object, ...]]:
    moves = Move.objects.order_by("id").values_list("lead__person__email", "to_stage", "at", "because", "by__username")
    signals = Signal.objects.order_by("id").values_list("person__email", "kind", "occurred_at", "path")
    return [*moves, *signals]


@pytest.fixture
def company(db: None) -> Built:
    return built()


def test_it_lives(company: Built) -> None:
    assert company.people >= 90
    assert company.signals > 200
    assert company.leads >= 5
    assert company.passed >= 1
    assert Trail.objects.filter(verb="lead.judged").exists()


def test_an_open_lead_has_an_owner_and_a_next_date(company: Built) -> None:
    left = Lead.objects.exclude(stage__in=CLOSED_STAGES)
    assert left.exists()
    assert not left.filter(Q(next_at__isnull=True) | Q(holder="")).exists()
    assert not left.filter(holder="person", owner__isnull=True).exists()


@pytest.mark.parametrize(("model", "column"), MOMENTS)
def test_nothing_is_later_than_now(company: Built, model: type[Any], column: str) -> None:
    latest = model.objects.aggregate(latest=Max(column))["latest"]
    assert latest is None or latest <= NOW


def test_every_address_is_an_example(company: Built) -> None:
    assert not Person.objects.exclude(email__endswith=".example").exists()
    assert not User.objects.exclude(email__endswith=".example").exists()
    assert not Organisation.objects.exclude(domain__endswith=".example").exists()


def test_telephone_numbers_are_kept_for_fiction(company: Built) -> None:
    fictive = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
    german = ("+493023125", "+496990009", "+494066969", "+492214710", "+498999998")
    phones = set(Person.objects.exclude(phone="").values_list("phone", flat=True))
    assert phones
    assert {one for one in phones if not one.startswith((*fictive, *german))} == set()


def test_no_letter_of_the_past_is_sent(company: Built) -> None:
    assert Outgoing.objects.exists()
    assert not Outgoing.objects.filter(given_up_at__isnull=True).exists()


def test_both_heads_signed_two_versions(company: Built) -> None:
    signed = Signature.objects.order_by("id").values_list("agreement__number", "side", "user__username")
    assert list(signed) == [
        (1, "marketing", "sophie"),
        (1, "sales", "marc"),
        (2, "marketing", "sophie"),
        (2, "sales", "marc"),
    ]


def test_the_trail_is_whole(company: Built) -> None:
    assert list(broken()) == []


def test_each_role_can_sign_in(company: Built) -> None:
    users = {one.username: one for one in User.objects.all()}
    assert [one.role for one in LOGINS] == [users[one.username].role for one in LOGINS]
    assert all(users[one.username].check_password(one.password) for one in LOGINS)
    assert {one.role for one in LOGINS} == {"marketing", "ldr", "sales", "manager", "admin"}


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_lives_the_same_life() -> None:
    first = told(seed=3)
    assert told(seed=3) == first
    assert told(seed=4) != first


def told(seed: int) -> list[tuple[object, ...]]:
    """What happened in one company, which is forgotten again."""
    from django.db import transaction

    with transaction.atomic():
        built(seed=seed)
        found = story()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("now", [datetime(2026, 8, 16, 3, 5, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)])
def test_it_lives_up_to_any_moment(db: None, now: datetime) -> None:
    assert built(now=now).leads
    assert not Move.objects.filter(at__gt=now).exists()


def test_every_desk_has_something_to_do(db: None) -> None:
    built(people=240)
    hugo = Lead.objects.filter(owner__username="hugo")
    waiting = Review.objects.filter(outcome="", lead__stage="alert")
    assert waiting.filter(due_at__gt=NOW).count() >= 5
    assert waiting.filter(due_at__lte=NOW).exists()
    assert hugo.filter(next_step="accept").exists()
    assert hugo.filter(next_step="call", next_at__gt=NOW).count() >= 2
    assert hugo.filter(next_step="call", next_at__lte=NOW).exists()
    assert hugo.filter(next_step="report").exists()
    assert hugo.filter(stage="opportunity").exists()
    assert Lead.objects.filter(stage="recycled").exists()


def test_it_never_mixes_with_a_real_company(db: None) -> None:
    User.objects.create(username="someone", email="someone@atelier-nova.example")
    with pytest.raises(NotEmpty, match="VENDANGE_HOME"):
        built()
    told = CliRunner().invoke(demo, [])
    assert told.exit_code == 1
    assert "empty place" in told.output


def test_without_the_examples_it_says_so(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "TEXT", "examples/agreements/none.yaml")
    with pytest.raises(NoExamples):
        built()


def test_the_command_prints_the_logins(db: None) -> None:
    said = CliRunner().invoke(demo, ["--people", "40", "--months", "1"])
    assert said.exit_code == 0, said.output
    assert "Ateliers Rochebrune" in said.output
    assert all(one.username in said.output for one in LOGINS)


WRITES = {"create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "save", "delete", "update"}


def test_no_table_is_written_here() -> None:
    offences = [
        f"{name_of(path)}:{call.lineno} {called}"
        for path in python(SRC / "demo")
        for called, call in calls(tree_of(path))
        if called in WRITES and isinstance(call.func, ast.Attribute)
    ]
    assert offences == []
