"""What a colleague told, as it stands on a timeline: the person's words, our judgement apart, and who told it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from vendange.web import moments
from vendange.web.told.forms import WARMTH


@dataclass(frozen=True, slots=True)
class Voice:
    """`said`: the voice of the person. `judged` and `warmth`: ours."""

    said: str = ""
    judged: str = ""
    warmth: str = ""
    link: str = ""
    readers: str = ""
    by: str = ""


def voice_of(props: object, *, teller: str, told_at: datetime | None, now: datetime) -> Voice | None:
    """None when nobody told it, or nothing was said with it."""
    if not isinstance(props, Mapping) or not teller:
        return None
    readers = {True: _("everybody can read it"), False: _("only some can read it")}
    return Voice(
        said=_text(props, "said"),
        judged=_text(props, "judged"),
        warmth=str(dict(WARMTH).get(_text(props, "warmth"), "")),
        link=_link(_text(props, "link")),
        readers=readers.get(props.get("public"), ""),  # type: ignore[arg-type]
        by=_by(teller, told_at, now),
    )


def _by(teller: str, told_at: datetime | None, now: datetime) -> str:
    if told_at is None:
        return _("told by %(name)s") % {"name": teller}
    return _("told by %(name)s, %(when)s") % {"name": teller, "when": moments.since(told_at, now)}


def _text(props: Mapping[str, Any], name: str) -> str:
    return str(props.get(name) or "")


def _link(address: str) -> str:
    """Only an address of the web is a link."""
    return address if urlsplit(address).scheme in ("http", "https") else ""
