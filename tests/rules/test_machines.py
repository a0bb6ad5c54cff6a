"""A human or a machine: what speaks for each, and bursts that no hand makes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.engine.machines import (
    BURST,
    BURST_WITHIN,
    Around,
    Follow,
    Judged,
    bursts,
    judged,
    judged_follow,
    judged_request,
)

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
CUBOT = (
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
START = datetime(2026, 9, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize("agent", [CHROME, CUBOT, IPHONE])
def test_people_are_people(agent: str) -> None:
    assert judged("page_viewed", user_agent=agent) == Judged("human")


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0 Safari/537.36",
        "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Screaming Frog SEO Spider/20.1",
    ],
)
def test_robots_are_robots_whatever_they_say_that_they_did(agent: str) -> None:
    for kind in ("page_viewed", "form_submitted"):
        assert judged(kind, user_agent=agent) == Judged("machine", "robot")


@pytest.mark.parametrize("agent", ["curl/8.5.0", "python-requests/2.32", "Go-http-client/2.0", "Wget/1.21"])
def test_a_program_sees_no_page_but_may_report_what_a_human_did(agent: str) -> None:
    assert judged("page_viewed", user_agent=agent) == Judged("machine", "program")
    assert judged("quote_requested", user_agent=agent) == Judged("human")


def test_what_the_browser_itself_admits() -> None:
    assert judged("page_viewed", user_agent=CHROME, automated=True) == Judged("machine", "automated")
    assert judged("page_viewed", user_agent=CHROME, hints="automated") == Judged("machine", "automated")
    assert judged("page_viewed", user_agent=CHROME, hints="prefetch automated") == Judged("machine", "prefetch")
    assert judged("page_viewed", user_agent="") == Judged("unknown", "no_agent")


def test_a_page_less_than_a_burst_is_a_quick_human() -> None:
    quick = [START + timedelta(milliseconds=600 * n) for n in range(BURST - 1)]
    assert bursts(quick) == [False] * (BURST - 1)
    assert bursts([*quick, quick[-1]]) == [True] * BURST


@given(st.lists(st.integers(0, 60_000), max_size=60))
def test_bursts_are_what_a_slow_reading_finds(millis: list[int]) -> None:
    moments = sorted(START + timedelta(milliseconds=one) for one in millis)
    windows = [[n for n, at in enumerate(moments) if first <= at <= first + BURST_WITHIN] for first in moments]
    slow = {n for window in windows if len(window) >= BURST for n in window}
    assert bursts(moments) == [n in slow for n in range(len(moments))]


@pytest.mark.parametrize(
    ("kind", "agent", "hints", "verdict", "because"),
    [
        ("link", CHROME, "", "human", ""),
        ("pixel", CHROME, "", "human", ""),
        ("link", "", "", "unknown", "no_agent"),
        ("link", CHROME, "head", "machine", "head"),
        ("pixel", CHROME, "head", "machine", "head"),
        ("link", CHROME, "embedded", "machine", "embedded"),
        ("link", CHROME, "prefetch", "machine", "prefetch"),
        ("link", "curl/8.5.0", "", "machine", "program"),
        ("link", "Slackbot-LinkExpanding 1.0", "", "machine", "robot"),
        ("link", f"{CHROME} (Barracuda Sentinel (EE))", "", "machine", "gateway"),
        ("link", "Mimecast-URL-Scanner", "", "machine", "gateway"),
        ("link", "Microsoft Office Existence Discovery", "", "machine", "gateway"),
        ("link", "WhatsApp/2.23", "", "machine", "gateway"),
        ("pixel", "Mozilla/5.0 (Windows NT 5.1) (via ggpht.com GoogleImageProxy)", "", "machine", "image_proxy"),
        ("pixel", "YahooMailProxy; https://help.yahoo.com/", "", "machine", "image_proxy"),
        ("pixel", "Mozilla/5.0", "", "machine", "image_proxy"),
        ("link", "Mozilla/5.0", "", "human", ""),
    ],
)
def test_what_a_request_for_a_link_says(kind: str, agent: str, hints: str, verdict: str, because: str) -> None:
    assert judged_request(kind, user_agent=agent, hints=hints) == Judged(verdict, because)


HUMAN = Judged("human")


def follow(
    link: int = 1, after: float = 0, *, person: int = 1, firm: int | None = 1, network: str = "", because: str = ""
) -> Follow:
    request = Judged("machine", because) if because else HUMAN
    return Follow(link, person, firm, START + timedelta(seconds=after), request, network)


def stay(left_after: float, seconds: float) -> tuple[datetime, float]:
    return START + timedelta(seconds=left_after), seconds


CROWD = [follow(1, n, person=n + 2, firm=n, network="n") for n in range(2)]
COLLEAGUES = [follow(1, n, person=n + 2, firm=1, network="n") for n in range(4)]


@pytest.mark.parametrize(
    ("around", "because"),
    [
        (Around(), ""),
        (Around([follow(2, 1.9)]), "many_links"),
        (Around([follow(2, -1.9)]), "many_links"),
        (Around([follow(2, 3)]), ""),
        (Around([follow(2, 3), follow(3, 9)]), "many_links"),
        (Around([follow(2, 3), follow(3, 11)]), ""),
        (Around([follow(1, 1)]), ""),
        (Around([follow(2, 1, person=2)]), ""),
        (Around([follow(2, 1)._replace(is_pixel=True)]), ""),
        (Around([follow(1, -30, because="head")]), "head_first"),
        (Around([follow(1, -90, because="head")]), ""),
        (Around([follow(1, 5, because="head")]), ""),
        (Around([follow(2, -30, because="head")]), ""),
        (Around(sent=[START - timedelta(seconds=9)]), "just_sent"),
        (Around(sent=[START - timedelta(seconds=11)]), ""),
        (Around(sent=[START + timedelta(seconds=1)]), ""),
        (Around(CROWD), "one_network"),
        (Around(CROWD[:1]), ""),
        (Around([one._replace(network="other") for one in CROWD]), ""),
        (Around([one._replace(organisation=1) for one in CROWD]), ""),
        (Around([follow(2, 1)], stayed=[stay(62, 60)]), "stayed"),
        (Around([follow(2, 1)], stayed=[stay(4, 3)]), "many_links"),
        (Around([follow(2, 1)], stayed=[stay(-100, 60)]), "many_links"),
        (Around([follow(2, 1)], stayed=[stay(7_000, 60)]), "many_links"),
        (Around(stayed=[stay(62, 60)]), "stayed"),
    ],
)
def test_what_happened_around_a_link_that_was_followed(around: Around, because: str) -> None:
    verdict = "machine" if because and because != "stayed" else "human"
    assert judged_follow(follow(network="n"), around) == Judged(verdict, because)


def test_many_colleagues_at_once_may_be_a_meeting() -> None:
    assert judged_follow(follow(network="n"), Around(COLLEAGUES)) == Judged("unknown", "one_network")
    assert judged_follow(follow(network="n"), Around(COLLEAGUES[:3])) == HUMAN


def test_nothing_around_makes_a_human_of_a_program() -> None:
    program = follow(because="robot")
    assert judged_follow(program, Around(stayed=[stay(62, 60)])) == Judged("machine", "robot")


def test_a_pixel_is_loaded_with_the_mail_and_nobody_stays_on_it() -> None:
    pixel = follow()._replace(is_pixel=True)
    assert judged_follow(pixel, Around([follow(2, 1), follow(3, 1)], stayed=[stay(62, 60)])) == HUMAN
    assert judged_follow(pixel, Around(sent=[START - timedelta(seconds=2)])) == Judged("machine", "just_sent")
