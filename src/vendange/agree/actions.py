"""Writes the versions of the agreement, their signatures and what is said about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet

from vendange.agree.queries import heads, last_change
from vendange.agree.rules import FARTHEST, day_of, is_coming
from vendange.agreement.language import load
from vendange.agreement.sentence import Cannot, Code, Incomplete, sentence
from vendange.models import AgreementVersion, Beginning, Comment, Signature, User, Wording
from vendange.models.outgoing import post_mail
from vendange.models.trail import record

LONGEST: Final = 4000  # characters of a comment or a reason
TAKEN_BACK: Final = frozenset({"withdrawn", "refused", "superseded"})


class CannotSign(Cannot):
    """This person may not sign or change this version now; the message says why and what to do."""


class ChangedMeanwhile(CannotSign):
    """The text is another one than when it was opened. `by` and `at` say who changed it when; nothing was written."""

    def __init__(self, version: AgreementVersion) -> None:
        self.by, self.at = last_change(version)
        at = self.at.astimezone(ZoneInfo(version.terms.calendar.time_zone))
        super().__init__(
            sentence(
                "{who} changed the text of agreement v{number} on {day} at {clock}, after you opened it. "
                "Read it again before you go on.",
                who=self.by.name if self.by else sentence("A colleague"),
                number=version.number,
                day=at.date(),
                clock=f"{at:%H:%M}",
            )
        )


@transaction.atomic
def draft(*, text: str, by: User | None, now: datetime) -> AgreementVersion:
    """Keep a valid text as the next draft; raises NotAnAgreement.

    The same text as the version in force, as one signed for a day to come, as a draft or as the last, is that one.
    """
    agreement = load(text)
    last = AgreementVersion.objects.order_by("-number").first()
    if last and last.sha == agreement.sha and last.status not in TAKEN_BACK:
        return last
    alike = AgreementVersion.objects.filter(sha=agreement.sha)
    same = _binding(alike, now) or alike.filter(status="draft").order_by("-number").first()
    if same:
        return same
    number = (AgreementVersion.objects.aggregate(top=Max("number"))["top"] or 0) + 1
    version = AgreementVersion.objects.create(
        number=number, sha=agreement.sha, name=agreement.name, text=text, created_at=now, created_by=by
    )
    record("agreement.drafted", version, at=now, by=by, agreement_sha=agreement.sha)
    return version


def _binding(versions: QuerySet[AgreementVersion], now: datetime) -> AgreementVersion | None:
    """The one of these that is in force, or signed for a day to come."""
    held = AgreementVersion.objects.filter(status="signed", in_force_from__lte=now).order_by(
        "-in_force_from", "-number"
    )
    binds = Q(pk__in=held.values("pk")[:1]) | Q(in_force_from__gt=now)
    return versions.filter(binds, status="signed").order_by("in_force_from").first()


@transaction.atomic
def revise(*, version: AgreementVersion, text: str, by: User | None, now: datetime, sha: str = "") -> AgreementVersion:
    """Change the text of a draft in place; the former one is kept, and signatures of it are void.

    `sha` is that of the text that was edited: raises ChangedMeanwhile when the draft says something else by now.
    Raises CannotSign when it is no draft any more, NotAnAgreement when the text is not valid. A text that says the
    same in other words or another order keeps the signatures.
    """
    agreement = load(text)
    version = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    _check_is_draft(version)
    if sha and sha != version.sha:
        raise ChangedMeanwhile(version)
    if text == version.text:
        return version
    before, writer = version.sha, last_change(version)[0]
    Wording.objects.create(agreement=version, sha=before, text=version.text, by=writer, at=now)
    version.text, version.sha, version.name = text, agreement.sha, agreement.name
    if before != version.sha:
        _void(version, by, now)
    version.save(update_fields=["text", "sha", "name", "in_force_from"])
    record("agreement.changed", version, at=now, by=by, detail={"before": before}, agreement_sha=version.sha)
    return version


def _void(version: AgreementVersion, by: User | None, now: datetime) -> None:
    """Another text needs other signatures, and the day that was signed with them is open again."""
    standing = list(version.signatures.filter(void_at__isnull=True).select_related("user"))
    version.in_force_from = None
    for one in standing:
        one.void_at = now
        one.save(update_fields=["void_at"])
        detail = {"side": one.side, "signed_by": one.user.name}
        record("agreement.signature_void", version, at=now, by=by, detail=detail, agreement_sha=one.sha)
        if one.user != by:
            _tell("agreement_changed", version, [one.user], by, now)


@transaction.atomic
def sign(
    *, version: AgreementVersion, by: User, now: datetime, in_force_from: datetime | None = None, sha: str = ""
) -> AgreementVersion:
    """One head signs. The second signature puts the version in force, from `in_force_from` or at once (R1).

    `sha` is that of the text that was read: raises ChangedMeanwhile when it is another one by now.
    """
    version = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    _check_may_sign(version, by, now, in_force_from)
    if sha and sha != version.sha:
        raise ChangedMeanwhile(version)
    Signature.objects.create(agreement=version, side=by.signs_for, sha=version.sha, user=by, at=now)
    record("agreement.signed", version, at=now, by=by, detail=_signed_for(by, in_force_from), agreement_sha=version.sha)
    version.in_force_from = in_force_from or version.in_force_from
    is_second = version.signatures.filter(void_at__isnull=True).count() == 2
    if is_second:
        version.status = "signed"
        version.in_force_from = max(version.in_force_from or now, now)
        record("agreement.in_force", version, at=now, by=by, agreement_sha=version.sha)
        _supersede(version, version.in_force_from, by, now)
    version.save(update_fields=["status", "in_force_from"])
    _tell("agreement_signed" if is_second else "agreement_awaits_you", version, _others(by), by, now)
    return version


def _signed_for(by: User, in_force_from: datetime | None) -> dict[str, str]:
    begins = {"in_force_from": in_force_from.isoformat()} if in_force_from else {}
    return {"side": by.signs_for, **begins}


def _supersede(version: AgreementVersion, begins: datetime, by: User, now: datetime) -> None:
    """What was signed before for the same day or a later one does not come into force any more."""
    coming = AgreementVersion.objects.filter(status="signed", in_force_from__gt=now, in_force_from__gte=begins)
    for one in coming.exclude(pk=version.pk):
        one.status = "superseded"
        one.save(update_fields=["status"])
        record("agreement.superseded", one, at=now, by=by, detail={"by": version.number}, agreement_sha=one.sha)


def _check_may_sign(version: AgreementVersion, by: User, now: datetime, in_force_from: datetime | None) -> None:
    _check_is_head(by)
    _check_is_draft(version)
    if version.signatures.filter(side=by.signs_for, void_at__isnull=True).exists():
        raise CannotSign(
            sentence(
                "Agreement v{number} already has the signature of {side}.",
                number=version.number,
                side=Code("side", by.signs_for),
            )
        )
    _check_day(version, now, in_force_from)


def _check_is_head(by: User) -> None:
    if not by.signs_for:
        raise CannotSign(
            sentence(
                "{name} signs for neither team. An administrator can change that in Settings, Colleagues.", name=by.name
            )
        )


def _check_is_draft(version: AgreementVersion) -> None:
    if version.status != "draft":
        raise CannotSign(
            sentence(
                "Agreement v{number} is {status}: draft a new version to change it.",
                number=version.number,
                status=Code("agreement", version.status),
            )
        )


def _check_day(version: AgreementVersion, now: datetime, in_force_from: datetime | None) -> None:
    """The day is part of what is signed: the second head takes the first one's, unless that one left it open."""
    if in_force_from is None:
        return
    if in_force_from < now:
        raise CannotSign(sentence("An agreement cannot come into force in the past. Choose today or a later date."))
    if in_force_from > now + FARTHEST:
        raise CannotSign(sentence("This day is more than two years away. Choose an earlier one."))
    agreed, zone = version.in_force_from, version.terms.calendar.time_zone
    if agreed and agreed > now and day_of(agreed, zone) != day_of(in_force_from, zone):
        raise CannotSign(
            sentence(
                "The other head signed for {day}. Sign for that day, or withdraw this draft and agree on another.",
                day=day_of(agreed, zone),
            )
        )


@transaction.atomic
def refuse(*, version: AgreementVersion, by: User, reason: str, now: datetime) -> AgreementVersion:
    """A head refuses a draft and says why. It binds nobody; `draft` with its text takes it up again."""
    version = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    _check_is_head(by)
    _check_is_draft(version)
    said = _written("reason", reason)
    Comment.objects.create(agreement=version, sha=version.sha, text=said, refuses=True, by=by, at=now)
    version.status, version.in_force_from = "refused", None  # the trail keeps the day that was signed for
    version.save(update_fields=["status", "in_force_from"])
    detail = {"side": by.signs_for, "reason": said}
    record("agreement.refused", version, at=now, by=by, detail=detail, agreement_sha=version.sha)
    _tell("agreement_refused", version, _others(by), by, now, said)
    return version


@transaction.atomic
def withdraw(*, version: AgreementVersion, by: User, now: datetime, reason: str = "") -> None:
    """Take back a draft; or, by a head who says why, a signed version whose day has not come."""
    version = AgreementVersion.objects.select_for_update().get(pk=version.pk)
    said, was_signed = reason.strip()[:LONGEST], is_coming(version.status, version.in_force_from, now)
    if was_signed:
        _check_is_head(by)
        said = _written("reason", reason)
    elif version.status != "draft":
        raise CannotSign(
            sentence(
                "Agreement v{number} is {status}; only a draft, or a version whose day has not come, can be withdrawn.",
                number=version.number,
                status=Code("agreement", version.status),
            )
        )
    version.status = "withdrawn"
    version.save(update_fields=["status"])
    if said:
        Comment.objects.create(agreement=version, sha=version.sha, text=said, refuses=True, by=by, at=now)
    detail = {"reason": said} if said else {}
    record("agreement.withdrawn", version, at=now, by=by, detail=detail, agreement_sha=version.sha)
    if was_signed or version.signatures.filter(void_at__isnull=True).exclude(user=by).exists():
        _tell("agreement_withdrawn", version, _others(by), by, now, said)


def keep_answers(*, by: User, answers: Mapping[str, Any], now: datetime) -> None:
    """What somebody has answered so far on the way to a first draft, for whichever browser they go on in."""
    Beginning.objects.update_or_create(by=by, defaults={"answers": dict(answers), "changed_at": now})


def forget_answers(*, by: User) -> None:
    Beginning.objects.filter(by=by).delete()


@transaction.atomic
def comment(*, version: AgreementVersion, by: User, text: str, now: datetime, about: str = "") -> Comment:
    """Say something about a version, or about one part of it (`about`). Raises Incomplete for no text."""
    said = _written("text", text)
    kept = Comment.objects.create(agreement=version, sha=version.sha, about=about[:60], text=said, by=by, at=now)
    detail = {"about": kept.about} if kept.about else {}
    record("agreement.commented", version, at=now, by=by, detail=detail, agreement_sha=version.sha)
    return kept


@transaction.atomic
def settle(*, comment: Comment, by: User, now: datetime) -> Comment:
    """What was said is dealt with. Again changes nothing; a reason for refusing stays as it is."""
    comment = Comment.objects.select_for_update().select_related("agreement").get(pk=comment.pk)
    if comment.settled_at or comment.refuses:
        return comment
    comment.settled_at = now
    comment.save(update_fields=["settled_at"])
    about = comment.agreement
    record("agreement.comment_settled", about, at=now, by=by, detail={"comment": comment.pk}, agreement_sha=comment.sha)
    return comment


def _written(field: str, text: str) -> str:
    said = text.strip()
    if not said:
        raise Incomplete({field: sentence("Write in a few words what you want to say.")})
    if len(said) > LONGEST:
        raise Incomplete({field: sentence("This is longer than {most} characters. Say it shorter.", most=LONGEST)})
    return said


def _others(by: User) -> list[User]:
    """The heads of the other side, who learn what this one did."""
    return [one for one in heads() if one.signs_for != by.signs_for]


def _tell(
    template: str, version: AgreementVersion, to: list[User], by: User | None, now: datetime, reason: str = ""
) -> None:
    values = {
        "number": version.number,
        "who": by.name if by else "",
        "reason": reason[:500],
        "begins": version.in_force_from.isoformat() if version.in_force_from else "",
        "url": f"{settings.BASE_URL}/agreement/{version.number}/",
    }
    post_mail(template, f"{version.pk}:{version.sha[:16]}:{now.isoformat()}", to, values, now)
