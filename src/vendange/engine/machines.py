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
# What opens the links of a mail before, or instead of, the person it was written to.
GATEWAY: Final = re.compile(
    r"barracuda|mimecast|proofpoint|trend ?micro|forcepoint|fireeye|ironport|symantec|messagelabs|safelinks|zscaler"
    r"|microsoft office|ms-office|existence discovery|urlscan|virustotal|cloudmark|sophos|whatsapp|telegram|skypeuri",
    re.IGNORECASE,
)
IMAGE_PROXY: Final = re.compile(r"GoogleImageProxy|YahooMailProxy|^Mozilla/5\.0$", re.IGNORECASE)
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


def judged_request(kind: str, *, user_agent: str, hints: str = "") -> Judged:
    """The verdict on a request for a tracked link (`kind` link) or pixel, before anything is known around it.

    >>> judged_request("link", user_agent="Mozilla/5.0 (Windows NT 10.0)", hints="head")
    Judged(verdict='machine', because='head')
    """
    said = hints.split()
    for word in ("head", "embedded"):
        if word in said:
            return Judged("machine", word)
    if GATEWAY.search(user_agent):
        return Judged("machine", "gateway")
    if kind == "pixel" and IMAGE_PROXY.search(user_agent):
        return Judged("machine", "image_proxy")
    return judged("link_followed", user_agent=user_agent, hints=hints)


# A link that was followed, seen together with what happened around it.
HEAD_BEFORE: Final = timedelta(minutes=1)  # asked what is there, then fetched it: browsers do not
PAIR_WITHIN: Final = timedelta(seconds=2)  # two links of a mail …
MANY, MANY_WITHIN = 3, timedelta(seconds=10)  # … or three: nobody reads what is behind them so fast
SENT_BEFORE: Final = timedelta(seconds=10)  # nobody opens a mail, reads it and follows a link in this time
CROWD, CROWD_WITHIN = 3, timedelta(seconds=10)  # people of several organisations through one network
OFFICE: Final = 5  # people of one organisation through one network: a scanner, or a meeting
STAYED: Final = 5.0  # seconds on the page behind the link, seen by the tracker: somebody reads
STAYED_WITHIN: Final = timedelta(minutes=30)  # after the link was followed
FROM_REQUEST: Final = frozenset(
    {"head", "embedded", "gateway", "image_proxy", "prefetch", "automated", "robot", "program", "no_agent"}
)


class Follow(NamedTuple):
    """One link or pixel that one person followed. `request`: the verdict of `judged_request`."""

    link: int
    person: int
    organisation: int | None
    at: datetime
    request: Judged
    network: str = ""
    is_pixel: bool = False


class Around(NamedTuple):
    """What is known around it: other followings (of the person, and through the network), and two kinds of moments.

    `sent`: when mail to the person was delivered; `stayed`: when they left a page on which they had been, and after
    how many seconds.
    """

    others: Sequence[Follow] = ()
    sent: Sequence[datetime] = ()
    stayed: Sequence[tuple[datetime, float]] = ()


def judged_follow(one: Follow, around: Around) -> Judged:
    """The verdict on a link that was followed, by all that is known now. Later evidence may change it."""
    if one.request.verdict == "machine":
        return one.request
    if not one.is_pixel and any(
        seconds >= STAYED and one.at <= left - timedelta(seconds=seconds) + PAIR_WITHIN <= one.at + STAYED_WITHIN
        for left, seconds in around.stayed
    ):
        return Judged("human", "stayed")
    for because, holds in (("head_first", _head_first), ("many_links", _many_links), ("just_sent", _just_sent)):
        if holds(one, around):
            return Judged("machine", because)
    return _through_network(one, around) or one.request


def _head_first(one: Follow, around: Around) -> bool:
    return any(
        other.request.because == "head"
        and (other.person, other.link) == (one.person, one.link)
        and timedelta(0) <= one.at - other.at <= HEAD_BEFORE
        for other in around.others
    )


def _many_links(one: Follow, around: Around) -> bool:
    """Other links of the same person within seconds, before or after. A pixel is loaded with the mail: no link."""
    if one.is_pixel:
        return False
    theirs = [other for other in around.others if other.person == one.person and not other.is_pixel]
    pair = {other.link for other in theirs if abs(other.at - one.at) <= PAIR_WITHIN}
    many = {other.link for other in theirs if abs(other.at - one.at) <= MANY_WITHIN}
    return bool(pair - {one.link}) or len(many | {one.link}) >= MANY


def _just_sent(one: Follow, around: Around) -> bool:
    return any(timedelta(0) <= one.at - sent <= SENT_BEFORE for sent in around.sent)


def _through_network(one: Follow, around: Around) -> Judged | None:
    """Many people at once behind one network: of several organisations a scanner; of one, who knows."""
    near = [one] + [
        other
        for other in around.others
        if one.network and other.network == one.network and abs(other.at - one.at) <= CROWD_WITHIN
    ]
    people = {other.person for other in near}
    if len(people) >= CROWD and len({other.organisation for other in near} - {None}) > 1:
        return Judged("machine", "one_network")
    return Judged("unknown", "one_network") if len(people) >= OFFICE else None


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
