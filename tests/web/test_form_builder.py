"""Building a form: what is typed is kept, what is risky is told and may stay, two people never overwrite each other."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import MONDAY, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.ask import actions, queries
from vendange.ask.rules import ConsentAsked, Definition, Question, as_json, identity
from vendange.models import Form
from vendange.web.capture.form_starters import STARTERS, starter

NOW = timezone.now()
MAIL = Question(id="email", about="email", kind="email", label="Work e-mail", required=True)
HTMX = {"HX-Request": "true"}


def made(house: House, definition: Definition | None = None, name: str = "Quote") -> Form:
    form = definition or Definition(title="Ask for a quote", questions=(MAIL,))
    return actions.add_form(name=name, definition=form, by=house.carole, now=NOW)


def sent(form: Definition, **changed: Any) -> dict[str, Any]:
    """What the browser sends of this form."""
    posted: dict[str, Any] = {name: getattr(form, name) for name in ("title", "intro", "submit", "thanks", "signal")}
    posted |= {"language": form.language, "ask_at_most": form.ask_at_most or "", "base": identity(form)}
    posted["q"] = [one.id for one in form.questions]
    for one in form.questions:
        posted |= {f"{one.id}.{name}": getattr(one, name) for name in ("about", "kind", "label", "help")}
        posted[f"{one.id}.options"] = "\n".join(one.options)
        posted |= {f"{one.id}.{name}": "on" for name in ("required", "always", "kept") if getattr(one, name)}
    posted["consent"] = [box.wording for box in form.consents]
    return {**posted, **changed}


def build(client: Client, form: Form, **changed: Any) -> Any:
    return client.post(f"/capture/forms/{form.public_id}/build", sent(now(form), **changed))


def now(form: Form) -> Definition:
    return queries.definition_of(queries.newest(form))


@pytest.mark.parametrize("who", ["alice", "bob", "marc"])
@pytest.mark.parametrize("page", ["", "build", "publish", "answers", "answers.csv"])
def test_others_have_no_business_here(house: House, who: str, page: str) -> None:
    form = made(house)
    client = browser(getattr(house, who))
    assert client.get(f"/capture/forms/{form.public_id}/{page}").status_code == 404
    assert client.get("/capture/forms/").status_code == client.get("/capture/forms/consents/").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("code", [one.code for one in STARTERS])
def test_each_starter_can_be_published_as_it_is(house: House, code: str, language: str) -> None:
    client = browser(house.carole)
    posted = {"name": f"{code} {language}", "language": language, "starter": code}
    answer = client.post("/capture/forms/", posted, follow=True)
    form = Form.objects.get()
    assert answer.status_code == 200 and answer.context["faults"] == 0 and now(form) == starter(code, language)
    assert now(form).language == language and (now(form).title == starter(code, "en").title) == (language == "en")
    client.post(f"/capture/forms/{form.public_id}/publish", {"base": identity(now(form))})
    form.refresh_from_db()
    assert form.published == 1


def test_one_name_once(house: House) -> None:
    made(house)
    answer = browser(house.carole).post("/capture/forms/", {"name": "QUOTE", "language": "en", "starter": "paper"})
    assert answer.status_code == 422 and "already a form or a source named QUOTE" in answer.content.decode()


def test_what_is_typed_is_kept_also_when_it_is_wrong(house: House) -> None:
    form = made(house)
    answer = build(browser(house.carole), form, title="", intro="Two\r\nlines", ask_at_most="3", **{"email.label": ""})
    assert now(form) == Definition(
        title="", intro="Two\nlines", ask_at_most=3, questions=(Question("email", "email", "email", required=True),)
    )
    page = answer.content.decode()
    assert "Give the form a title." in page and "Write the question." in page and answer.context["faults"] == 2


@pytest.mark.parametrize("typed", ["ab", "-1", "3.5", "100", "٣"])
def test_a_number_that_is_none_is_told_and_changes_nothing(house: House, typed: str) -> None:
    form, client = made(house, Definition(title="T", questions=(MAIL,), ask_at_most=3)), browser(house.carole)
    answer = build(client, form, ask_at_most=typed)
    page = answer.content.decode()
    assert "Write a whole number up to 99" in page and f'name="ask_at_most" value="{typed}"' in page
    assert answer.context["faults"] == 1 and now(form).ask_at_most == 3
    posted = sent(now(form), ask_at_most=typed)
    saved = client.post(f"/capture/forms/{form.public_id}/build", posted, headers=HTMX).content.decode()
    assert "Write a whole number up to 99" in saved and "saved, 1 thing to correct" in saved
    kept = build(client, form, ask_at_most=typed, act="publish")
    assert kept.status_code == 200 and "Write a whole number up to 99" in kept.content.decode()


@pytest.mark.parametrize(("typed", "most"), [("", 0), ("0", 0), (" 4 ", 4), ("99", 99)])
def test_a_number_that_is_one_is_taken(house: House, typed: str, most: int) -> None:
    form = made(house, Definition(title="T", questions=(MAIL,), ask_at_most=3))
    answer = build(browser(house.carole), form, ask_at_most=typed)
    assert now(form).ask_at_most == most and answer.context["faults"] == 0


@pytest.mark.parametrize("code", ["email/news/en/x", "email/news/en/1/2", "a", "email//en/1", "email/news/en/99999999"])
def test_an_odd_name_of_a_text_harms_nothing(house: House, code: str) -> None:
    form, client = made(house), browser(house.carole)
    answer = build(client, form, act="consent", new_consent=code)
    assert answer.status_code == 200 and "Choose the text first." in answer.content.decode()
    assert build(client, form, consent=[code]).status_code == 200 and now(form).consents == ()


def test_whatever_is_too_long_is_told_at_its_field(house: House) -> None:
    long = {"title": 201, "intro": 2001, "submit": 61, "thanks": 2001, "asset": 201, "topic": 81, "campaign": 201}
    form, client = made(house), browser(house.carole)
    answer = build(client, form, **{name: "x" * count for name, count in long.items()})
    page = answer.content.decode()
    assert answer.context["faults"] == len(long)
    for name in long:
        assert re.search(rf'id="w-{name}"[^>]*><p class="wrong">This is too long', page), name


def test_saving_as_one_types_brings_back_no_field(house: House) -> None:
    form = made(house)
    posted = sent(now(form), title="Ask us")
    answer = browser(house.carole).post(f"/capture/forms/{form.public_id}/build", posted, headers=HTMX)
    page = answer.content.decode()
    assert answer["HX-Reswap"] == "none" and 'name="title"' not in page and '<p class="vt">Ask us</p>' in page
    assert f'name="base" value="{identity(now(form))}"' in page


def test_the_same_again_makes_no_version(house: House) -> None:
    form = made(house)
    actions.publish(form=form, by=house.carole, now=NOW)
    answer = build(browser(house.carole), form)
    assert form.versions.count() == 1 and "as published" in answer.content.decode()
    build(browser(house.carole), form, title="Another")
    assert form.versions.count() == 2
    build(browser(house.carole), form, act="revert")
    assert now(form).title == "Ask for a quote" and form.versions.count() == 2


def test_known_fields_and_own_questions_are_added(house: House) -> None:
    form, client = made(house), browser(house.carole)
    build(client, form, act="add phone")
    build(client, form, act="add phone")
    build(client, form, act="own", own_label="Qu’usinez-vous ?", own_kind="choice")
    answer = build(client, form, act="own", own_label="")
    assert "Write the question first." in answer.content.decode()
    email, phone, own = now(form).questions
    assert (email.id, phone.field, own.id, own.kind) == ("email", "phone", "quusinez_vous", "choice")
    assert "consent" in phone.help and "two answers to choose from" in answer.content.decode()


def test_moving_says_where_it_is_and_undo_brings_back(house: House) -> None:
    form, client = made(house), browser(house.carole)
    build(client, form, act="add last_name")
    answer = build(client, form, act="up last_name")
    assert "Last name is number 1 of 2 now." in answer.content.decode()
    before = now(form)
    assert [one.id for one in before.questions] == ["last_name", "email"]
    answer = build(client, form, act="remove last_name")
    assert [one.id for one in now(form).questions] == ["email"]
    assert "Taken out: Last name" in answer.content.decode() and answer.context["sheet"].former == before
    build(client, form, act="undo", former=json.dumps(as_json(before)))
    assert now(form) == before
    for broken in ("", "[]", "{", '{"questions": 3}', '"x"'):
        build(client, form, act="undo", former=broken)
        assert now(form) == before


def test_order_of_the_page_is_the_order(house: House) -> None:
    form, client = made(house), browser(house.carole)
    for about in ("last_name", "organisation"):
        build(client, form, act=f"add {about}")
    answer = build(client, form, act="moved organisation", q=["organisation", "email", "last_name"])
    assert [one.id for one in now(form).questions] == ["organisation", "email", "last_name"]
    assert "Company is number 1 of 3 now." in answer.content.decode()
    assert [one.id for one in answer.context["sheet"].former.questions] == ["email", "last_name", "organisation"]


def test_budget_is_warned_of_and_may_stay(house: House) -> None:
    form, client = made(house), browser(house.carole)
    answer = build(client, form, act="own", own_label="What is your budget?", own_kind="text")
    assert "This asks for a budget" in answer.content.decode() and "Keep it all the same" in answer.content.decode()
    own = now(form).questions[1].id
    answer = build(client, form, act=f"keep {own}")
    page = answer.content.decode()
    assert now(form).questions[1].kept and "You have read the risk and keep it." in page
    assert "Keep it all the same" not in page and answer.context["faults"] == 0


def test_telephone_without_mention_is_wrong_and_mended_in_one_click(house: House) -> None:
    phone = Question(id="phone", about="phone", kind="phone", label="Phone")
    form, client = made(house, Definition(title="T", questions=(MAIL, phone))), browser(house.carole)
    assert build(client, form).context["faults"] == 1
    answer = build(client, form, act="mention phone")
    assert "consent" in now(form).questions[1].help and answer.context["faults"] == 0


def test_many_questions_are_told(house: House) -> None:
    many = tuple(Question(id=f"own_{n}", label=f"Own {n}") for n in range(8))
    form = made(house, Definition(title="T", questions=(MAIL, *many)))
    client = browser(house.carole)
    assert "Many questions are shown at once" in build(client, form).content.decode()
    assert "Many questions are shown at once" not in build(client, form, ask_at_most="4").content.decode()


def test_consents_that_nobody_confirms_are_told(house: House) -> None:
    news = actions.add_text(channel="email", purpose="news", language="en", text="News.", by=house.carole, now=MONDAY)
    asks = Definition(title="T", questions=(MAIL,), consents=(ConsentAsked("email", "news", news.code),))
    form, client = made(house, asks), browser(house.carole)
    told = "Nobody confirms these consents"
    assert told in build(client, form, consent=news.code).content.decode()
    assert told not in build(client, form, consent=news.code, confirm="on").content.decode()


def test_preview_asks_what_is_not_known(house: House) -> None:
    form, client = made(house, starter("paper", "en")), browser(house.carole)
    preview = build(client, form, known=["last_name"]).context["preview"]
    assert [one.question.field for one in preview.asked] == ["email", "organisation", "job_title"]
    assert [one.field for one in preview.ticks if one.known] == ["last_name"] and "email" not in [
        one.field for one in preview.ticks
    ]


def test_two_people_decide_which_form_holds(house: House) -> None:
    form, carole = made(house), browser(house.carole)
    opened = sent(now(form), title="Of Carole")
    actions.save(form=form, definition=Definition(title="Of Aude", questions=(MAIL,)), by=house.aude, now=NOW)
    address = f"/capture/forms/{form.public_id}/build"
    answer = carole.post(address, opened)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Aude Test has changed this form meanwhile." in page
    assert "Of Carole" in page and "Of Aude" in page and now(form).title == "Of Aude"
    again = carole.post(address, {**opened, "act": "theirs"})
    assert now(form).title == "Of Aude" and again.context["sheet"].former.title == "Of Carole"
    carole.post(address, {**opened, "act": f"mine {identity(now(form))}"})
    assert now(form).title == "Of Carole"


def test_mine_replaces_only_what_was_read(house: House) -> None:
    form, carole = made(house), browser(house.carole)
    opened = sent(now(form), title="Of Carole")
    read = Definition(title="Read by Carole", questions=(MAIL,))
    actions.save(form=form, definition=read, by=house.aude, now=NOW)
    actions.save(form=form, definition=Definition(title="Newer", questions=(MAIL,)), by=house.aude, now=NOW)
    answer = carole.post(f"/capture/forms/{form.public_id}/build", {**opened, "act": f"mine {identity(read)}"})
    assert answer.status_code == 409 and now(form).title == "Newer"


@pytest.mark.parametrize(
    "posted",
    [
        {"q": ["email", "email", "../x", "A", ""], "ask_at_most": "²"},
        {"email.kind": "wand", "language": "xx"},
        {"consent": ["x", "a/b/c/d/e", "phone/x/en/9"], "act": "unconsent x"},
        {"act": "up nobody"},
        {"act": "add regime"},
        {"act": "consent", "new_consent": "a/b"},
    ],
)
def test_odd_input_breaks_nothing(house: House, posted: dict[str, Any]) -> None:
    form = made(house)
    assert build(browser(house.carole), form, **posted).status_code == 200
    assert [one.id for one in now(form).questions] == ["email"] and now(form).language == "en"


def test_closed_form_cannot_be_built(house: House) -> None:
    form = made(house)
    actions.close(form=form, by=house.carole, now=NOW)
    client = browser(house.carole)
    assert client.get(f"/capture/forms/{form.public_id}/build").status_code == 409
    assert build(client, form, title="Late").status_code == 409 and now(form).title == "Ask for a quote"


def test_as_many_questions_for_twice_as_many(house: House) -> None:
    client = browser(house.carole)
    few = made(house, Definition(title="T", questions=(MAIL,)))
    many = tuple(Question(id=f"own_{n}", label=f"Own {n}") for n in range(20))
    more = made(house, Definition(title="T", questions=(MAIL, *many)), name="More")
    before = questions(client, f"/capture/forms/{few.public_id}/build")
    assert questions(client, f"/capture/forms/{more.public_id}/build") == before
    listed = questions(client, "/capture/forms/")
    for number in range(4):
        made(house, name=f"Form {number}")
    assert questions(client, "/capture/forms/") == listed
