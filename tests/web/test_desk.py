"""The desk in the browser's place: what an LDR sees, what each act does, and what is said when it cannot be done."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import House, open_house
from vendange.journey import desk as journey
from vendange.journey.arrive import arrive
from vendange.models import Call, Lead, Person, Review, User
from vendange.qualify.queries import desk_day
from vendange.qualify.rules import Judgement

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house(db: None) -> House:
    cache.clear()
    return open_house(now=timezone.now() - timedelta(days=200))


@pytest.fixture
def alice(house: House) -> Client:
    return browser(house.alice)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def alert(house: House, name: str = "camille", minutes: int = 5, **traits: str) -> Lead:
    """Somebody who asked for a quote some minutes ago; a colleague knows that it is a professional."""
    at = timezone.now() - timedelta(minutes=minutes)
    told = {"first_name": name.capitalize(), "last_name": "Moreau", "phone": "+33465710041", **traits}
    arrive(signals=[house.quote_request(f"{name}@{name}.example", at, **told)], now=at)
    lead = Lead.objects.latest("id")
    Person.objects.filter(pk=lead.person_id).update(regime=traits.get("regime", "professional"))
    return lead


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def page(client: Client, lead: Lead | None = None, **more: Any) -> str:
    answer = client.get(f"/desk/{lead.public_id}/" if lead else "/desk/", **more)
    assert answer.status_code == 200
    return text(answer)


def post(client: Client, lead: Lead, act: str, **more: Any) -> Any:
    headers = more.pop("headers", {})
    return client.post(f"/desk/{lead.public_id}/{act}", more, headers=headers)


def all_met(lead: Lead) -> dict[str, str]:
    return {f"criterion-{one['id']}": "met" for one in lead.reviews.latest("id").criteria}


def stage_of(lead: Lead) -> str:
    return str(Lead.objects.get(pk=lead.pk).stage)


def test_first_alert_opens_and_is_taken(house: House, alice: Client) -> None:
    lead = alert(house)
    shown = page(alice)
    assert "Camille Moreau" in shown and "asks for a quote" in shown and "An index, not a proof." in shown
    assert (stage_of(lead), Lead.objects.get(pk=lead.pk).owner) == ("judging", house.alice)


def test_empty_desk_says_what_will_appear(house: House, alice: Client) -> None:
    shown = page(alice)
    assert "Nothing to judge" in shown and "First step" in shown
    assert '<h1 class="vh">' in shown  # heard at any width: no lead brings a heading of its own


@pytest.mark.parametrize("who", ["marc", "carole"])
def test_heads_read_without_acting(house: House, who: str) -> None:
    lead = alert(house)
    client = browser(getattr(house, who))
    shown = page(client)
    assert "Camille Moreau" in shown and "You may read the desk" in shown and '<form class="report"' not in shown
    assert stage_of(lead) == "alert"
    assert post(client, lead, "judge", outcome="pass").status_code == 404


def test_desk_is_closed_to_sales_and_strangers(house: House) -> None:
    lead = alert(house)
    assert browser(house.bob).get("/desk/").status_code == 404
    assert Client().get(f"/desk/{lead.public_id}/").status_code == 302


def test_pass_names_the_salesperson_and_opens_the_next(house: House, alice: Client) -> None:
    first, following = alert(house, minutes=90), alert(house, "thomas")
    answer = alice.post(f"/desk/{first.public_id}/judge", {"outcome": "pass", **all_met(first)}, follow=True)
    assert answer.redirect_chain == [(f"/desk/{following.public_id}/", 303)]
    assert re.search(r"Camille Moreau passed to (Bob|Bruno) Test\.", text(answer))
    assert stage_of(first) == "passed" and stage_of(following) == "judging"


def test_pass_with_a_gap_needs_a_reason_and_loses_nothing(house: House, alice: Client) -> None:
    lead = alert(house)
    answer = post(alice, lead, "judge", outcome="pass", note="Plant moves in May")
    shown = text(answer)
    assert answer.status_code == 422 and stage_of(lead) != "passed"
    assert "Some criteria are not met: say why you pass it all the same." in shown
    assert "Plant moves in May" in shown and re.search(r'name="gap_reason"[^>]*autofocus', shown)
    post(alice, lead, "judge", outcome="pass", gap_reason="The director joins on Tuesday")
    assert Review.objects.get(lead=lead).gap_reason == "The director joins on Tuesday"


def test_no_outcome_is_asked_for_in_french_too(house: House) -> None:
    house.alice.language = "fr"
    house.alice.save()
    lead = alert(house)
    shown = text(post(browser(house.alice), lead, "judge"))
    assert "Choisissez une des trois issues" in shown and "Camille Moreau" in shown


def test_recycled_lead_sleeps_until_its_day(house: House, alice: Client) -> None:
    lead = alert(house)
    answer = post(alice, lead, "judge", outcome="recycle", wake_in="90", track="machining")
    assert answer.status_code == 303
    woken = Lead.objects.get(pk=lead.pk).next_at
    assert woken and timedelta(days=88) < woken - timezone.now() < timedelta(days=96)
    shown = text(alice.get("/desk/?list=recycled"))
    assert "Camille Moreau" in shown and "Sleeps on the track Machining" in shown


@pytest.mark.parametrize(
    ("day", "told"), [("2020-01-01", "is past"), ("", "needs a wake-up date"), ("9999-12-31", "needs")]
)
def test_impossible_wake_up_days_are_told(house: House, alice: Client, day: str, told: str) -> None:
    answer = post(alice, alert(house), "judge", outcome="recycle", wake_in="day", wake_on=day, track="machining")
    assert answer.status_code == 422 and told in text(answer)


def test_eliminated_person_is_called_no_more(house: House, alice: Client) -> None:
    lead = alert(house)
    assert post(alice, lead, "judge", outcome="eliminate").status_code == 422
    post(alice, lead, "judge", outcome="eliminate", off_target="student")
    assert stage_of(lead) == "eliminated"
    shown = page(alice, lead)
    assert "Do not call:" in shown and "Student" in shown and "tel:" not in shown


def test_second_outcome_is_refused_with_who_and_what_was_typed(house: House, alice: Client) -> None:
    lead = alert(house)
    post(browser(house.aude), lead, "judge", outcome="recycle", wake_in="30", track="general")
    answer = post(alice, lead, "judge", outcome="pass", gap_reason="Visit on Tuesday", **all_met(lead))
    shown = text(answer)
    assert answer.status_code == 409 and stage_of(lead) == "recycled"
    assert (
        "judged by Aude Test" in shown
        and "Visit on Tuesday" in shown
        and "Save and next</button" not in shown.split('class="foot"')[1]
    )


def test_colleague_who_has_it_is_shown_and_not_overruled(house: House, alice: Client) -> None:
    lead = alert(house)
    page(browser(house.aude), lead)
    shown = page(alice, lead)
    assert "<b>Aude Test</b> has this lead open" in shown and "data-save" not in shown
    answer = post(alice, lead, "judge", outcome="pass", note="My notes", **all_met(lead))
    assert answer.status_code == 409 and "My notes" in text(answer) and stage_of(lead) == "judging"


def test_opening_another_lead_leaves_the_first(house: House, alice: Client) -> None:
    first, second = alert(house, minutes=90), alert(house, "thomas")
    page(alice, first)
    page(alice, second)
    assert (stage_of(first), stage_of(second)) == ("alert", "judging")


def test_a_browser_that_looks_ahead_takes_nothing(house: House, alice: Client) -> None:
    lead = alert(house)
    page(alice, lead, headers={"Sec-Purpose": "prefetch"})
    alice.head(f"/desk/{lead.public_id}/")
    assert stage_of(lead) == "alert"


def test_no_answer_brings_the_lead_back_later(house: House, alice: Client) -> None:
    lead = alert(house)
    answer = alice.post(f"/desk/{lead.public_id}/call", {"result": "no_answer", "note": "Ask for Paul"}, follow=True)
    assert "No answer: Camille Moreau comes back on" in text(answer)
    call = Call.objects.get(lead=lead)
    assert call.call_back_at and call.call_back_at - timezone.now() > timedelta(minutes=110)
    shown = text(alice.get("/desk/?list=callbacks"))
    assert "Camille Moreau" in shown and "Ask for Paul" in shown and "1 of 4 attempts in 30 days" in shown
    assert "<b>1</b> open" in shown and re.search(r'To judge <span class="n">0<', shown)


def test_call_back_needs_its_time(house: House, alice: Client) -> None:
    lead = alert(house)
    assert "Say when to call back." in text(post(alice, lead, "call", result="call_back"))
    assert "past: choose a later one" in text(
        post(alice, lead, "call", result="call_back", call_back_at="2020-01-01T10:00")
    )
    assert post(alice, lead, "call", result="call_back", call_back_at="not a time").status_code == 422
    assert not Call.objects.exists()


def test_reached_stays_on_the_lead_with_what_was_typed(house: House, alice: Client) -> None:
    lead = alert(house)
    page(alice, lead)
    answer = alice.post(f"/desk/{lead.public_id}/call", {"result": "reached", "note": "Scraps 6 %"}, follow=True)
    assert answer.redirect_chain == [(f"/desk/{lead.public_id}/", 303)] and "Scraps 6 %" in text(answer)
    assert stage_of(lead) == "judging"


def test_left_lead_is_free_for_the_others(house: House, alice: Client) -> None:
    lead, other = alert(house, minutes=90), alert(house, "thomas")
    page(alice, lead)
    answer = alice.post(f"/desk/{lead.public_id}/release", follow=True)
    assert answer.redirect_chain == [(f"/desk/{other.public_id}/", 303)] and stage_of(lead) == "alert"


def test_htmx_gets_the_panes_and_the_new_address(house: House, alice: Client) -> None:
    first, following = alert(house, minutes=90), alert(house, "thomas")
    shown = page(alice, first, headers=HTMX)
    assert "<html" not in shown and 'id="desk-panes"' in shown and 'hx-swap-oob="true"' in shown
    answer = post(alice, first, "judge", outcome="pass", headers=HTMX, **all_met(first))
    assert answer["HX-Push-Url"] == f"/desk/{following.public_id}/"
    assert "<title>Thomas Moreau" in text(answer) and "passed to" in text(answer)


def test_unknown_regime_is_not_callable_and_its_number_is_masked(house: House, alice: Client) -> None:
    shown = page(alice, alert(house, regime="unknown"))
    assert "Do not call:" in shown and "65 71 00 41" not in shown and "tel:" not in shown


def test_professional_is_callable(house: House, alice: Client) -> None:
    shown = page(alice, alert(house))
    assert "tel:+33465710041" in shown and "+33 4 65 71 00 41" in shown


def test_what_a_machine_did_is_struck_out(house: House, alice: Client) -> None:
    lead = alert(house)
    signal = lead.person.signals.get()
    signal.verdict = "machine"
    signal.save()
    assert 'class="out"' in page(alice, lead)


def test_figures_of_the_day_add_up(house: House, alice: Client) -> None:
    for name in ("camille", "thomas", "ines"):
        alert(house, name)
    one = Lead.objects.earliest("id")
    post(alice, one, "judge", outcome="pass", **all_met(one))
    shown = page(alice)
    assert "<b>3</b> alerts today" in shown and "<b>1</b> judged, <b>2</b> open" in shown
    assert "<b>1</b> passed, 100\xa0%" in alice.get("/desk/").content.decode()
    now = timezone.now()
    day = desk_day(now - timedelta(hours=12), now)
    assert day.alerts == len(day.judged) + day.to_judge + day.call_backs == 3


def many(house: House, start: int, count: int, at: datetime) -> None:
    requests = [
        house.quote_request(f"p{n}@firm{n}.example", at, first_name=f"P{n}", last_name="Test", organisation=f"Firm {n}")
        for n in range(start, start + count)
    ]
    arrive(signals=requests, now=at)


def questions(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


@pytest.mark.parametrize("tab", ["judge", "callbacks", "recycled"])
def test_questions_to_the_database_do_not_grow_with_the_queue(house: House, tab: str) -> None:
    client, at = browser(house.marc), timezone.now() - timedelta(minutes=3)
    many(house, 0, 8, at)
    settle(house, tab)
    client.get(f"/desk/?list={tab}")
    few = questions(lambda: client.get(f"/desk/?list={tab}"))
    many(house, 8, 8, at)
    settle(house, tab)
    assert questions(lambda: client.get(f"/desk/?list={tab}")) == few < 60


def settle(house: House, tab: str) -> None:
    """Move every alert to the list that is looked at."""
    now = timezone.now()
    for lead in Lead.objects.filter(stage="alert"):
        if tab == "callbacks":
            later = now + timedelta(hours=3)
            journey.log_call(lead=lead, by=house.alice, now=now, result="call_back", call_back_at=later)
        elif tab == "recycled":
            judgement = Judgement("recycle", wake_at=now + timedelta(days=20), track="general")
            journey.judge(lead=lead, by=house.alice, now=now, judgement=judgement)


def test_long_queue_shows_a_hundred_and_says_how_many_more(house: House) -> None:
    many(house, 0, 103, timezone.now() - timedelta(minutes=3))
    shown = page(browser(house.marc))
    assert shown.count('class="qitem"') == 100 and "and 3 more" in shown


def test_refusals_are_told_in_the_language_of_the_reader(house: House, alice: Client) -> None:
    lead = alert(house)
    house.alice.language = "fr"
    house.alice.save()
    answer = alice.post(f"/desk/{lead.public_id}/judge", {"outcome": ""})
    assert answer.status_code == 422
    assert "Choisissez une des trois issues" in text(answer) and "Choose one of the three" not in text(answer)
