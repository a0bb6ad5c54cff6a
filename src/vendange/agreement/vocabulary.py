"""Closed lists that the agreement, the tables and the engine share. Codes only; words stand in `vendange.words`."""

from typing import Final

# Rank in the hierarchy, lowest first: `at_least` and `at_most` compare places in this list.
LEVELS: Final = ("student", "staff", "manager", "director", "executive")

# Part played in a buying group.
ROLES: Final = ("uses", "advises", "checks", "pays", "decides")

# Priority of an organisation, highest first.
TIERS: Final = ("core", "target_1", "target_2")

# Kinds of signal that the product itself knows how to name. Others are accepted in the same form (see `is_kind`).
KINDS: Final = (
    "page_viewed",
    "content_read",
    "content_downloaded",
    "video_watched",
    "email_clicked",
    "email_replied",
    "newsletter_subscribed",
    "form_submitted",
    "webinar_registered",
    "webinar_attended",
    "event_registered",
    "booth_visited",
    "partner_conversation",
    "social_post",
    "call_received",
    "meeting_held",
    "news_heard",
    "configuration_saved",
    "configuration_changed",
    "sample_requested",
    "demo_requested",
    "quote_requested",
    "callback_requested",
    "purchase_recorded",
)

# Where a fact or a signal comes from, weakest first.
ORIGINS: Final = ("inferred", "declared", "reported", "observed", "verified")

# Ways of reaching a person.
CHANNELS: Final = ("email", "phone", "post", "sms", "visit", "social")

# Columns that rules may read. Anything else stays in `props`, for people, not for rules.
PERSON_DIMENSIONS: Final = {
    "person.level": "level",
    "person.role": "role",
    "person.job_title": "text",
    "person.country": "text",
    "person.language": "text",
    "person.source": "text",
    "person.known_since": "date",
    "organisation.employees": "number",
    "organisation.industry": "text",
    "organisation.country": "text",
    "organisation.region": "text",
    "organisation.postal_code": "text",
    "organisation.tier": "tier",
}
SIGNAL_DIMENSIONS: Final = {
    "path": "text",
    "asset": "text",
    "campaign": "text",
    "channel": "text",
    "topic": "text",
    "value": "number",
    "origin": "origin",
    "at": "date",
}

KIND_PATTERN: Final = r"[a-z][a-z0-9_]{1,49}"
ID_PATTERN: Final = r"[a-z][a-z0-9-]{0,49}"
