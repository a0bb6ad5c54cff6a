"""What whoever brings a file says of it: by what right people may be contacted, and what the file may change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vendange.agreement.places import Place
from vendange.agreement.sentence import sentence

BASES: Final = ("given", "informed", "contract", "none", "column")
CHANNELS: Final = ("email", "phone", "sms", "tracking")
REGIMES: Final = ("professional", "consumer", "unknown", "column")
LONGEST: Final = 120  # of purpose and wording, as the line of consent holds them


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """`basis`: what allows contact with these people; `column`: each row says it. `at`: a day, as 2026-04-03, or ""."""

    basis: str
    channels: tuple[str, ...] = ()
    purpose: str = "prospecting"
    at: str = ""
    wording: str = ""
    column: str = ""

    def as_json(self) -> dict[str, Any]:
        said = {"purpose": self.purpose, "at": self.at, "wording": self.wording, "column": self.column}
        channels = {"channel": list(self.channels)} if self.channels else {}
        return {"basis": self.basis, **channels, **{name: text for name, text in said.items() if text}}


@dataclass(frozen=True, slots=True)
class Terms:
    """`keep_filled`: what is filled stays; else the file replaces it. `regime`: of all rows, "" when nobody said."""

    consent: ConsentTerms | None = None
    keep_filled: bool = True
    regime: str = ""


def read_terms(at: Mapping[str, Place]) -> Terms:
    """Notes every problem with its place."""
    return Terms(
        consent=_consent(at["consent"]) if "consent" in at else None,
        keep_filled=at["keep_filled"].truth() if "keep_filled" in at else True,
        regime=at["regime"].one_of(REGIMES) if "regime" in at else "",
    )


def _consent(place: Place) -> ConsentTerms:
    fields = place.fields(("basis", "channel", "purpose", "at", "wording", "column"), needed=("basis",))
    found = ConsentTerms(
        basis=fields["basis"].one_of(BASES) if "basis" in fields else "none",
        channels=_channels(fields["channel"]) if "channel" in fields else (),
        purpose=_short(fields["purpose"], 40) if "purpose" in fields else "prospecting",
        at=fields["at"].text() if "at" in fields else "",
        wording=_short(fields["wording"], LONGEST) if "wording" in fields else "",
        column=fields["column"].text() if "column" in fields else "",
    )
    _check(found, place)
    return found


def _check(found: ConsentTerms, place: Place) -> None:
    if found.basis in ("given", "column") and not found.channels:
        place.refuse(
            sentence("Nothing says to what they agreed."),
            sentence("Name the channels: {names}.", names=", ".join(CHANNELS)),
        )
    if found.basis in ("given", "informed", "column") and not found.wording:
        place.refuse(
            sentence("Nothing says what they were told: without it there is no proof."),
            sentence("Write it under wording, word for word, or the name of the text."),
        )
    if found.basis == "column" and not found.column:
        place.refuse(sentence("Nothing says which column holds the consent."), sentence("Name it under column."))
    if found.basis == "none" and found.channels:
        place.refuse(
            sentence("Without a basis nobody may be contacted, on no channel."), sentence("Remove the channels.")
        )


def _channels(place: Place) -> tuple[str, ...]:
    given = list(place.items()) if place.is_list() else [place]
    return tuple(dict.fromkeys(one.one_of(CHANNELS) for one in given))


def _short(place: Place, most: int) -> str:
    text = place.text()
    if len(text) > most:
        place.refuse(sentence("This text is too long."), sentence("Use at most {most} characters.", most=most))
    return text
