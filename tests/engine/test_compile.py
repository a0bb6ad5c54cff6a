"""Questions asked in SQL and questions asked row by row have the same answers."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.engine.drawn import agreements, histories, profiles
from vendange.agreement.terms import Agreement
from vendange.engine.crowd import Crowd, Someone, crowd_of_rows
from vendange.engine.on_duckdb import crowd_of_tables
from vendange.engine.plan import Plan, plan_of
from vendange.engine.rows import Profile, SignalRow
from vendange.engine.tables import people_table, signals_table

EXAMPLES = 2000 if settings.default and settings.default.max_examples >= 1000 else 100
SHA = "5" * 64

members = st.tuples(profiles(), histories(), st.sampled_from([None, 3, 4]), st.booleans())


@settings(max_examples=EXAMPLES, deadline=None)
@given(agreements(), st.lists(members, max_size=4))
def test_both_ways_of_asking_have_the_same_answers(
    agreement: Agreement, drawn: list[tuple[Profile, list[SignalRow], int | None, bool]]
) -> None:
    plan = plan_of(agreement)
    people = [
        Someone(place * 2, organisation, profile, () if silent else rows)
        for place, (profile, rows, organisation, silent) in enumerate(drawn)
    ]
    found = crowd_of_tables(plan, signals_table(people), people_table(people))
    expected = answering(plan, crowd_of_rows(plan, people))
    event(f"{plan.words} words")
    assert plain(found, plan.words) == plain(expected, plan.words)


def answering(plan: Plan, crowd: Crowd) -> Crowd:
    """Without the signals that SQL leaves out because they answer nothing."""
    count = len(crowd.at)
    masks = [[crowd.masks[word * count + place] for word in range(plan.words)] for place in range(count)]
    kept = [place for place in range(count) if plan.keeps_all_signals or any(masks[place])]
    return Crowd(
        people=crowd.people,
        organisations=crowd.organisations,
        fit=crowd.fit,
        aside=crowd.aside,
        starts=[sum(place < start for place in kept) for start in crowd.starts],
        at=[crowd.at[place] for place in kept],
        ids=[crowd.ids[place] for place in kept],
        masks=[masks[place][word] for word in range(plan.words) for place in kept],
        weights=[crowd.weights[place] for place in kept] if len(crowd.weights) else [],
        contents=[crowd.contents[place] for place in kept] if len(crowd.contents) else [],
    )


def plain(crowd: Crowd, words: int) -> dict[str, list[float]]:
    columns = {name: list(getattr(crowd, name)) for name in Crowd.__slots__ if name != "contents"}
    seen: dict[int, int] = {}
    columns["contents"] = [seen.setdefault(code, len(seen)) for code in crowd.contents]
    assert len(columns["masks"]) == words * len(columns["at"])
    return columns
