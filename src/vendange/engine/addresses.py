"""Addresses of machines: read once where something comes in, cut to their network soon after, kept nowhere (C43)."""

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final

KEPT_BITS: Final = {4: 24, 6: 48}
# Names under which senders write an address. Underscores, dashes and capitals make no difference.
NAMES: Final = frozenset(
    """ip ipaddress ipaddr ipv4 ipv6 clientip userip visitorip remoteip remoteaddr remoteaddress lastip signupip
    xforwardedfor xrealip forwardedfor""".split()  # noqa: SIM905 (words are read more easily than a list)
)
# `"ip": "…"` in bytes that may be no whole JSON; a name of the list, or one that ends in _ip or Ip.
_SAID: Final = re.compile(
    rb'("(?:[A-Za-z_\-]*[_\-])?(?i:ip|ip_?-?address|ip_?addr|ipv4|ipv6|(?:client|user|visitor|remote|last|signup)_?-?ip'
    rb"|remote_?-?addr(?:ess)?|x[_\-]?forwarded[_\-]?for|x[_\-]?real[_\-]?ip)\"\s*:\s*\")([^\"\\]{2,200})\""
)


def cut(text: str) -> str:
    """The network of an address, /24 or /48; a network stays what it is, and anything else becomes "".

    >>> cut("81.2.69.160"), cut("2001:db8:1:2::3"), cut("81.2.69.0/24"), cut("nobody")
    ('81.2.69.0/24', '2001:db8:1::/48', '81.2.69.0/24', '')
    """
    if "/" in text:
        return text
    try:
        found = ip_address(text.strip())
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((found, KEPT_BITS[found.version]), strict=False))


def is_address(value: object) -> bool:
    """
    >>> is_address("81.2.69.160"), is_address("2.1"), is_address(7)
    (True, False, False)
    """
    if not isinstance(value, str) or not 3 <= len(value.strip()) <= 45:
        return False
    try:
        ip_address(value.strip())
    except ValueError:
        return False
    return True


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
    plain = re.sub(r"[_\-\s.]", "", name[:60]).lower()
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
    return _SAID.sub(lambda found: found[1] + _cut_list(found[2].decode("latin-1")).encode() + b'"', payload)


def _cut_list(text: str) -> str:
    """One address, or several as proxies write them."""
    return ", ".join(filter(None, (cut(one.strip()) for one in text.split(","))))


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
