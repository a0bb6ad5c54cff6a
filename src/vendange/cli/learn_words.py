"""What was learnt, in sentences and tables for people."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from vendange.cli.learn_file import Given
from vendange.cli.saying import table
from vendange.engine.learning.learned import Asked, CannotLearn, Condition, Learned, Part, Refused, Rule, Warned
from vendange.engine.learning.table import day_of

VERDICTS: Final = {
    "signal": "signal",
    "no_signal": "no reliable signal",
    "not_better": "no better than the points in force",
}
NAMED: Final = 3  # names of a list that a line shows


def verdict_of(learned: Learned) -> str:
    return VERDICTS[learned.verdict]


def condition_in_words(condition: Condition, most: int | None = None) -> str:
    """`most`: how many names of a list are written out; all when left out."""
    match condition.operator, condition.value:
        case "exists", _:
            return f"{condition.column} is empty"
        case "at_least", value:
            return f"{condition.column} is at least {value}"
        case "after", value:
            return f"{condition.column} is after {value}"
        case "in", tuple(names):
            shown = names if most is None or len(names) <= most + 1 else names[:most]
            more = "" if len(shown) == len(names) else f" or {len(names) - len(shown)} more"
            return f"{condition.column} is one of {', '.join(map(str, shown))}{more}"
        case _, value:
            return f"{condition.column} is {value}"


def refusal_in_words(refused: Refused) -> str:
    figures = dict(refused.figures)
    match refused.reason:
        case "filled_later":
            return f"filled in after the lead was to be scored, in {_percent(figures['share'])} of its filled cells"
        case "alone":
            return f"alone it tells the outcome too well to have been known before (AUC {figures['auc']:.2f})"
        case "both_ends":
            return (
                f"some values nearly always succeed ({_percent(figures['wins'])} of all successes), others nearly "
                "never: that is how an outcome looks"
            )
        case _ if "auc" in figures:
            return f"whether it is filled tells the outcome (AUC {figures['auc']:.2f})"
        case _:
            return f"where it is filled, {_percent(figures['one_outcome'])} have the same outcome"


def question_in_words(asked: Asked) -> str:
    return (
        f'its name says "{asked.word}". Was it known before the outcome? Then add --include {asked.column}; '
        "without an answer it is left out"
    )


def warning_in_words(warned: Warned) -> str:
    match warned.reason:
        case "clock":
            return "tells the date, not the lead: what it says of old leads may not hold for new ones"
        case "identifier":
            return "nearly every lead has another value: nothing to learn"
        case "constant":
            return "has one value for all: nothing to learn"
        case _:
            return "looks like a leak, but its times of filling say that it was known before; used"


def fault_in_words(fault: CannotLearn) -> str:
    figures = fault.figures
    match fault.code:
        case "few_rows":
            return (
                f"{figures['rows']} rows with an outcome are too few to learn from; {figures['needed']} is the least."
            )
        case "one_outcome":
            same = "a success" if figures["wins"] else "no success"
            return (
                f"Every one of the {figures['rows']:,} rows is {same}: nothing to tell apart. Check --label and --won."
            )
        case "few_oldest":
            where = "among the oldest 70 %, from which is learnt"
        case _:
            where = "among the newest 30 %, which judge"
    return (
        f"Too few outcomes: {figures['fewest']} of the rarer kind {where} ({figures['rows']:,} leads); "
        f"{figures['needed']} are the least. Take more leads, or wait for more outcomes."
    )


def in_words(learned: Learned, given: Given, name: str) -> str:
    return "\n".join((*_heading(learned, given, name), "", *_verdict(learned), *_card(learned), *_fields(learned)))


def _heading(learned: Learned, given: Given, name: str) -> Iterator[str]:
    leads = learned.oldest.n + learned.newest.n
    wins = learned.oldest.wins + learned.newest.wins
    yield f"{name}: {leads:,} leads, {wins:,} successes ({_percent(wins / leads)})."
    for count, why in ((given.without_outcome, "no outcome"), (given.without_date, "no date")):
        if count:
            yield f"Left out: {count:,} rows with {why}."
    if learned.order == "shuffle":
        yield "No --time was given: the leads are shuffled, always in the same way. What holds over time is not tested."
    which = ("oldest", "newest") if learned.order == "time" else ("first", "last")
    yield f"Learnt on the {which[0]} {_part(learned.oldest, given)}."
    yield f"Judged once on the {which[1]} {_part(learned.newest, given)}, which it had never seen."


def _part(part: Part, given: Given) -> str:
    said = f"{part.n:,} leads ({part.wins:,} successes"
    if part.since is None or part.until is None:
        return said + ")"
    if not given.time_is_date:
        return f"{said}, {part.since:g} to {part.until:g})"
    return f"{said}, {_day(part.since)} to {_day(part.until)})"


def _day(days: float) -> date:
    return day_of(days)


def _verdict(learned: Learned) -> Iterator[str]:
    judged = learned.judged
    figures = (
        f"AUC {judged.auc:.3f} (95 %: {judged.low:.3f} to {judged.high:.3f}), the best fifth has "
        f"{judged.lift:.2f} times the usual rate, the rates said are {100 * judged.ece:.1f} points off (ECE)."
    )
    if learned.verdict == "no_signal":
        yield "Verdict: no reliable signal."
        if not learned.tried:
            yield "No condition tells the outcome of the leads to learn on beyond chance."
            return
        yield (
            "The best card that was found ranks the leads that judge no better than chance does now and then: "
            f"AUC {judged.auc:.3f}, {judged.z:+.1f} standard deviations from chance. No rule is shown."
        )
        return
    yield "Verdict: a signal." if learned.verdict == "signal" else "Verdict: no better than the points in force."
    yield figures


def _card(learned: Learned) -> Iterator[str]:
    if not learned.rules:
        return
    yield ""
    yield table([("POINTS", "WHEN", "RATE", "OTHERS", "LEADS", "NEWEST"), *map(_line, learned.rules)])
    for rule in learned.rules:
        value = rule.condition.value
        if isinstance(value, tuple) and len(value) > NAMED + 1:
            yield f"  {rule.points:+d}: {condition_in_words(rule.condition)}"
    yield ""
    yield "What a sum of points was worth, on the newest leads:"
    steps = (
        (_range(step.low, step.high), f"{step.n:,}", f"{step.wins:,}", _percent(step.expected), _percent(step.rate))
        for step in learned.judged.table
    )
    yield table([("POINTS", "LEADS", "SUCCESSES", "RATE SAID", "RATE SEEN"), *steps])


def _line(rule: Rule) -> tuple[str, ...]:
    newest = "–" if rule.newest_rate is None else f"{_percent(rule.newest_rate)} of {rule.newest_n:,}"
    words = condition_in_words(rule.condition, NAMED)
    return f"{rule.points:+d}", words, _percent(rule.rate), _percent(rule.rest), f"{rule.n:,}", newest


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _fields(learned: Learned) -> Iterator[str]:
    sections = (
        ("Refused, as they may know the outcome:", [(one.column, refusal_in_words(one)) for one in learned.refused]),
        ("Asked about:", [(one.column, question_in_words(one)) for one in learned.asked]),
        ("To know:", [(one.column, warning_in_words(one)) for one in learned.warned]),
    )
    for title, lines in sections:
        if lines:
            yield ""
            yield title
            yield from (f"  {column}: {words}." for column, words in lines)
    if learned.time_unknown:
        yield ""
        yield (
            f"Columns whose time of filling is not known: {', '.join(learned.time_unknown)}. Statistics see a part "
            "of the leaks only: --filled COLUMN=TIMECOLUMN is the sure test."
        )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
