"""Written by collect (raw SQL, before the answer 200) and marked by capture: what has come in and waits its turn."""

from django.db import models

from vendange.models.fields import code, text

MAIL_KINDS = ("mail", "mail_report")  # taken in apart, by journey.coming_back
QUARANTINED = models.Q(event__isnull=False, taken_at__isnull=True)


class InboxEvent(models.Model):
    """One event as it came. `source` is Source.id, without a foreign key: on SQLite this is another file."""

    source = models.BigIntegerField()
    message_id = code(255)
    kind = code(20)  # track | identify | page | screen | group | alias | form | link | mail | mail_report
    received_at = models.BigIntegerField()  # microseconds since 1970, UTC
    sent_at = text(40)  # as written by the sender, "" if not
    ip = text(45)
    user_agent = text(400)
    payload = models.BinaryField()
    hints = text(60, db_default="")  # what the request itself said of a machine: collect.app
    handled = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "message_id"), name="inbox_once"),)
        indexes = (models.Index(fields=("id",), condition=models.Q(handled=False), name="inbox_waiting"),)


class RefusedEvent(models.Model):
    """What we did not accept, kept with its reason so that nothing is dropped in silence.

    With `event` it is in quarantine: only its time was at fault, and a human can take it in with another one.
    """

    source = models.BigIntegerField(null=True)
    message_id = text(255)
    reason = code(60)
    detail = text(500)
    received_at = models.BigIntegerField()
    payload = models.BinaryField()
    event = models.ForeignKey(InboxEvent, null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.BigIntegerField(null=True)  # User.id; users are in another file on SQLite
    happened_at = models.DateTimeField(null=True)  # the time that this human chose

    class Meta:
        indexes = (
            models.Index(fields=("-received_at",), name="refused_newest"),
            models.Index(fields=("id",), condition=QUARANTINED, name="refused_quarantined"),
        )


class Cleared(models.Model):
    """How far the addresses of machines have been cut out of a table, so that nothing is read twice."""

    key = code(20, unique=True)  # inbox | refused
    up_to = models.BigIntegerField()  # the last id that is done
