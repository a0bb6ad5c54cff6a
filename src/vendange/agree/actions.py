"""Writes the versions of the agreement and their signatures."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from vendange.agreement.language import load
from vendange.agreement.sentence import Cannot, Code, sentence
from vendange.models import AgreementVersion, Signature, User
from vendange.models.trail import record

FARTHEST: Final = timedelta(days=730)


class CannotSign(Cannot):
    """This person may not sign this version now; the message says why and what to do."""


@transaction.atomic
def draft(*, text: str, by: User | None, now: datetime) -> AgreementVersion:
    """Keep a valid text as the next draft; raises NotAnAgreement. The same text as a draft, or as the last, is that."""
    agreement = load(text)
    last = AgreementVersion.objects.order_by("-number").first()
    if last and last.sha == agreement.sha and last.status != "withdrawn":
        return last
    same = AgreementVersion.objects.filter(sha=agreement.sha, status="draft").order_by("-number").first()
    if same:
        return same
    number = (AgreementVersion.objects.aggregate(top=Max("number"))["top"] or 0) + 1
    version = AgreementVersion.objects.create(
        number=number, sha=agreement.sha, name=agreement.name, text=text, created_at=now, created_by=by
    )
    record("agreement.drafted", version, at=now, by=by, agreement_sha=agreement.sha)
    return version


@transaction.atomic
def sign(
    *, version: AgreementVersion, by: User, now: datetime, in_force_from: datetime | None = None
) -> AgreementVersion:
    """One head signs. The second signature puts the version in force, from `in_force_from` or at once (R1)."""
    version = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    _check_may_sign(version, by, now, in_force_from)
    Signature.objects.create(agreement=version, side=by.signs_for, sha=version.sha, user=by, at=now)
    record("agreement.signed", version, at=now, by=by, detail={"side": by.signs_for}, agreement_sha=version.sha)
    version.in_force_from = in_force_from or version.in_force_from
    if version.signatures.count() == 2:
        version.status = "signed"
        version.in_force_from = max(version.in_force_from or now, now)
        record("agreement.in_force", version, at=now, by=by, agreement_sha=version.sha)
    version.save(update_fields=["status", "in_force_from"])
    return version


def _check_may_sign(version: AgreementVersion, by: User, now: datetime, in_force_from: datetime | None) -> None:
    if not by.signs_for:
        raise CannotSign(
            sentence(
                "{name} signs for neither team. An administrator can change that in Settings, Colleagues.", name=by.name
            )
        )
    if version.status != "draft":
        raise CannotSign(
            sentence(
                "Agreement v{number} is {status}: draft a new version to change it.",
                number=version.number,
                status=Code("agreement", version.status),
            )
        )
    if version.signatures.filter(side=by.signs_for).exists():
        raise CannotSign(
            sentence(
                "Agreement v{number} already has the signature of {side}.",
                number=version.number,
                side=Code("side", by.signs_for),
            )
        )
    _check_day(version, now, in_force_from)


def _check_day(version: AgreementVersion, now: datetime, in_force_from: datetime | None) -> None:
    """The day is part of what is signed: the second head takes the first one's, unless that one left it open."""
    if in_force_from is None:
        return
    if in_force_from < now:
        raise CannotSign(sentence("An agreement cannot come into force in the past. Choose today or a later date."))
    if in_force_from > now + FARTHEST:
        raise CannotSign(sentence("This day is more than two years away. Choose an earlier one."))
    agreed = version.in_force_from
    if agreed and agreed > now and timezone.localdate(agreed) != timezone.localdate(in_force_from):
        raise CannotSign(
            sentence(
                "The other head signed for {day}. Sign for that day, or withdraw this draft and agree on another.",
                day=timezone.localdate(agreed).isoformat(),
            )
        )


@transaction.atomic
def withdraw(*, version: AgreementVersion, by: User, now: datetime) -> None:
    """Take back a draft; a signed version is superseded by signing another one instead."""
    if version.status != "draft":
        raise CannotSign(
            sentence(
                "Agreement v{number} is {status}; only a draft can be withdrawn.",
                number=version.number,
                status=Code("agreement", version.status),
            )
        )
    version.status = "withdrawn"
    version.save(update_fields=["status"])
    record("agreement.withdrawn", version, at=now, by=by, agreement_sha=version.sha)
