"""The rhythm of a year: how much happens on a day, and the days on which something special does."""

import random
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vendange.agreement.calendars import is_open
from vendange.agreement.terms import Calendar

PARIS: Final = ZoneInfo("Europe/Paris")
FAIRS: Final = {(3, 3): "Salon Usitech", (10, 2): "Journées Copeaux"}  # (month, which week): on Tuesday to Thursday
QUIET_AUGUST, QUIET_CHRISTMAS, BUSY_FAIR = 0.35, 0.15, 1.6


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=PARIS)


def busyness(day: date, calendar: Calendar) -> float:
    """How much people do on this day, compared with an ordinary working day."""
    if not is_open(noon(day), calendar):
        return 0.06
    if day.month == 8:
        return QUIET_AUGUST
    if (day.month, day.day) >= (12, 22) or (day.month, day.day) <= (1, 3):
        return QUIET_CHRISTMAS
    return BUSY_FAIR if fair_on(day) else 1.0


def fair_on(day: date) -> str:
    """The name of the fair that is held on this day, "" when none is."""
    if day.weekday() not in {1, 2, 3}:
        return ""
    tuesday = day - timedelta(days=day.weekday() - 1)
    name = FAIRS.get((tuesday.month, (tuesday.day - 1) // 7 + 1), "")
    return f"{name} {day.year}" if name else ""


def is_newsletter_day(day: date) -> bool:
    """The first Tuesday of the month."""
    return day.weekday() == 1 and day.day <= 7


def webinar_on(day: date) -> str:
    """The webinar of the third Thursday of the month, "" on other days and in August."""
    third_thursday = day.weekday() == 3 and 15 <= day.day <= 21
    return f"Webinaire {day:%Y-%m}" if third_thursday and day.month != 8 else ""


def moment(day: date, rng: random.Random) -> datetime:
    """A moment of this day when people are at work, now and then in the evening."""
    hours = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21)
    hour = rng.choices(hours, (6, 12, 14, 12, 5, 5, 12, 13, 11, 7, 2, 1))[0]
    return datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), tzinfo=PARIS)


def poisson(mean: float, rng: random.Random) -> int:
    """How often something happens that happens `mean` times on average."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    waited, count = rng.expovariate(1.0), 0
    while waited < mean:
        waited += rng.expovariate(1.0)
        count += 1
    return count
