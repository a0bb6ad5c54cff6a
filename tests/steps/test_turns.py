"""Long work lets others write."""

import pytest
from django.db import connection

from vendange.models.turns import RESTS, WORKS, Turns


@pytest.mark.django_db
def test_long_work_rests_once_a_second_where_there_is_one_writer() -> None:
    moment, rests = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        moment[0] += seconds

    turns = Turns(lambda: moment[0], sleep)
    for _ in range(10):
        moment[0] += WORKS / 4  # a piece
        turns.give()
    wanted = [RESTS, RESTS] if connection.vendor == "sqlite" else []
    assert rests == wanted
