"""Which agreement judges what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.terms import Agreement
from vendange.models import AgreementVersion, Comment, Signature, Trail, User


class NoAgreement(Cannot):
    """No agreement is signed and in force at that time, so nothing can be judged."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "No agreement is in force. Draft one (`vendange agreement draft FILE`) and have both heads sign it."
            )
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """A version and what it says."""

    version: AgreementVersion
    agreement: Agreement


def in_force(at: datetime) -> Terms:
    """The signed version with the latest date not after `at`; raises NoAgreement."""
    version = (
        AgreementVersion.objects.defer("text")
        .filter(status="signed", in_force_from__lte=at)
        .order_by("-in_force_from", "-number")
        .first()
    )
    if version is None:
        raise NoAgreement
    return terms_of(version)


def terms_of(version: AgreementVersion) -> Terms:
    """What a version says; it was valid when it was drafted, so it can be read."""
    return Terms(version, version.terms)


def versions() -> Sequence[AgreementVersion]:
    """Every version, the newest first, with its signatures and who gave them."""
    signed = Prefetch("signatures", queryset=Signature.objects.select_related("user").order_by("at"))
    return list(AgreementVersion.objects.select_related("created_by").prefetch_related(signed).order_by("-number"))


def last_change(version: AgreementVersion) -> tuple[User | None, datetime]:
    """Who wrote the text that the version has now, and when: None when nobody is known or they left."""
    changes = Trail.objects.filter(subject="agreementversion", subject_id=version.pk, verb="agreement.changed")
    last = changes.select_related("by").order_by("-at", "-id").first()
    return (last.by, last.at) if last else (version.created_by, version.created_at)


def comments_of(version: AgreementVersion) -> Sequence[Comment]:
    """What was said about a version, in the order that it was said."""
    return list(version.comments.select_related("by").order_by("at", "id"))


def heads() -> Sequence[User]:
    """Who may sign, marketing first."""
    return list(User.objects.filter(is_active=True).exclude(signs_for="").order_by("signs_for", "last_name"))
