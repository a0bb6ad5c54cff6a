"""The door of mail providers: their forms become ours, on the disk before the answer; what nobody knows is refused."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from tests import letters_back as back
from tests.collect.asking import Got, MemoryStore, ask, lived
from vendange.collect.app import Collector
from vendange.collect.mail import LIMIT, MailDoor
from vendange.collect.mail_signed import Keys
from vendange.collect.sources import Known, Sources

KEY = "door-1"
CLAIRE = "claire@atelier-nova.example"
MARK = "1f-" + "a" * 24
MESSAGE_ID = f"<{MARK}@vendor.example>"


def post(store: MemoryStore, body: bytes, *, key: str = KEY, keys: Keys | None = None, **headers: str) -> Got:
    async def story() -> Got:
        door = MailDoor(Sources(lambda: {KEY: Known(7, ())}), keys or Keys())
        collector = Collector(store=store, sources=Sources(dict), mail=door)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return await ask(collector, f"/v1/mail/{key}", body, key="", headers=given)
        finally:
            await collector.stop()

    return lived(story())


def told(said: Any, **more: Any) -> list[tuple[str, str, str, list[str]]]:
    """What the inbox holds after this was posted: kind, address, status and marks of each."""
    store = MemoryStore()
    got = post(store, json.dumps(said).encode(), **more)
    assert got.status == 200, got.body
    assert {row.kind for row in store.rows.values()} <= {"mail_report"}
    rows = [json.loads(row.payload) for row in store.rows.values()]
    return [(one["kind"], one["email"], one["status"], one["marks"]) for one in rows]


def postmark(**changes: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "TypeCode": 1, "Name": "Hard bounce",
        "MessageID": "883953f4", "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 no such user", "Email": "Claire@Atelier-Nova.example", "From": "us@vendor.example",
        "BouncedAt": "2026-09-07T10:00:00Z", "DumpAvailable": True, "Inactive": True, "Subject": "Your catalogue",
        **changes,
    }  # fmt: skip


def mailgun(**changes: Any) -> dict[str, Any]:
    event = {
        "event": "failed", "severity": "permanent", "id": "mg-1", "recipient": CLAIRE, "reason": "bounce",
        "delivery-status": {"code": 550, "enhanced-code": "5.1.1", "message": "no such user"},
        "message": {"headers": {"message-id": MESSAGE_ID.strip("<>"), "to": CLAIRE}}, **changes,
    }  # fmt: skip
    return {"signature": {"timestamp": "1", "token": "t", "signature": "s"}, "event-data": event}


def sendgrid(**changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "email": CLAIRE, "timestamp": 1, "event": "bounce", "type": "bounce", "status": "5.1.1",
            "reason": "550 5.1.1 no such user", "sg_event_id": "sg-1", "smtp-id": MESSAGE_ID, **changes,
        }
    ]  # fmt: skip


def ses(name: str = "Bounce", **changes: Any) -> dict[str, Any]:
    bounce = {
        "bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-1",
        "bouncedRecipients": [{"emailAddress": CLAIRE, "status": "5.1.1", "action": "failed"}], **changes,
    }  # fmt: skip
    complaint = {"feedbackId": "f-2", "complainedRecipients": [{"emailAddress": CLAIRE}], **changes}
    return {
        "notificationType": name,
        "mail": {"messageId": "m-1", "headers": [{"name": "Message-ID", "value": MESSAGE_ID}]},
        **({"bounce": bounce} if name == "Bounce" else {}),
        **({"complaint": complaint} if name == "Complaint" else {}),
        **({"delivery": {"recipients": [CLAIRE]}} if name == "Delivery" else {}),
    }


def sns(said: dict[str, Any], **changes: str) -> dict[str, str]:
    return {
        "Type": "Notification", "MessageId": "sns-1", "TopicArn": "arn:aws:sns:eu-west-1:1:mail",
        "Message": json.dumps(said), "Timestamp": "2026-09-07T10:00:00.000Z", "SignatureVersion": "2",
        "Signature": "", "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem", **changes,
    }  # fmt: skip


def brevo(event: str = "hard_bounce", **changes: Any) -> dict[str, Any]:
    return {
        "event": event, "email": CLAIRE, "id": 1, "date": "2026-09-07", "ts": 1, "message-id": MESSAGE_ID,
        "reason": "550 no such user", "ts_event": 2, **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kind", "status", "marks"),
    [
        (postmark(), "bounce", "5.1.1", []),
        (postmark(Content=f"Message-ID: {MESSAGE_ID}"), "bounce", "5.1.1", [MARK]),
        (postmark(Type="SoftBounce"), "bounce", "4.0.0", []),
        (postmark(Type="Transient"), "delayed", "4.0.0", []),
        (postmark(Type="Blocked"), "bounce", "5.7.0", []),
        (postmark(RecordType="SpamComplaint", Type="SpamComplaint"), "complaint", "", []),
        (mailgun(), "bounce", "5.1.1", [MARK]),
        (mailgun(severity="temporary"), "delayed", "5.1.1", [MARK]),
        (mailgun(event="complained"), "complaint", "", [MARK]),
        (sendgrid(), "bounce", "5.1.1", [MARK]),
        (sendgrid(type="blocked"), "bounce", "5.7.0", [MARK]),
        (sendgrid(event="deferred", status="4.2.1"), "delayed", "4.2.1", [MARK]),
        (sendgrid(event="dropped", reason="Bounced Address"), "bounce", "5.1.1", [MARK]),
        (sendgrid(event="spamreport"), "complaint", "", [MARK]),
        (sns(ses()), "bounce", "5.1.1", [MARK]),
        (ses(bounceType="Transient", bounceSubType="MailboxFull"), "bounce", "4.2.2", [MARK]),
        (sns(ses("Complaint")), "complaint", "", [MARK]),
        (sns(ses("Delivery")), "delivered", "", []),
        (brevo(), "bounce", "5.1.1", [MARK]),
        (brevo("soft_bounce"), "bounce", "4.0.0", [MARK]),
        (brevo("spam"), "complaint", "", [MARK]),
        (brevo("delivered"), "delivered", "", [MARK]),
    ],
)
def test_what_each_provider_tells(said: Any, kind: str, status: str, marks: list[str]) -> None:
    ((found, email, code, shown),) = told(said)
    if kind != "complaint":
        assert code == status
    assert (found, email, shown) == (kind, CLAIRE, marks)


@pytest.mark.parametrize(
    "said",
    [
        postmark(RecordType="Open"),
        mailgun(event="opened"),
        sendgrid(event="click"),
        brevo("opened"),
        ses("Complaint", complaintFeedbackType="not-spam"),
        sns({}, Message='"You have chosen to subscribe"'),
        brevo(email="no address"),
    ],
)
def test_what_matters_not_is_answered_and_not_kept(said: Any) -> None:
    assert told(said) == []


@pytest.mark.parametrize(
    "said", [{}, [], {"hello": 1}, [1], "x", 3, {"event-data": 5}, {"event": "x"}, [{"event": {}}]]
)
def test_an_unknown_form_is_refused_and_kept(said: Any) -> None:
    store = MemoryStore()
    got = post(store, json.dumps(said).encode())
    assert (got.status, got.json["code"]) == (422, "unknown_mail_report")
    assert [one.reason for one in store.refusals] == ["unknown_mail_report"] and not store.rows


def test_a_whole_message_is_kept_as_it_came() -> None:
    store, raw = MemoryStore(), back.postfix()
    for _twice in range(2):
        assert post(store, raw, content_type="message/rfc822").status == 200
    ((row),) = store.rows.values()
    assert (row.kind, row.payload, row.source) == ("mail", raw, 7)
    inside = {"RecordType": "Inbound", "MessageID": "in-1", "RawEmail": raw.decode()}
    assert post(store, json.dumps(inside).encode()).status == 200
    received = {**ses("Received"), "content": base64.b64encode(raw).decode()}
    assert post(store, json.dumps(sns(received)).encode(), content_type="text/plain").status == 200
    assert [row.payload for row in store.rows.values()] == [raw] * 3


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"not json", "application/json", 400, "not_json"),
        (b"[" * 100_000, "application/json", 400, "not_json"),
        (b"no header at all", "message/rfc822", 422, "no_message"),
        (b"x" * (LIMIT + 1), "message/rfc822", 413, "too_large"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "wrong_content_type"),
    ],
)
def test_what_cannot_be_read_is_told_and_kept(body: bytes, media: str, status: int, code: str) -> None:
    store = MemoryStore()
    got = post(store, body, content_type=media)
    assert (got.status, got.json["code"]) == (status, code)
    assert [one.reason for one in store.refusals] == [code]


@pytest.mark.parametrize("key", ["", "other", "door-1/x"])
def test_a_door_that_is_not_open(key: str) -> None:
    store = MemoryStore()
    assert post(store, b"{}", key=key).status in (401, 404)
    assert not store.rows and not store.refusals


def test_amazon_s_question_is_kept_for_people_and_never_answered() -> None:
    store = MemoryStore()
    asks = sns({}, Type="SubscriptionConfirmation", SubscribeURL="https://sns.eu-west-1.amazonaws.com/?Action=Confirm")
    assert post(store, json.dumps(asks).encode(), content_type="text/plain").status == 200
    ((row),) = store.rows.values()
    assert json.loads(row.payload)["kind"] == "subscription"
    assert "Action=Confirm" in json.loads(row.payload)["said"]


def test_mailgun_s_signature() -> None:
    keys, said = Keys(mailgun="a key"), mailgun()
    store = MemoryStore()
    assert post(store, json.dumps(said).encode(), keys=keys).status == 401
    assert [one.reason for one in store.refusals] == ["bad_signature"]
    said["signature"]["signature"] = hmac.new(b"a key", b"1t", hashlib.sha256).hexdigest()
    assert told(said, keys=keys)


def test_sendgrid_s_signature() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    keys, body = Keys(sendgrid=base64.b64encode(public).decode()), json.dumps(sendgrid()).encode()
    signature = base64.b64encode(private.sign(b"17" + body, ec.ECDSA(hashes.SHA256()))).decode()
    signed = {
        "x_twilio_email_event_webhook_signature": signature,
        "x_twilio_email_event_webhook_timestamp": "17",
    }
    assert post(MemoryStore(), body, keys=keys).status == 401
    assert post(MemoryStore(), body + b" ", keys=keys, **signed).status == 401
    assert post(MemoryStore(), body, keys=keys, **signed).status == 200


def test_amazon_s_signature() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    keys = Keys(sns=certificate.public_bytes(serialization.Encoding.PEM).decode())
    said = sns(ses())
    fields = "".join(f"{one}\n{said[one]}\n" for one in ("Message", "MessageId", "Timestamp", "TopicArn", "Type"))
    right = private.sign(fields.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert post(MemoryStore(), json.dumps(said).encode(), keys=keys).status == 401
    assert told({**said, "Signature": base64.b64encode(right).decode()}, keys=keys)
    assert post(MemoryStore(), json.dumps(ses()).encode(), keys=keys).status == 401  # without its envelope
