"""Whether a mail provider signed what came in, where we were given what its signatures are checked with."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# In the order in which Amazon signs them; a field that is not there is left out.
SNS_FIELDS: Final = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@dataclass(frozen=True, slots=True)
class Keys:
    """What signatures are checked with; "" checks none, and then the key of the door alone opens it.

    `mailgun`: the signing key. `sendgrid`: the public key, in base64. `sns`: Amazon's certificate, PEM.
    """

    mailgun: str = ""
    sendgrid: str = ""
    sns: str = ""


def is_signed(said: Any, content: bytes, headers: Mapping[bytes, bytes], keys: Keys) -> bool:
    """False only where a signature was to be checked and is missing or wrong."""
    try:
        if isinstance(said, list):
            return not keys.sendgrid or _sendgrid(content, headers, keys.sendgrid)
        if isinstance(said, Mapping) and "event-data" in said:
            return not keys.mailgun or _mailgun(said["signature"], keys.mailgun)
        if isinstance(said, Mapping) and ("TopicArn" in said or "notificationType" in said or "eventType" in said):
            return not keys.sns or _sns(said, keys.sns)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        return False
    return True


def _mailgun(signature: Mapping[str, Any], key: str) -> bool:
    told = f"{signature['timestamp']}{signature['token']}".encode()
    right = hmac.new(key.encode(), told, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, str(signature["signature"]))


def _sendgrid(content: bytes, headers: Mapping[bytes, bytes], key: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    public = serialization.load_der_public_key(base64.b64decode(key))
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    signature = base64.b64decode(headers[b"x-twilio-email-event-webhook-signature"])
    told = headers[b"x-twilio-email-event-webhook-timestamp"] + content
    try:
        public.verify(signature, told, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _sns(said: Mapping[str, Any], certificate: str) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        return False
    told = "".join(f"{name}\n{said[name]}\n" for name in SNS_FIELDS if name in said).encode()
    algorithm = hashes.SHA256() if said.get("SignatureVersion") == "2" else hashes.SHA1()  # noqa: S303 - Amazon's choice
    try:
        public.verify(base64.b64decode(said["Signature"]), told, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
