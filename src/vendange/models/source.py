"""Written by capture, and by ask for its forms: where signals come from.

The write key is public by nature: it stands in web pages.
"""

from django.db import models

from vendange.models.fields import code, public_id, text


class Source(models.Model):
    public_id = public_id()
    name = text(80, unique=True)
    kind = code(20)  # segment | import | form | desk
    write_key = code(64, unique=True)
    allowed_origins = models.JSONField(default=list)  # empty = any site may post with this key
    # Believed about who somebody is: the key stays on servers of ours. Imports and colleagues are believed anyway.
    trusted = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.name)
