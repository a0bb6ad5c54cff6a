"""`vendange agreement suggest`: what recorded outcomes say of each rule, and the points that they teach."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from django.conf import settings
from django.utils.translation import override

from vendange.agree.queries import NoAgreement, Terms, in_force
from vendange.agree.rules import midnight
from vendange.agreement.language import NotAnAgreement, load
from vendange.agreement.terms import Agreement
from vendange.agreement.writing import CannotWrite
from vendange.cli.saying import Failed, counted, day_here, no_period, say_json, table
from vendange.engine.offered import Card
from vendange.engine.shares import Share
from vendange.simulate.actions import as_plain
from vendange.suggest.actions import CannotSuggest, draft_text
from vendange.suggest.queries import Reviewed, learned, learnt_from, reviewed
from vendange.suggest.rules import Fate
from vendange.web.agreement import suggested

ABOVE: Final = ("RULE", "LEADS", "PASSED", "RECYCLED", "ELIMINATED", "GIVEN BACK", "REJECTED", "WON")


@click.command("suggest")
@click.option("--from", "start", metavar="DATE", help="First day of the leads; a year before the end when left out.")
@click.option("--to", "end", metavar="DATE", help="Last day, included; today when left out.")
@click.option("--include", metavar="FIELD", multiple=True, help="A field that was asked about, and was known before.")
@click.option("--draft", "file", type=click.Path(path_type=Path), help="Write the offered points as an agreement here.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def suggest(start: str | None, end: str | None, include: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Say what became of the leads of each rule, and learn from outcomes which points would have ranked them better.

    The period is that of the rules; the points are learnt from all leads that had their time, and judged on the newest.
    """
    with override("en"):
        _say(start, end, include, file, as_json=as_json)


def _say(start: str | None, end: str | None, include: tuple[str, ...], file: Path | None, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    terms, (since, until) = _terms(now), _period(start, end, now)
    found = reviewed(terms.agreement, now=now, start=since, end=until)
    _check_included(include, terms, now)
    card = learned(terms.agreement, now=now, include=include)
    text = _draft(card, terms, now.date()) if file else ""
    if as_json:
        say_json(_told(found, card))
    else:
        click.echo(in_words(found, card, terms))
    if file:
        _write(file, text)


def _check_included(include: tuple[str, ...], terms: Terms, now: datetime) -> None:
    fields = learnt_from(terms.agreement, now) if include else ()
    if wrong := next((name for name in include if name not in fields), ""):
        raise Failed(f"There is no field {wrong} to include. The fields are: {', '.join(fields)}.")


def _terms(now: datetime) -> Terms:
    try:
        return in_force(now)
    except NoAgreement as error:
        raise Failed(str(error)) from None


def _period(start: str | None, end: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    since = _day(start) if start else None
    until = _day(end) + timedelta(days=1) if end else None
    if start and since and since >= min(until or now, now):
        raise no_period(start, end, is_backwards=until is not None and since >= until)
    return since, until


def _day(text: str) -> datetime:
    try:
        return midnight(date.fromisoformat(text), settings.TIME_ZONE)
    except (ValueError, OverflowError):
        raise Failed(f"{text} is not a date. Write it as 2026-04-01.") from None


def _draft(card: Card, terms: Terms, today: date) -> str:
    try:
        text = draft_text(card, terms.version, suggested.labels(card, terms.agreement, today))
        load(text)
    except (CannotSuggest, CannotWrite) as error:
        raise Failed(f"{suggested.verdict_of(card)} {error}") from None
    except NotAnAgreement as error:
        raise Failed("\n".join(["The draft is not valid:", *map(str, error.problems)])) from None
    return text


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{file} cannot be written: {error.strerror}. Name another file.") from None
    click.echo(f"{file} holds the draft. Read it, then: vendange agreement simulate {file}", err=True)


def _told(found: Reviewed, card: Card) -> dict[str, Any]:
    review: dict[str, Any] = as_plain(found.review)
    to_review = [{"section": one.section, "id": one.id, "reasons": one.many} for one in found.review.to_review]
    return {
        "from": found.start,
        "to": found.end,
        **review,
        "to_review": to_review,
        "card": {**msgspec.to_builtins(card), "offered": card.offered},
    }


def in_words(found: Reviewed, card: Card, terms: Terms) -> str:
    return "\n".join([*_of_rules(found, terms), "", *_of_card(card, terms.agreement)])


def _of_rules(found: Reviewed, terms: Terms) -> Iterator[str]:
    review, agreement = found.review, terms.agreement
    yield (
        f"{counted(review.raised, 'lead')} raised from {day_here(found.start)}"
        f" to {day_here(found.end - timedelta(microseconds=1))}, {review.judged} of them"
        f" judged, set beside {terms.version}."
    )
    if not review.raised:
        return
    rows = [_row(one, agreement) for one in sorted(review.fates, key=lambda one: -(one.rejected.value or 0))]
    yield table([ABOVE, *rows, _row(review.everything, agreement)])
    yield (
        "Of the judged leads (one may be recycled and later passed, so these shares may exceed 100 % together);"
        " given back: of the passed ones; won: of those judged that were raised"
        f" {review.within_days} days ago or more. * fewer than 30 cases."
    )
    for one in review.to_review:
        reasons = ", ".join(
            f"{counted(count, 'return')} “{_name('returns', reason, agreement)}”" for reason, count in one.many
        )
        gone = one.effect
        yield (
            f"To review: {_name(one.section, one.id, agreement)}: {reasons}; rejected {_share(one.rejected)}"
            f" ({_between(one.rejected)}). Without it {counted(gone.gone, 'call')} less: {gone.passed} passed,"
            f" {gone.rejected} rejected, won {gone.won}/{gone.ripe}."
        )
    for said, keys in (("Behind no lead", review.never), ("Behind every lead", review.always)):
        if keys:
            yield f"{said}: {', '.join(_name(*key, agreement) for key in keys)}."


def _row(one: Fate, agreement: Agreement) -> tuple[str, ...]:
    label = _name(one.section, one.id, agreement) if one.id else "All leads"
    shares = (one.passed, one.recycled, one.eliminated, one.returned, one.rejected, one.won)
    return f"{label} ({one.section})" if one.id else label, str(one.raised), *map(_share, shares)


def _share(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.0%}{'*' if share.few else ''} {share.count}/{share.of}"


def _between(share: Share) -> str:
    low, high = share.interval or (0.0, 1.0)
    return f"{low:.0%} to {high:.0%} allowing for chance"


def _name(section: str, rule: str, agreement: Agreement) -> str:
    found = agreement.labels().get(f"{section}/{rule}")
    return found.en if found else rule


def _of_card(card: Card, agreement: Agreement) -> Iterator[str]:
    yield f"What outcomes teach: {suggested.verdict_of(card)}"
    yield (
        f"It rests on {card.leads} judged leads, of which {card.reached} led to {suggested.OUTCOMES[card.outcome]}"
        f" within {card.within_days} days; {card.too_young} more are too young to count."
    )
    if card.judged is None:
        return
    judged, compared = card.judged, card.compared
    against = f" (points in force: {compared.auc:.2f}, {compared.lift:.1f})" if compared else ""
    yield (
        f"On the newest {judged.n} ({judged.wins} successes): AUC {judged.auc:.2f} ({judged.low:.2f} to"
        f" {judged.high:.2f}), lift {judged.lift:.1f}{against}, rates off by {judged.ece:.0%}."
    )
    yield from _rules(card, agreement)
    yield from _fields(card, agreement)


def _rules(card: Card, agreement: Agreement) -> Iterator[str]:
    rows: Sequence[tuple[str, ...]] = [
        (f"  {one.points}", one.what, f"{one.share}, else {one.rest}", one.gives)
        for one in suggested.taught(card, agreement)
    ]
    if rows:
        yield table(rows)
    if card.offered:
        yield (
            f"A draft with these points would have called {card.alerts_after} times in twelve months instead of"
            f" {card.alerts_before} (counted on {card.people} people). Write it: --draft FILE"
        )


def _fields(card: Card, agreement: Agreement) -> Iterator[str]:
    for one in card.refused:
        yield f"Refused: {suggested.column_in_words(one.column, agreement)}, {suggested.REFUSALS[one.reason]}."
    for asked in card.asked:
        yield f"Left out, its name tells of the end (“{asked.word}”). Known before? --include {asked.column}"
    if card.time_unknown:
        names = ", ".join(suggested.column_in_words(one, agreement) for one in card.time_unknown)
        yield f"Fields whose time of filling is not known: {len(card.time_unknown)} ({names})."
