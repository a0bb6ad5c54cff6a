"""What the made-up people read, fetch and are: lists of texts with the share of each."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

KINDS: Final[Mapping[str, float]] = {
    "page_viewed": 0.568,
    "email_clicked": 0.150,
    "content_read": 0.100,
    "content_downloaded": 0.060,
    "video_watched": 0.050,
    "webinar_registered": 0.025,
    "webinar_attended": 0.012,
    "event_registered": 0.020,
    "booth_visited": 0.011,
    "quote_requested": 0.0015,
    "demo_requested": 0.0010,
    "callback_requested": 0.0015,
}
# Each family of pages: its form, how many there are, and its share of the views.
PAGES: Final = (
    ("/", 1, 0.12),
    ("/tarifs/gamme-{}", 14, 0.05),
    ("/machines/tour-{}", 160, 0.13),
    ("/machines/centre-5x-{}", 120, 0.10),
    ("/financement/dispositif-{}", 18, 0.03),
    ("/outils/comparatif-{}", 40, 0.02),
    ("/references/atelier-{}", 220, 0.07),
    ("/blog/2024/usinage-et-atelier-{}", 2600, 0.26),
    ("/support/notice-{}", 700, 0.14),
    ("/entreprise/emplois/poste-{}", 130, 0.08),
)
ASSETS: Final = (
    ("guide-achat-{}", 24, 0.18),
    ("livre-blanc-{}", 140, 0.42),
    ("fiche-technique-{}", 220, 0.30),
    ("etude-de-cas-{}", 60, 0.10),
)
CAMPAIGNS: Final = (("offre-{}", 40, 0.2), ("lettre-{}", 36, 0.6), ("invitation-{}", 50, 0.2))
TOPICS: Final = {
    "machining": 0.22,
    "automation": 0.14,
    "financing": 0.05,
    "quality": 0.14,
    "maintenance": 0.16,
    "training": 0.09,
    "energy": 0.08,
    "aerospace": 0.12,
}
CHANNELS: Final = {"organic": 0.4, "direct": 0.25, "paid": 0.12, "referral": 0.13, "social": 0.1}
ORIGINS: Final = {"observed": 0.93, "declared": 0.04, "reported": 0.02, "inferred": 0.01}

LEVELS: Final = {"student": 0.03, "staff": 0.44, "manager": 0.28, "director": 0.16, "executive": 0.09}
ROLES: Final = {"uses": 0.4, "advises": 0.25, "checks": 0.1, "pays": 0.1, "decides": 0.15}
JOBS: Final = (("{} engineer", 60, 0.3), ("head of {}", 60, 0.2), ("buyer {}", 40, 0.15), ("{} officer", 90, 0.35))
COUNTRIES: Final = {"fr": 0.62, "be": 0.1, "ch": 0.08, "de": 0.1, "it": 0.06, "lu": 0.01, "es": 0.03}
LANGUAGES: Final = {"fr": 0.75, "de": 0.13, "en": 0.12}
SOURCES: Final = {"website": 0.5, "fair": 0.2, "import": 0.2, "partner": 0.1}
INDUSTRIES: Final = (("c{}", 24, 0.55), ("g{}", 12, 0.2), ("m{}", 10, 0.15), ("p{}", 6, 0.1))
TIERS: Final = {"target_2": 0.6, "target_1": 0.3, "core": 0.1}


class Choice(NamedTuple):
    """Texts, and up to which share of 1 each is drawn."""

    texts: Sequence[str]
    shares: Any

    def draw(self, random: Any, count: int) -> Any:
        """Places in `texts`."""
        drawn = np.searchsorted(self.shares, random.random(count), "right")
        return np.minimum(drawn, len(self.texts) - 1).astype(np.int32)


def choice(shares: Mapping[str, float]) -> Choice:
    return Choice(tuple(shares), np.cumsum(list(shares.values())))


def families(forms: Sequence[tuple[str, int, float]], first: int = 1) -> Choice:
    """Numbered texts of several families; within one, the tenth is read a tenth as often as the first."""
    texts: list[str] = []
    shares: list[Any] = []
    for form, count, share in forms:
        texts += [form.format(place) for place in range(first, first + count)]
        weights = 1.0 / np.arange(1, count + 1)
        shares.append(share * weights / weights.sum())
    return Choice(texts, np.cumsum(np.concatenate(shares)))
