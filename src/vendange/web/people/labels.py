"""Words of the people pages: where somebody stands, and the fields of the ledger of facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vendange.engine.grades import Category, category_of
from vendange.models import Person
from vendange.web.answers_said import country_said
from vendange.words import Word, word

FIELDS: Final[Mapping[str, Word]] = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("E-mail"),
    "job_title": _("Job title"),
    "level": _("Rank"),
    "role": _("Part in the purchase"),
    "language": _("Language"),
    "country": _("Country"),
    "time_zone": _("Time zone"),
    "phone": _("Phone"),
    "source": _("First source"),
    "regime": _("Regime"),
    "organisation": _("Company"),
    "organisation_country": _("Country of the company"),
    "employees": _("Employees"),
    "industry": _("Industry"),
    "postal_code": _("Postcode"),
    "city": _("Town"),
    "region": _("Region"),
    "tier": _("Target"),
    "registry_number": _("Company number"),
    "domain": _("Domain"),
    "parent_organisation": _("Belongs to"),
    "other_contact": _("Other contact"),
    "organisation_id": _("Number of the company in the other system"),
    "name": _("Name"),
}
CODES: Final[Mapping[str, str]] = {"level": "level", "role": "buying_role", "tier": "tier", "regime": "regime"}
CHANNEL_ICONS: Final[Mapping[str, str]] = {
    "phone": "phone",
    "email": "mail",
    "sms": "message-square",
    "tracking": "mouse-pointer-click",
    "all": "ban",
}
KIND_ICONS: Final[Mapping[str, str]] = {
    "page_viewed": "mouse-pointer-click",
    "content_read": "book-open",
    "content_downloaded": "download",
    "video_watched": "play",
    "email_clicked": "mail",
    "email_replied": "mail",
    "newsletter_subscribed": "mail",
    "form_submitted": "file-text",
    "webinar_registered": "presentation",
    "webinar_attended": "presentation",
    "event_registered": "calendar",
    "booth_visited": "handshake",
    "partner_conversation": "users",
    "social_post": "megaphone",
    "call_received": "phone-incoming",
    "meeting_held": "messages-square",
    "news_heard": "ear",
    "configuration_saved": "sliders-horizontal",
    "configuration_changed": "sliders-horizontal",
    "sample_requested": "package",
    "demo_requested": "play",
    "quote_requested": "file-text",
    "callback_requested": "phone-incoming",
    "purchase_recorded": "receipt",
    "time_spent": "clock",
    "link_followed": "external-link",
    "consent_given": "badge-check",
    "consent_withdrawn": "ban",
}
STANDING_ICONS: Final[Mapping[Category, str]] = {
    "hot": "flame",
    "warm": "sun-medium",
    "cold": "snowflake",
    "customer": "badge-check",
    "suspect": "circle-dashed",
}
ASKS: Final = frozenset({"quote_requested", "demo_requested", "callback_requested", "sample_requested"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Which of the five somebody is (R62, R63): suspect, cold, warm, hot or customer."""

    code: Category
    word: Word
    icon: str

    def __str__(self) -> str:
        return str(self.word)


def standing(person: Person) -> Standing:
    """Who was never measured has shown nothing yet, so is cold."""
    measure = getattr(person, "measure", None)
    code = category_of(person.relationship, measure.temperature if measure else "cold")
    return Standing(code, word("category", code), STANDING_ICONS[code])


def field_name(field: str) -> Word:
    return FIELDS.get(field) or field.replace("_", " ").capitalize()


def field_value(field: str, value: str) -> str:
    if field == "language" and value in LANG_INFO:
        return gettext(LANG_INFO[value]["name"])
    if field in ("country", "organisation_country"):
        return country_said(value)
    return str(word(CODES[field], value)) if field in CODES else value
