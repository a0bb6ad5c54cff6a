"""Why a row is refused, in the words of the page: columns by their names in the file, choices where they are made."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendange.agreement.sentence import Sentence
from vendange.web.bringing.fields import WORDS, word_of
from vendange.words import Word, said

# By the beginning of what is said on the command line, where a map in YAML is written by hand.
CHOSEN_HERE: Final[tuple[tuple[str, Word], ...]] = (
    (
        "{date} can be read in two ways.",
        gettext_lazy("{date} can be read in two ways. Choose which one is meant under “Dates”."),
    ),
    (
        "{date} has a year of two digits.",
        gettext_lazy("{date} has a year of two digits. Write four, and choose how dates are written under “Dates”."),
    ),
    (
        "{date} is not a date. Write it as",
        gettext_lazy(
            "{date} is not a date. Write it as 2026-04-03 or 2026-04-03 14:30, or choose how dates are written under "
            "“Dates”."
        ),
    ),
    (
        "{date} is not written {format}, as the map",
        gettext_lazy("{date} is not written {format}. Write it so, or choose another way under “Dates”."),
    ),
    (
        "{text} is not a number written like",
        gettext_lazy(
            "{text} is not a number written like {example} ({name}). Write it so, or choose another way under "
            "“Numbers”."
        ),
    ),
)


def of_row(told: Sentence, how: Mapping[str, Any]) -> str:
    """`how`: what was said of the file, with the columns of its map."""
    values = dict(told.values)
    if values.get("name") in WORDS:
        values["name"] = column_of(str(values["name"]), how)
    template = next((text for begins, text in CHOSEN_HERE if told.template.startswith(begins)), None)
    return str(template).format(**values) if template else said(Sentence(told.template, values))


def column_of(field: str, how: Mapping[str, Any]) -> str:
    """The column that holds a field, as the file names it, with the word of the field; the word alone without one."""
    column, told = how.get("map", {}).get("columns", {}).get(field, ""), word_of(field)
    if not column or column == told:
        return told
    return _("%(column)s (%(field)s)") % {"column": column, "field": told}
