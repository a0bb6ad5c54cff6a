"""Forms, the texts of consent, and what people answered."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import make_aware

from vendange.ask.rules import Definition, Question, read_definition
from vendange.models import Consent, ConsentText, Form, FormVersion, Person, Submission

MOST_OF_A_BROWSER: Final = 50  # its newest answers; a browser that sends more is asked again what it said before


def forms() -> QuerySet[Form]:
    """Open ones first, by name, with `answers` (how many) and `last_answer` (when)."""
    counted = Form.objects.annotate(answers=Count("submissions"), last_answer=Max("submissions__at"))
    return counted.select_related("source").order_by(F("closed_at").asc(nulls_first=True), "name")


def draft_of(form: Form) -> FormVersion | None:
    """The version that can still change; None when the newest is published."""
    newest = form.versions.order_by("-number").first()
    return newest if newest is not None and newest.published_at is None else None


def newest(form: Form) -> FormVersion:
    """The draft, or the version that is shown when there is none."""
    return form.versions.select_related("by").order_by("-number")[0]


def published(form: Form) -> FormVersion | None:
    """The version that is shown; None when none is."""
    return form.versions.filter(number=form.published).first() if form.published else None


def definition_of(version: FormVersion) -> Definition:
    return read_definition(version.definition)


def shown() -> list[tuple[Form, FormVersion]]:
    """Every form that takes answers, with the version that is shown."""
    rows = FormVersion.objects.filter(form__published=F("number"), form__closed_at=None)
    return [(row.form, row) for row in rows.select_related("form__source").order_by("form_id")]


def texts(*, language: str = "", channel: str = "", retired: bool = False) -> QuerySet[ConsentText]:
    """Texts of consent, the newest version of each first; retired ones only when asked."""
    rows = ConsentText.objects.select_related("by")
    rows = rows.filter(language=language) if language else rows
    rows = rows.filter(channel=channel) if channel else rows
    rows = rows if retired else rows.filter(retired_at=None)
    return rows.order_by("channel", "purpose", "language", "-version")


def wordings() -> Mapping[str, str]:
    """The texts in use, by their code."""
    return {one.code: one.text for one in texts()}


def texts_of(definition: Definition) -> Mapping[str, str]:
    """The texts that this form shows, by their code, also retired ones."""
    return {code: one.text for code, one in texts_called({box.wording for box in definition.consents}).items()}


def texts_called(codes: Collection[str]) -> Mapping[str, ConsentText]:
    """The texts of these codes, also retired ones; a code of another shape names none."""
    parts = [code.split("/") for code in codes]
    named = [one for one in parts if len(one) == 4 and one[3].isdecimal() and len(one[3]) <= 9]
    if not named:
        return {}
    wanted = Q()
    for channel, purpose, language, version in named:
        wanted |= Q(channel=channel, purpose=purpose, language=language, version=int(version))
    return {one.code: one for one in ConsentText.objects.filter(wanted)}


def asked_of(person: Person) -> Sequence[Question]:
    """Every question that this person has answered in a form, as it was asked; the last answered one first."""
    rows = Submission.objects.filter(person=person).order_by("-at", "-pk").values_list("form", "version")
    answered = list(dict.fromkeys(rows[:MOST_OF_A_BROWSER]))
    found = {
        (row.form_id, row.number): row
        for row in FormVersion.objects.filter(
            form__in={form for form, _ in answered}, number__in={number for _, number in answered}
        )
    }
    versions = [definition_of(found[one]) for one in answered if one in found]
    return [question for one in versions for question in one.questions]


def boxes_of(definition: Definition) -> dict[str, str]:
    """The wording of each box, by the name of the box. A consent to calls is shown as one paragraph."""
    found = texts_of(definition)
    return {box.name: " ".join(found.get(box.wording, "").split("\n")) for box in definition.consents}


def submissions(form: Form, *, before: int | None = None, limit: int = 50) -> Sequence[Submission]:
    """The latest answers, or those with a number under `before`."""
    rows = form.submissions.filter(pk__lt=before) if before else form.submissions.all()
    return list(rows.select_related("person__organisation").order_by("-pk")[:limit])


def of_sources(source_ids: Collection[int]) -> Mapping[int, int]:
    """The form of each source that is a form's, by number."""
    if not source_ids:
        return {}
    return dict(Form.objects.filter(source__in=source_ids).values_list("source", "pk"))


def asked_in(one: Submission) -> Definition:
    """The form as it was when this was answered."""
    return definition_of(FormVersion.objects.get(form=one.form_id, number=one.version))


def email_of(one: Submission) -> str:
    """The address that was typed; "" when the form asked for none."""
    named = (question.id for question in asked_in(one).questions if question.field == "email")
    return str(next((one.answers.get(name) for name in named), "") or "")


def to_confirm(key: str) -> Submission | None:
    """The answer whose letter carried the secret of this hash."""
    return Submission.objects.select_related("form", "person").filter(confirm_key=key).first() if key else None


def known_of(anonymous_id: str) -> frozenset[str]:
    """Names of the fields that this very browser has filled in forms. Never what is in them.

    Nothing else that is known of whoever it names: anybody can send anybody's address with a name of a browser, and
    would read here what we hold of them, or of their company.
    """
    if not anonymous_id:
        return frozenset()
    rows = Submission.objects.filter(anonymous_id=anonymous_id).order_by("-at", "-pk")
    said = list(rows.values_list("form", "version", "answers")[:MOST_OF_A_BROWSER])
    fields = _fields_of({(form, version) for form, version, _ in said})
    named = [
        {fields[form, version].get(name, name): text for name, text in answers.items()}
        for form, version, answers in said
    ]
    if len({str(one["email"]).lower() for one in named if one.get("email")}) > 1:
        return frozenset()  # several people share it
    return frozenset(name for one in named for name in one)


def _fields_of(versions: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Mapping[str, str]]:
    """What each question of these versions of forms is about, by the id of the question."""
    rows = FormVersion.objects.filter(form__in={form for form, _ in versions}) if versions else ()
    found = {(row.form_id, row.number): row for row in rows}
    return {one: {question.id: question.field for question in definition_of(found[one]).questions} for one in versions}


def asked_by(form: Form) -> Mapping[str, Question]:
    """Every question that was ever published or drafted, by its id, as its newest version has it, in that order."""
    found: dict[str, Question] = {}
    for version in form.versions.order_by("-number"):
        for question in definition_of(version).questions:
            found.setdefault(question.id, question)
    return found


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; telephone numbers and figures stay as they are.

    >>> harmless("=1+1"), harmless("+33 6 12 34 56 78"), harmless("-12,5"), harmless("+cmd|x")
    ("'=1+1", '+33 6 12 34 56 78', '-12,5', "'+cmd|x")
    """
    risky = cell.startswith(("=", "@", "+", "-", "\t", "\r", "\n"))
    return f"'{cell}" if risky and not re.fullmatch(r"[+-][\d\s().,/-]*", cell) else cell


def listed(since: datetime) -> list[tuple[Form, Definition, int]]:
    """Every form as its newest version says it, with `answers` since then, `last_answer`, and that version's number."""
    lately = Count("submissions", filter=Q(submissions__at__gte=since))
    counted = {one.pk: one for one in forms().annotate(lately=lately)}
    last = FormVersion.objects.filter(form=OuterRef("form")).order_by("-number").values("number")[:1]
    rows = {row.form_id: row for row in FormVersion.objects.filter(number=Subquery(last))}
    return [(form, definition_of(rows[pk]), rows[pk].number) for pk, form in counted.items()]


def versions(form: Form) -> Sequence[FormVersion]:
    """All versions, newest first, with `answers`: how many came in through each."""
    counts = dict(form.submissions.values_list("version").annotate(count=Count("pk")))
    found = list(form.versions.select_related("by").order_by("-number"))
    for one in found:
        one.answers = counts.get(one.number, 0)  # type: ignore[attr-defined]
    return found


def answered(
    form: Form, *, since: date | None = None, until: date | None = None, who: str = "", which: str = ""
) -> QuerySet[Submission]:
    """Answers, newest first: of some days, of somebody, only `confirmed` ones or those `waiting` for their letter."""
    rows = form.submissions.select_related("person__organisation")
    if since:
        rows = rows.filter(at__gte=midnight(since))
    if until:
        rows = rows.filter(at__lt=midnight(until + timedelta(days=1)))
    for part in who.split()[:5]:
        named = ("person__first_name", "person__last_name", "person__email", "person__organisation__name")
        wanted = Q()
        for name in named:
            wanted |= Q(**{f"{name}__icontains": part})
        rows = rows.filter(wanted)
    if which == "confirmed":
        rows = rows.filter(confirmed_at__isnull=False)
    if which == "waiting":
        rows = rows.filter(confirmed_at__isnull=True).exclude(confirm_key="")
    return rows.order_by("-at", "-pk")


def midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def agreed() -> Mapping[str, int]:
    """How many people agreed to each wording, by its code; whether or not they withdrew later."""
    given = Consent.objects.filter(status="given").exclude(wording="").values_list("wording")
    return dict(given.annotate(count=Count("person", distinct=True)))


def used_in(shown_forms: Sequence[tuple[Form, FormVersion]]) -> Mapping[str, list[str]]:
    """Names of the forms that show each text now, by the code of the text."""
    found: dict[str, list[str]] = {}
    for form, version in shown_forms:
        for asked in version.definition["consents"]:
            found.setdefault(asked["wording"], []).append(form.name)
    return found
