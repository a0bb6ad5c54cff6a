"""Addresses of machines: read once where something comes in, cut to their network soon after, kept nowhere (C43)."""

import json
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

KEPT_BITS: Final = {4: 24, 6: 48}
ALL_BITS: Final = {4: 32, 6: 128}
# Names under which senders write an address. Underscores, dashes, dollars and capitals make no difference.
NAMES: Final = frozenset(
    """ip ips ipaddress ipaddr ipv4 ipv6 clientip userip visitorip remoteip remoteaddr remoteaddress lastip signupip
    xforwardedfor xrealip forwardedfor forwarded""".split()  # noqa: SIM905 (words are read more easily than a list)
)
# What such a name says in bytes that may be no whole JSON: text, a number, a list or an object without another inside.
_SAID: Final = re.compile(
    rb'("\$?(?:(?:[A-Za-z_\-$.]{0,60}[_\-.])?(?i:ips?|ip_?-?address|ip_?addr|ipv4|ipv6'
    rb"|(?:client|user|visitor|remote|last|signup)_?-?ip|remote_?-?addr(?:ess)?"
    rb"|(?:x[_\-]?)?forwarded[_\-]?for|forwarded|x[_\-]?real[_\-]?ip)|[A-Za-z_\-$.]{0,60}[a-z]I[Pp])\"\s*:\s*)"
    rb'("(?:[^"\\]|\\.)*"|\d+|[\[{](?:[^\[\]{}]|[\[{][^\[\]{}]*[\]}])*(?:[\]}]|\Z))'
)
_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|(?<![\w.])\d+(?![\w.])')
_APART: Final = re.compile(r"[,;\s=\"\[\]]+")  # also in `for=192.0.2.4;by="[2001:db8::1]:443"`
LONGEST: Final = 2_000  # characters in which a list of addresses is looked for


def cut(text: str) -> str:
    """The network of an address, /24 or /48; a network as wide stays what it is, and anything else becomes "".

    >>> cut("81.2.69.160"), cut("2001:db8:1:2::3"), cut("81.2.69.0/24"), cut("81.2.69.160/32"), cut("nobody")
    ('81.2.69.0/24', '2001:db8:1::/48', '81.2.69.0/24', '81.2.69.0/24', '')
    """
    host, _, bits = text.strip().partition("/")
    found = _read(host)
    if found is None:
        return ""
    if bits.isdigit() and int(bits) <= KEPT_BITS[found.version]:
        return str(ip_network((found, int(bits)), strict=False))
    return str(ip_network((found, KEPT_BITS[found.version]), strict=False))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """One address, also in brackets, with a port or with a zone."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0].strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_address(value: object) -> bool:
    """Whether it is one address or several, and nothing else. A network is none.

    >>> is_address("81.2.69.160"), is_address("81.2.69.160:443, ::1"), is_address("2.1"), is_address("81.2.69.0/24")
    (True, True, False, False)
    """
    if not isinstance(value, str) or not 3 <= len(value.strip()) <= LONGEST:
        return False
    said = [one for one in re.split(r"[,;\s]+", value.strip()) if one]
    return bool(said) and all(_is_one(one) for one in said)


def _is_one(text: str) -> bool:
    host, _, bits = text.partition("/")
    found = _read(host)
    return found is not None and (not bits.isdigit() or int(bits) > KEPT_BITS[found.version])


def without(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a sender says, without addresses of machines: neither under their names nor as a whole value.

    >>> without({"ip": "anything", "from": "81.2.69.160", "version": "10.2.0.1", "more": {"clientIp": "x", "a": 1}})
    {'version': '10.2.0.1', 'more': {'a': 1}}
    """
    return {
        name: _inner(value)
        for name, value in given.items()
        if not _names_one(str(name)) and (not is_address(value) or "version" in str(name).lower())
    }


def _names_one(name: str) -> bool:
    plain = re.sub(r"[_\-\s.$]", "", name[:60]).lower()
    return plain in NAMES or name.lower().endswith(("_ip", "-ip"))


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without(value)
    return [_inner(one) for one in value if not is_address(one)] if isinstance(value, list) else value


def cut_in(payload: bytes) -> bytes:
    """Stored bytes with each address under such a name cut to its network; all else as it came.

    >>> cut_in(b'{"context": {"ip": "81.2.69.160", "page": 1}}')
    b'{"context": {"ip": "81.2.69.0/24", "page": 1}}'
    """
    return _SAID.sub(lambda found: found[1] + _cut_value(found[2]), payload)


def _cut_value(said: bytes) -> bytes:
    """What stands under such a name; in a list or an object, whatever in it is an address."""
    if said[:1] == b'"':
        return _cut_text(said)
    if said[:1] in b"[{":
        return _TEXT.sub(lambda found: _cut_within(found[0]), said)
    return _cut_number(said)


def _cut_text(said: bytes) -> bytes:
    return json.dumps(_cut_list(_text_of(said))).encode()


def _cut_within(said: bytes) -> bytes:
    if said[:1] != b'"':
        return _cut_number(said)
    return _cut_text(said) if _cut_list(_text_of(said)) else said


def _text_of(said: bytes) -> str:
    try:
        return str(json.loads(said))
    except ValueError:
        return said[1:-1].decode("latin-1")


def _cut_number(said: bytes) -> bytes:
    """An address written as the number that it is; small numbers are none.

    >>> _cut_number(b"185999660"), _cut_number(b"7")
    (b'185999616', b'7')
    """
    number = int(said[:40])
    if number < 2**24:
        return said
    bits = ALL_BITS[6] - KEPT_BITS[6] if number >= 2**32 else ALL_BITS[4] - KEPT_BITS[4]
    return str(number >> bits << bits).encode()


def _cut_list(text: str) -> str:
    """One address, or several as proxies write them."""
    return ", ".join(dict.fromkeys(filter(None, (cut(one) for one in _APART.split(text)))))


def of_visitor(payload: Mapping[str, Any], request: str) -> tuple[str, str]:
    """The address of the one who acted, and "seen" (by us) or "told" (by a program of ours); "" and "" when none may
    be looked at.

    Our tracker in lead mode is the visitor's own browser. Of other events the request says nothing of the visitor:
    only an address that the sender gives with the event counts, and only of a source that is believed.
    """
    context = payload.get("context")
    context = context if isinstance(context, Mapping) else {}
    if context.get("mode") == "lead":
        return request, "seen"
    told = context.get("ip")
    return (told.strip()[:45], "told") if isinstance(told, str) and context.get("mode") is None else ("", "")
