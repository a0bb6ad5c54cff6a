"""Until when somebody is away, where an automatic reply says it plainly in English, French or German."""

import re
from datetime import date, timedelta
from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv januar jänner",
            "february feb février fevrier févr fevr februar",
            "march mar mars märz maerz mrz",
            "april apr avril avr",
            "may mai",
            "june jun juin juni",
            "july jul juillet juil juli",
            "august aug août aout",
            "september sep sept septembre",
            "october oct octobre oktober okt",
            "november nov novembre",
            "december dec décembre decembre déc dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}
# Last day of the absence, then first day back.
LAST: Final = r"until|till|through|up to|jusqu.au|jusqu.à|bis zum|bis einschließlich|bis einschliesslich|bis"
BACK: Final = (
    r"back (?:in the office |at work |at my desk |again )?(?:on|from)"
    r"|return(?:ing)?(?: to (?:the office|work))? (?:on )?|"
    r"available again (?:on|from)|de retour (?:au bureau )?(?:à partir du|dès le|le)|retour le|"
    r"(?:wieder|zurück)[\w ]{0,24}? (?:ab dem|ab|am)|ab dem"
)
DAY: Final = r"(?:(?:and including|inclus|le|the|dem|den|einschließlich)\s+)?(?:[a-zäöüéû]+\.?,?\s+)?(?:the\s+)?"
WORDS: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
FORMS: Final = (
    r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)",
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s*(?:of\s+)?(?P<w>{WORDS})\b\.?,?(?:\s+(?P<y>20\d\d))?",
    rf"(?P<w>{WORDS})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>20\d\d))?",
    r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>20\d\d|\d\d)?",
)
LONGEST: Final = timedelta(days=400)


def away_until(text: str, said_on: date) -> date | None:
    """The last day of the absence; None when it is not said, or in a way that could mean two days.

    >>> away_until("I am away until 4 December and have no access to my mail.", date(2026, 11, 22))
    datetime.date(2026, 12, 4)
    >>> away_until("Je serai de retour le lundi 7 décembre 2026.", date(2026, 11, 22))
    datetime.date(2026, 12, 6)
    >>> away_until("I will be back on 04/05/2027.", date(2026, 11, 22))  # April or May?
    """
    words = " ".join(text.split())
    for lead, days in ((LAST, 0), (BACK, 1)):
        for form in FORMS:
            found = re.search(rf"\b(?:{lead})\s*:?\s*{DAY}{form}", words, re.IGNORECASE)
            day = _day(found, words, said_on) if found else None
            if day is not None and said_on <= day - timedelta(days=days) <= said_on + LONGEST:
                return day - timedelta(days=days)
    return None


def _day(found: re.Match[str], words: str, said_on: date) -> date | None:
    parts = found.groupdict()
    day = int(parts["d"])
    month = MONTHS[parts["w"].lower()] if parts.get("w") else int(parts["m"])
    if not parts.get("w") and "/" in found.group() and day <= 12 and _is_english(words):
        return None
    year = int(parts["y"]) if parts.get("y") else said_on.year
    year += 2000 if year < 100 else 0
    try:
        given = date(year, month, day)
        return given if parts.get("y") or given >= said_on else given.replace(year=year + 1)
    except ValueError:
        return None


def _is_english(words: str) -> bool:
    """English dates in figures mean one day in London and another in New York."""
    return re.search(r"\b(the|and|will|am|back|until)\b", words, re.IGNORECASE) is not None
