"""`vendange explain …`: why a person or a lead stands where it stands, in lines that add up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import click
from django.utils.translation import override

from vendange.agree.queries import NoAgreement, in_force, terms_of
from vendange.agreement.terms import Agreement
from vendange.api.standing import heat_of, standing_of
from vendange.cli.saying import Failed, say_json, table
from vendange.engine.measure import measure_all
from vendange.engine.plan import plan_of
from vendange.engine.worth import Worth
from vendange.journey.queries import story_of_lead
from vendange.models import AgreementVersion, Decision, Identity, Lead, Measure, Organisation, Person, Signal
from vendange.qualify.queries import Deed, deeds_of, never_judged, worths
from vendange.score.queries import as_json, crowd_of, micros, moment
from vendange.words import line_label, reason, word

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SIDES: Final = ("fit", "engagement")


@click.group()
def explain() -> None:
    """Why a person or a lead stands where it stands."""


@explain.command("person")
@click.argument("who", metavar="ID|EMAIL")
@click.option("--json", "as_json", is_flag=True, help="The explanation as JSON.")
def explain_person(who: str, as_json: bool) -> None:
    """Explain the measure of a person: each line, its evidence, and the agreement that judged.

    ID is the public id, or the id that another system gives the person. Points fade at every instant: they are measured
    as of now, and nothing is written.
    """
    person = _person(who)
    kept = Measure.objects.filter(person=person).select_related("agreement").first()
    if kept is None:
        raise Failed(f"{_name(person)} is known but was never measured: no agreement was in force when they acted.")
    measure = _measured_now(person, kept, datetime.now(UTC))
    told = {
        "person": {"id": str(person.public_id), "name": _name(person), "email": person.email},
        **_judged(measure, measure.as_of, measure.agreement),
        **standing_of(measure, person.relationship),
        "worth": _worth(worths(measure.as_of).of_cell(measure.grade), measure.grade),
        "last_kept": {name: getattr(kept, name) for name in ("as_of", "grade", "fit", "engagement")},
        "organisation": _company(person.organisation),
        "alerts": [_alert(one) for one in Decision.objects.filter(person=person).select_related("agreement", "lead")],
        "leads": [_brief(lead) for lead in person.leads.order_by("raised_at")],
    }
    if as_json:
        say_json(told)
        return
    click.echo(f"{_name(person)} ({person.public_id}), {told['grade']}, {told['category']}.")
    for said in _left_out(measure, person):
        click.echo(said)
    click.echo(_in_words(told))
    click.echo(_worth_in_words(told["worth"]))
    if kept.grade != measure.grade:
        click.echo(f"Lists still show {kept.grade}, as last kept on {_date(kept.as_of)}.")
    for said in (*_drawn(told), *_whole(told["organisation"])):
        click.echo(said)
    if measure.next_change_at:
        click.echo(f"Without a new act this changes on {_date(measure.next_change_at)}.")
    for alert in told["alerts"]:
        click.echo(
            f"Called a human on {_date(alert['at'])}: {_called(alert['way'], alert['label'])}, cell {alert['grade']},"
            f" agreement v{alert['agreement']}."
        )
    for lead in told["leads"]:
        click.echo(f"Lead {lead['id']}: {lead['lead_type']}, {lead['stage']}, raised {_date(lead['raised_at'])}.")


@explain.command("lead")
@click.argument("lead_id", metavar="ID", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="The explanation as JSON.")
def explain_lead(lead_id: UUID, as_json: bool) -> None:
    """Explain a lead: why a human was called, on which evidence, and what became of it."""
    lead = (
        Lead.objects.select_related("person", "organisation__heat__agreement", "agreement", "owner")
        .filter(public_id=lead_id)
        .first()
    )
    if lead is None:
        raise Failed(f"There is no lead {lead_id}. `vendange explain person` lists the leads of a person.")
    told = {
        "lead": _brief(lead),
        "person": {"id": str(lead.person.public_id), "name": _name(lead.person)},
        "organisation": _company(lead.organisation),
        "way": lead.way,
        "reason": {
            "id": lead.reason,
            "label": reason(terms_of(lead.agreement).agreement, lead.way, lead.reason, lead.evidence).en,
        },
        "evidence": [_deed(one) for one in deeds_of(lead)],
        **_judged(lead, lead.raised_at, lead.agreement),
        "worth": _worth(_alike(lead), lead.grade),
        "story": [
            {"type": item.type, "at": item.at, "kind": item.kind, "by": item.by, "detail": item.detail}
            for item in reversed(story_of_lead(lead))
        ],
    }
    say_json(told) if as_json else click.echo(_lead_in_words(lead, told))


def _measured_now(person: Person, kept: Measure, now: datetime) -> Measure:
    """As the agreement in force would measure this person now; not saved. Without one, that of the kept measure."""
    try:
        terms = in_force(now)
    except NoAgreement:
        terms = terms_of(kept.agreement)
    plan = plan_of(terms.agreement)
    found = next(iter(measure_all(plan, crowd_of(plan, [person.pk], committed=True), micros(now))))
    return Measure(
        person=person,
        agreement=terms.version,
        as_of=now,
        fit=found.fit,
        engagement=found.engagement,
        grade=found.grade,
        temperature=found.temperature,
        lines=[as_json(line) for line in found.lines],
        next_change_at=None if found.next_change_at is None else moment(found.next_change_at),
        set_aside=found.set_aside,
        dimensions=dict(found.dimensions),
        interests=dict(found.interests),
        changes=list(found.changes),
    )


def _person(who: str) -> Person:
    found = _by_id(who) or _by_key(who)
    if found is None:
        raise Failed(f"There is nobody called {who}. Give an id, an e-mail address or the id in another system.")
    person = found.merged_into or found
    return Person.objects.select_related("organisation__heat__agreement").get(pk=person.pk)


def _by_id(who: str) -> Person | None:
    try:
        wanted = UUID(who)
    except ValueError:
        return Person.objects.filter(email__iexact=who.strip()).first() if "@" in who else None
    return Person.objects.filter(public_id=wanted).first()


def _by_key(who: str) -> Person | None:
    keys = Identity.objects.filter(kind__in=("external_id", "user_id", "email"), value=who.strip())
    row = keys.select_related("person").first()
    return row.person if row else None


def _name(person: Person) -> str:
    if person.name:
        return person.name
    row = person.identities.filter(kind__in=("external_id", "user_id")).order_by("id").first()
    return row.value if row else "An unknown person"


def _judged(kept: Measure | Lead, as_of: datetime, version: AgreementVersion) -> dict[str, Any]:
    """The measure or the frozen evidence of a lead: what was said, by which agreement, line by line."""
    lines = kept.lines if isinstance(kept, Measure) else kept.evidence
    agreement = terms_of(version).agreement
    dates = _dates(lines)
    return {
        "agreement": {"number": version.number, "sha": version.sha},
        "as_of": as_of,
        "grade": kept.grade,
        "fit": kept.fit,
        "engagement": kept.engagement,
        "lines": [_line(line, agreement, dates) for line in lines],
    }


def _deed(one: Deed) -> dict[str, Any]:
    return {
        "at": one.signal.occurred_at,
        "kind": one.signal.kind,
        "about": one.signal.asset or one.signal.path or one.signal.topic or one.signal.campaign,
        "by": {"id": str(one.person.public_id), "name": _name(one.person), "is_colleague": one.is_colleague},
    }


def _alert(one: Decision) -> dict[str, Any]:
    return {
        "at": one.at,
        "way": one.way,
        "rule": one.rule,
        "label": reason(terms_of(one.agreement).agreement, one.way, one.rule, one.lines).en,
        "grade": one.grade,
        "agreement": one.agreement.number,
        "lead": str(one.lead.public_id) if one.lead else None,
        "signals": one.signal_ids,
    }


def _line(line: Mapping[str, Any], agreement: Agreement, dates: Mapping[int, tuple[datetime, str]]) -> dict[str, Any]:
    seen = [dates[one] for one in line["signal_ids"] if one in dates]
    return {
        "side": line["side"],
        "rule": line["rule"],
        "label": line_label(agreement, line["side"], line["rule"]).en,
        "points": line["points"],
        "given": line["given"],
        "count": line["count"],
        "half_life_days": line["half_life_days"],
        "capped": line["capped"],
        "last_at": EPOCH + timedelta(microseconds=line["last_at"]) if line["last_at"] is not None else None,
        "evidence": [{"at": at, "kind": kind} for at, kind in seen],
    }


def _company(organisation: Organisation | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    return {"id": str(organisation.public_id), "name": organisation.name, "heat": heat_of(organisation)}


def _left_out(measure: Measure, person: Person) -> Iterator[str]:
    """Why nobody is called for them, whatever they do."""
    if measure.set_aside:
        label = terms_of(measure.agreement).agreement.labels().get(f"target/{measure.set_aside}")
        yield f"Set aside by the agreement: {label.en if label else 'none of its personas'}. Nobody is called."
    if person.set_aside:
        yield f"Set aside by the desk: {person.set_aside}. Nobody is called."


def _drawn(told: Mapping[str, Any]) -> Iterator[str]:
    """What they are drawn to: each dimension with its cell, each topic, bursts by name."""
    dimensions = [f"{one['label']['en']} {one['engagement']:.2f} ({one['grade']})" for one in told["dimensions"]]
    topics = [f"{one['label']['en']} {one['points']:.2f}" for one in told["interests"] if one["points"]]
    bursts = [one["label"]["en"] for one in told["interests"] if one["has_burst"]]
    if dimensions:
        yield f"By product or topic: {', '.join(dimensions)}."
    if topics:
        yield f"Likes to read about: {', '.join(topics)}. Not part of the score."
    if bursts:
        yield f"Reads much more than usual about: {', '.join(bursts)}."


def _whole(company: Mapping[str, Any] | None) -> Iterator[str]:
    """Where their company stands, in one line."""
    if company is None or company["heat"] is None:
        return
    heat = company["heat"]
    parts = [f"{heat['engaged']} engaged", *(f"{role} {state}" for role, state in heat["roles"].items())]
    apart = " They disagree." if heat["disagreement"] else ""
    yield f"{company['name']} is {heat['temperature']}: {', '.join(parts)}.{apart}"


def _called(way: str, label: str) -> str:
    """ "revealing act: Asks for a quote"."""
    with override("en"):
        how = str(word("way", way))
    how = how[:1].lower() + how[1:]
    return f"{how}: {label}" if label else how


def _dates(lines: Iterable[Mapping[str, Any]]) -> dict[int, tuple[datetime, str]]:
    ids = {one for line in lines for one in line["signal_ids"]}
    return {
        pk: (at, kind) for pk, at, kind in Signal.objects.filter(pk__in=ids).values_list("pk", "occurred_at", "kind")
    }


def _brief(lead: Lead) -> dict[str, Any]:
    columns = ("lead_type", "stage", "raised_at", "opened_at", "holder", "next_at", "next_step", "nobody_because")
    return {"id": str(lead.public_id), **{name: getattr(lead, name) for name in columns}}


def _in_words(told: Mapping[str, Any]) -> str:
    number, as_of = told["agreement"]["number"], _date(told["as_of"])
    parts = [f"Judged by agreement v{number} as of {as_of}."]
    for side in SIDES:
        rows = [_row(line) for line in told["lines"] if line["side"] == side]
        parts.append(f"{side.capitalize()} {told[side]:.2f}{':' if rows else ': no line, so 0.'}")
        if rows:
            parts.append(table(rows))
    return "\n".join(parts)


def _row(line: Mapping[str, Any]) -> tuple[str, ...]:
    seen = ", ".join(f"{one['kind']} {_date(one['at'])}" for one in line["evidence"][:3])
    more = f" and {line['count'] - 3} more" if line["count"] > 3 else ""
    capped = " (held back by a limit)" if line["capped"] and line["count"] else ""
    left = (
        f"halves in {line['half_life_days']:g} days, of {points_given(line['given'])}" if line["half_life_days"] else ""
    )
    return f"  {line['points']:+.2f}", f"{line['label']}{capped}", left, f"{seen}{more}"


def points_given(given: float) -> str:
    """Two decimals, as what is left of them; whole points without.

    >>> points_given(11.9048), points_given(20.0)
    ('11.90', '20')
    """
    return f"{given:.2f}".removesuffix(".00")


def _lead_in_words(lead: Lead, told: Mapping[str, Any]) -> str:
    holder = lead.owner.name if lead.owner else lead.holder
    ahead = f"{holder}: {lead.next_step} by {_date(lead.next_at)}" if lead.next_at else "closed"
    told_once = Decision.objects.filter(lead=lead).count()
    parts = [
        f"Lead {lead.public_id} of {_name(lead.person)}: {lead.lead_type}, {lead.stage} ({ahead}).",
        f"A human was called because: {_called(lead.way, told['reason']['label'])}, cell {lead.grade},"
        f" on {_date(lead.raised_at)}; we knew on {_date(lead.opened_at)}.",
        *_acts(told["evidence"]),
        f"Decisions of the engine about it: {told_once}. What follows is as it was then.",
        _in_words(told),
        _worth_in_words(told["worth"]),
        *_whole(told["organisation"]),
        "What became of it:",
        table([(f"  {_date(one['at'])}", one["type"], one["kind"], one["by"] or "-") for one in told["story"]]),
    ]
    return "\n".join(parts)


def _acts(evidence: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The acts that called, each with who did it."""
    if not evidence:
        return
    yield "On this evidence:"
    rows = []
    for one in evidence:
        who = one["by"]["name"] + (", of the same organisation" if one["by"]["is_colleague"] else "")
        rows.append((f"  {_date(one['at'])}", one["kind"], one["about"] or "-", who))
    yield table(rows)


def _alike(lead: Lead) -> Worth:
    """What became of leads found and scored like this one; a lead that nobody scored is set beside its whole cell."""
    found = worths(datetime.now(UTC))
    return found.of_cell(lead.grade) if lead.way in {"report", "import"} else found.of(lead.way, lead.grade)


def _worth(found: Worth, grade: str) -> dict[str, Any]:
    return {
        "grade": grade,
        "opportunities": found.share.count,
        "of": found.share.of,
        "rate": found.share.value,
        "interval": found.share.interval,
        "few": found.few,
        "average": found.average.value,
        "average_of": found.average.of,
        "within_days": found.within_days,
        "too_young": found.waiting,
        "never_judged": never_judged(grade),
    }


def _worth_in_words(told: Mapping[str, Any]) -> str:
    """ "31 % of leads scored like this became an opportunity (9 of 29); the average is 9 %"."""
    count, of, days = told["opportunities"], told["of"], told["within_days"]
    never = f" {told['never_judged']} people of this cell were never judged." if told["never_judged"] else ""
    tail = f" An index, not a proof.{never}"
    if not told["average_of"]:
        return f"No judged lead is {days} days old yet, so nobody knows what a score is worth here.{tail}"
    average = f"the average is {told['average']:.0%}"
    if not of:
        return f"No lead scored like this is {days} days old yet; {average}.{tail}"
    low, high = told["interval"]
    if told["few"]:
        return (
            f"{count} of {of} leads scored like this became an opportunity: too few to tell"
            f" ({low:.0%} to {high:.0%}); {average}.{tail}"
        )
    return (
        f"{told['rate']:.0%} of leads scored like this became an opportunity within {days} days"
        f" ({count} of {of}, {low:.0%} to {high:.0%} allowing for chance); {average}.{tail}"
    )


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
