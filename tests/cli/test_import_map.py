"""A map that cannot be used is refused with the line and the remedy of every mistake."""

from pathlib import Path

import pytest

from vendange.sheets.column_map import BadMap, load_map, read_map

GOOD = "source: Fair\nkind: people\nsignal: booth_visited\ncolumns:\n  email: Mail\n  occurred_at: Day\n"
DEALS = "source: Old CRM\nkind: deals\ncolumns:\n  external_id: Id\n  closed_at: Day\n  status: State\n"
EXAMPLES = Path(__file__).parents[2] / "examples" / "maps"


def refused(text: str) -> str:
    with pytest.raises(BadMap) as error:
        read_map(text.encode(), name="map.yaml", time_zone="Europe/Paris")
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (GOOD.replace("email: Mail", "emial: Mail"), 5, "Did you mean email?"),
        (GOOD.replace("people", "person"), 2, "Choose one of: people, deals."),
        (GOOD.replace("booth_visited", "booth_visitd"), 3, "Did you mean booth_visited?"),
        (GOOD.replace("signal:", "signals:"), 3, "Did you mean signal?"),
        (GOOD.replace("  occurred_at: Day\n", ""), 3, "the date on which it happened"),
        (GOOD.replace("  email: Mail\n", ""), 5, "No column says who the person is"),
        (GOOD.replace("signal: booth_visited\n", "") + "  path: Page\n", 4, "path belongs to a signal"),
        (GOOD + "values: {email: a@b.example}\n", 7, "There is no field email here"),
        (GOOD + "  city: Town\nvalues: {city: Lyon}\n", 8, "both a column and a value"),
        (GOOD + "ignore: [Mail]\n", 7, "both read and ignored"),
        (GOOD + "facts: {Budget: Budget}\n", 7, "Budget cannot name a fact"),
        (GOOD + "facts: {city: Town}\n", 7, "city is a field of its own"),
        (GOOD + "date: {format: DD/MM/YY}\n", 7, "Choose one of: YYYY-MM-DD, DD/MM/YYYY"),
        (GOOD + "date: {time_zone: Europe/Pariss}\n", 7, "Did you mean Europe/Paris?"),
        (GOOD + "encoding: utf-9\n", 7, "Did you mean utf-8?"),
        (GOOD + "separator: comma2\n", 7, "Did you mean comma?"),
        (DEALS.replace("  status: State\n", ""), 4, "won or lost"),
        (DEALS + "  amount: Sum\n", 4, "An amount needs a currency"),
        (DEALS + "signal: form_submitted\n", 7, "A file of deals has no signal"),
        ("source: x\n", 1, "The field kind is missing"),
        ("source: [x\n", 2, "not readable YAML"),
    ],
)
def test_each_mistake_is_told_with_its_line(text: str, line: int, told: str) -> None:
    said = refused(text)
    assert f"Line {line}" in said
    assert told in said


def test_all_mistakes_are_told_at_once() -> None:
    said = refused(GOOD.replace("people", "person").replace("email", "emial"))
    assert "person is not known" in said
    assert "emial" in said


def test_an_empty_or_absent_map_says_where_to_start(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("  \n")
    with pytest.raises(BadMap, match="examples/maps"):
        load_map(tmp_path / "empty.yaml", time_zone="UTC")
    with pytest.raises(BadMap, match="cannot be read"):
        load_map(tmp_path / "none.yaml", time_zone="UTC")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_example_maps_are_good(path: Path) -> None:
    assert load_map(path, time_zone="UTC").source.startswith("Olist")
