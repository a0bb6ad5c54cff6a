"""Writes forms, their versions, the texts of consent, and what came in through forms."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from vendange.agreement.sentence import Cannot, sentence
from vendange.ask import queries
from vendange.ask.rules import NAME, BadForm, Definition, as_json, faults, identity, read_definition, text_faults
from vendange.models import Consent, ConsentText, Form, FormVersion, Person, Source, Submission, User
from vendange.models.trail import record as tell


class NameTaken(Cannot):
    """Two forms of one name could not be told apart, nor their sources."""

    def __init__(self, name: str) -> None:
        super().__init__(sentence("There is already a form or a source named {name}. Choose another name.", name=name))


class Closed(Cannot):
    """The form was closed: it takes no answers and no changes any more."""

    def __init__(self) -> None:
        super().__init__(sentence("This form is closed. Make a new one."))


class NothingToPublish(Cannot):
    """The version that is shown is the newest."""

    def __init__(self) -> None:
        super().__init__(sentence("There is nothing new to publish: this is the version that is shown."))


class ChangedMeanwhile(Cannot):
    """The draft is not the one any more that somebody began to change."""

    def __init__(self) -> None:
        super().__init__(sentence("Somebody else has changed this form meanwhile. Decide which of the two holds."))


class TextInUse(Cannot):
    """A form shows this text."""

    def __init__(self, form: Form) -> None:
        told = sentence("The form “{form}” shows this text. Publish it with another text first.", form=form.name)
        super().__init__(told)


@transaction.atomic
def add_form(*, name: str, definition: Definition, by: User, now: datetime, origins: Sequence[str] = ()) -> Form:
    """A form with its first draft and a source of its own. `origins`: sites that may embed it, empty for any."""
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise BadForm([("name", sentence("Give the form a name of at most 80 characters."))])
    if Form.objects.filter(name__iexact=name).exists() or Source.objects.filter(name__iexact=name).exists():
        raise NameTaken(name)
    source = Source.objects.create(
        name=name, kind="form", write_key=secrets.token_urlsafe(24), allowed_origins=list(origins), created_at=now
    )
    form = Form.objects.create(name=name, source=source, created_at=now)
    FormVersion.objects.create(form=form, number=1, definition=as_json(definition), at=now, by=by)
    tell("form.added", form, at=now, by=by, detail={"name": name, "origins": list(origins)})
    return form


@transaction.atomic
def allow_sites(*, form: Form, origins: Sequence[str], by: User, now: datetime) -> None:
    """Which sites may embed the form and post to it; none named: any."""
    form = _locked(form)
    form.source.allowed_origins = list(origins)
    form.source.save(update_fields=["allowed_origins"])
    tell("form.sites", form, at=now, by=by, detail={"origins": list(origins)})


@transaction.atomic
def save(*, form: Form, definition: Definition, by: User, now: datetime, base: str = "") -> FormVersion:
    """Keep the draft. What is published never changes: after it the draft is a new version.

    `base`: `rules.identity` of what this was made from; raises ChangedMeanwhile when the form says another thing now.
    """
    form = _locked(form)
    if base and base != identity(queries.definition_of(queries.newest(form))):
        raise ChangedMeanwhile
    draft = queries.draft_of(form)
    if draft is None:
        number = (form.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        return FormVersion.objects.create(form=form, number=number, definition=as_json(definition), at=now, by=by)
    draft.definition, draft.at, draft.by = as_json(definition), now, by
    draft.save(update_fields=["definition", "at", "by"])
    return draft


@transaction.atomic
def publish(*, form: Form, by: User, now: datetime) -> FormVersion:
    """Show the draft to the public. Raises BadForm with what the law forbids, NothingToPublish, Closed."""
    form = _locked(form)
    draft = queries.draft_of(form)
    if draft is None:
        raise NothingToPublish
    if found := faults(read_definition(draft.definition), queries.wordings()):
        raise BadForm(found)
    draft.published_at, form.published = now, draft.number
    draft.save(update_fields=["published_at"])
    form.save(update_fields=["published"])
    tell("form.published", form, at=now, by=by, detail={"name": form.name, "version": draft.number})
    return draft


@transaction.atomic
def close(*, form: Form, by: User, now: datetime) -> None:
    """It takes no answers any more; those that came stay. Closing twice is closing once."""
    form = Form.objects.select_for_update(of=("self",)).select_related("source").get(pk=form.pk)
    if form.closed_at is None:
        form.closed_at = form.source.closed_at = now
        form.save(update_fields=["closed_at"])
        form.source.save(update_fields=["closed_at"])
        tell("form.closed", form, at=now, by=by, detail={"name": form.name})


def _locked(form: Form) -> Form:
    found = Form.objects.select_for_update(of=("self",)).select_related("source").get(pk=form.pk)
    if found.closed_at is not None:
        raise Closed
    return found


@transaction.atomic
def add_text(*, channel: str, purpose: str, language: str, text: str, by: User, now: datetime) -> ConsentText:
    """A new version of a wording of consent; raises BadForm. That of calls is five sentences, one a line."""
    found = text_faults(channel, text)
    if not NAME.fullmatch(purpose):
        found.append(("purpose", sentence("Name the purpose in small letters, digits and _, such as news.")))
    if found:
        raise BadForm(found)
    same = ConsentText.objects.filter(channel=channel, purpose=purpose, language=language)
    number = (same.aggregate(last=Max("version"))["last"] or 0) + 1
    made = ConsentText.objects.create(
        channel=channel, purpose=purpose, language=language, version=number, text=text.strip(), at=now, by=by
    )
    tell("consent_text.added", made, at=now, by=by, detail={"code": made.code, "text": made.text})
    return made


@transaction.atomic
def retire_text(*, text: ConsentText, by: User, now: datetime) -> None:
    """It is offered no more; it stays as the proof of consents given before. Raises TextInUse."""
    for form, version in queries.shown():
        if any(box["wording"] == text.code for box in version.definition["consents"]):
            raise TextInUse(form)
    if text.retired_at is None:
        text.retired_at = now
        text.save(update_fields=["retired_at"])
        tell("consent_text.retired", text, at=now, by=by, detail={"code": text.code})


def keep_submissions(rows: Iterable[Submission]) -> None:
    """Keep answers with what they are consents to. For the transaction that keeps their signals."""
    Submission.objects.bulk_create(rows, batch_size=500)


def keep_consents(rows: Iterable[Consent]) -> None:
    """A line each: a correction is another line (C16)."""
    Consent.objects.bulk_create(rows, batch_size=500)


class TooLate(Cannot):
    """The letter of confirmation is too old."""

    def __init__(self) -> None:
        super().__init__(sentence("This link is no longer valid. Please fill in the form again."))


@transaction.atomic
def confirm(*, submission: Submission, whose: Person | None = None, now: datetime) -> bool:
    """The mailbox agrees: the consents of this answer count from now on. False when it was confirmed before.

    `whose`: who has the mailbox, when it is not the person of the answer.
    """
    one = Submission.objects.select_for_update(of=("self",)).select_related("person").get(pk=submission.pk)
    if one.confirmed_at is not None:
        return False
    if one.confirm_until is None or now > one.confirm_until:
        raise TooLate
    one.confirmed_at, one.person = now, whose or one.person
    one.save(update_fields=["confirmed_at", "person"])
    if one.person_id is not None:
        keep_consents(consent_of(one, box, at=now) for box in one.consents if box.get("pending"))
    tell("consent.confirmed", one, at=now, by=None, detail={"form": one.form_id})
    return True


def consent_of(one: Submission, box: dict[str, str], *, at: datetime) -> Consent:
    """The line that says what this box of this answer allows."""
    return Consent(
        person=one.person,
        channel=box["channel"],
        purpose=box["purpose"],
        status="given",
        at=at,
        method="form",
        wording=box["wording"][:120],
        page=one.page[:300],
    )
