"""The words for codes of contact: channels, consents, mail that comes back, where a fact was heard."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

CONTACT: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "channel": {
        "email": _("E-mail"),
        "phone": _("Phone"),
        "post": _("Post"),
        "sms": _("Text message"),
        "visit": _("Visit"),
        "social": _("Social network"),
        "tracking": _("Tracking"),
        "all": _("Every channel"),
    },
    "email_consent": {
        "given": _("e-mail consent"),
        "refused": _("refuses e-mails"),
        "withdrawn": _("wants no more e-mails"),
    },
    "mail_kind": {
        "bounce": _("Failure"),
        "delayed": _("Delay"),
        "delivered": _("Delivered"),
        "auto_reply": _("Automatic reply"),
        "complaint": _("Complaint"),
        "reply": _("Answer"),
        "subscription": _("Question of Amazon"),
        "other": _("Something else"),
    },
    "mail_kinds": {
        "bounce": _("Failures"),
        "delayed": _("Delays"),
        "auto_reply": _("Automatic replies"),
        "complaint": _("Complaints"),
        "reply": _("Answers"),
        "other": _("Other"),
    },
    "mail_followed": {
        "bounce": _("Counted against the address"),
        "delayed": _("Nothing: the server still tries"),
        "delivered": _("Earlier failures are forgotten"),
        "auto_reply": _("Nothing counts, a date of return is shown"),
        "complaint": _("Objection to everything, at once"),
        "reply": _("Kept as a signal"),
        "subscription": _("Nothing until somebody answers"),
    },
    "mail_ignored": {
        "forged": _("Nothing: not proven to be of a letter of ours to them"),
        "nobody": _("Nothing: we know nobody at this address"),
        "not_the_address": _("Nothing: refused for our sending or the content, the address is well"),
        "other": _("Nothing: neither a report nor an answer"),
        "unreadable": _("Nothing: it cannot be read"),
    },
    "address_state": {
        "open": _("takes letters"),
        "soft": _("comes back at times"),
        "dead": _("takes no letters"),
        "complained": _("complained"),
    },
    "consent": {
        "given": _("Given"),
        "refused": _("Refused"),
        "withdrawn": _("Withdrawn"),
        "informed": pgettext_lazy("consent", "Informed, could refuse"),
        "contract": pgettext_lazy("consent", "Customer"),
    },
    "consent_method": {
        "form": _("by a form"),
        "site": _("on the site"),
        "file": _("by a file"),
        "phone": _("on the phone"),
        "email": _("by e-mail"),
        "letter": _("by letter"),
        "person": _("face to face"),
        "complaint": _("complaint to their mail provider"),
        "merge": _("one of two records that were merged had refused"),
    },
    "purpose": {
        "news": _("News and offers"),
        "prospecting": _("Prospecting"),
        "events": _("Invitations"),
        "lead": _("Recognising visits"),
    },
    "said_through": {  # where a fact comes from: the channel of its signal, or what a colleague wrote
        "web": _("Website"),
        "email": _("E-mail"),
        "event": _("Event"),
        "meeting": _("Meeting"),
        "partner": _("Partner"),
        "phone": _("Telephone"),
        "social": _("Social network"),
        "colleague": _("A colleague"),
        "import": _("File"),
        "form": _("Form"),
        "report": _("Report of the salesperson"),
        "return": pgettext_lazy("where a fact comes from", "Given back by sales"),
    },
}
