"""What every page shares: who may open it, its language, its strict content policy, and how values are written."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver
from django.utils import translation

from vendange.admit import actions
from vendange.models import User
from vendange.web import faults, figures, moments, static_files
from vendange.web.access import allow, load_or_404, public
from vendange.web.avatars import colour
from vendange.web.show import conflict, redirect_or_swap, show
from vendange.words import word

NOW = datetime(2026, 11, 19, 13, 9, tzinfo=UTC)  # a Thursday, 14:09 in Paris


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Failed sign-ins are counted in the cache of the house, which outlives one test."""
    cache.clear()


def user(role: str = "ldr", name: str = "nadia", *, language: str = "", signs_for: str = "") -> User:
    return actions.add_user(
        email=f"{name}@rochebrune.example",
        username=name,
        first_name=name.capitalize(),
        last_name="Belkacem",
        role=role,
        by=None,
        now=NOW,
        password="a long password",
        language=language,
        signs_for=signs_for,
    )


def browser(who: User | None = None, *, accept: str = "en") -> Client:
    client = Client(headers={"host": "127.0.0.1", "accept-language": accept})
    if who:
        client.force_login(who)
    return client


def rendered(source: str, **values: object) -> str:
    return Template(source).render(Context({"now": NOW, **values}))


# Access


def names_under(routes: URLResolver) -> set[str | None]:
    found: set[str | None] = set()
    for one in routes.url_patterns:
        found |= names_under(one) if isinstance(one, URLResolver) else {one.name}
    return found


def test_nobody_can_sign_up_alone() -> None:
    assert not names_under(get_resolver()) & {
        "account_signup",
        "socialaccount_signup",
        "account_email",
        "mfa_signup_webauthn",
    }


def test_stranger_is_asked_to_sign_in_and_comes_back(db: None) -> None:
    answer = browser().get("/settings/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/settings/")


def test_stranger_behind_htmx_gets_a_whole_page(db: None) -> None:
    answer = browser().get("/settings/", headers={"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/settings/"})
    assert answer["HX-Redirect"] == "/accounts/login/?next=/settings/"


def test_wrong_role_is_told_that_there_is_no_such_page(db: None) -> None:
    answer = browser(user("sales", "hugo")).get("/settings/colleagues")
    assert answer.status_code == 404
    assert "not open to your role" in answer.content.decode()
    assert re.search(r"quote the number [0-9A-F]{6}", answer.content.decode())


def test_roles_must_be_known() -> None:
    with pytest.raises(ValueError, match="salez"):
        allow("salez")
    with pytest.raises(ValueError, match="roles"):
        allow()


def test_view_says_who_may_open_it() -> None:
    @allow("ldr", "manager")
    def desk(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @public
    def door(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert desk.allowed == {"ldr", "manager"}
    assert door.allowed == {"public"}


def test_row_that_is_not_there_is_a_404_in_words(db: None) -> None:
    with pytest.raises(Http404, match="merged"):
        load_or_404(User.objects.all(), username="nobody")


def test_rail_shows_only_what_the_role_may_open(db: None) -> None:
    html = browser(user("sales", "hugo")).get("/settings/").content.decode()
    assert 'aria-current="page"' in html
    assert "/settings/colleagues" not in html
    assert "/settings/colleagues" in browser(user("admin", "ada")).get("/settings/").content.decode()


# Sign-in


def test_sign_in_with_name_or_address(db: None) -> None:
    user()
    for name in ("nadia", "nadia@rochebrune.example"):
        answer = browser().post("/accounts/login/", {"login": name, "password": "a long password"})
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_guessing_passwords_is_stopped(db: None) -> None:
    user()
    guesses = [browser().post("/accounts/login/", {"login": "nadia", "password": f"guess {n}"}) for n in range(6)]
    assert "Too many failed login attempts" in guesses[-1].content.decode()
    right = browser().post("/accounts/login/", {"login": "nadia", "password": "a long password"})
    assert right.status_code == 200, "even the right password waits"


def test_closed_colleague_cannot_come_in(db: None) -> None:
    admin, gone = user("admin", "ada"), user("sales", "hugo")
    actions.change_user(user=gone, by=admin, now=NOW, role="sales", team=None, signs_for="", is_active=False)
    answer = browser().post("/accounts/login/", {"login": "hugo", "password": "a long password"})
    assert "_auth_user_id" not in answer.client.session


# Content policy


@pytest.mark.parametrize(
    "address",
    ["/accounts/login/", "/accounts/password/reset/", "/settings/", "/settings/colleagues", "/settings/keys", "/nope"],
)
def test_no_page_has_inline_style_or_script(db: None, address: str) -> None:
    client = browser() if "accounts" in address else browser(user("admin", "ada"))
    answer = client.get(address)
    html = answer.content.decode()
    assert " style=" not in html and "<style" not in html
    assert not re.search(r"\son[a-z]+=", html)
    inline = [tag for tag in re.findall(r"<script[^>]*>", html) if "src=" not in tag and "application/json" not in tag]
    assert inline == []
    assert "'unsafe" not in answer["Content-Security-Policy"]


def test_static_addresses_change_with_their_file() -> None:
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{10}", static_files.Storage().url("app.css"))


# Language and theme


def test_language_is_mine_then_the_cookie_then_the_browser(db: None) -> None:
    assert 'lang="fr"' in browser(accept="fr-CH,en").get("/accounts/login/").content.decode()
    client = browser(accept="fr")
    client.post("/language", {"language": "en"})
    assert 'lang="en"' in client.get("/accounts/login/").content.decode()
    mine = browser(user(language="fr"), accept="en").get("/settings/")
    assert 'lang="fr"' in mine.content.decode()
    assert "Réglages" in mine.content.decode()


def test_choosing_language_and_theme_is_kept(db: None) -> None:
    nadia = user()
    client = browser(nadia)
    answer = client.post("/language", {"language": "fr", "next": "/settings/"})
    assert (answer.status_code, answer["Location"]) == (303, "/settings/")
    client.post("/theme", {"theme": "dark"})
    nadia.refresh_from_db()
    assert (nadia.language, nadia.theme) == ("fr", "dark")
    assert 'data-theme="dark"' in client.get("/settings/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_choosing_a_language_never_leads_elsewhere(db: None, elsewhere: str) -> None:
    assert browser().post("/language", {"language": "fr", "next": elsewhere})["Location"] == "/"


def test_unknown_language_and_theme_change_nothing(db: None) -> None:
    client = browser(user())
    client.post("/language", {"language": "xx"})
    client.post("/theme", {"theme": "<script>"})
    assert User.objects.get().language == "" and User.objects.get().theme == ""


# Showing


def asked(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/settings/", headers={"host": "127.0.0.1", **headers})
    request.user = user()
    request.session = {}  # type: ignore[assignment]
    request._messages = []  # type: ignore[attr-defined]
    request.htmx = SimpleNamespace(boosted=False, history_restore_request=False) if headers else None  # type: ignore[attr-defined]
    return request


def test_htmx_gets_the_fragment_and_browsers_the_page(db: None) -> None:
    told = {"page": "409.html", "fragment": "_grapes.html", "context": {"title": "T", "what": "W", "back": "/"}}
    request = asked(**{"HX-Request": "true"})
    fragment = show(request, **told)  # type: ignore[arg-type]
    request.htmx = None  # type: ignore[attr-defined]
    page = show(request, **told)  # type: ignore[arg-type]
    assert fragment.content.startswith(b"<svg") and b"<html" in page.content
    assert "HX-Request" in page["Vary"]


def test_after_an_act_browsers_go_on_with_get(db: None) -> None:
    assert redirect_or_swap(asked(), to="settings").status_code == 303


def test_conflict_says_what_and_shows_a_way_on(db: None) -> None:
    answer = conflict(asked(), what="Hugo took this lead at 14:02.", back="/desk")
    html = answer.content.decode()
    assert answer.status_code == 409 and "Hugo took" in html and 'href="/desk"' in html


def test_breakdown_has_a_number_and_asks_nothing_of_the_database() -> None:
    answer = faults.broken(RequestFactory().get("/desk"))
    assert answer.status_code == 500
    assert re.search(r"quote the number [0-9A-F]{6}", answer.content.decode())


@pytest.mark.parametrize(
    ("fault", "status"), [("database is locked", 503), ("couldn't get a connection", 503), ("disk I/O error", 500)]
)
def test_a_database_that_is_busy_is_no_breakdown(fault: str, status: int) -> None:
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    with mock.patch("django.contrib.auth.middleware.get_user", side_effect=OperationalError(fault)):
        answer = client.get("/people/")
    assert answer.status_code == status
    assert ("Nothing is lost" in answer.content.decode()) is (status == 503)
    assert answer.has_header("Retry-After") is (status == 503)


def test_expired_form_is_explained(db: None) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    answer = strict.post("/language", {"language": "fr"})
    assert answer.status_code == 403 and "no longer valid" in answer.content.decode()


# Figures, money, moments


@pytest.mark.parametrize(
    ("language", "cents", "short", "text"),
    [
        ("en", 30_000_000, False, "€\xa0300,000"),
        ("fr", 30_000_000, False, "300\u202f000\xa0€"),
        ("fr", 30_000_000, True, "300\xa0k€"),
        ("en", 124_000_000, True, "€\xa01.24\xa0M"),
        ("fr", 630_000_000, True, "6,3\xa0M€"),
        ("en", 1_250, False, "€\xa012.50"),
        ("fr", 0, True, "0\xa0€"),
    ],
)
def test_money(language: str, cents: int, short: bool, text: str) -> None:
    with translation.override(language):
        assert rendered("{% money cents 'EUR' short %}", cents=cents, short=short) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(45, 100, "45\xa0%"), (2, 22, "9\xa0%"), (21, 213, "9,9\xa0%"), (0, 200, "0\xa0%"), (3, 0, "–"), (None, 5, "–")],
)
def test_rate_tells_no_more_than_it_knows(part: int | None, whole: int, text: str) -> None:
    with translation.override("fr"):
        assert figures.rate(part, whole) == text


def test_thousands_and_signs() -> None:
    with translation.override("fr"):
        assert rendered("{% number n %}", n=48210) == "48\u202f210"
    assert [figures.points(value) for value in (25, -10, 4.5, 0)] == ["+25", "−10", "+4.5", "0"]


@pytest.mark.parametrize(
    ("minutes", "english", "french", "state"),
    [
        (-2, "2\xa0min late", "2\xa0min de retard", "bad"),
        (11, "due in 11\xa0min", "reste 11\xa0min", "warn"),
        (18, "due in 18\xa0min", "reste 18\xa0min", ""),
        (232, "due in 3\xa0h\xa052", "reste 3\xa0h\xa052", ""),
        (20 * 60, "tomorrow 10:09", "demain, 10\xa0h\xa009", ""),
        (-3 * 1440, "3 days late", "3 jours de retard", "bad"),
    ],
)
def test_time_left_in_words(minutes: int, english: str, french: str, state: str) -> None:
    moment = NOW + timedelta(minutes=minutes)
    with translation.override("en"):
        assert moments.time_left(moment, NOW) == (english, state)
    with translation.override("fr"):
        assert moments.time_left(moment, NOW) == (french, state)


def test_due_carries_the_hour_for_hover() -> None:
    html = rendered("{% due moment now %}", moment=NOW + timedelta(minutes=11))
    assert 'class="due num warn"' in html and 'title="Thursday 19 November 2026, 14:20"' in html


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "just now"),
        (3, "3\xa0min ago"),
        (24 * 60, "yesterday 14:09"),
        (16 * 1440, "3 Nov"),
        (400 * 1440, "15 Oct 2025"),
    ],
)
def test_time_gone(minutes: int, text: str) -> None:
    assert moments.since(NOW - timedelta(minutes=minutes), NOW) == text


def test_segments_are_as_wide_as_their_points() -> None:
    html = rendered("{% segs lines %}", lines=[{"points": 30}, {"points": 25}, {"points": -10}])
    assert 'class="q1" x="0"' in html and 'class="q2" x="30"' in html
    assert 'class="taken" x="45" y="0" width="10"' in html


def test_widths_have_a_point_in_every_language() -> None:
    with translation.override("fr"):
        html = rendered("{% meter value mark 'warn' %}", value=33.333, mark=95)
    assert 'width="33.33"' in html and 'x1="95"' in html and 'class="meterbar warn"' in html


def test_avatar_is_escaped_and_keeps_its_colour() -> None:
    html = rendered("{% avatar one %}", one=SimpleNamespace(name="<b>Zoé</b> Martin"))
    assert "<b>" not in html
    assert colour("Zoé") == colour("Zoé")


def test_icon_is_silent_unless_it_speaks_alone() -> None:
    assert 'aria-hidden="true"' in rendered("{% icon 'phone' %}")
    assert 'role="img" aria-label="late"' in rendered("{% icon 'clock' 'late' %}").replace("\n", " ")


# Words


def test_unknown_code_is_still_readable() -> None:
    assert str(word("kind", "trial_started")) == "Trial started"
