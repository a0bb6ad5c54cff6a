"""`vendange learn`: a card of few points from any table with an outcome, judged on its newest rows."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from vendange.cli.learn_file import Asking, Given, read_table
from vendange.cli.learn_words import (
    condition_in_words,
    fault_in_words,
    in_words,
    question_in_words,
    refusal_in_words,
    verdict_of,
    warning_in_words,
)
from vendange.cli.saying import Failed, say_json
from vendange.engine.learning.learn import learn as learnt
from vendange.engine.learning.learned import CannotLearn, Learned, Part, Rule
from vendange.engine.learning.table import day_of
from vendange.sheets.dates import FORMATS as DATES


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--label", required=True, metavar="COLUMN", help="What became of each row: 1 or 0, yes or no …")
@click.option("--time", metavar="COLUMN", default="", help="When the row was to be scored. Without, rows are shuffled.")
@click.option("--exclude", multiple=True, metavar="COLUMN", help="Not to be learnt from. May be repeated.")
@click.option("--include", multiple=True, metavar="COLUMN", help="Answers an asked column: known before the outcome.")
@click.option("--filled", multiple=True, metavar="COLUMN=TIMECOLUMN", help="When each cell of COLUMN was filled in.")
@click.option("--won", default="", metavar="VALUE", help="The value of the label that is a success.")
@click.option("--lost", default="", metavar="VALUE", help="The one that is none; rows with others are left out.")
@click.option("--date", "date_format", default="", metavar="FORMAT", help="How dates are written, such as DD/MM/YYYY.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def learn(
    file: Path,
    label: str,
    time: str,
    exclude: tuple[str, ...],
    include: tuple[str, ...],
    filled: tuple[str, ...],
    won: str,
    lost: str,
    date_format: str,
    as_json: bool,
) -> None:
    """Learn a card of at most 15 rules from FILE (CSV, gzip too), and judge it on the newest 30 % of its rows."""
    asking = Asking(label, time, exclude, _pairs(filled, time), won, lost, _format(date_format))
    if time == label:
        raise Failed(f"{time} is both the outcome and the time. Name another column, or leave --time out.")
    if label in exclude:
        raise Failed(f"{label} is the outcome: without it nothing can be learnt. Leave --exclude {label} out.")
    given = read_table(file, asking)
    _check_included(include, given, asking)
    try:
        learned = learnt(given.table, given.won, given.time, filled=given.filled, include=include)
    except CannotLearn as fault:
        raise Failed(f"{file.name}: {fault_in_words(fault)}") from None
    if as_json:
        say_json(as_plain(learned, given, file.name))
    else:
        click.echo(in_words(learned, given, file.name))


def _pairs(filled: tuple[str, ...], time: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(one.rpartition("=")[::2] for one in filled)
    if bad := next((text for text, (column, when) in zip(filled, pairs, strict=True) if not column or not when), ""):
        raise Failed(f"--filled {bad} is not understood. Write --filled COLUMN=TIMECOLUMN.")
    if pairs and not time:
        raise Failed("--filled compares with the time of scoring: name it with --time COLUMN.")
    return pairs


def _format(text: str) -> str:
    """ "" stands for dates as 2026-04-01, which are always read."""
    if text and text not in DATES:
        raise Failed(f"{text} is no format of dates. Choose one of: {', '.join(DATES)}.")
    return "" if text == DATES[0] else text


def _check_included(include: tuple[str, ...], given: Given, asking: Asking) -> None:
    for name in include:
        if name in asking.exclude:
            raise Failed(f"{name} is both excluded and included. Leave one of the two out.")
        if name not in given.table.columns:
            raise Failed(f"There is no column {name} to include. The columns are: {', '.join(given.table.columns)}.")


def as_plain(learned: Learned, given: Given, name: str) -> dict[str, Any]:
    """All figures for programs; `verdict` is "signal" or "no reliable signal"."""
    judged = learned.judged
    return {
        "file": name,
        "verdict": verdict_of(learned),
        "auc": judged.auc,
        "auc_interval": (judged.low, judged.high),
        "z": judged.z,
        "lift": judged.lift,
        "ece": judged.ece,
        "rules": [_rule(rule) for rule in learned.rules],
        "intercept": learned.calibration.intercept,
        "slope": learned.calibration.slope,
        "calibration": [asdict(step) for step in judged.table],
        "refused": [
            {"column": one.column, "reason": one.reason, "words": refusal_in_words(one), **dict(one.figures)}
            for one in learned.refused
        ],
        "asked": [{"column": one.column, "word": one.word, "words": question_in_words(one)} for one in learned.asked],
        "warned": [
            {"column": one.column, "reason": one.reason, "words": warning_in_words(one)} for one in learned.warned
        ],
        "used": learned.used,
        "time_unknown": learned.time_unknown,
        "order": learned.order,
        "oldest": _part(learned.oldest, given),
        "newest": _part(learned.newest, given),
        "left_out": {"no_outcome": given.without_outcome, "no_date": given.without_date},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    told = asdict(rule)
    condition = told.pop("condition")
    if isinstance(condition["value"], date):
        condition["value"] = condition["value"].isoformat()
    return {"points": rule.points, "words": condition_in_words(rule.condition), **condition, **told}


def _part(part: Part, given: Given) -> dict[str, Any]:
    def end(days: float | None) -> float | str | None:
        return day_of(days).isoformat() if given.time_is_date and days is not None else days

    return {"n": part.n, "wins": part.wins, "since": end(part.since), "until": end(part.until)}
