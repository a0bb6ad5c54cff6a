"""Did a human do this, or a machine? Decided before anything is scored, from what the sender and its request say.

A machine that hides as well as a browser in human hands cannot be told from one: nobody's secrets are read to try.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

ROBOT: Final = re.compile(
    r"(?<!cu)bot(\b|_)|crawl|spider|slurp|headless|phantomjs|lighthouse|pingdom|uptimerobot|facebookexternalhit"
    r"|google-read-aloud|bingpreview|mediapartners|feedfetcher|preview|monitor|archiver|scrap(y|er)|selenium|puppeteer"
    r"|playwright|wkhtml|validator|chatgpt|claude|perplexity|bytespider|yandex\.com/|baiduspider",
    re.IGNORECASE,
)
# Programs that fetch pages. They may well report what humans did (a server that sends `track`), but see no page.
PROGRAM: Final = re.compile(
    r"^(curl|wget|python|go-http|java|okhttp|axios|node|undici|ruby|libwww|php)\b", re.IGNORECASE
)
PAGES: Final = frozenset({"page_viewed", "screen_viewed", "time_spent", "link_followed"})
BURST: Final = 15  # pages seen by one visitor …
BURST_WITHIN: Final = timedelta(seconds=10)  # … in this time: no hand is so fast, and few people open so many tabs


class Judged(NamedTuple):
    """`verdict`: human, machine or unknown; `because`: what said so, "" when nothing speaks against a human."""

    verdict: str
    because: str = ""


HUMAN: Final = Judged("human")


def judged(kind: str, *, user_agent: str, hints: str = "", automated: bool = False) -> Judged:
    """The verdict on one signal. `hints`: words of the collector; `automated`: a program drives the browser.

    >>> judged("page_viewed", user_agent="Mozilla/5.0 (compatible; Googlebot/2.1)")
    Judged(verdict='machine', because='robot')
    >>> judged("page_viewed", user_agent="")
    Judged(verdict='unknown', because='no_agent')
    """
    if "prefetch" in hints.split():
        return Judged("machine", "prefetch")
    if automated or "automated" in hints.split():
        return Judged("machine", "automated")
    if ROBOT.search(user_agent):
        return Judged("machine", "robot")
    if "fast" in hints.split():  # a form that was filled in faster than hands can; it counts, and a human sees why
        return Judged("unknown", "fast")
    if kind not in PAGES:
        return HUMAN
    if not user_agent:
        return Judged("unknown", "no_agent")
    return Judged("machine", "program") if PROGRAM.match(user_agent) else HUMAN


def bursts(moments: Sequence[datetime]) -> list[bool]:
    """Of each moment of one visitor's page views, in order: whether it lies in a burst that no hand makes."""
    fast = [False] * len(moments)
    first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > BURST_WITHIN:
            first += 1
        if last - first + 1 >= BURST:
            fast[first : last + 1] = [True] * (last - first + 1)
    return fast
