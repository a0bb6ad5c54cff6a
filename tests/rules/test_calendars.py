"""Delays fall due as the cases say, through lunches, holidays and changes of clocks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vendange.agreement.calendars import NeverOpen, due, is_open, next_opening, working_minutes_between
from vendange.agreement.places import Place
from vendange.agreement.promises import read_calendar
from vendange.agreement.terms import Calendar, Hours, Span
from vendange.agreement.yaml_tree import Text, read_tree

PARIS = ZoneInfo("Europe/Paris")
TABLE = yaml.load((Path(__file__).parent / "cases" / "delays.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
PAGE = (Path(__file__).parents[2] / "docs" / "rules" / "delays.md").read_text("utf-8")
PROMISED = yaml.load(PAGE.split("```yaml\n")[1].split("```")[0], Loader=yaml.BaseLoader)  # noqa: S506
CASES = TABLE["cases"] + PROMISED["cases"]
CALENDAR = read_calendar(Place(read_tree(yaml.safe_dump(TABLE["calendar"]), []), "calendar", []))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def span(text: str) -> Span:
    problems: list[Any] = []
    found = Place(Text(1, text, False), "within", problems).span()
    assert problems == []
    return found


def test_the_page_and_the_table_speak_of_the_same_calendar() -> None:
    assert PROMISED["calendar"] == TABLE["calendar"]


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_promise_falls_due(case: dict[str, str]) -> None:
    found = due(moment(case["from"]), span(case["within"]), CALENDAR)
    assert found.astimezone(PARIS) == moment(case["due"])
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize("case", TABLE["worked"], ids=[case["says"] for case in TABLE["worked"]])
def test_working_time_is_counted(case: dict[str, str]) -> None:
    assert working_minutes_between(moment(case["from"]), moment(case["to"]), CALENDAR) == int(case["minutes"])


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 09:00"),
        ("2026-11-23 12:30", "2026-11-23 13:30"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-12-25 10:00", "2026-12-28 09:00"),
    ],
)
def test_the_door_opens_and_closes(at: str, opens: str) -> None:
    assert next_opening(moment(at), CALENDAR) == moment(opens)
    assert is_open(moment(at), CALENDAR) == (at == opens)


def test_a_night_shift_counts_the_hour_that_the_clocks_skip() -> None:
    nights = Calendar("Europe/Paris", "", tuple(Hours(day, ((0, 24 * 60),)) for day in range(7)))
    assert working_minutes_between(moment("2026-03-29 00:00"), moment("2026-03-30 00:00"), nights) == 23 * 60
    assert working_minutes_between(moment("2026-10-25 00:00"), moment("2026-10-26 00:00"), nights) == 25 * 60


def test_a_calendar_without_hours_is_said_to_be_so() -> None:
    with pytest.raises(NeverOpen, match="give it opening hours"):
        due(moment("2026-11-23 10:00"), Span(1, "working_hours"), Calendar("UTC", "", ()))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        due(datetime(2026, 1, 1), Span(1, "hours"), CALENDAR)  # noqa: DTZ001


FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


@given(MOMENTS, st.integers(1, 5000))
def test_what_is_due_in_working_minutes_holds_as_many(start: datetime, minutes: int) -> None:
    end = due(start, Span(minutes, "working_minutes"), CALENDAR)
    assert working_minutes_between(start, end, CALENDAR) == minutes
    assert working_minutes_between(start, end - timedelta(minutes=1), CALENDAR) < minutes


@given(MOMENTS, st.integers(1, 60), st.sampled_from(["working_hours", "working_days", "hours", "days"]))
def test_a_later_start_is_never_due_earlier(start: datetime, amount: int, unit: Any) -> None:
    later = start + timedelta(minutes=37)
    assert due(later, Span(amount, unit), CALENDAR) >= due(start, Span(amount, unit), CALENDAR) > start
