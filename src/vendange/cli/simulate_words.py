"""A simulation in sentences and tables, for whoever signs: the short answer first, then figures with their doubt."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from vendange.agreement.terms import Agreement
from vendange.cli.saying import table
from vendange.cli.simulate_limits import day_of, limits_in_words, many, note
from vendange.engine.shares import FEW, Share, Spread

if TYPE_CHECKING:
    from vendange.simulate.queries import Shown, Simulation
    from vendange.simulate.rules import Judged, Point, Recommendation, Tally, Work

OUTCOMES: Final = {
    "passed": "passed to sales",
    "accepted": "accepted by sales",
    "opportunity": "opportunity",
    "won": "won",
}
WAYS: Final = {
    "act": "revealing act",
    "pattern": "pattern",
    "change": "change of interest",
    "score": "score",
    "dimension": "score of a dimension",
}
STRAIGHT: Final = "No lead desk: every lead goes straight to a salesperson."
STARTS: Final = {
    "asked": "",
    "usual": "",
    "history": " The record begins there: nothing older can be compared.",
    "kind": " Nothing older is compared: the draft treats a kind of signal otherwise that was not recorded before.",
}
NOTHING_RECOMMENDED: Final = {
    "few_outcomes": "too few outcomes are recorded to choose on one part of them and judge on another",
    "short_period": "the period is too short to hold out a quarter and let alerts ripen; name an earlier --from",
    "no_score": "no score calls in this draft, so there is no threshold to choose",
    "did_not_hold": "what was chosen on the months before did not hold on the held-out quarter",
    "no_difference": "the best candidate did no better, beyond chance, than the draft's own",
    "too_much_work": "even the strictest threshold takes more than the minutes of the desk",
}


def in_words(found: "Simulation", draft: Agreement, name: str, other: str, listed: int) -> str:
    """The whole simulation; `name` and `other` say what the two texts are called, `listed` how many leads to name."""
    parts = [
        _head(found, name, other),
        _short(found),
        _counts(found, draft),
        *_leads(found, draft, listed),
        _results(found),
        _lead_times(found),
        _thresholds(found, draft),
        _cells(found),
        _desk(found),
        _promises(found),
        _recommendation(found, draft),
        limits_in_words(found),
        _weeks(found),
    ]
    return "\n\n".join(part for part in parts if part)


def _head(found: "Simulation", name: str, other: str) -> str:
    zone = ZoneInfo(found.time_zone)
    first, last = found.start.astimezone(zone), found.end.astimezone(zone)
    weeks = (found.end - found.start).days / 7
    return (
        f"Draft: {found.draft[0]} ({name})\nCurrent: {found.against[0]} ({other})\n"
        f"From {first:%Y-%m-%d} to {last:%Y-%m-%d} ({weeks:.0f} weeks, {found.time_zone})."
        f"{STARTS[found.start_because]} Both are replayed from the first signal on."
    )


def _short(found: "Simulation") -> str:
    old, new = found.current, found.now
    return (
        "IN SHORT\n"
        f"  The draft would have raised {many(new.alerts, 'alert')} ({new.per_week:.1f} a week), "
        f"the current agreement {old.alerts:,} ({old.per_week:.1f} a week).\n"
        f"  {found.same:,} alerts stay, {len(found.moved):,} come at another date, {len(found.gained):,} are gained, "
        f"{len(found.lost):,} are lost.\n"
        f"  Passed to sales afterwards: {_share(new.followed['passed'])}; current {_share(old.followed['passed'])}.\n"
        f"  {_fits(found.work_draft)}\n"
        f"  {_recommended_short(found.recommendation)}\n"
        f"  Really raised in this time, by the agreements of then: {many(found.really_raised, 'lead')}."
    )


def _fits(work: "Work") -> str:
    if not work.judges:
        return STRAIGHT
    if work.half is None or work.nine_tenths is None:
        return "No whole week to tell the work of the desk."
    usual = f"The desk would need {work.half:,.0f} minutes in a usual week, {work.nine_tenths:,.0f} in a full one"
    if work.capacity is None:
        return f"{usual}; the draft does not say how many it has (desk, minutes_per_week)."
    says = "it has" if work.fits else "but it has only"
    over = f"{work.over} of {work.weeks} weeks would not have fitted" if work.over else "every week would have fitted"
    return f"{usual}; {says} {work.capacity:,}: {over}."


def _recommended_short(found: "Recommendation") -> str:
    if found.because:
        return f"No reliable recommendation for the threshold: {NOTHING_RECOMMENDED[found.because]}."
    if found.own:
        return "The thresholds of the draft are the ones that the past recommends; see below."
    return f"The past recommends other thresholds: {_from(found.calls_from)}; see below."


def _counts(found: "Simulation", draft: Agreement) -> str:
    labels = {one.id: one.label.en for one in draft.lead_types}
    heads = ("CURRENT", "DRAFT", "DIFFERENCE")
    types = [("ALERTS BY LEAD TYPE", *heads), *(_tally(one, labels, found) for one in found.lead_types)]
    ways = [("ALERTS BY WAY", *heads), *(_tally(one, WAYS, found) for one in found.ways)]
    return f"{_aligned(types)}\n\n{_aligned(ways)}" if found.lead_types else ""


def _tally(one: "Tally", words: Mapping[str, str], found: "Simulation") -> tuple[str, ...]:
    weeks = (found.end - found.start).days / 7
    sides = (f"{count:,} ({count / weeks:.1f} a week)" for count in (one.current, one.draft))
    return f"  {words.get(one.id, one.id)}", *sides, f"{one.draft - one.current:+,}"


def _leads(found: "Simulation", draft: Agreement, listed: int) -> Iterable[str]:
    labels = draft.labels()
    for title, leads in (
        ("GAINED: only the draft gives them", found.gained),
        ("LOST: only the current agreement gives them", found.lost),
        ("MOVED: the same person and lead type, more than a day apart", found.moved),
    ):
        if not leads or not listed:
            continue
        shown = list(reversed(leads[-listed:]))
        more = f"; the latest {listed} of {len(leads):,}, all with --json" if len(leads) > listed else ""
        rows = [_lead(one, labels) for one in shown]
        yield f"{title}{more}\n{table(rows)}"


def _lead(one: "Shown", labels: Mapping[str, object]) -> tuple[str, ...]:
    when = day_of(one.at) if one.before is None else f"{day_of(one.before)} → {day_of(one.at)}"
    why = f"{WAYS.get(one.way, one.way)} {one.rule}"
    return f"  {when}", one.name or "(no name)", one.organisation or "-", one.lead_type, one.grade, why, one.person


def _results(found: "Simulation") -> str:
    rows: list[tuple[str, ...]] = [("WHAT FOLLOWED THE ALERTS", "WITHIN", "CURRENT", "DRAFT")]
    for code, word in OUTCOMES.items():
        sides = (_share(one.followed[code]) for one in (found.current, found.now))
        rows.append((f"  {word}", f"{found.days[code]} days", *sides))
    caught: list[tuple[str, ...]] = [("WHAT WAS CAUGHT: recorded, and called for before", "WITHIN", "CURRENT", "DRAFT")]
    for code in ("opportunity", "won"):
        sides = (_share(one.caught[code]) for one in (found.current, found.now))
        caught.append((f"  {'opportunities' if code == 'opportunity' else 'wins'}", f"{found.days[code]} days", *sides))
    return f"{table(rows)}\n\n{table(caught)}\n" + note(
        "In brackets the 95 % interval; * marks fewer than 30 cases, which prove little. Alerts too young to have been"
        " followed within that time are not counted. Nine of ten recorded outcomes came within it."
    )


def _share(one: Share) -> str:
    if one.value is None or one.interval is None:
        return "- (no case)"
    low, high = (100 * side for side in one.interval)
    return f"{100 * one.value:.0f} % [{low:.0f}-{high:.0f}] {one.count:,} of {one.of:,}{'*' if one.few else ''}"


def _lead_times(found: "Simulation") -> str:
    rows: list[tuple[str, ...]] = [("DAYS FROM THE FIRST ALERT TO", "RECORDED", "CURRENT", "DRAFT")]
    for one in found.lead_times:
        rows.append((f"  {OUTCOMES[one.outcome]}", f"{one.recorded:,}", _days(one.current), _days(one.draft)))
    return f"{table(rows)}\n  Half of them within the first figure; the middle half between the two in brackets."


def _days(one: Spread | None) -> str:
    if one is None:
        return "-"
    few = "*" if one.count < FEW else ""
    return f"{one.median:.0f} [{one.quarter:.0f}-{one.three_quarters:.0f}] on {one.count:,}{few}"


def _from(sides: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{letter} from {floor:g}" for letter, floor in sides) or "no score calls"


def _thresholds(found: "Simulation", draft: Agreement) -> str:
    if not draft.alert:
        return ""
    full = ("FULL WEEK",) if found.work_draft.judges else ()
    rows: list[tuple[str, ...]] = [
        ("THE DRAFT AT OTHER THRESHOLDS", "A WEEK", *full, "PASSED", "OPPORTUNITY", "WON", "WINS CAUGHT")
    ]
    rows += [_point(one) for one in found.points]
    told = "A score calls from that engagement on, by letter of fit; → is the draft itself."
    minutes = " FULL WEEK: minutes of the desk that nine weeks of ten do not pass, ! where it has less." if full else ""
    return f"{table(rows)}\n" + note(f"{told}{minutes} Acts and patterns call all the same.")


def _point(one: "Point") -> tuple[str, ...]:
    judged, full = one.judged, one.work.nine_tenths
    over = "" if one.work.fits else " !"
    minutes = ("-" if full is None else f"{full:,.0f}{over}",) if one.work.judges else ()
    return (
        f"{'→' if one.own else ' '} {_from(one.calls_from)}",
        f"{judged.per_week:.1f}",
        *minutes,
        *(_brief(judged.followed[code]) for code in ("passed", "opportunity", "won")),
        _brief(judged.caught["won"]),
    )


def _brief(one: Share) -> str:
    if one.value is None or one.interval is None:
        return "-"
    low, high = (100 * side for side in one.interval)
    return f"{100 * one.value:.0f} % [{low:.0f}-{high:.0f}]{'*' if one.few else ''}"


def _cells(found: "Simulation") -> str:
    shown = [one for one in found.cells if one.alerts]
    if not shown:
        return ""
    rows: list[tuple[str, ...]] = [("CELL BY CELL", "IN THE DRAFT", "BRINGS", "PASSED", "OPPORTUNITY", "WON")]
    for one in shown:
        sign = "" if one.calls else "+"
        brings = f"{sign}{one.alerts:,} ({one.per_week:.1f} a week)"
        says = "calls" if one.calls else "does not call"
        rows.append(
            (f"  {one.cell}", says, brings, *(_brief(one.followed[c]) for c in ("passed", "opportunity", "won")))
        )
    return f"{table(rows)}\n" + note(
        "Alerts that this cell alone brings, and what followed them. Few of those that it would add were worked on:"
        " what followed them is the least that can be said."
    )


def _desk(found: "Simulation") -> str:
    sides = (("current", found.work_current), ("draft", found.work_draft))
    if not any(one.judges for _name, one in sides):
        return f"WORK OF THE DESK\n  {STRAIGHT}"
    rows: list[tuple[str, ...]] = [
        ("WORK OF THE DESK, MINUTES A WEEK", "USUAL", "FULL (9 OF 10)", "MOST", "HAS", "WEEKS OVER")
    ]
    for name, one in sides:
        if not one.judges:
            rows.append((f"  {name}: no lead desk, straight to sales", *("-",) * 5))
            continue
        figures = ("-" if part is None else f"{part:,.0f}" for part in (one.half, one.nine_tenths, one.most))
        has = "not stated" if one.capacity is None else f"{one.capacity:,}"
        over = "-" if one.capacity is None else f"{one.over} of {one.weeks}"
        rows.append((f"  {name}, {one.minutes_per_lead} each", *figures, has, over))
    return f"{table(rows)}\n" + note(
        "An alert about a lead that is still open adds to it: the desk then has less to do."
    )


def _promises(found: "Simulation") -> str:
    if not found.promises:
        return ""
    rows: list[tuple[str, ...]] = [
        ("PROMISED A MONTH", "", "ALERTS, CURRENT", "ALERTS, DRAFT", "REALLY PASSED", "DRAFT WOULD PASS")
    ]
    for one in found.promises:
        likely = (
            "-"
            if one.expected is None
            else f"about {one.expected[1]:.0f} [{one.expected[0]:.0f}-{one.expected[2]:.0f}]"
        )
        spreads = (_month(part) for part in (one.current, one.draft, one.passed))
        rows.append((f"  {one.label.en}", f"{one.at_least:,}", *spreads, likely))
    months = next((one.draft.count for one in found.promises if one.draft), 0)
    return f"{table(rows)}\n" + note(
        f"Whole months only ({months}): a usual month, and the middle half. WOULD PASS: the draft's alerts at the share"
        " passed of the current ones; people whom nobody ever judged may be passed more rarely."
    )


def _month(one: Spread | None) -> str:
    return "-" if one is None else f"{one.median:.0f} [{one.quarter:.0f}-{one.three_quarters:.0f}]"


def _recommendation(found: "Simulation", draft: Agreement) -> str:
    one = found.recommendation
    if one.chosen is None or one.chosen_on is None or one.held_out is None:
        return f"RECOMMENDED THRESHOLD\n  No reliable recommendation: {NOTHING_RECOMMENDED[one.because]}."
    word = OUTCOMES[one.outcome]
    rows: list[tuple[str, ...]] = [(f"  {'':<22}", "CHOSEN ON THE REST", "HELD-OUT QUARTER")]
    rows.append(("  days", _dates(one.chosen_on), _dates(one.held_out)))
    rows += _judged_rows(_from(one.calls_from), one.outcome, one.chosen_on, one.held_out)
    if not one.own and one.own_chosen_on and one.own_held_out:
        rows += _judged_rows("the draft's own", one.outcome, one.own_chosen_on, one.own_held_out)
    grades = ", ".join(f"{grade}: {floor:g}" for grade, floor in zip("123", one.chosen, strict=True))
    if one.because:
        verdict = f"No reliable recommendation: {NOTHING_RECOMMENDED[one.because]}.\n  What was tried:"
    else:
        same = "the draft's own thresholds" if one.own else f"write under grades: engagement: {{{grades}}}"
        verdict = f"Recommended: {same}."
    fitting = "Of the thresholds whose work fits the desk" if found.work_draft.judges else "Of the thresholds"
    return f"RECOMMENDED THRESHOLD, looking at: {word}\n  {verdict}\n{table(rows)}\n" + note(
        f"{fitting}, it catches nearly all that the best one catches, with the fewest"
        " alerts. The held-out quarter was not seen when choosing; it is the last one whose alerts had their time."
    )


def _judged_rows(name: str, outcome: str, rest: "Judged", held: "Judged") -> list[tuple[str, ...]]:
    return [
        (f"  {name}", f"{rest.per_week:.1f} a week", f"{held.per_week:.1f} a week"),
        ("    followed", _share(rest.followed[outcome]), _share(held.followed[outcome])),
        ("    caught", _share(rest.caught[outcome]), _share(held.caught[outcome])),
    ]


def _dates(one: "Judged") -> str:
    return f"{day_of(one.start)} to {day_of(one.end)}"


def _weeks(found: "Simulation") -> str:
    sides = (("current", found.work_current), ("draft", found.work_draft))
    desks = [(side, one.minutes_per_lead) for side, one in sides if one.judges]
    rows: list[tuple[str, ...]] = [
        ("WEEK OF", "CURRENT", "DRAFT", "DIFFERENCE", *(f"MINUTES, {side.upper()}" for side, _each in desks))
    ]
    for one in found.weeks:
        part = "" if one.whole else " (part)"
        minutes = (f"{getattr(one, side) * each:,}" for side, each in desks)
        rows.append(
            (f"  {one.start}{part}", f"{one.current:,}", f"{one.draft:,}", f"{one.draft - one.current:+,}", *minutes)
        )
    return f"ALERTS WEEK BY WEEK\n{_aligned(rows)}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """As `table`, with every column but the first set to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
