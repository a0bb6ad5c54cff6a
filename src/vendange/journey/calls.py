"""What an attempt to reach somebody must say, whoever dials: the desk or sales."""

from datetime import datetime, timedelta
from typing import Final

from vendange.agreement.sentence import Incomplete, sentence

RESULTS: Final = ("reached", "message", "no_answer", "call_back")
FARTHEST: Final = timedelta(days=365)


def check_call(result: str, call_back_at: datetime | None, now: datetime) -> None:
    """Raises Incomplete unless this attempt can be kept."""
    problems = {}
    if result not in RESULTS:
        problems["result"] = sentence("Say how the call went: reached, message left, no answer or call back.")
    if result == "call_back" and call_back_at is None:
        problems["call_back_at"] = sentence("Say when to call back.")
    if call_back_at and call_back_at <= now:
        problems["call_back_at"] = sentence("The time to call back is past: choose a later one.")
    if call_back_at and call_back_at > now + FARTHEST:
        problems["call_back_at"] = sentence("A call back is within a year: choose an earlier day.")
    if problems:
        raise Incomplete(problems)
