"""Asks for what outcomes teach, and keeps it; what is heavy is read only where it is learnt (R9)."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.db import transaction

from vendange.agreement.label import Label
from vendange.agreement.rewriting import with_rules
from vendange.agreement.sentence import Cannot, sentence
from vendange.models import AgreementVersion, Job, User
from vendange.models.job import UNDER_WAY, Cancel, Stopped, Tell

if TYPE_CHECKING:
    from vendange.engine.offered import Card, CardRule

KIND: Final = "suggestion"
LEARNING: Final = "Learning from outcomes"
MATCHING: Final = "Counting the alerts of the draft"


class CannotSuggest(Cannot):
    """There is nothing to make a draft of; the message says why and what to do."""


@transaction.atomic
def ask(*, version: AgreementVersion, include: Collection[str] = (), by: User | None, now: datetime) -> Job:
    """A job for the worker; the same question that waits or runs is that job. `include`: fields vouched for."""
    asked = {"version": version.number, "sha": version.sha, "include": sorted(include)}
    AgreementVersion.objects.select_for_update().get(pk=version.pk)  # two who ask at once get one job
    under_way = Job.objects.filter(kind=KIND, state__in=UNDER_WAY, cancel=False).order_by("-id")
    known = next((job for job in under_way if job.asked == asked), None)
    return known or Job.objects.create(kind=KIND, asked=asked, by=by, asked_at=now)


def run(job: Job, tell: Tell, cancelled: Cancel) -> dict[str, Any]:
    """Learn what was asked; Stopped, CannotSuggest."""
    from vendange.suggest.queries import learned

    version = AgreementVersion.objects.filter(number=job.asked["version"], sha=job.asked["sha"]).first()
    if version is None:
        raise CannotSuggest(sentence("That text of the agreement is not kept any more. Learn again."))

    def told(what: str, done: int, total: int) -> None:
        if cancelled():
            raise Stopped
        tell(what, done, total)

    found = learned(version.terms, now=datetime.now(UTC), include=job.asked["include"], tell=told)
    return {"card": msgspec.to_builtins(found)}


def kept_by(job: Job | None) -> "Card | None":
    """What a job has kept; None when it kept nothing, or in a form of another version of Vendange."""
    from vendange.engine.offered import FORM, Card

    kept = (job.result or {}).get("card") if job is not None and job.state == "done" else None
    if not isinstance(kept, Mapping) or kept.get("form") != FORM:
        return None
    try:
        return msgspec.convert(kept, Card, strict=False)
    except msgspec.ValidationError:
        return None


def draft_text(card: "Card", version: AgreementVersion, label: "Callable[[CardRule], Label]") -> str:
    """The text of the version with the points that were learnt; CannotSuggest, and CannotWrite where it cannot be."""
    from vendange.engine.before import acts_of
    from vendange.engine.offered import as_rules, grades_of

    if not card.offered:
        raise CannotSuggest(sentence("What was learnt does not beat the points in force, so there is nothing to sign."))
    if card.sha != version.sha:
        raise CannotSuggest(sentence("Another agreement is in force since this was learnt. Learn again."))
    kinds = {one.column.partition("/")[2].partition("|")[0] for one in card.rules if one.column.startswith("kind/")}
    fit, engagement = as_rules([one for one in card.rules if one.gives], acts_of(version.terms, kinds), label)
    return with_rules(version.text, fit=fit, engagement=engagement, grades=grades_of(card))
