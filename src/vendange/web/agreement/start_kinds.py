"""The acts to choose from: the known kinds in three groups, with how often each was seen, then kinds of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from vendange.agreement.label import Label
from vendange.agreement.presets import PRESETS
from vendange.agreement.starting import Answers, can_be_named
from vendange.agreement.vocabulary import KINDS
from vendange.words import Word, word

GROUPS: Final[Mapping[str, tuple[Word, tuple[str, ...]]]] = {
    "asks": (
        _("They ask for something"),
        (
            "quote_requested",
            "demo_requested",
            "callback_requested",
            "sample_requested",
            "configuration_saved",
            "configuration_changed",
            "form_submitted",
            "email_replied",
        ),
    ),
    "meets": (
        _("They meet us"),
        (
            "call_received",
            "booth_visited",
            "webinar_attended",
            "webinar_registered",
            "event_registered",
            "partner_conversation",
            "purchase_recorded",
        ),
    ),
    "reads": (
        _("They read and watch"),
        (
            "page_viewed",
            "content_read",
            "content_downloaded",
            "video_watched",
            "email_clicked",
            "newsletter_subscribed",
            "social_post",
        ),
    ),
}
OWN: Final = _("What only your company records")


@dataclass(frozen=True, slots=True)
class Group:
    name: Word
    kinds: tuple[str, ...]


def groups(seen: Iterable[str]) -> list[Group]:
    own = tuple(sorted(kind for kind in seen if kind not in KINDS and can_be_named(kind)))
    return [*(Group(*one) for one in GROUPS.values()), *([Group(OWN, own)] if own else [])]


def offered(seen: Iterable[str]) -> set[str]:
    return {kind for group in groups(seen) for kind in group.kinds}


def label_of(kind: str, answers: Answers) -> Label:
    """What an act is called in the agreement: as the preset says, else the word for its kind, in both languages."""
    preset = PRESETS[answers.preset].answers
    alone = [one.label for one in (*answers.acts, *preset.acts) if one.on == (kind,)]
    weighed = [one.label for one in (*answers.weighed, *preset.weighed) if one.kind == kind]
    return next(iter([*alone, *weighed]), None) or Label(in_language(kind, "en"), in_language(kind, "fr"))


def in_language(kind: str, language: str) -> str:
    with override(language):
        return str(word("kind", kind))
