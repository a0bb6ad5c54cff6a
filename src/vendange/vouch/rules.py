"""Vouch decides: which facts may become what a person's record says, and what a colleague may report of them."""

import re
from collections.abc import Mapping
from typing import Final

from vendange.agreement.sentence import Cannot, Sentence, sentence
from vendange.agreement.vocabulary import ROLES
from vendange.engine.places import is_clock, is_country, phone_of

COLUMNS: Final = {
    "email": "email",
    "phone": "phone_raw",
    "first_name": "first_name",
    "last_name": "last_name",
    "job_title": "job_title",
    "level": "level",
    "role": "role",
    "language": "language",
    "country": "country",
    "time_zone": "time_zone",
    "regime": "regime",
}
FEWEST: Final = 5  # verified answers before a share of true ones is told
LONGEST_SOURCE: Final = 120  # of a fact
LONGEST_NAME: Final = 40  # of a colleague, beside a reason
REGIMES: Final = ("consumer", "professional", "unknown")
# What a colleague may report of a person: how, when and under which rules they are reached, and their part.
REPORTED: Final = ("phone", "country", "time_zone", "language", "regime", "role")


WHY_PROFESSIONAL: Final = sentence(
    "They write from a private mailbox, so the law sees a private person: say why they are a professional here."
)


def wrong(said: Mapping[str, str], *, country: str, private: bool, reason: str) -> dict[str, Sentence]:
    """What of these fields of a person cannot stand, and why.

    `private`: they are known by a private mailbox; that such a person is a professional takes a reason (C2).
    """
    found = {}
    country = said.get("country", country)
    if said.get("phone") and (why := phone_of(said["phone"], country).wrong):
        found["phone"] = PHONES[why]
    if said.get("country") and not is_country(said["country"]):
        found["country"] = sentence("Write the two letters of a country, such as FR.")
    if said.get("time_zone") and not is_clock(said["time_zone"]):
        found["time_zone"] = sentence("This time zone is not known: write a name such as Europe/Paris.")
    if said.get("language") and not re.fullmatch(r"[a-z]{2}", said["language"]):
        found["language"] = sentence("Write the two letters of a language, such as fr.")
    if said.get("regime", "unknown") not in REGIMES or said.get("role", "") not in ("", *ROLES):
        found["regime" if "regime" in said else "role"] = sentence("Choose one of those offered.")
    if said.get("regime") == "professional" and private and not reason.strip():
        found["reason"] = WHY_PROFESSIONAL
    return found


def told_by(name: str, reason: str) -> str:
    """Where a fact comes from that a colleague reports, with the reason whole. Raises Cannot when it is too long."""
    if not reason:
        return name[:LONGEST_SOURCE]
    who = f"{name[:LONGEST_NAME]}: "
    if len(who + reason) > LONGEST_SOURCE:
        raise Cannot(
            sentence(
                "This reason has {length} characters, and {most} can be kept: say it shorter.",
                length=len(reason),
                most=LONGEST_SOURCE - len(who),
            )
        )
    return who + reason


PHONES: Final = {
    "no_country": sentence("Nobody says of which country this number is: write it with +, or give the country."),
    "unreadable": sentence("This is no telephone number of that country."),
}
