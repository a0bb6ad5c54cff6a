"""`vendange learn`: a table as people export it, what is learnt from it, and a sentence for all that cannot be."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.typed import vendange

ROWS = 1500
KEYS = {"auc", "lift", "ece", "rules", "refused", "asked", "verdict", "warned", "calibration", "oldest", "newest"}


def rows(seed: int = 1) -> list[list[str]]:
    chance = np.random.default_rng(seed)
    made = []
    for place in range(ROWS):
        pages, source = int(chance.exponential(6)), str(chance.choice(["été", "mail", "partner"]))
        odds = -1.5 + 1.5 * (pages >= 8) + 1.2 * (source == "partner")
        won = chance.random() < 1 / (1 + np.exp(-odds))
        day = np.datetime64("2025-01-01") + place // 5
        later = str(day + 40) if won else ""
        made.append([str(day), f"{pages},5", source, "signed" if won else "", later, "Won" if won else "Lost"])
    return made


HEADER = ["day", "pages", "source", "contract_state", "contract_at", "outcome"]


def written(path: Path, separator: str = ",", encoding: str = "utf-8", made: list[list[str]] | None = None) -> Path:
    lines = [HEADER, *(made or rows())]
    cells = [[cell.replace(",", ".") if separator == "," else cell for cell in line] for line in lines]
    path.write_bytes("\r\n".join(separator.join(line) for line in cells).encode(encoding))
    return path


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("learn") / "leads.csv")


def told(path: Path, *words: str) -> dict[str, Any]:
    said = vendange("learn", path, "--label", "outcome", "--time", "day", *words, "--json")
    assert said.code == 0, said.err
    value: dict[str, Any] = said.value
    return value


def test_it_tells_programs_everything(leads: Path) -> None:
    found = told(leads)
    assert set(found) >= KEYS
    assert found["verdict"] == "signal"
    assert found["auc"] > 0.6
    assert {rule["column"] for rule in found["rules"]} == {"pages", "source"}
    assert {one["column"] for one in found["refused"]} == {"contract_state", "contract_at"}
    assert found["newest"] == {"n": 450, "wins": found["newest"]["wins"], "since": "2025-07-30", "until": "2025-10-27"}
    for rule in found["rules"]:
        assert rule["sign"] * rule["points"] > 0
        assert rule["sign"] * (rule["rate"] - rule["rest"]) > 0


def test_it_tells_people_in_sentences_and_tables(leads: Path) -> None:
    said = vendange("learn", leads, "--label", "outcome", "--time", "day")
    assert said.code == 0
    for words in (
        "leads.csv: 1,500 leads",
        "Judged once on the newest 450 leads",
        "Verdict: a signal.",
        "source is partner",
        "RATE SAID  RATE SEEN",
        "contract_state: ",
        "Columns whose time of filling is not known: pages, source.",
    ):
        assert words in said.out


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(";", "utf-8"), (";", "cp1252"), ("\t", "utf-8-sig"), ("|", "utf-16"), (",", "utf-8-sig")],
)
def test_files_as_spreadsheets_write_them_say_the_same(
    leads: Path, tmp_path: Path, separator: str, encoding: str
) -> None:
    """Where semicolons separate, a comma is a decimal sign."""
    made = [[cell.replace(",", ".") if separator in "\t|" else cell for cell in line] for line in rows()]
    odd = told(written(tmp_path / "leads.csv", separator, encoding, made))
    assert odd == told(leads)


def test_a_packed_file_is_read(leads: Path, tmp_path: Path) -> None:
    packed = tmp_path / "leads.csv.gz"
    packed.write_bytes(gzip.compress(leads.read_bytes()))
    assert told(packed)["auc"] == told(leads)["auc"]


def test_the_order_of_rows_changes_nothing(leads: Path, tmp_path: Path) -> None:
    made = rows()
    np.random.default_rng(3).shuffle(made)
    assert told(written(tmp_path / "leads.csv", made=made)) == told(leads)


def test_dates_as_they_are_written_here_and_there(leads: Path, tmp_path: Path) -> None:
    """Days above 12 tell which number is the day."""
    made = [["/".join(reversed(line[0].split("-"))), *line[1:]] for line in rows()]
    slashed = written(tmp_path / "leads.csv", made=made)
    assert told(slashed) == told(leads)
    assert told(slashed, "--date", "DD/MM/YYYY") == told(leads)
    few = written(tmp_path / "few.csv", made=[line for line in made if line[0][:2] < "13"])
    said = vendange("learn", few, "--label", "outcome", "--time", "day")
    assert (said.code, "can be read in two ways" in said.err) == (1, True)


def test_times_of_filling_prove_or_refuse(leads: Path) -> None:
    found = told(leads, "--filled", "source=contract_at")
    assert {(one["column"], one["reason"]) for one in found["refused"]} >= {("source", "filled_later")}
    assert not any(rule["column"] == "source" for rule in found["rules"])


def test_what_is_asked_about_is_left_out_until_answered(tmp_path: Path) -> None:
    made = [[*line[:3], str(place % 3), line[4], line[5]] for place, line in enumerate(rows())]
    path = written(tmp_path / "leads.csv", made=made)
    asked = told(path, "--exclude", "contract_at")
    assert [(one["column"], one["word"]) for one in asked["asked"]] == [("contract_state", "contract")]
    assert "contract_state" not in asked["used"]
    answered = told(path, "--exclude", "contract_at", "--include", "contract_state")
    assert (answered["asked"], "contract_state" in answered["used"]) == ([], True)


def test_open_deals_are_left_out_and_said(tmp_path: Path) -> None:
    made = [[*line[:5], "Open" if place % 4 == 0 else line[5]] for place, line in enumerate(rows())]
    made[1][0] = ""
    path = written(tmp_path / "leads.csv", made=made)
    assert "Say which one is a success" in vendange("learn", path, "--label", "outcome", "--time", "day").err
    said = vendange("learn", path, "--label", "outcome", "--time", "day", "--won", "won", "--lost", "LOST")
    assert "Left out: 375 rows with no outcome." in said.out
    assert "Left out: 1 rows with no date." in said.out
    assert told(path, "--won", "Won", "--lost", "Lost")["left_out"] == {"no_outcome": 375, "no_date": 1}
    assert told(path, "--won", "Won")["left_out"] == {"no_outcome": 0, "no_date": 1}


def test_without_dates_it_says_that_it_shuffles(leads: Path) -> None:
    said = vendange("learn", leads, "--label", "outcome", "--exclude", "day")
    assert "the leads are shuffled, always in the same way" in said.out
    value = vendange("learn", leads, "--label", "outcome", "--exclude", "day", "--json").value
    assert (value["order"], value["newest"]["since"]) == ("shuffle", None)


def test_no_signal_is_said_and_shows_no_rule(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    made = [[*line[:5], str(chance.choice(["Won", "Lost"]))] for line in rows()]
    path = written(tmp_path / "leads.csv", made=made)
    found = told(path)
    assert (found["verdict"], found["rules"]) == ("no reliable signal", [])
    said = vendange("learn", path, "--label", "outcome", "--time", "day").out
    assert "Verdict: no reliable signal." in said
    assert "POINTS" not in said


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (b"", "--label won", "is empty"),
        (b"a,won\n", "--label won", "no rows"),
        (b"a,won\n1,1\n", "--label wn", "Did you mean won?"),
        (b"a,won\n1,1\n", "--label won --time day", "has no column day"),
        (b"a,won\n1,1\n", "--label won --exclude b", "has no column b"),
        (b"a,won\n1,1\n", "--label won --time won", "both the outcome and the time"),
        (b"a,won\n1,1\n", "--label won --filled a=b", "name it with --time"),
        (b"a,won\n1,1\n", "--label won --time a --filled a", "Write --filled COLUMN=TIMECOLUMN"),
        (b"a,won\n1,1\n", "--label won --time a --date noon", "is no format of dates"),
        (b"a,won\n1,1\n", "--label won --include b", "no column b to include"),
        (b"a,won\n1,1\n", "--label won --exclude won", "won is the outcome: without it nothing can be learnt"),
        (b"a,won\n1,1\n", "--label won --exclude a --include a", "both excluded and included"),
        (b"a,won\n1,1\n" + b"2,1\n" * 200, "--label won", "nothing to tell apart"),
        (b"a,won\n" + b"2,1\n3,0\n" * 20, "--label won", "too few to learn from"),
        (b"a,won\n" + b"2,0\n" * 300 + b"3,1\n" * 3, "--label won", "Too few outcomes"),
        (b"a,won\n2,maybe\n", "--label won", "Say which one is a success"),
        (b"a,won\n2,yes\n", "--label won --won yeah", "No row of won holds yeah"),
        (b"a,won\n2025-01-01,1\nsoon,0\n", "--label won --time a", "soon in a (row 2"),
        (b"a,won\n,1\n,0\n", "--label won --time a", "No row has both"),
        (b"a,won\n1,1,1\n", "--label won", "line 2: 3 cells for 2 columns"),
        (b'a,won\n"x"y,1\n', "--label won", "cannot be cut into cells"),
        (b"a,a,won\n1,1,1\n", "--label won", "two columns called a"),
        (b"PK\x03\x04", "--label won", "is a workbook or a zip file"),
        (b"\x1f\x8b\x08broken", "--label won", "damaged gzip file"),
        (b"a,won\n\x81\x8d\xff\xfe,1\n", "--label won", "in an encoding that we cannot tell"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, content: bytes, words: str, sentence: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    said = vendange("learn", path, *words.split())
    assert said.code == 1
    assert sentence in said.err
    assert "map" not in said.err  # that is of `vendange import`


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = vendange("learn", tmp_path / "none.csv", "--label", "won")
    assert (said.code, "cannot be read" in said.err) == (1, True)


def test_the_bench_tells_what_learning_costs() -> None:
    said = vendange("bench", "learn", "--rows", "2k", "--rounds", "1", "--json")
    [one] = json.loads(said.out)
    assert (one["name"], one["unit"], one["target"]) == ("learn 2,000 × 10", "CPU s", None)
    assert one["details"]["conditions"] > 50
    assert vendange("bench", "learn", "--rows", "9").code == 1
