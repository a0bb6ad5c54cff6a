"""Reads how often one person may be contacted."""

from typing import Final

from vendange.agreement.items import read_codes, read_name, read_some
from vendange.agreement.places import Place
from vendange.agreement.terms import PressureLimit
from vendange.agreement.vocabulary import CHANNELS

MOST_CONTACTS: Final = 1000


def read_pressure(place: Place | None) -> tuple[PressureLimit, ...]:
    return read_some(place, _read_limit)


def _read_limit(place: Place) -> PressureLimit:
    needed = ("id", "at_most", "within")
    fields = place.fields(("id", "label", "channels", *needed[1:]), needed=needed)
    return PressureLimit(
        *read_name(fields),
        channels=read_codes(fields["channels"], CHANNELS) if "channels" in fields else (),
        at_most=fields["at_most"].whole(1, MOST_CONTACTS) if "at_most" in fields else 1,
        within_days=fields["within"].elapsed_days() if "within" in fields else 1.0,
    )
