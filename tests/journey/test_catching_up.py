"""Thousands who wait to be measured are measured soon, and who cannot be keeps nobody busy."""

import pytest

from tests.people import MONDAY, House
from vendange.journey import clock
from vendange.models import Measure, Person, Touched


def crowd(count: int) -> None:
    people = Person.objects.bulk_create(Person(created_at=MONDAY) for _ in range(count))
    Touched.objects.bulk_create(Touched(person=one) for one in people)


def test_as_long_as_many_wait_there_is_more_to_do(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "BATCH", 4)
    crowd(10)
    turns = [clock.catch_up(now=MONDAY) for _ in range(3)]
    assert turns == [True, True, False]
    assert (Measure.objects.count(), Touched.objects.count()) == (8, 2)  # the next tick takes the rest


@pytest.mark.django_db
def test_without_an_agreement_they_wait_and_the_clock_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "BATCH", 4)
    crowd(10)
    assert clock.catch_up(now=MONDAY) is False
    assert Touched.objects.count() == 10
