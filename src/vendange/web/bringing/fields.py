"""What a column of a file can become, in groups as people think of them, with a word for each field."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from vendange.web.people.labels import FIELDS as KNOWN
from vendange.words import Word

LEFT_OUT: Final = "-"
FACT: Final = "fact"
WORDS: Final[Mapping[str, Word]] = {
    **KNOWN,
    "name": _("First and last name together"),
    "source": _("Where they came from first"),
    "regime": _("Private person or professional"),
    "external_id": _("Number in the other system"),
    "user_id": _("Login or customer account"),
    "organisation_id": _("Number of the company in the other system"),
    "domain": _("Website or domain of the company"),
    "registry_number": _("Company number (SIREN, SIRET…)"),
    "parent_organisation": _("Company above it (name, number or domain)"),
    "employees": _("Number of employees"),
    "occurred_at": _("When it happened"),
    "path": _("Page"),
    "asset": _("Document"),
    "campaign": _("Campaign"),
    "channel": _("Way in"),
    "topic": _("Topic"),
    "value": _("Value"),
    "origin": _("Who collected it"),
    "consent": _("Whether they agreed"),
    "consent_at": _("When they agreed"),
    "do_not_email": _("Wants no e-mail"),
    "do_not_call": _("Wants no call"),
    "do_not_contact": _("Wants no contact at all"),
    "deleted": _("Deleted or archived over there (yes: refused)"),
    "active": _("Still in use over there (no: refused)"),
}
GROUPS: Final[tuple[tuple[Word, tuple[str, ...]], ...]] = (
    (
        _("The person"),
        (
            "email", "first_name", "last_name", "name", "phone", "job_title", "level", "role", "language", "country",
            "regime", "source", "external_id", "user_id",
        ),
    ),
    (
        _("Their company"),
        (
            "organisation", "domain", "registry_number", "organisation_id", "organisation_country", "employees",
            "industry", "postal_code", "city", "region", "tier", "parent_organisation",
        ),
    ),
    (_("What they did"), ("occurred_at", "path", "asset", "campaign", "channel", "topic", "value")),
    (
        _("What they agreed to"),
        ("consent", "consent_at", "do_not_email", "do_not_call", "do_not_contact", "origin"),
    ),
    (
        _("Whether it is still there"),
        ("deleted", "active"),
    ),
)  # fmt: skip


def groups() -> Sequence[tuple[Word, Sequence[tuple[str, Word]]]]:
    """The choices for a column, as a select shows them."""
    named = [(title, [(code, WORDS[code]) for code in codes]) for title, codes in GROUPS]
    return [*named, (_("Otherwise"), [(FACT, _("A fact of its own, named…")), (LEFT_OUT, _("Leave it out"))])]


def word_of(field: str) -> str:
    """The word of a field; the name of a fact as words.

    >>> word_of("machines_bought")
    'Machines bought'
    """
    return str(WORDS.get(field) or field.replace("_", " ").capitalize())
