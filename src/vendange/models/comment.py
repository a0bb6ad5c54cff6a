"""Written by agree: what colleagues say about a version of the agreement, and why a head refused it."""

from django.db import models

from vendange.models.agreement import AgreementVersion
from vendange.models.fields import code
from vendange.models.user import User


class Comment(models.Model):
    """`about`: the part of the text that is meant, "" the whole. `sha`: the text as it stood when this was said."""

    agreement = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="comments")
    sha = code(64)
    about = code(60, default="")
    text = models.TextField()
    refuses = models.BooleanField(default=False)  # a head's reason for not signing
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("agreement", "at"), name="comment_of_agreement"),)
