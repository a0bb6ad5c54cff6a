"""What people do before they buy, or while they only read: a dozen and more kinds of signals."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

MACHINES: Final = ("r-500", "r-800", "tour-l-240", "centre-5x-630", "rectifieuse-g-35")
ARTICLES: Final = (
    "copeaux-inox",
    "temps-de-cycle",
    "titane-a-sec",
    "atelier-sans-papier",
    "vibrations",
    "mesure-en-ligne",
)
PAPERS: Final = ("livre-blanc-5-axes", "livre-blanc-rectification", "livre-blanc-cout-piece")
GUIDES: Final = ("guide-achat-tour", "guide-achat-centre-5-axes")
POSTS: Final = ("machining", "maintenance", "recruitment")
SITE, MAILING, FAIRS, PARTNERS, BOOK = "Site web", "E-mailing", "Salons", "Partenaires", "Carnet d'adresses"
SOURCES: Final = {SITE: "segment", MAILING: "segment", FAIRS: "import", PARTNERS: "desk", BOOK: "import"}
SOURCE_OF: Final = {
    "email_clicked": MAILING,
    "email_replied": MAILING,
    "newsletter_subscribed": SITE,
    "booth_visited": FAIRS,
    "event_registered": FAIRS,
    "partner_conversation": PARTNERS,
    "purchase_recorded": BOOK,
}


@dataclass(frozen=True, slots=True)
class Did:
    """One thing that somebody did, `after` so long since the visit began."""

    kind: str
    path: str = ""
    asset: str = ""
    campaign: str = ""
    channel: str = ""
    topic: str = ""
    value: float | None = None
    after: timedelta = timedelta(0)
    verdict: str = "human"

    @property
    def source(self) -> str:
        return SOURCE_OF.get(self.kind, SITE)


Make = Callable[[random.Random], Did]


def news(_: random.Random) -> Did:
    return page("/actualites")


def page(path: str) -> Did:
    return Did("page_viewed", path=path, channel="web")


def machine_page(rng: random.Random) -> Did:
    return page(f"/machines/{rng.choice(MACHINES)}")


def prices(rng: random.Random) -> Did:
    return page(rng.choice(("/tarifs", f"/tarifs/{rng.choice(MACHINES)}")))


def financing(rng: random.Random) -> Did:
    return page(rng.choice(("/financement/credit-bail", "/financement/aides")))


def article(rng: random.Random) -> Did:
    name = rng.choice(ARTICLES)
    return Did("content_read", path=f"/articles/{name}", asset=name, channel="web", topic="machining")


def paper(rng: random.Random) -> Did:
    return Did("content_downloaded", asset=rng.choice(PAPERS), channel="web", topic="machining")


def guide(rng: random.Random) -> Did:
    return Did("content_downloaded", asset=rng.choice(GUIDES), channel="web", topic="machining")


def video(rng: random.Random) -> Did:
    seen = round(rng.uniform(0.3, 6), 1)
    return Did("video_watched", asset=f"video-{rng.choice(MACHINES)}", channel="web", value=seen)


def clicked(campaign: str, verdict: str = "human") -> Did:
    return Did("email_clicked", campaign=campaign, channel="email", verdict=verdict)


def replied(_: random.Random) -> Did:
    return Did("email_replied", channel="email")


def posted(rng: random.Random) -> Did:
    return Did("social_post", channel="social", topic=rng.choice(POSTS))


def told_by_partner(rng: random.Random) -> Did:
    return Did("partner_conversation", channel="partner", topic=rng.choice(("machining", "financing")))


def sample(_: random.Random) -> Did:
    return Did("sample_requested", path="/piece-d-essai", channel="web")


def visited(fair: str) -> Did:
    return Did("booth_visited", campaign=fair, channel="event")


def registered(campaign: str) -> Did:
    kind = "webinar_registered" if campaign.startswith("Webinaire") else "event_registered"
    return Did(kind, campaign=campaign, channel="event")


def attended(webinar: str) -> Did:
    return Did("webinar_attended", campaign=webinar, channel="event")


def asks(kind: str, rng: random.Random) -> Did:
    """One of the acts that are enough to call a human."""
    machine = rng.choice(MACHINES)
    paths = {
        "quote_requested": f"/devis/{machine}",
        "demo_requested": "/demonstration",
        "configuration_saved": f"/configurateur/{machine}",
        "callback_requested": "/rappel",
    }
    return Did(kind, path=paths[kind], asset=machine, channel="web", topic="machining")


def idle_visit(rng: random.Random) -> list[Did]:
    """Somebody reads a little, with nothing in mind."""
    choices: tuple[Make, ...] = (article, machine_page, news, paper, posted)
    return _visit(rng.choices(choices, (42, 22, 20, 9, 7), k=rng.choice((1, 1, 1, 2, 2, 3))), rng)


def greedy_visit(rng: random.Random) -> list[Did]:
    """The curious one downloads whatever there is (R39)."""
    choices: tuple[Make, ...] = (paper, paper, guide, article, video)
    return _visit(rng.choices(choices, k=rng.randrange(2, 6)), rng)


def looking_visit(rng: random.Random) -> list[Did]:
    """Somebody explores what could be done, without a date."""
    choices: tuple[Make, ...] = (machine_page, article, guide, video, financing, prices, paper)
    return _visit(rng.choices(choices, (34, 16, 10, 13, 9, 8, 10), k=rng.randrange(1, 5)), rng)


def buying_visit(rng: random.Random) -> list[Did]:
    """Somebody prepares a purchase: prices, financing, comparisons."""
    choices: tuple[Make, ...] = (prices, machine_page, financing, video, guide, told_by_partner, replied, sample)
    return _visit(rng.choices(choices, (26, 30, 14, 11, 10, 3, 4, 2), k=rng.randrange(2, 6)), rng)


def _visit(made: Sequence[Make], rng: random.Random) -> list[Did]:
    """These things one after the other, some time apart."""
    visit, after = [], timedelta(0)
    for make in made:
        visit.append(replace(make(rng), after=after))
        after += timedelta(seconds=rng.randrange(25, 260))
    return visit


def at(did: Did, start: datetime) -> datetime:
    return start + did.after
