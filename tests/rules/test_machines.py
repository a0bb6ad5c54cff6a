"""A human or a machine: what speaks for each, and bursts that no hand makes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.engine.machines import BURST, BURST_WITHIN, Judged, bursts, judged

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
