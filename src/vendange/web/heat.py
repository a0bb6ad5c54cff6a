"""Where a whole organisation stands, in words: how warm, who is engaged, which wanted part is silent (R41)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendange.models import Heat, Organisation
from vendange.words import Word, word

ICONS: Final = {"hot": "flame", "warm": "sun-medium", "cold": "snowflake"}
# icon and colour of a part of the buying group
LOOKS: Final = {"engaged": ("check", "good"), "silent": ("circle-dashed", ""), "missing": ("triangle-alert", "warn")}


@dataclass(frozen=True, slots=True)
class Cover:
    """One part that the agreement wants to know: engaged, silent or missing."""

    role: Word
    state: str
    said: Word
    icon: str
    css: str


@dataclass(frozen=True, slots=True)
class Stand:
    temperature: str
    word: Word
    icon: str
    engaged: str  # "2 people engaged"
    covers: Sequence[Cover]
    disagreement: str  # "2 keen, the one who decides is silent", "" when they agree
    as_of: datetime


def stand_of(organisation: Organisation | None) -> Stand | None:
    """None when the organisation was never measured as a whole. Ask with `select_related("heat")`."""
    heat: Heat | None = getattr(organisation, "heat", None)
    if heat is None:
        return None
    people = ngettext("%(n)s person engaged", "%(n)s people engaged", heat.engaged) % {"n": heat.engaged}
    return Stand(
        temperature=heat.temperature,
        word=word("temperature", heat.temperature),
        icon=ICONS[heat.temperature],
        engaged=people if heat.engaged else _("nobody engaged"),
        covers=[
            Cover(word("buying_role", role), state, word("coverage", state), *LOOKS[state])
            for role, state in heat.covered.items()
        ],
        disagreement=disagreement(heat) if heat.disagreement else "",
        as_of=heat.as_of,
    )


def disagreement(heat: Heat) -> str:
    silent = [str(word("who", role)) for role, state in heat.covered.items() if state == "silent"]
    told = {"n": heat.engaged, "who": ", ".join(silent)}
    if len(silent) == 1:
        return ngettext("%(n)s keen, %(who)s is silent", "%(n)s keen, %(who)s is silent", heat.engaged) % told
    return ngettext("%(n)s keen, silent: %(who)s", "%(n)s keen, silent: %(who)s", heat.engaged) % told


def fall(detail: Mapping[str, Any]) -> str:
    """From which temperature to which; "" when one of them is not known."""
    before, after = (str(word("temperature", str(detail.get(name, "")))).lower() for name in ("from", "to"))
    return f"{before} → {after}" if before and after else ""
