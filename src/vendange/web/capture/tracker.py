"""The tracker on the page of a source: the tag to copy, and what it has brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from vendange.capture import queries
from vendange.models import Source
from vendange.words import Word, word

LATELY = timedelta(days=30)
VERDICTS = ("human", "unknown", "machine")
PAGES = 10


@dataclass(frozen=True, slots=True)
class Mode:
    """What one mode brought lately: how many of each verdict, in the order of VERDICTS."""

    name: Word
    counts: Sequence[int]


def about(one: Source, now: datetime) -> dict[str, object]:
    """All that the part of the page says."""
    first = now - LATELY
    seen = queries.visits_by_verdict(one, localtime(first).date())
    known = queries.signals_by_verdict(one, first)
    return {
        "tag": tag(one),
        "policy": policy(),
        "consent": "vendange('consent', true, {wording: 'cookies-1'});",
        "forget": "vendange('forget');",
        "verdicts": [word("verdict", code) for code in VERDICTS],
        "modes": [counted(_("Pages seen, counted of nobody"), seen), counted(_("Signals of people"), known)],
        "pages": queries.most_visited(one, localtime(first).date(), PAGES),
    }


def counted(name: Word, found: Mapping[str, int]) -> Mode:
    return Mode(name, [found.get(code, 0) for code in VERDICTS])


def tag(one: Source) -> str:
    return f'<script async src="{settings.BASE_URL}/v1/tracker.js"\n  data-key="{one.write_key}"></script>'


def policy() -> Sequence[str]:
    """What a site with a Content-Security-Policy must add to it, by directive."""
    return [f"{directive} {settings.BASE_URL};" for directive in ("script-src", "connect-src")]
