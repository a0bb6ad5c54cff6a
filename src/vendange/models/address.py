"""Written by reach: which mail addresses still take letters, and what told us."""

from django.db import models

from vendange.models.fields import code, text


class Address(models.Model):
    """One mail address, in lower case, that something was said of. An address without a row takes letters."""

    email = code(254, unique=True)
    state = code(20)  # open | soft | dead | complained
    soft = models.IntegerField(default=0)  # temporary failures since the last success
    status = text(12)  # RFC 3463: 5.1.1
    said = text(500)  # what the other server wrote
    away_until = models.DateField(null=True)  # from an automatic reply
    changed_at = models.DateTimeField()


class MailIn(models.Model):
    """One message that came back, once: what it was, of whom it spoke, and what we did. The message is not kept."""

    key = code(64, unique=True)  # SHA-256 of its Message-ID, or of the whole message when it has none
    kind = code(20)  # bounce | delayed | auto_reply | complaint | other
    email = text(254)  # whom it speaks of
    status = text(12)
    detail = text(500)
    ignored = text(40)  # why nothing followed: forged, nobody, …; "" when something did
    received_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("-received_at",), name="mail_in_newest"),)
