"""Each mistake in a written agreement is refused with its line, and with what to do about it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.mistakes import HEAD, fit, scored, told
from vendange.agreement.language import NotAnAgreement, load, load_kept

# name of the mistake: text, line, part of what is wrong, part of the remedy
MISTAKES = {
    "unknown section": (HEAD + "engagment: {}\n", 4, "no field engagment", "mean engagement"),
    "unknown field": (fit("id: a, where: {person.country: FR}, point: 5"), 5, "no field point", "mean points"),
    "missing field": (fit("id: a, points: 5"), 5, "where is missing", "Add where"),
    "missing name": ("acts:\n  - {id: quote, on: quote_requested}\n", 1, "agreement is missing", "Add agreement"),
    "empty name": ("agreement: ''\n" + HEAD[17:], 1, "empty", "Write a value"),
    "nothing written": (HEAD + "alert:\n", 4, "Nothing is written", "remove the field"),
    "duplicate key": (HEAD + "cool_down: 1 day\ncool_down: 2 days\n", 5, "twice, first in line 4", "Keep one"),
    "anchor": (HEAD + "alert: &cells [A1]\n", 4, "&cells", "Remove the name"),
    "alias": (HEAD + "alert: &cells [A1]\nfit: *cells\n", 5, "*cells", "Write the value out"),
    "merge key": (HEAD + "grades: {<<: {fit: {A: 3, B: 2, C: 1}}}\n", 4, "merges", "Write the fields out"),
    "python tag": (HEAD + "alert: !!python/object/apply:os.system [ls]\n", 4, "os.system", "plain values"),
    "own tag": (HEAD + "cool_down: !days 3\n", 4, "!days", "plain values"),
    "tab": (HEAD + "fit:\n\t- {id: a}\n", 5, "tab character", "spaces"),
    "two documents": (HEAD + "---\nagreement: Other\n", 4, "second document", "one agreement per file"),
    "broken yaml": (HEAD + "fit: [\n", 5, "not readable YAML", "quotes"),
    "not a table": ("just words\n", 1, "table of fields", "Write name: value"),
    "list as key": (HEAD + "? [a, b]\n: 3\n", 4, "where a name should", "plain name"),
    "nothing at all": ("# only a comment\n", 1, "empty", "examples/agreements"),
    "negative half-life": (HEAD + "engagement: {half_life: -3 days, rules: []}\n", 4, "negative", "21 days"),
    "zero half-life": (HEAD + "engagement: {half_life: 0 days, rules: []}\n", 4, "out of reach", "above 0"),
    "working half-life": (HEAD + "engagement: {half_life: 3 working days, rules: []}\n", 4, "Working time", "elapsed"),
    "threshold 0": (HEAD + "grades: {fit: {A: 3, B: 2, C: 0}}\n", 4, "0 is too small", "above 0"),
    "rising thresholds": (HEAD + "grades: {fit: {A: 3, B: 4, C: 1}}\n", 4, "do not go down", "A above B above C"),
    "equal thresholds": (HEAD + "grades:\n  engagement: {1: 4, 2: 4, 3: 1}\n", 5, "do not go down", "1 above 2"),
    "missing grade": (HEAD + "grades: {fit: {A: 3, B: 2}}\n", 4, "C is missing", "Add C"),
    "hot below warm": (HEAD + "temperature: {hot: 10, warm: 15}\n", 4, "not above warm", "above the one for warm"),
    "decaying negative": (scored("id: a, on: page_viewed, points: -5"), 6, "cannot decay", "use a fit rule"),
    "no points": (scored("id: a, on: page_viewed, points: 0"), 6, "cannot decay", "above 0"),
    "fit of 0 points": (fit("id: a, points: 0, where: {person.country: FR}"), 5, "change nothing", "above 0"),
    "long country": (fit("id: a, points: 5, where: {person.country: [FR, FRA]}"), 5, "FRA is not a country", "FR."),
    "country by name": (fit("id: a, points: 5, where: {organisation.country: {not: France}}"), 5, "France", "FR."),
    "kind true": (scored("id: a, on: true, points: 5"), 6, "true cannot be a kind", "page_viewed"),
    "cell twice": (HEAD + "alert: [A1, A1]\n", 4, "A1 is listed twice", "Keep one"),
    "role twice": (
        scored("id: a, on: page_viewed, points: 5")
        + "organisation: {engagement: 4, warm: 1, hot: 2, roles: [decides, decides]}\n",
        7,
        "decides is listed twice",
        "Keep one",
    ),
    "fit beyond its scale": (fit("id: a, points: 101, where: {person.country: FR}"), 5, "101 points", "-100 and 100"),
    "fit below its scale": (fit("id: a, points: -101, where: {person.country: FR}"), 5, "-101 points", "-100 and"),
    "half a character": ('cool_down: 3 days\nagreement: "\\ud800 x"\n', 2, "uD800 is half", "Delete it"),
    "full-width digits": (fit("id: a, points: ３０, where: {person.country: FR}"), 5, "unusual digits", "0 to 9"),
    "full-width days": (HEAD + "cool_down: ３ days\n", 4, "unusual digits", "0 to 9"),
    "turned text": (fit('id: a, label: "a\u202eb", points: 5, where: {person.country: FR}'), 5, "U+202E", "again"),
    "zero width": (fit('id: a, label: "a\u200bb", points: 5, where: {person.country: FR}'), 5, "U+200B", "again"),
    "cap 0": (scored("id: a, on: page_viewed, points: 5, cap: 0"), 6, "0 is too small", "above 0"),
    "low cap": (scored("id: a, on: page_viewed, points: 5, cap: 4"), 6, "limit 4 is below the points", "at least 5"),
    "not a number": (scored("id: a, on: page_viewed, points: .nan"), 6, ".nan is not a number", "plain number"),
    "infinite": (scored("id: a, on: page_viewed, points: .inf"), 6, ".inf is not a number", "plain number"),
    "huge": (scored("id: a, on: page_viewed, points: 1e400"), 6, "1e400 is not a number", "plain number"),
    "quoted number": (scored("id: a, on: page_viewed, points: '5'"), 6, "5 is not a number", "without quotes"),
    "unknown dimension": (fit("id: a, points: 5, where: {person.contry: FR}"), 5, "person.contry", "person.country"),
    "props": (fit("id: a, points: 5, where: {props.x: FR}"), 5, "no field props.x", "Choose one of"),
    "person in a signal rule": (
        scored("id: a, on: page_viewed, points: 5, where: {person.country: FR}"),
        6,
        "no field person.country",
        "path",
    ),
    "unknown level": (fit("id: a, points: 5, where: {person.level: {at_least: boss}}"), 5, "boss", "director"),
    "unknown tier": (fit("id: a, points: 5, where: {organisation.tier: cor}"), 5, "cor is no tier", "core"),
    "unknown role": (fit("id: a, points: 5, where: {person.role: payer}"), 5, "payer is no role", "pays"),
    "unknown origin": (
        scored("id: a, on: page_viewed, points: 5, where: {origin: decl}"),
        6,
        "decl is no origin",
        "declared",
    ),
    "no such day": (
        scored("id: a, on: page_viewed, points: 5, where: {at: {after: 2026-02-30}}"),
        6,
        "2026-02-30 is not a day",
        "2026-01-31",
    ),
    "no such day in quotes": (
        scored("id: a, on: page_viewed, points: 5, where: {at: {after: '2026-02-30'}}"),
        6,
        "2026-02-30 is not a day",
        "2026-01-31",
    ),
    "a day the French way": (
        fit("id: a, points: 5, where: {person.known_since: {before: 31/01/2026}}"),
        5,
        "31/01/2026 is not a day",
        "year-month-day",
    ),
    "a day with an hour": (
        fit('id: a, points: 5, where: {person.known_since: {before: "2026-01-31 10:00"}}'),
        5,
        "2026-01-31 10:00 is not a day",
        "year-month-day",
    ),
    "a date as such": (
        fit("id: a, points: 5, where: {person.known_since: 2026-01-31}"),
        5,
        "not asked for as such",
        "after: 2026-01-31",
    ),
    "dates in a list": (
        fit("id: a, points: 5, where: {person.known_since: [2026-01-31]}"),
        5,
        "not asked for as such",
        "between",
    ),
    "days turned": (
        fit("id: a, points: 5, where: {person.known_since: {between: [2026-02-01, 2026-01-31]}}"),
        5,
        "above the second",
        "[2026-01-31, 2026-02-01]",
    ),
    "one day of two": (fit("id: a, points: 5, where: {person.known_since: {between: [2026-02-01]}}"), 5, "two", "50"),
    "order of an origin": (
        scored("id: a, on: page_viewed, points: 5, where: {origin: {at_least: declared}}"),
        6,
        "no field at_least",
        "is, in, not",
    ),
    "order of a text": (fit("id: a, points: 5, where: {person.country: {at_least: FR}}"), 5, "at_least", "starts_with"),
    "unknown question": (fit("id: a, points: 5, where: {person.country: {matches: F.*}}"), 5, "matches", "is, in, not"),
    "three bounds": (fit("id: a, points: 5, where: {organisation.employees: {between: [1, 2, 3]}}"), 5, "two", "lower"),
    "bounds turned": (
        fit("id: a, points: 5, where: {organisation.employees: {between: [9, 1]}}"),
        5,
        "above",
        "[1, 9]",
    ),
    "asks nothing": (fit("id: a, points: 5, where: {}"), 5, "asks nothing", "person.country: FR"),
    "empty any": (fit("id: a, points: 5, where: {any: []}"), 5, "nothing to choose from", "at least one"),
    "empty list": (fit("id: a, points: 5, where: {person.country: []}"), 5, "list is empty", "at least one"),
    "exists maybe": (fit("id: a, points: 5, where: {person.country: {exists: yes}}"), 5, "yes is not", "true or false"),
    "bad id": (fit("id: Right Size, points: 5, where: {person.country: FR}"), 5, "Right Size", "right-size"),
    "reserved id": (fit("id: limit, points: 5, where: {person.country: FR}"), 5, "name of the engine", "another id"),
    "duplicate id": (HEAD + "  - {id: quote, on: demo_requested}\n", 4, "quote is used twice", "its own id"),
    "slip in a kind": (scored("id: a, on: page_view, points: 5"), 6, "page_view is not", "page_viewed"),
    "bad kind": (scored("id: a, on: Page Viewed, points: 5"), 6, "cannot be a kind", "page_viewed"),
    "no kind": (scored("id: a, on: [], points: 5"), 6, "No kind", "at least one"),
    "unknown lead type": (HEAD + "  - {id: b, on: demo_requested, lead_type: projet}\n", 4, "projet", "lead"),
    "unknown score type": (HEAD + "alert_lead_type: quote\n", 4, "quote is not known", "lead"),
    "no lead type": ("lead_types: []\n" + HEAD, 1, "no lead type", "at least one"),
    "bad cell": (HEAD + "alert: [A1, E1]\n", 4, "E1", "A1"),
    "nobody is called": ("agreement: Short\nalert: []\n", 2, "can ever call", "Add an act"),
    "a score without rules": ("agreement: Short\nalert: [A1]\n", 2, "can ever call", "engagement rules"),
    "no is a text": (HEAD + "reports:\n  - {id: a, required: no}\n", 5, "no is not true or false", "true or false"),
    "seven report fields": (
        HEAD + "reports: [{id: a}, {id: b}, {id: c}, {id: d}, {id: e}, {id: f}, {id: g}]\n",
        4,
        "7 fields",
        "at most 6",
    ),
    "choice of one": (HEAD + "reports:\n  - {id: a, kind: choice, choices: [b]}\n", 5, "choose from", "at least two"),
    "choice twice": (HEAD + "reports:\n  - {id: a, choices: [b, c, b]}\n", 5, "listed twice", "its own id"),
    "choices of a date": (
        HEAD + "reports:\n  - {id: a, kind: date, choices: [b, c]}\n",
        5,
        "no choices",
        "kind: choice",
    ),
    "bad duration": (HEAD + "cool_down: three months\n", 4, "three months is not a duration", "21 days"),
    "duration without unit": (HEAD + "cool_down: 90\n", 4, "90 is not a duration", "21 days"),
    "endless duration": (HEAD + "cool_down: 999999 days\n", 4, "out of reach", "below"),
    "nurture without end": (HEAD + "returns:\n  - {id: a, effect: nurture}\n", 5, "how long", "after: 90 days"),
    "keep for days": (HEAD + "returns:\n  - {id: a, effect: keep, after: 3 days}\n", 5, "no duration", "Remove after"),
    "unknown effect": (HEAD + "returns:\n  - {id: a, effect: nurtur, after: 3 days}\n", 5, "nurtur", "mean nurture"),
    "half a day": (HEAD + "recycling: {default: 12 hours}\n", 4, "Whole days", "90 days"),
    "no track": (HEAD + "recycling: {tracks: []}\n", 4, "list is empty", "at least one"),
    "unknown time zone": (HEAD + "calendar: {time_zone: Europe/Pari}\n", 4, "Europe/Pari ", "mean Europe/Paris"),
    "unknown country": (
        HEAD + "calendar: {time_zone: UTC, holidays: XX}\n",
        4,
        "holidays of XX",
        "two capital letters",
    ),
    "never open": (HEAD + "calendar: {time_zone: UTC, hours: {}}\n", 4, "never open", "mon-fri"),
    "unknown day": (HEAD + "calendar: {time_zone: UTC, hours: {lun: ['09:00-12:00']}}\n", 4, "no field lun", "mon"),
    "bad hours": (HEAD + "calendar: {time_zone: UTC, hours: {mon: ['9h-12h']}}\n", 4, "9h-12h", "09:00-12:30"),
    "hours overlap": (
        HEAD + "calendar: {time_zone: UTC, hours: {mon: ['09:00-12:00', '11:00-13:00']}}\n",
        4,
        "before the one above has ended",
        "order of the day",
    ),
    "day twice": (
        HEAD + "calendar: {time_zone: UTC, hours: {mon-fri: ['09:00-12:00'], tue: ['09:00-12:00']}}\n",
        4,
        "tue are written twice",
        "Keep one",
    ),
    "half a lead": (HEAD + "volumes:\n  - {id: a, at_least: 2.5}\n", 5, "not a whole number", "2 or 3"),
    "no capacity": (HEAD + "routing: {default_capacity: 0}\n", 4, "0 is too small", "at least 1"),
    "label in German": (
        fit("id: a, points: 5, where: {person.country: FR}, label: {de: Groß}"),
        5,
        "no field de",
        "en",
    ),
    "long text": ("agreement: " + "x" * 600 + "\n" + HEAD[17:], 1, "too long", "500"),
    "a password in a tag": (HEAD + "cool_down: !!python/name:os.environ x\n", 4, "os.environ", "plain values"),
    "an object": (HEAD + "fit: !!python/object/new:list [1]\n", 4, "python/object/new", "plain values"),
    "no as a country of a list": (HEAD + "desk:\n  criteria: no\n", 5, "list is expected", "dash"),
}


@pytest.mark.parametrize(("text", "line", "what", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_with_line_and_remedy(text: str, line: int, what: str, remedy: str) -> None:
    assert told(text, line, what, remedy) == ""


def test_all_mistakes_are_told_at_once() -> None:
    text = HEAD + "cool_down: soon\nalert: [Z9]\nfit:\n  - {id: a, points: x, where: {person.contry: FR}}\n"
    with pytest.raises(NotAnAgreement) as refusal:
        load(text)
    assert [problem.line for problem in refusal.value.problems] == [4, 5, 7, 7]
    assert "Line 4, cool_down: soon is not a duration." in str(refusal.value)


def test_a_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(NotAnAgreement, match=r"Line 2: .* not UTF-8 .*Save the file as UTF-8"):
        load(b"agreement: Short\n# \xe9t\xe9\n")


def test_a_character_that_cannot_be_printed_is_refused() -> None:
    with pytest.raises(NotAnAgreement, match=r"Line 4: .*cannot be printed"):
        load(HEAD + "# \x07\n")


BOMBS = {
    "a billion laughs": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(30)),
    "fifty megabytes": "# " + "x" * 50_000_000,
    "deep lists": "agreement: " + "[" * 100_000,
    "deep tables": "{a: " * 50_000,
    "deep indentation": "\n".join(f"{' ' * n}a:" for n in range(600)),
    "many dashes": "- " * 100_000,
    "many keys": "".join(f"k{n}: 1\n" for n in range(15_000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(NotAnAgreement) as refusal:
        load(text)
    assert refusal.value.problems[0].remedy
    assert time.process_time() - started < 10


@given(st.text(alphabet="{}[]:,-&*!?|>'\"# \nabF1.%@`~", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, HEAD + text, f"{HEAD}fit: {text}", fit(text)):
        try:
            assert load(whole).sha
        except NotAnAgreement as refusal:
            assert all(problem.line >= 1 and problem.remedy for problem in refusal.problems)


@pytest.mark.parametrize("cap", ["0", "-1"])
def test_a_cap_that_is_no_cap_is_told_once(cap: str) -> None:
    groups = f"engagement:\n  groups: [{{id: g, cap: {cap}}}]\n  rules:\n"
    grouped = HEAD + groups + "    - {id: a, on: page_viewed, points: 5, group: g}\n"
    for text in (scored(f"id: a, on: page_viewed, points: 5, cap: {cap}"), grouped):
        with pytest.raises(NotAnAgreement) as caught:
            load(text)
        assert len(caught.value.problems) == 1


def test_what_was_signed_before_a_check_came_can_still_be_read() -> None:
    text = fit("id: a, points: ３０, where: {person.country: France}") + "alert: [A1, A1]\n"
    assert load_kept(text).fit[0].points == 30
    with pytest.raises(NotAnAgreement):
        load_kept(text + "cool_down: soon\n")
    with pytest.raises(NotAnAgreement):
        load(text)


def test_points_kept_from_before_fit_had_its_scale_still_load() -> None:
    assert load_kept(fit("id: a, points: -300, where: {person.country: FR}")).fit[0].points == -300


@pytest.mark.parametrize(("right", "wrong"), [("3: 15", "3: x"), ("2: 40", '2: "40,5"')])
def test_a_wrong_threshold_is_told_by_itself(right: str, wrong: str) -> None:
    grades = "grades: {engagement: {1: 70, 2: 40, 3: 15}}\n".replace(right, wrong)
    with pytest.raises(NotAnAgreement) as caught:
        load(HEAD + grades)
    assert [one.where for one in caught.value.problems] == [f"grades.engagement.{wrong[0]}"]
