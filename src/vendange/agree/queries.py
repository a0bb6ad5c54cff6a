"""Which agreement judges what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q
from django.db.models.functions import Left

from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.starting import MOST_PEOPLE, PEOPLE, Answers
from vendange.agreement.starting_kept import unpacked
from vendange.agreement.terms import Agreement
from vendange.agreement.vocabulary import LEVELS
from vendange.models import (
    AgreementVersion,
    Beginning,
    Comment,
    Organisation,
    Person,
    Signal,
    Signature,
    Trail,
    User,
)


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


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who of the people known already an answer about the target concerns; the four parts add up to `people`."""

    people: int
    sure: int  # all that is asked is known and fits
    perhaps: int  # something is not known
    outside: int  # something known does not fit
    aside: int  # set aside, whatever else fits


def concerned(answers: Answers) -> Concerned:
    """One question to the database, whatever the volume."""
    aside = ~Q(set_aside="") | Q(*_aside(answers), _connector=Q.OR) if _aside(answers) else ~Q(set_aside="")
    asked = list(_asked(answers))
    sure, outside = Q(), Q(pk__in=[])
    for known, fits in asked:
        sure &= known & fits
        outside |= known & ~fits
    found = Person.objects.filter(merged_into__isnull=True).aggregate(
        people=Count("pk"),
        aside=Count("pk", filter=aside),
        outside=Count("pk", filter=~aside & outside),
        sure=Count("pk", filter=~aside & sure) if asked else Count("pk", filter=~aside),
    )
    return Concerned(**found, perhaps=found["people"] - found["aside"] - found["outside"] - found["sure"])


def _asked(answers: Answers) -> Iterator[tuple[Q, Q]]:
    """Of each answer about the target: what makes it known of somebody, and what fits. As `conditions` compares."""
    if answers.level:
        yield Q(level__in=LEVELS), Q(level__in=LEVELS[LEVELS.index(answers.level) :])
    if answers.roles:
        yield ~Q(role=""), Q(role__in=answers.roles)
    if answers.countries:
        yield ~Q(country=""), Q(country__in=answers.countries)
    if answers.sectors:
        yield Q(organisation__industry__gt=""), _in_sectors(answers.sectors)
    if answers.smallest is not None or answers.largest is not None:
        least, most = answers.smallest or 0, answers.largest if answers.largest is not None else MOST_PEOPLE
        yield Q(organisation__employees__isnull=False), Q(organisation__employees__range=(least, most))


def _aside(answers: Answers) -> list[Q]:
    said = [Q(job_title__icontains=title) for code in answers.aside for title in PEOPLE[code]]
    student = [Q(level="student")] if "student" in answers.aside else []
    return [*student, *said, *(_in_sectors(one.sectors) for one in answers.aside_sectors if one.sectors)]


def _in_sectors(sectors: Sequence[str]) -> Q:
    return Q(*(Q(organisation__industry__istartswith=one) for one in sectors), _connector=Q.OR)


def kinds_seen(since: datetime) -> Mapping[str, int]:
    """How often each kind of signal came since then, machines not counted, the most frequent first."""
    found = Signal.objects.filter(occurred_at__gte=since).exclude(verdict="machine").values_list("kind")
    return dict(found.annotate(n=Count("id")).order_by("-n", "kind"))


def has_past() -> bool:
    """Whether anything is recorded on which a draft could be simulated."""
    return Signal.objects.exists()


def places_seen(most: int) -> tuple[Sequence[tuple[str, int]], Sequence[tuple[str, int]]]:
    """The most frequent countries of people, and beginnings of industries of companies, with how many each has."""
    people = Person.objects.filter(merged_into__isnull=True).exclude(country="").values_list("country")
    firms = Organisation.objects.exclude(industry="").annotate(begins=Left("industry", 3)).values_list("begins")
    return (
        list(people.annotate(n=Count("id")).order_by("-n", "country")[:most]),
        [(begins.rstrip("."), n) for begins, n in firms.annotate(n=Count("id")).order_by("-n", "begins")[:most]],
    )


def answers_of(user: User) -> Answers | None:
    """How far somebody has come with the questions that begin an agreement; None when they have not begun."""
    kept = Beginning.objects.filter(by=user).values_list("answers", flat=True).first()
    return unpacked(kept) if kept is not None else None
