"""One cell of a file as a field holds it, or why it cannot be taken."""

import re
from collections.abc import Mapping
from typing import Final

from vendange.agreement.problems import choose_from
from vendange.agreement.sentence import Cannot, sentence
from vendange.agreement.vocabulary import LEVELS, ROLES, TIERS
from vendange.sheets.column_map import SAID_OF_ROW, SIGNAL_FIELDS, TRAITS
from vendange.sheets.countries import code_of
from vendange.sheets.mailbox import NoAddress, address_of

CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "level": LEVELS,
    "role": ROLES,
    "tier": TIERS,
    "regime": ("consumer", "professional", "unknown"),
    "status": ("won", "lost"),
}
LONGEST: Final[Mapping[str, int]] = {
    **TRAITS,
    **SIGNAL_FIELDS,
    **SAID_OF_ROW,
    "external_id": 255,
    "user_id": 255,
    "email": 254,
    "name": 240,
    "employees": 20,
    "country": 60,
    "organisation_country": 60,
    "language": 30,
    "qualified_by": 80,
    "sold_by": 80,
    "lost_reason": 200,
}
LONGEST_FACT: Final = 500
CURRENCY: Final = re.compile(r"[A-Z]{3}")
EMPLOYEES: Final = re.compile(
    r"\d[\d .,'\u00a0\u202f]{0,12}(\+|\s*(-|–|à|to)\s*\d[\d .,'\u00a0\u202f]{0,12})?", re.ASCII
)
LOCALE: Final = re.compile(r"([A-Za-z]{2,3})[_-][A-Za-z]{2,4}")
LANGUAGES: Final = {
    name: line.split()[0]
    for line in (
        "fr french français francais",
        "en english anglais",
        "de german deutsch allemand",
        "es spanish español espagnol",
        "it italian italiano italien",
        "nl dutch nederlands néerlandais",
        "pt portuguese português portugais",
    )
    for name in line.split()
}
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
GARBLED: Final = re.compile(r"\ufffd|[ÃÂ][\u0080-\u00bf]|â€")
MOST_CENTS: Final = 10**15
# How files write yes and no.
YES_AND_NO: Final = (
    "yes y true 1 x on oui o vrai given granted accepted opt-in optin subscribed inscrit ok",
    "no n false 0 off non faux refused denied declined opt-out optout unsubscribed withdrawn désinscrit refusé",
)
YES, NO = (frozenset(words.split()) for words in YES_AND_NO)


# Fields whose text is not kept just as it is written.
FORMED: Final = frozenset({*CODES, "email", "country", "organisation_country", "language", "employees"})


class RowRefused(Cannot):
    """This row cannot be taken; the sentence says why and what to correct."""


def checked(name: str, text: str) -> str:
    """The text in the form in which the field holds it. Raises RowRefused."""
    if not text:
        return ""
    readable(name, text, LONGEST.get(name, 100))
    return _in_form(name, text) if name in FORMED else text


def _in_form(name: str, text: str) -> str:
    if name in CODES:
        return _code(name, text)
    if name == "email":
        return _email(text)
    if name in {"country", "organisation_country"}:
        return _country(name, text)
    if name == "language":
        return _language(text)
    if name == "employees" and not EMPLOYEES.fullmatch(text):
        raise RowRefused(sentence("{text} is not a number of employees. Write a whole number, such as 120.", text=text))
    return text


def _code(name: str, text: str) -> str:
    folded = text.lower()
    if folded in CODES[name]:
        return folded
    known = sentence(
        "{text} is not a {name} that we know. {remedy}", text=text, name=name, remedy=choose_from(folded, CODES[name])
    )
    raise RowRefused(known)


def _country(name: str, text: str) -> str:
    found = text if re.fullmatch(r"[A-Z]{2}", text) else code_of(text)
    if not found:
        raise RowRefused(
            sentence(
                "{text} is not a country code ({name}). Write two capital letters, such as FR.", text=text, name=name
            )
        )
    return found


def _language(text: str) -> str:
    """fr, from fr, fr_FR or the name of the language in itself, English or French."""
    found = LOCALE.fullmatch(text)
    code = LANGUAGES.get(text.lower(), found[1].lower() if found else text.lower())
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise RowRefused(sentence("{text} is not a language. Write two letters, such as fr.", text=text))
    return code


def readable(name: str, text: str, longest: int) -> None:
    if text.isascii() and text.isprintable() and len(text) <= longest:  # most are, and need no second look
        return
    if CONTROL.search(text):
        raise RowRefused(sentence("{name} holds an invisible control character. Remove it.", name=name))
    if GARBLED.search(text):
        raise RowRefused(
            sentence(
                "{name} holds garbled letters ({text}). They were lost before they came here: correct them, or export"
                " again as UTF-8.",
                name=name,
                text=text[:40],
            )
        )
    if len(text) > longest:
        raise RowRefused(
            sentence(
                "{name} has {length} characters, the most is {most}. Shorten it.",
                name=name,
                length=len(text),
                most=longest,
            )
        )


def _email(text: str) -> str:
    try:
        return address_of(text)
    except NoAddress:
        raise RowRefused(
            sentence("{text} is not an e-mail address. Correct it, or empty the cell.", text=text)
        ) from None


def currency(text: str) -> str:
    if text and not CURRENCY.fullmatch(text):
        raise RowRefused(sentence("{text} is not a currency. Write three capital letters, such as EUR.", text=text))
    return text


def said_yes(text: str, name: str) -> bool:
    folded = text.strip().lower()
    if folded not in YES | NO:
        raise RowRefused(sentence("{text} is neither yes nor no ({name}). Write yes or no.", text=text, name=name))
    return folded in YES


def first_and_last(name: str, traits: Mapping[str, str]) -> dict[str, str]:
    """First and last name of a full one: the words in capitals, or else the last word, are the last name."""
    words = name.split()
    if not words or traits.get("last_name"):
        return {}
    shouted = [word for word in words if word.isupper() and len(word) > 1]
    if not shouted or len(shouted) == len(words):
        shouted = words[-1:]
        first = words[:-1]
    else:
        first = [word for word in words if word not in shouted]
    found = {"first_name": traits.get("first_name", "") or " ".join(first)[:120], "last_name": " ".join(shouted)[:120]}
    return {part: text for part, text in found.items() if text}
