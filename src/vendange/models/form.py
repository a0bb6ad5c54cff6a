"""Written by ask: forms, their versions, the texts of consent that they show, and what came in through them."""

from django.db import models

from vendange.models.fields import code, public_id, text
from vendange.models.person import Person
from vendange.models.source import Source
from vendange.models.user import User


class Form(models.Model):
    """A form. What it asks stands in its versions; `published` is the number of the one that is shown, null: none."""

    public_id = public_id()
    name = text(120, unique=True)
    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="form")
    published = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.name)


class FormVersion(models.Model):
    """What a form asked from some moment on; never changed once published, so that an answer keeps its question."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    definition = models.JSONField()  # vendange.ask.rules.Definition
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("form", "number"), name="form_version_once"),)


class ConsentText(models.Model):
    """One wording of one question of consent; a new wording is a new version, and old ones stay as the proof (C16)."""

    channel = code(20)  # email | phone | sms | tracking
    purpose = code(40)
    language = code(5)
    version = models.IntegerField()
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel", "purpose", "language", "version"), name="consent_text_once"),
        )

    @property
    def code(self) -> str:
        """How `Consent.wording` names it: email/news/fr/3."""
        return f"{self.channel}/{self.purpose}/{self.language}/{self.version}"


class Submission(models.Model):
    """One answer to one form, as given. The signal that it made carries the same source and message id."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="submissions")
    version = models.IntegerField()
    message_id = code(255)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="submissions")
    anonymous_id = code(
        255, default="", db_default=""
    )  # how the browser that sent it names itself; "" when it does not
    answers = models.JSONField(default=dict)
    consents = models.JSONField(default=list)  # what was ticked: channel, purpose, wording
    page = text(500)
    referrer = text(500)
    campaign = models.JSONField(default=dict)  # utm_… as they stood in the address
    at = models.DateTimeField()
    confirm_key = code(64, default="")  # SHA-256 of the secret in the letter of confirmation; "" when none was owed
    confirm_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("form", "message_id"), name="submission_once"),)
        indexes = (
            models.Index(fields=("form", "-at"), name="submission_newest"),
            models.Index(fields=("anonymous_id", "-at"), name="submission_by_browser"),
            models.Index(fields=("confirm_key",), condition=~models.Q(confirm_key=""), name="submission_to_confirm"),
        )
