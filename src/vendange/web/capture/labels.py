"""Why something was refused, in words: what was wrong with it. The sender got a sentence with the remedy."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from vendange.words import Word

REASONS: Final[Mapping[str, Word]] = {
    "not_json": _("Not JSON"),
    "not_an_object": _("Not one JSON object"),
    "bad_type": _("A field of the wrong type"),
    "no_batch": _("A batch without its events"),
    "batch_too_long": _("Too many events in one batch"),
    "event_too_large": _("Event too large"),
    "unknown_type": _("Unknown type of event"),
    "bad_message_id": _("Unusable message id"),
    "too_deep": _("Nested too deep"),
    "not_storable": _("Characters that cannot be stored"),
    "cannot_be_stored": _("Could not be stored"),
    "no_event_name": _("Event without a name"),
    "event_name_unusable": _("Unusable name of event"),
    "time_unreadable": _("Unreadable time"),
    "time_without_zone": _("Time without time zone"),
    "time_too_old": _("Too long ago"),
    "time_in_future": _("In the future"),
    "nobody": _("Nobody is meant"),
    "id_too_long": _("Identifier too long"),
    "wrong_content_type": _("Wrong type of content"),
    "wrong_encoding": _("Wrong packing"),
    "too_slow": _("Sent too slowly"),
    "not_gzip": _("Broken packing"),
    "link_not_stored": _("Followed links not counted"),
    "honeypot": _("A form filled in by a program"),
    "unknown_mail_report": _("No form of a mail provider that we know"),
    "bad_signature": _("Signature missing or wrong"),
    "no_message": _("Not a mail"),
}


def reason(code: str) -> Word:
    return REASONS.get(code) or code.replace("_", " ").capitalize()
