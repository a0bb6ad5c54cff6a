"""What a simulation may not claim, with the numbers of the very history that it rests on."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from vendange.cli.saying import day_here

if TYPE_CHECKING:
    from vendange.simulate.queries import Simulation


def limits_in_words(found: "Simulation") -> str:
    one = found.limits
    late = f"{100 * one.late / one.signals:.1f} %" if one.signals else "none"
    lines = [
        "That sales would have won more or less. Sales worked on the alerts of then only: of the"
        f" {many(one.gained_people, 'person', 'people')} behind the gained alerts, nobody ever judged"
        f" {one.gained_unworked:,}. Their outcome is unknown and counts here as none; follow-up itself causes signals.",
        f"That people were then as they are now. The profiles of all {one.people:,} people (100 %) are those of today.",
        f"That we would have known in time. {late} of {many(one.signals, 'signal')} were received more than a day"
        f" after they happened. {_known(found)}",
        _gone(found),
        f"Anything before the record begins ({day_of(one.first_signal)}); its first weeks know little of anybody.",
        *_kinds(found),
    ]
    return "WHAT MAY NOT BE CLAIMED\n" + "\n".join(f"  - {wrapped(line)}" for line in lines)


def _known(found: "Simulation") -> str:
    one, weeks = found.limits, (found.end - found.start).days / 7
    if one.known_current is None or one.known_draft is None:
        return "When each could have been known was not replayed."
    return (
        f"Taken when they were received: current {one.known_current / weeks:.1f} alerts a week, draft"
        f" {one.known_draft / weeks:.1f}. When they happened: {found.current.per_week:.1f}, {found.now.per_week:.1f}."
    )


def _gone(found: "Simulation") -> str:
    one = found.limits
    return (
        "That nobody is missing. Who was deleted is in no figure, and older weeks lose most: "
        f"{many(one.merged, 'person', 'people')} merged into others, "
        f"at most {many(one.missing, 'signal')} deleted since, "
        f"{many(one.refused, 'person', 'people')} who refused contact and are counted all the same."
    )


def _kinds(found: "Simulation") -> Iterable[str]:
    never = [one.kind for one in found.limits.kinds if one.first_at is None]
    seen = [one for one in found.limits.kinds if one.first_at and one.first_at >= found.start]
    if not seen and not never:
        yield "Of kinds of signals, nothing is in doubt: all that the two read were recorded before these weeks begin."
    if seen:
        told = "; ".join(f"{one.kind} from {day_of(one.first_at)} on{_was_recorded(one.missed)}" for one in seen)
        yield f"What kinds of signals say before they were first recorded: {told}."
    if never:
        yield f"What kinds say that were never recorded: {', '.join(never)}."


def _was_recorded(missed: bool) -> str:
    return " (not recorded before)" if missed else " (rare: perhaps recorded, and nobody did it)"


def note(text: str) -> str:
    return "  " + wrapped(text).replace("\n    ", "\n  ")


def wrapped(text: str, width: int = 112) -> str:
    lines, line = list[str](), ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n    ".join([*lines, line])


def day_of(at: datetime | date | None) -> str:
    if at is None:
        return "never"
    return day_here(at) if isinstance(at, datetime) else f"{at:%Y-%m-%d}"


def many(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
