"""Sell decides: whether a report, a return or a deal can be kept as it is. Plain Python."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from vendange.agreement.sentence import Incomplete, Sentence, sentence
from vendange.agreement.terms import Agreement, ReportField, ReturnReason

FARTHEST: Final = timedelta(days=3 * 365)
LONGEST_DEAL: Final = timedelta(days=5 * 365 + 1)
HIGHEST_AMOUNT: Final = 10**13  # cents: a hundred milliards; anything above is a slip of the finger


def check_report(answers: Mapping[str, str], next_at: datetime | None, agreement: Agreement, now: datetime) -> None:
    """Every required field answered, every choice one of the agreement's, the next date ahead."""
    fields = {field.id: field for field in agreement.reports}
    problems = {
        f"answer-{name}": sentence("{name} is not in the report of this agreement.", name=repr(name))
        for name in answers
        if name not in fields
    }
    for field in agreement.reports:
        problem = _answer_problem(field, answers.get(field.id, "").strip())
        if problem:
            problems[f"answer-{field.id}"] = problem
    problems.update(_date_problem("next_at", next_at, now))
    if problems:
        raise Incomplete(problems)


def _answer_problem(field: ReportField, said: str) -> Sentence | None:
    if not said:
        return sentence("This answer is needed.") if field.required else None
    if field.kind == "choice" and said not in {code for code, _ in field.choices}:
        return sentence("Choose one of the answers offered.")
    if field.kind == "date":
        try:
            date.fromisoformat(said)
        except ValueError:
            return sentence("Write the date as year-month-day, for example 2027-03-01.")
    return None if len(said) <= 1000 else sentence("Shorten this to 1,000 characters.")


def _date_problem(name: str, at: datetime | None, now: datetime) -> dict[str, Sentence]:
    if at is None:
        return {}
    if at <= now:
        return {name: sentence("This date is past: choose a later one.")}
    if at > now + FARTHEST:
        return {name: sentence("This date is more than three years away: choose an earlier one.")}
    return {}


def return_reason(agreement: Agreement, reason: str) -> ReturnReason:
    """The reason as agreed; raises Incomplete when the agreement has none of that name."""
    found = next((one for one in agreement.returns if one.id == reason), None)
    if found is None:
        raise Incomplete({"reason": sentence("Choose why you give it back: each reason has its own effect.")})
    return found


def check_return(reason: ReturnReason, wake_at: datetime | None, contact: str, now: datetime) -> None:
    problems = _date_problem("wake_at", wake_at, now)
    if reason.effect == "wake_up" and wake_at is None:
        problems["wake_at"] = sentence("Say until when the project is postponed.")
    if reason.effect == "keep" and not contact.strip():
        problems["contact"] = sentence("Name the other person to speak with.")
    if problems:
        raise Incomplete(problems)


def check_amount(amount_cents: int | None) -> None:
    """A won deal says what it is worth; 0 is an answer (a sample, a gift), nothing is not."""
    if amount_cents is None:
        raise Incomplete({"amount": sentence("Say what the sale is worth.")})
    if not 0 <= amount_cents <= HIGHEST_AMOUNT:
        raise Incomplete({"amount": sentence("This amount cannot be: write it in euros, without sign.")})


def check_expected(expected_on: date | None, today: date) -> None:
    """The day a deal should be signed lies ahead, and near enough to be more than a slip of the finger."""
    if expected_on is None:
        return
    if expected_on < today:
        raise Incomplete({"expected_on": sentence("This day is past: choose today or a later one.")})
    if expected_on > today + LONGEST_DEAL:
        raise Incomplete({"expected_on": sentence("This day is more than five years away: choose an earlier one.")})
