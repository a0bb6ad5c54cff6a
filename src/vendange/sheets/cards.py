"""The cards that badges carry as codes: vCard (RFC 6350 and its elders) and MECARD, as a scanner types them."""

import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says, as written; "" where it says nothing."""

    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    title: str = ""


def read_card(text: str) -> Card | None:
    """None when the text is no card."""
    if text.upper().startswith("BEGIN:VCARD"):
        return _vcard(text)
    if text.upper().startswith("MECARD:"):
        return _mecard(text[7:])
    return None


def _mecard(body: str) -> Card:
    fields: dict[str, str] = {}
    for part in re.split(r"(?<!\\);", body):
        name, _, value = part.partition(":")
        fields.setdefault(name.strip().upper(), _plain(value))
    last, _, first = fields.get("N", "").partition(",")
    return _card(f"{first} {last}", fields)


def _vcard(raw: str) -> Card:
    """Folded lines, groups, parameters, quoted-printable: as far as badges use them."""
    fields: dict[str, str] = {}
    for line in re.sub(r"=\r?\n(?=\S)", "", re.sub(r"\r?\n[ \t]", "", raw)).splitlines():
        head, _, value = line.partition(":")
        name, *parameters = head.split(";")
        if any("QUOTED-PRINTABLE" in one.upper() for one in parameters):
            value = quopri.decodestring(value.encode()).decode("utf-8", "replace")
        fields.setdefault(name.rpartition(".")[2].strip().upper(), value.strip())
    last, first = [*(_plain(part) for part in re.split(r"(?<!\\);", fields.get("N", ""))), "", ""][:2]
    plain = {name: _plain(value) for name, value in fields.items()}
    return _card(f"{first} {last}".strip() or plain.get("FN", ""), plain)


def _plain(text: str) -> str:
    return re.sub(r"\\([;,:\\])", r"\1", text).replace("\\n", " ").strip()


def _card(name: str, fields: Mapping[str, str]) -> Card:
    return Card(
        name=" ".join(name.split()),
        company=fields.get("ORG", "").strip("; ").split(";")[0],
        email=fields.get("EMAIL", ""),
        phone=re.sub(r"(?i)^tel:", "", fields.get("TEL", "")),
        title=fields.get("TITLE", ""),
    )
