"""What mail providers post, each in its own form, in one form of ours. Plain functions.

Forms as documented by Postmark (bounce, spam complaint and inbound webhooks), Mailgun (`event-data`), Twilio SendGrid
(event webhook), Amazon SES (SNS notifications, event publishing) and Brevo (transactional webhook), read in 2026.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vendange.reach.rules import MARK

SUBSCRIPTIONS: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
HARD, SOFT, POLICY = "5.1.1", "4.0.0", "5.7.0"
POSTMARK: Final = {
    "HardBounce": ("bounce", HARD),
    "BadEmailAddress": ("bounce", "5.1.3"),
    "SoftBounce": ("bounce", SOFT),
    "Transient": ("delayed", SOFT),
    "DnsError": ("bounce", "4.4.4"),
    "SpamNotification": ("bounce", POLICY),
    "Blocked": ("bounce", POLICY),
    "VirusNotification": ("bounce", POLICY),
    "DMARCPolicy": ("bounce", POLICY),
    "SpamComplaint": ("complaint", ""),
    "AutoResponder": ("auto_reply", ""),
}
SENDGRID: Final = {"deferred": "delayed", "delivered": "delivered", "spamreport": "complaint"}
BREVO: Final = {
    "hard_bounce": ("bounce", HARD),
    "soft_bounce": ("bounce", SOFT),
    "invalid_email": ("bounce", "5.1.3"),
    "blocked": ("bounce", POLICY),
    "deferred": ("delayed", SOFT),
    "delivered": ("delivered", ""),
    "spam": ("complaint", ""),
    "complaint": ("complaint", ""),
}
SES_SUBTYPES: Final = {
    "MailboxFull": "4.2.2",
    "MessageTooLarge": "5.3.4",
    "ContentRejected": "5.6.0",
    "AttachmentRejected": "5.6.0",
}


class NoProvider(Exception):
    """JSON in a form that none of the providers documents."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is reported; `raw` is a whole message where the provider passes one on."""

    key: str
    kind: str = "mail"
    email: str = ""
    status: str = ""
    said: str = ""
    marks: tuple[str, ...] = ()
    raw: bytes = b""

    def payload(self) -> bytes:
        """As it stands in the inbox."""
        told = {"kind": self.kind, "email": self.email, "status": self.status, "said": self.said, "marks": self.marks}
        return self.raw or json.dumps(told, ensure_ascii=False).encode()


def found_in(said: Any) -> list[Found]:
    """What is told that matters; an empty list where a provider tells other things. Raises NoProvider."""
    try:
        return [one for one in _of_provider(said) if one.raw or "@" in one.email or one.kind == "subscription"]
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise NoProvider(str(fault)) from fault


def _of_provider(said: Any) -> Iterator[Found]:
    if isinstance(said, list) and said and all(isinstance(one, Mapping) and "event" in one for one in said):
        return (found for one in said for found in _sendgrid(one))
    if not isinstance(said, Mapping):
        raise NoProvider
    if "event-data" in said:
        return _mailgun(said["event-data"])
    if "TopicArn" in said and "Type" in said:
        return _sns(said)
    if "mail" in said and ("notificationType" in said or "eventType" in said):
        return _ses(said)
    if "RecordType" in said or {"BouncedAt", "Type"} <= said.keys() or "RawEmail" in said:
        return _postmark(said)
    if {"event", "email"} <= said.keys() and said.keys() & {"message-id", "ts_event", "ts", "date"}:
        return _brevo(said)
    raise NoProvider


def _postmark(said: Mapping[str, Any]) -> Iterator[Found]:
    if said.get("RawEmail"):
        yield Found(f"postmark-in-{said['MessageID']}", raw=_bytes(said["RawEmail"]))
        return
    record = str(said.get("RecordType", "Bounce"))
    if record == "Delivery":
        yield Found(f"postmark-to-{said['MessageID']}", "delivered", _address(said["Recipient"]))
    if record not in ("Bounce", "SpamComplaint"):
        return
    kind, status = POSTMARK.get(str(said.get("Type", record)), ("", ""))
    if kind:
        words = _words(said.get("Details") or said.get("Description"))
        yield Found(f"postmark-{said['ID']}", kind, _address(said["Email"]), status, words, _marks(said.get("Content")))


def _mailgun(event: Mapping[str, Any]) -> Iterator[Found]:
    status = event.get("delivery-status") or {}
    words = _words(status.get("message") or status.get("description") or event.get("reason"))
    headers = (event.get("message") or {}).get("headers") or {}
    key, email = f"mailgun-{event['id']}", _address(event["recipient"])
    marks = _marks(f"{headers.get('message-id', '')}")
    name = event["event"]
    if name == "failed":
        is_hard = event.get("severity") == "permanent"
        code = str(status.get("enhanced-code") or "")
        # A temporary failure is one that Mailgun still tries again.
        yield Found(key, "bounce" if is_hard else "delayed", email, code or (HARD if is_hard else SOFT), words, marks)
    elif name in ("complained", "delivered"):
        yield Found(key, "complaint" if name == "complained" else "delivered", email, "", words, marks)


def _sendgrid(event: Mapping[str, Any]) -> Iterator[Found]:
    name, email, words = event["event"], _address(event.get("email")), _words(event.get("reason"))
    key = f"sendgrid-{event.get('sg_event_id') or event.get('sg_message_id') or event.get('timestamp')}"
    marks = _marks(event.get("smtp-id"))
    given = str(event.get("status") or "")
    if name == "bounce":
        status = POLICY if event.get("type") == "blocked" and not given.startswith("4") else given or HARD
        yield Found(key, "bounce", email, status, words, marks)
    elif name == "dropped" and words in ("Bounced Address", "Invalid"):
        yield Found(key, "bounce", email, HARD, words, marks)
    elif name == "dropped" and words == "Spam Reporting Address":
        yield Found(key, "complaint", email, "", words, marks)
    elif name in SENDGRID:
        yield Found(key, SENDGRID[name], email, given, words, marks)


def _sns(said: Mapping[str, Any]) -> Iterator[Found]:
    if said["Type"] in SUBSCRIPTIONS:
        if said["Type"] == "SubscriptionConfirmation":
            yield Found(f"sns-{said['MessageId']}", "subscription", said=str(said["SubscribeURL"])[:500])
        return
    inner = json.loads(said["Message"])
    if not isinstance(inner, Mapping) or "mail" not in inner:
        return  # Amazon's first words on a new topic are for people
    yield from _ses(inner)


def _ses(said: Mapping[str, Any]) -> Iterator[Found]:
    name, mail = str(said.get("notificationType") or said.get("eventType")), said["mail"]
    if said.get("content"):
        yield Found(f"ses-in-{mail['messageId']}", raw=_bytes(said["content"]))
        return
    marks = _marks(json.dumps([mail.get("commonHeaders"), mail.get("headers")]))
    if name == "Bounce":
        yield from _ses_bounce(said["bounce"], marks)
    elif name == "Complaint":
        told = said["complaint"]
        if told.get("complaintFeedbackType") != "not-spam":
            for one in told["complainedRecipients"]:
                email = _address(one["emailAddress"])
                yield Found(f"ses-{told['feedbackId']}-{email}", "complaint", email, "", "", marks)
    elif name == "Delivery":
        for recipient in said["delivery"]["recipients"]:
            yield Found(f"ses-to-{mail['messageId']}-{_address(recipient)}", "delivered", _address(recipient))


def _ses_bounce(told: Mapping[str, Any], marks: tuple[str, ...]) -> Iterator[Found]:
    kind = told.get("bounceType")
    assumed = SES_SUBTYPES.get(str(told.get("bounceSubType")), HARD if kind == "Permanent" else SOFT)
    for one in told["bouncedRecipients"]:
        email, given = _address(one["emailAddress"]), str(one.get("status") or "")
        trusted = given if given.startswith("5" if kind == "Permanent" else "4") else assumed
        words = _words(one.get("diagnosticCode"))
        yield Found(f"ses-{told['feedbackId']}-{email}", "bounce", email, trusted, words, marks)


def _brevo(said: Mapping[str, Any]) -> Iterator[Found]:
    kind, status = BREVO.get(str(said["event"]), ("", ""))
    if kind:
        key = f"brevo-{said.get('message-id', '')}-{said['event']}-{said.get('ts_event') or said.get('ts')}"
        yield Found(
            key, kind, _address(said["email"]), status, _words(said.get("reason")), _marks(said.get("message-id"))
        )


def _address(given: object) -> str:
    written = str(given or "").strip().lower()
    return written if len(written) <= 254 and written.count("@") == 1 and written.isprintable() else ""


def _words(given: object) -> str:
    return " ".join(str(given or "").split())[:500]


def _marks(given: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys("-".join(found) for found in MARK.findall(str(given or "").lower())))


def _bytes(given: object) -> bytes:
    """A whole message, as it stands or in base64."""
    text = str(given)
    try:
        return text.encode() if ":" in text[:200] else base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise NoProvider(str(fault)) from fault
