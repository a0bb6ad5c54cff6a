"""The first draft: two people around one screen, from a preset to an agreement in force, and a team of two at work."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import EXAMPLES, colleague
from tests.web.test_shell import browser
from vendange.agreement.language import load
from vendange.agreement.presets import PRESETS
from vendange.capture.rules import Incoming, Who
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Beginning, Lead, Source, User

STEPS = ("types", "target", "acts", "points", "desk", "delays")
NAMES = sorted(PRESETS)


@pytest.fixture
def ana(db: None) -> User:
    return colleague("ana", "marketing", "marketing")


@pytest.fixture
def ben(db: None) -> User:
    return colleague("ben", "manager", "sales")


def choose(client: Client, preset: str) -> None:
    assert client.post("/agreement/start/business", {"preset": preset}).status_code == 303


def form_of(client: Client, step: str) -> dict[str, Any]:
    """What a browser would send of this page as it stands: every field that is filled, ticked or chosen."""
    page = client.get(f"/agreement/start/{step}").content.decode()
    form = page.split(f'action="/agreement/start/{step}"', 1)[1].split("</form>", 1)[0]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]+>", form):
        field = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        ticked = field["type"] not in {"checkbox", "radio"} or " checked" in tag
        if ticked and field["name"] != "csrfmiddlewaretoken":
            sent.setdefault(field["name"], []).append(field.get("value", ""))
    for name, choices in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"', choices)
        chosen = re.findall(r'<option value="([^"]*)" selected', choices)
        sent.setdefault(name, []).append((chosen or values)[0])
    return dict(sent)


def save(client: Client, step: str, **changed: Any) -> Any:
    return client.post(f"/agreement/start/{step}", {**form_of(client, step), **changed})


def walk(client: Client, preset: str) -> AgreementVersion:
    """Every step left as the preset answers it, as a browser would send it."""
    choose(client, preset)
    for step in STEPS:
        assert save(client, step).status_code == 303, step
    assert client.post("/agreement/start/draft").status_code == 303
    return AgreementVersion.objects.latest("number")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_preset_left_as_it_is_becomes_its_own_draft(ana: User, name: str, language: str) -> None:
    version = walk(browser(ana, accept=language), name)
    agreement, example = version.terms, load((EXAMPLES / f"{name}.yaml").read_text())
    assert (version.status, version.created_by) == ("draft", ana)
    assert agreement.lead_types == example.lead_types
    assert {one.on for one in agreement.acts} == {one.on for one in example.acts}
    assert agreement.delays == example.delays and agreement.returns == example.returns
    assert agreement.calendar == example.calendar
    assert agreement.desk.straight_to_sales == example.desk.straight_to_sales
    assert [one.label for one in agreement.desk.criteria] == [one.label for one in example.desk.criteria]
    assert ("Un seul de ces actes suffit" in version.text) == (language == "fr")


@pytest.mark.parametrize(("role", "status"), [("marketing", 200), ("manager", 200), ("admin", 200)])
def test_who_may_draft_may_begin(db: None, role: str, status: int) -> None:
    client = browser(colleague("one", role))
    assert client.get("/agreement/start/").status_code == status
    assert client.get("/agreement/start/target").headers["Location"] == "/agreement/start/"


@pytest.mark.parametrize("role", ["ldr", "sales"])
@pytest.mark.parametrize("path", ["", "types", "target/count", "draft", "again"])
def test_nobody_else_knows_of_it(db: None, role: str, path: str) -> None:
    client = browser(colleague("one", role))
    assert client.get(f"/agreement/start/{path}").status_code in {404, 405}
    assert client.post(f"/agreement/start/{path}").status_code in {404, 405}


def test_strangers_are_asked_to_sign_in(db: None) -> None:
    assert browser().get("/agreement/start/").headers["Location"].startswith("/accounts/login/")


def test_answers_are_kept_for_the_person_and_not_for_the_browser(ana: User, ben: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    assert save(client, "types", name="What we sell").status_code == 303
    client.logout()
    page = browser(ana).get("/agreement/start/types").content.decode()
    assert 'value="What we sell"' in page
    assert browser(ben).get("/agreement/start/types").headers["Location"] == "/agreement/start/"


def test_a_step_is_opened_again_and_the_rest_stays(ana: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    save(client, "delays", call_amount="6", call_unit="working_hours")
    save(client, "target", smallest="10", largest="")
    page = client.get("/agreement/start/read").content.decode()
    assert "6 working hours" in page and "employees at least 10" in page
    choose(client, "complex-sale")
    assert "6 working hours" in client.get("/agreement/start/read").content.decode()
    asked = client.post("/agreement/start/business", {"preset": "small-team"})
    assert asked.status_code == 200 and "Yes, replace my answers" in asked.content.decode()
    assert "6 working hours" in client.get("/agreement/start/read").content.decode()
    assert client.post("/agreement/start/business", {"preset": "small-team", "sure": "yes"}).status_code == 303
    assert "6 working hours" not in client.get("/agreement/start/read").content.decode()


def test_two_tabs_are_told_of_each_other(ana: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    types, points, delays = (form_of(client, step) for step in ("types", "points", "delays"))
    assert save(client, "types", name="First tab").status_code == 303
    answer = client.post("/agreement/start/types", {**types, "name": "Second tab"})
    shown = answer.content.decode()
    assert answer.status_code == 409 and "First tab" in shown and 'value="Second tab"' in shown
    assert Beginning.objects.get().answers["name"] == "First tab"
    assert client.post("/agreement/start/delays", delays).status_code == 303  # another step is no matter
    assert Beginning.objects.get().answers["name"] == "First tab"
    age = re.findall(r'name="age" value="([^"]+)"', shown)[0]
    assert client.post("/agreement/start/types", {**types, "name": "Second tab", "age": age}).status_code == 303
    read = re.findall(r'name="age" value="([^"]+)"', client.get("/agreement/start/read").content.decode())[0]
    client.post("/agreement/start/business", {"preset": "small-team", "sure": "yes"})
    answer = client.post("/agreement/start/points", points)
    assert answer.status_code == 409 and "Begun anew from: Small team" in answer.content.decode()
    assert Beginning.objects.get().answers["scored"] is False
    assert client.post("/agreement/start/draft", {"age": read}).status_code == 422
    assert not AgreementVersion.objects.exists()


def test_drafting_what_is_in_force_says_so(ana: User, ben: User) -> None:
    version = walk(browser(ana), "small-team")
    for who in (ana, ben):
        browser(who).post(f"/agreement/{version.number}/sign", {"in_force_from": "", "sha": version.sha})
    client = browser(ana)
    page = client.post("/agreement/start/draft", follow=True).content.decode()
    assert "nothing new to sign" in page and AgreementVersion.objects.count() == 1


def test_begin_again_forgets(ana: User) -> None:
    client = browser(ana)
    choose(client, "small-team")
    save(client, "types", name="Ours")
    asked = client.post("/agreement/start/again")
    assert "Yes, replace my answers" in asked.content.decode() and Beginning.objects.exists()
    client.post("/agreement/start/again", {"sure": "yes"})
    assert not Beginning.objects.exists()
    assert client.post("/agreement/start/draft").headers["Location"] == "/agreement/start/"
    assert not AgreementVersion.objects.exists()


def test_what_another_vendange_kept_is_begun_again(ana: User) -> None:
    Beginning.objects.create(by=ana, answers={"preset": "complex-sale"}, changed_at=timezone.now())
    client = browser(ana)
    assert client.get("/agreement/start/").status_code == 200
    assert client.get("/agreement/start/types").headers["Location"] == "/agreement/start/"


WRONG = [
    ("business", {"preset": "none"}, "Choose the business"),
    ("types", {"name": ""}, "Give the agreement a name."),
    ("types", {"name": "x" * 81}, "use at most 80 characters"),
    ("types", {"type_here": [""] * 5, "type_other": [""] * 5}, "Name at least one type of lead."),
    ("types", {"type_here": ["Same", "same", "", "", ""], "type_other": ["", "B", "", "", ""]}, "Two types are called"),
    ("types", {"type_here": ["A", "B", "", "", ""], "type_other": ["C", "a", "", "", ""]}, ""),
    ("types", {"type_here": ["A", "B", "", "", ""], "type_other": ["", "a", "", "", ""]}, "Two types are called"),
    ("desk", {"crit_label": ["Same", " SAME", "", "", "", "", ""]}, "Two criteria are called"),
    ("desk", {"own_reason": "project  Postponed", "own_effect": "wake_up"}, "stands above already"),
    ("delays", {"call_amount": "24", "reassign_amount": "2", "reassign_unit": "hours"}, "before the time to call"),
    ("delays", {"accept_amount": "9", "accept_unit": "working_days"}, "before the time to accept it"),
    ("target", {"countries": "France"}, "FRANCE is not a country code"),
    ("target", {"sectors": "métal"}, "is no code of an industry"),
    ("target", {"aside_competitor": "!"}, "! is no code of an industry"),
    ("target", {"smallest": "many"}, "Write a whole number"),
    ("target", {"smallest": "500", "largest": "50"}, "swap the two"),
    ("points", {"scored": "yes", "much_page_viewed": "some"}, ""),
    ("desk", {"reason": []}, "Tick at least one reason"),
    ("desk", {"after_immature": ""}, "after how many days"),
    ("desk", {"after_immature": "soon"}, "Write a whole number"),
    ("desk", {"own_reason": "No budget", "own_effect": "nurture", "own_days": "x"}, "Write a whole number"),
    ("delays", {"call_amount": ""}, "Write a whole number"),
    ("delays", {"call_amount": "9000"}, "within a year"),
    ("delays", {"volume": "0"}, "Write a number from 1"),
    ("delays", {"minutes_per_week": "3"}, "write more minutes"),
    ("delays", {"minutes_per_week": "1000000000"}, "too many minutes: write from"),
    ("delays", {"time_zone": "Paris"}, "This time zone is not known"),
    ("delays", {"holidays": "zz"}, "The holidays of ZZ are not known"),
    ("delays", {"days": []}, "You are never open"),
    ("delays", {"opens": "9h"}, "Write them like 09:00"),
]


@pytest.mark.parametrize(("step", "changed", "told"), WRONG)
def test_a_wrong_answer_says_what_to_do_and_is_not_kept(
    ana: User, step: str, changed: dict[str, Any], told: str
) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    kept = Beginning.objects.get().answers
    answer = save(client, step, **changed) if step != "business" else client.post("/agreement/start/business", changed)
    page = unescape(answer.content.decode())
    assert answer.status_code == (422 if told else 303)
    assert told in page
    assert (Beginning.objects.get().answers == kept) == bool(told)
    typed = [value for value in changed.values() if isinstance(value, str) and value and step in {"target", "delays"}]
    assert [value for value in typed if value.upper() not in page.upper()] == []


def test_no_act_and_no_score_calls_nobody(ana: User) -> None:
    client = browser(ana)
    choose(client, "small-team")
    answer = save(client, "acts", act=[])
    assert answer.status_code == 422 and "Nothing would ever call a human" in answer.content.decode()


def test_what_is_missing_is_told_before_drafting_with_its_step(ana: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    calling = [one.kind for one in PRESETS["complex-sale"].answers.weighed]
    assert save(client, "acts", act=calling).status_code == 303
    page = client.get("/agreement/start/read").content.decode()
    assert "A score needs something to count" in page and "/agreement/start/points" in page
    assert client.post("/agreement/start/draft").status_code == 422
    assert not AgreementVersion.objects.exists()


def test_types_of_their_own_and_the_acts_that_open_them(ana: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    save(
        client,
        "types",
        type_id=["", "quote"],
        type_here=["Service contract", "Quote to convert"],
        type_other=["Contrat", ""],
    )
    save(
        client,
        "acts",
        act=["quote_requested", "form_submitted"],
        type_form_submitted="service-contract",
        type_quote_requested="quote",
    )
    client.post("/agreement/start/draft")
    agreement = AgreementVersion.objects.get().terms
    assert [(one.id, one.label.en, one.label.fr) for one in agreement.lead_types] == [
        ("service-contract", "Service contract", "Contrat"),
        ("quote", "Quote to convert", "Quote to convert"),
    ]
    assert {(one.on, one.lead_type) for one in agreement.acts} == {
        (("quote_requested",), "quote"),
        (("form_submitted",), "service-contract"),
    }


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_language_left_empty_stays_empty_and_follows_the_other(ana: User, language: str) -> None:
    client = browser(ana, accept=language)
    choose(client, "small-team")
    save(client, "types", type_id=["", ""], type_here=["Same", ""], type_other=["", "Other"])
    kept = [one["label"] for one in Beginning.objects.get().answers["lead_types"]]
    other = "fr" if language == "en" else "en"
    assert kept == [{language: "Same", other: ""}, {language: "", other: "Other"}]
    sent = form_of(client, "types")
    assert (sent["type_here"][:2], sent["type_other"][:2]) == (["Same", ""], ["", "Other"])
    save(client, "types", type_here=["Changed", *sent["type_here"][1:]])
    save(client, "desk", crit_label=["Asked", ""], crit_id=["", ""], crit_ask=["Who?", ""], crit_by=["sales", "sales"])
    save(browser(ana, accept=other), "desk")  # left as it is by a reader of the other language
    save(client, "desk", crit_label=["Changed", ""], own_reason="No budget", own_effect="keep")
    client.post("/agreement/start/draft")
    terms = AgreementVersion.objects.get().terms
    types = [one.label for one in terms.lead_types]
    labels = [*types, terms.desk.criteria[0].label, terms.returns[-1].label]
    assert [(one.en, one.fr) for one in labels] == [
        (name, name) for name in ("Changed", "Other", "Changed", "No budget")
    ]


def test_a_criterion_changed_in_one_language_is_changed_in_both(ana: User) -> None:
    client = browser(ana, accept="fr")
    choose(client, "complex-sale")
    sent = form_of(client, "desk")
    sent["crit_label"][0] = "Un besoin clair"
    client.post(
        "/agreement/start/desk", {**sent, "own_reason": "Budget gelé", "own_effect": "nurture", "own_days": "120"}
    )
    client.post("/agreement/start/draft")
    agreement = AgreementVersion.objects.get().terms
    assert [(one.label.en, one.label.fr) for one in agreement.desk.criteria[:2]] == [
        ("Un besoin clair", "Un besoin clair"),
        ("Someone who can commit a budget", "Un interlocuteur qui peut engager un budget"),
    ]
    assert [(one.id, one.after_days) for one in agreement.returns if one.label.fr == "Budget gelé"] == [
        ("budget-gele", 120)
    ]


def test_kinds_that_only_this_company_records_can_be_chosen(ana: User) -> None:
    now = timezone.now()
    source = Source.objects.create(name="App", kind="segment", write_key="k", created_at=now)
    for number, kind in enumerate(["trial_started", "trial_started", "page_views"]):
        who = Who(email="a@b.example", traits={})
        arrive(signals=[Incoming(source.pk, f"m{number}", kind, now - timedelta(days=1), now, who)], now=now)
    client = browser(ana)
    choose(client, "small-team")
    page = client.get("/agreement/start/acts").content.decode()
    assert "Trial started" in page and "2 in a year" in page and 'value="page_views"' not in page
    save(client, "acts", act=["trial_started"])
    client.post("/agreement/start/draft")
    assert [one.on for one in AgreementVersion.objects.get().terms.acts] == [("trial_started",)]


def test_an_empty_house_leads_here(ana: User, ben: User) -> None:
    for who in (ana, ben):
        assert 'href="/agreement/start/"' in browser(who).get("/agreement/").content.decode()
        assert 'href="/agreement/start/"' in browser(who).get("/").content.decode()


def seen(page: str) -> str:
    """What people read of a page: without tags, and without the text that holds both languages."""
    return unescape(re.sub(r"<[^>]+>", "\n", re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)))


def test_french_speaks_french_all_the_way(ana: User) -> None:
    client = browser(ana, accept="fr")
    choose(client, "complex-sale")
    pages = [seen(client.get(f"/agreement/start/{step}").content.decode()) for step in ("business", *STEPS, "read")]
    english = ("Save and continue", "Whom ", "Which ", "Tick ", "within", "They ", "Back", "Draft")
    assert [(number, word) for number, page in enumerate(pages) for word in english if word in page] == []


def test_a_team_of_two_works_with_no_desk_and_no_score(ana: User, ben: User) -> None:
    """R18: the small team's preset, both sign, somebody asks for a quote, and the head of sales sells it himself."""
    marketing, sales = browser(ana), browser(ben)
    version = walk(marketing, "small-team")
    for client in (marketing, sales):
        sent = {"in_force_from": "", "sha": version.sha}
        assert client.post(f"/agreement/{version.number}/sign", sent).status_code == 303
    version.refresh_from_db()
    assert version.status == "signed"
    assert "Take leads yourself" in sales.get("/team/").content.decode()
    place = {"capacity": "20", "territory": "", "languages": "", "taking_leads": "on"}
    assert sales.post(f"/team/{ben.public_id}/", place).status_code == 303

    now = timezone.now()
    source = Source.objects.create(name="Site", kind="segment", write_key="k", created_at=now)
    who = Who(email="camille@nova.example", traits={"first_name": "Camille", "phone": "+33465710040", "country": "FR"})
    arrive(signals=[Incoming(source.pk, "m1", "quote_requested", now, now, who)], now=now)
    lead = Lead.objects.get()
    assert (lead.stage, lead.owner, lead.way) == ("passed", ben, "act")
    assert "camille" in sales.get("/my-leads/").content.decode().casefold()

    at = f"/leads/{lead.public_id}/"
    assert sales.get(at).status_code == 200
    report = {"answer-reached": "yes", "answer-sentence": "Wants two lathes."}
    acts: list[tuple[str, dict[str, str], str]] = [
        ("accept", {}, "accepted"),
        ("call", {"result": "reached"}, "working"),
        ("report", report, "working"),
        ("deal", {"name": "Two lathes", "amount": "90000"}, "opportunity"),
        ("won", {"won_amount": "88000"}, "won"),
    ]
    for act, sent, stage in acts:
        answer = sales.post(f"{at}{act}", sent)
        lead.refresh_from_db()
        assert (act, answer.status_code, lead.stage) == (act, 303, stage)
    home = sales.get("/").content.decode()
    assert "88" in home and browser(ana).get("/").status_code == 200
    assert marketing.get("/desk/").status_code == 200


def test_without_a_desk_nothing_is_asked_about_its_time(ana: User) -> None:
    """What the guided editing offers never makes the text of a small team invalid."""
    client = browser(ana)
    small = walk(client, "small-team")
    page = client.get(f"/agreement/{small.number}/write").content.decode()
    assert "desk.judge_within" not in page and "delays.accept" in page
    large = walk(client, "complex-sale")
    assert "desk.judge_within" in client.get(f"/agreement/{large.number}/write").content.decode()
