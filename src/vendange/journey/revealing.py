"""A visitor comes from the network of a company: who that is, how sure, and what takes it back (R26, C43)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.stages import CLOSED
from vendange.belong.rules import company_domain
from vendange.capture.rules import Incoming
from vendange.identify import queries as identified
from vendange.models import Informed, Lead, NotRevealed, Organisation, Person, Revealed, Signal, User
from vendange.reveal import actions as reveal
from vendange.reveal import queries as revealed
from vendange.reveal.actions import Visit
from vendange.reveal.rules import HIGH, Company, address_of, forbidden
from vendange.score import actions as score

KEPT_FOR: Final = timedelta(days=760)  # 25 months (C41)
AT_ONCE: Final = 500
Seen = tuple[Signal, Incoming]


class CannotAdd(Cannot):
    """This company cannot be added as an organisation."""


def recognise(seen: Sequence[Seen], trusted: Collection[int]) -> None:
    """Fresh signals, each with what came in: for the transaction that keeps them, before anybody is measured.

    Nothing is asked of the database while there is no file, no address, or nobody has confirmed that visitors know.
    Only people of whom nobody said where they work; machines never. The number of questions does not grow.
    """
    if not revealed.is_ready():
        return
    people = {signal.person_id for signal, _ in seen}
    acted = [(signal, ip) for signal, one in seen if (ip := _address(signal, one, trusted))]
    if not people or revealed.informed() is None:
        return
    reveal.forget_those_who_said(people)
    found = _companies({ip for _, ip in acted})
    known = organisations_of(found.values())
    visits = [
        Visit(signal.person, found[ip], known.get(company_domain(found[ip].domain)), signal.occurred_at)
        for signal, ip in acted
        if ip in found
    ]
    if visits:
        reveal.record(visits)
        _suggest(visits)


def _address(signal: Signal, one: Incoming, trusted: Collection[int]) -> str:
    """The visitor's address, where it may be looked at: seen by us, or told by a source that is believed."""
    ip, said_by = one.address
    if not ip or signal.verdict == "machine" or not _may_be_guessed(signal.person):
        return ""
    return ip if said_by == "seen" or one.source_id in trusted else ""


def _may_be_guessed(person: Person) -> bool:
    return person.organisation_id is None or person.organisation_confidence is not None


def _companies(addresses: Collection[str]) -> dict[str, Company]:
    """Those of these addresses that are companies which we may recognise."""
    found = {ip: one for ip, one in revealed.companies_at(addresses).items() if one.is_one}
    rules = revealed.as_rules(revealed.barred()) if found else []
    return {ip: one for ip, one in found.items() if not forbidden(one, address_of(ip), rules)}


def organisations_of(companies: Collection[Company]) -> dict[str, Organisation]:
    """The organisations whose verified domain is that of one of these, by domain."""
    domains = {company_domain(one.domain) for one in companies if one.domain} - {""}
    rows = Organisation.objects.filter(domain__in=domains) if domains else Organisation.objects.none()
    return {str(row.domain): row.merged_into or row for row in rows.select_related("merged_into")}


def _suggest(visits: Sequence[Visit]) -> None:
    """Only what is sure enough, and a domain that we know, makes a visitor count for an organisation (R41, R70)."""
    best: dict[int, Visit] = {}
    for one in visits:
        if one.organisation is not None and one.company.confidence >= HIGH:
            before = best.get(one.person.pk)
            if before is None or one.company.confidence > before.company.confidence:
                best[one.person.pk] = one
    _count_again(
        reveal.suggest_employers(
            (one.person, one.organisation, one.company.confidence)
            for one in best.values()
            if one.organisation is not None and one.company.confidence > (one.person.organisation_confidence or 0)
        )
    )


@transaction.atomic
def never(*, network: str = "", name: str = "", reason: str, by: User, now: datetime) -> NotRevealed:
    """Our office, a provider, or somebody who objects: recognised no more, and what was recognised is undone."""
    row, people = reveal.bar(network=network, name=name, reason=reason, by=by, now=now)
    undo(people)
    return row


def undo(people: Collection[int]) -> None:
    """These visitors count for no organisation any more; those that lose them are counted again."""
    lost = reveal.forget_suggested(people)
    if lost:
        open_leads = Lead.objects.filter(person_id__in=people, organisation_id__in=lost)
        open_leads.exclude(stage__in=[str(stage) for stage in CLOSED]).update(organisation=None)
        score.touch(dict.fromkeys(people))
        _count_again(lost)


def _count_again(organisations: Collection[int]) -> None:
    """Somebody counts for these no more: their other people are measured again, and without any their heat goes."""
    if organisations:
        score.touch(dict.fromkeys(identified.people_of(organisations)))
        score.forget_empty_heats(organisations)


@transaction.atomic
def add_organisation(*, name: str, domain: str, by: User, now: datetime) -> Organisation:
    """A human says that this company is worth knowing. Its visitors count for it, as sure as each of them is."""
    verified = company_domain(domain)
    if not verified:
        raise CannotAdd(sentence("Give the domain of this company’s mails, such as example.com."))
    if Organisation.objects.filter(domain=verified).exists():
        raise CannotAdd(sentence("There is already an organisation with the domain {domain}.", domain=verified))
    made = reveal.add_organisation(name=name, domain=verified, by=by, now=now)
    rows = list(Revealed.objects.filter(domain__in={domain, verified}).select_related("person")[:AT_ONCE])
    reveal.belongs(rows, made)
    sure = [row for row in rows if row.confidence >= HIGH and _may_be_guessed(row.person)]
    reveal.suggest_employers((row.person, made, row.confidence) for row in sure)
    score.touch(dict.fromkeys(row.person_id for row in sure))
    return made


def allow_again(row: NotRevealed, *, by: User, now: datetime) -> None:
    reveal.end(row, by=by, now=now)


def turn_on(*, notice: str, by: User, now: datetime) -> Informed:
    return reveal.turn_on(notice=notice, by=by, now=now)


@transaction.atomic
def forget_old(now: datetime) -> int:
    """What was derived of visits is removed after 25 months without one."""
    people = reveal.forget_old(now - KEPT_FOR, AT_ONCE)
    undo(people)
    return len(people)
