"""What was answered to a question, as people read it: yes and no, days and countries in their language."""

from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from vendange.engine.countries import countries
from vendange.web.moments import full_day


def answer_said(kind: str, value: str) -> str:
    """The value of an answer in words; one that is not of its kind stands as it is."""
    if kind == "yes_no":
        return {"yes": _("yes"), "no": _("no")}.get(value, value)
    if kind == "country":
        return country_said(value)
    if kind == "date":
        return _day(value)
    return value


def country_said(code: str) -> str:
    """The name of a country in the reader's language.

    >>> country_said("FR"), country_said("Freedonia")
    ('France', 'Freedonia')
    """
    return dict(countries((get_language() or "en")[:2])).get(code, code)


def _day(value: str) -> str:
    try:
        return full_day(date.fromisoformat(value))
    except ValueError:
        return value
