"""Writing an agreement: form and text in step, nothing typed lost, tried on one person and on everybody."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import EXAMPLES, House
from tests.web.test_shell import browser
from vendange.agree import actions
from vendange.agreement.language import load
from vendange.agreement.written import read
from vendange.models import AgreementVersion, Wording

TEXT = (EXAMPLES / "complex-sale.yaml").read_text()
SMALL = (EXAMPLES / "small-team.yaml").read_text()
OTHER = TEXT.replace("accept: 4 working hours", "accept: 3 working hours")
MOVED = TEXT.replace("engagement: {1: 70, 2: 40, 3: 15}", "engagement: {1: 70, 2: 36, 3: 15}")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft(house: House) -> AgreementVersion:
    return actions.draft(text=OTHER, by=house.carole, now=timezone.now())


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def typed(page: str) -> str:
    """The text as the page gives it back."""
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def send(client: Client, number: int, text: str = OTHER, act: str = "", **fields: str) -> Any:
    """As a browser without script sends the page: all fields as they were shown, with what was changed."""
    page = client.get(f"/agreement/{number}/write").content.decode()
    sent = {**json.loads(shown(page))["fields"], **fields}
    sent = {name: value.split() if name == "alert" else value for name, value in sent.items()}
    base = re.search(r'name="base" value="(\w+)"', page)
    anew = {"anew": "1"} if 'name="anew"' in page else {}
    given = {"text": text, "valid": text, "shown": shown(page), "act": act, "base": base[1] if base else "", **anew}
    return client.post(f"/agreement/{number}/write", {**sent, **given, **fields})


@pytest.mark.parametrize(("who", "status"), [("alice", 404), ("bob", 404), ("carole", 200), ("marc", 200)])
def test_marketing_and_the_head_of_sales_write(house: House, draft: AgreementVersion, who: str, status: int) -> None:
    client = browser(getattr(house, who))
    assert client.get(f"/agreement/{draft.number}/write").status_code == status
    assert client.post(f"/agreement/{draft.number}/write", {"text": MOVED, "act": "save"}).status_code in {404, 303}
    assert status == 200 or AgreementVersion.objects.get(pk=draft.pk).text == OTHER


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["complex-sale.yaml", "dealer-network.yaml", "inbound-leads.yaml", "small-team.yaml"])
def test_every_example_can_be_written(house: House, name: str, language: str) -> None:
    text = (EXAMPLES / name).read_text()
    version = actions.draft(text=text, by=house.carole, now=timezone.now())
    client = browser(house.carole, accept=language)
    page = client.get(f"/agreement/{version.number}/write").content.decode()
    assert typed(page) == text and 'class="wrong"' not in page
    same = client.post(
        f"/agreement/{version.number}/write",
        {**json.loads(shown(page))["fields"], "alert": (), "text": text, "valid": text, "shown": shown(page)},
    )
    assert typed(same.content.decode()) == text


def test_fields_changed_on_the_left_change_their_lines_on_the_right(house: House, draft: AgreementVersion) -> None:
    changed = {
        "fit[1].points": "33",
        "engagement.rules[1].half_life|n": "3",
        "engagement.rules[1].half_life|unit": "week",
        "delays.report|n": "1",
        "delays.report|unit": "working day",
        "desk.criteria[2].label.fr": "Un budget: voté",
        "returns[1].effect": "cool",
        "volumes[1].at_least": "25",
        "acts[1].lead_type": "project",
        "desk.minutes_per_week": "",
    }
    new = typed(send(browser(house.carole), draft.number, **changed).content.decode())
    lines, before = new.split("\n"), OTHER.split("\n")
    assert [one.strip() for one in lines if one not in before] == [
        "points: 33",
        "half_life: 3 weeks",
        'label: {en: Someone who can commit a budget, fr: "Un budget: voté"}',
        "report: 1 working day",
        "- {id: postponed, label: {en: Project postponed, fr: Projet reporté}, effect: cool, after: 90 days}",
        "at_least: 25",
    ]
    assert load(new).acts[0].lead_type == "project" and load(new).desk.minutes_per_week is None


def test_cells_that_call_are_chosen_by_their_boxes(house: House, draft: AgreementVersion) -> None:
    page = browser(house.carole).get(f"/agreement/{draft.number}/write").content.decode()
    answer = browser(house.carole).post(
        f"/agreement/{draft.number}/write", {"text": OTHER, "shown": shown(page), "alert": ["", "A1", "B2"]}
    )
    assert load(typed(answer.content.decode())).alert == {"A1", "B2"}


def test_text_typed_and_field_changed_at_once_are_both_kept(house: House, draft: AgreementVersion) -> None:
    text = OTHER.replace(
        "  - id: decides", "  - {id: newcomer, where: {person.role: pays}, points: 7}\n  - id: decides"
    )
    new = typed(send(browser(house.carole), draft.number, text, **{"fit[1].points": "33"}).content.decode())
    assert [rule.points for rule in load(new).fit][:3] == [7, 33, 18]


@pytest.mark.parametrize(
    ("act", "gone"),
    [("remove fit[2]", "manages"), ("off acts[1]", "quote_requested"), ("remove returns[1]", "wake_up")],
)
def test_an_entry_is_taken_out(house: House, draft: AgreementVersion, act: str, gone: str) -> None:
    new = typed(send(browser(house.carole), draft.number, act=act).content.decode())
    assert gone in OTHER and gone not in new and load(new).sha


@pytest.mark.parametrize("act", ["remove fit[2]", "off acts[1]", "remove returns[1]"])
def test_what_was_taken_out_is_put_back_without_script(house: House, draft: AgreementVersion, act: str) -> None:
    out = send(browser(house.carole), draft.number, act=act, **{"fit[1].points": "31"}).content.decode()
    kept = re.search(r'<textarea name="former"[^>]*>\n(.*?)</textarea>', out, re.DOTALL)
    assert kept and "Taken out: " in out and typed(out) != unescape(kept[1])
    back = {
        "act": "undo",
        "text": typed(out),
        "former": unescape(kept[1]),
        "former_base": draft.sha,
        "shown": shown(out),
    }
    page = browser(house.carole).post(f"/agreement/{draft.number}/write", back).content.decode()
    assert typed(page) == OTHER.replace("points: 30", "points: 31", 1) and f'name="base" value="{draft.sha}"' in page
    assert 'value="undo"' in page  # the way forth


def test_going_back_from_their_text_asks_again(house: House, draft: AgreementVersion) -> None:
    base, theirs = draft.sha, OTHER.replace("call: 24 hours", "call: 12 hours")
    actions.revise(version=draft, text=theirs, by=house.marc, now=timezone.now())
    sent = {"text": theirs, "act": "undo", "former": MOVED, "former_base": base, "base": "x", "shown": ""}
    page = browser(house.carole).post(f"/agreement/{draft.number}/write", sent).content.decode()
    assert typed(page) == MOVED and 'value="theirs"' in page


def test_all_that_takes_the_focus_in_the_form_has_an_id_of_its_own(house: House, draft: AgreementVersion) -> None:
    page = browser(house.carole).get(f"/agreement/{draft.number}/write").content.decode()
    form = page.split('id="guided"')[1].split("</fieldset>\n</div>")[0]
    tags = re.findall(r"<(?:button|select|input|textarea)\b[^>]*>", form)
    ids = [found[1] for one in tags if 'type="hidden"' not in one and (found := re.search(r'\bid="([^"]+)"', one))]
    assert len(ids) == len([one for one in tags if 'type="hidden"' not in one]) == len(set(ids)) > 50


def test_an_act_switched_off_comes_back_as_it_was(house: House, draft: AgreementVersion) -> None:
    client = browser(house.carole)
    off = send(client, draft.number, act="off acts[2]").content.decode()
    assert 'value="on held:demo"' in off
    on = client.post(
        f"/agreement/{draft.number}/write", {"text": typed(off), "shown": shown(off), "act": "on held:demo"}
    )
    assert {act.id: act for act in load(typed(on.content.decode())).acts}["demo"] == load(OTHER).acts[1]
    new = send(client, draft.number, act="on sample_requested").content.decode()
    assert load(typed(new)).acts[-1].on == ("sample_requested",)


def test_rules_criteria_reasons_and_volumes_are_added(house: House, draft: AgreementVersion) -> None:
    client = browser(house.carole)
    added: dict[str, Callable[[Any], bool]] = {
        "add engagement.rules": lambda one: one.engagement[-1].on == ("call_received",),
        "add fit": lambda one: (one.fit[-1].id, one.fit[-1].label.fr) == ("tier", "Cible"),
        "add desk.criteria": lambda one: one.desk.criteria[-1].id == "criterion",
        "add returns": lambda one: one.returns[-1].effect == "keep",
        "add volumes": lambda one: one.volumes[-1].at_least == 10,
    }
    for act, says in added.items():
        answer = send(client, draft.number, act=act, kind="call_received", about="tier")
        assert says(load(typed(answer.content.decode()))), act


def test_the_usual_reasons_are_written_out_before_they_are_changed(house: House) -> None:
    version = actions.draft(text=SMALL, by=house.carole, now=timezone.now())
    new = typed(send(browser(house.carole), version.number, SMALL, act="add returns").content.decode())
    assert read(new).has("returns[6]") and load(new).sha == load(SMALL).sha


def test_a_wrong_value_stays_and_is_told_at_its_field(house: House, draft: AgreementVersion) -> None:
    page = send(browser(house.carole), draft.number, act="save", **{"fit[1].points": "many"})
    told = unescape(page.content.decode())
    assert page.status_code == 422 and "points: many" in typed(told) and 'value="many"' in told
    assert 'id="w-fit-1-points-e"' in told and 'data-line="35"' in told and "<b>35</b>" in told
    assert AgreementVersion.objects.get(pk=draft.pk).text == OTHER


def test_a_wrong_or_emptied_delay_keeps_its_number_and_its_unit(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    delay, unit = "delays.report|n", "delays.report|unit"
    for amount, written, told in (
        ("abc", "report: abc hours", "abc hours"),
        ("", "report: hours", "duration is empty"),
    ):
        raw = send(carole, draft.number, **{delay: amount, unit: "hour"}).content.decode()
        page, fields = unescape(raw), json.loads(shown(raw))["fields"]
        assert written in typed(raw) and told in page
        assert (fields[delay], fields[unit]) == (amount, "hour")
        field = page[page.index('id="w-delays-report"') :][:400]
        assert f'value="{amount}"' in field and 'aria-describedby="w-delays-report-e"' in field
        sent = {**fields, "alert": fields["alert"].split(), "text": typed(raw), "valid": OTHER, "shown": shown(raw)}
        mended = carole.post(f"/agreement/{draft.number}/write", {**sent, delay: "21"})
        assert "report: 21 hours" in typed(mended.content.decode())


def test_an_unreadable_text_keeps_the_last_form_and_every_character(house: House, draft: AgreementVersion) -> None:
    broken = OTHER.replace("fit:\n", "fit\n", 1)
    answer = browser(house.carole).post(
        f"/agreement/{draft.number}/write", {"text": broken, "valid": MOVED, "act": "save", "shown": "{}"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and typed(page) == broken
    assert 'class="guided stale"' in page and "<fieldset disabled>" in page and 'value="36"' in page


@pytest.mark.parametrize("text", ["", "{", "[]", "a: &x 1", "\t", "agreement: x\nfit: none", "null", "fit: [1, {}]"])
def test_odd_texts_are_told_never_broken(house: House, draft: AgreementVersion, text: str) -> None:
    client = browser(house.carole)
    for act in (
        "",
        "save",
        "remove fit[1]",
        "add returns",
        "add fit",
        "on x",
        "off acts[9]",
        "test x",
        "preview",
        "find",
    ):
        sent = {"text": text, "valid": text, "act": act, "shown": '{"fields": {"fit[1].points": "1"}, "ids": {}}'}
        answer = client.post(f"/agreement/{draft.number}/write", {**sent, "fit[1].points": "2", "who": "x"})
        assert answer.status_code in {200, 422}, (text, act)


@pytest.mark.parametrize(
    "odd", ["", "[]", "{", '{"fields": 3, "ids": {}}', '{"fields": {"a": 1}, "ids": {}}', "[" * 5000]
)
def test_what_was_shown_is_not_trusted(house: House, draft: AgreementVersion, odd: str) -> None:
    answer = browser(house.carole).post(f"/agreement/{draft.number}/write", {"text": OTHER, "shown": odd})
    assert answer.status_code == 200 and typed(answer.content.decode()) == OTHER


def test_a_draft_is_saved_in_place(house: House, draft: AgreementVersion) -> None:
    answer = send(browser(house.carole), draft.number, MOVED, act="save")
    assert answer.status_code == 303
    draft.refresh_from_db()
    assert draft.text == MOVED and draft.sha == load(MOVED).sha
    assert Wording.objects.get(agreement=draft).text == OTHER


def test_from_a_signed_version_a_new_draft_is_made(house: House) -> None:
    client = browser(house.carole)
    page = client.get(f"/agreement/{house.version.number}/write").content.decode()
    assert 'name="anew"' in page
    unchanged = send(client, house.version.number, house.version.text, act="save")
    assert unchanged.status_code == 422 and AgreementVersion.objects.count() == 1
    answer = send(client, house.version.number, MOVED, act="save")
    assert answer.status_code == 303 and answer["Location"].endswith(f"/agreement/{house.version.number + 1}/write")
    assert AgreementVersion.objects.get(number=house.version.number).text == house.version.text


def test_who_comes_second_sees_what_changed_and_keeps_what_they_typed(house: House, draft: AgreementVersion) -> None:
    theirs = OTHER.replace("call: 24 hours", "call: 12 hours")
    base = draft.sha
    actions.revise(version=draft, text=theirs, by=house.marc, now=timezone.now())
    sent = {"text": MOVED, "valid": MOVED, "act": "save", "base": base, "shown": ""}
    answer = browser(house.carole).post(f"/agreement/{draft.number}/write", sent)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409 and typed(page) == MOVED and "12 hours" in page and "Marc" in page
    draft.refresh_from_db()
    assert draft.text == theirs
    for act, status in (("", 200), ("save", 409), ("", 200), ("save", 409)):
        still = browser(house.carole).post(f"/agreement/{draft.number}/write", {**sent, "act": act}, headers=HTMX)
        told = unescape(still.content.decode())
        assert still.status_code == status and "12 hours" in told and f'name="base" value="{base}"' in told
        draft.refresh_from_db()
        assert draft.text == theirs
    again = browser(house.carole).post(f"/agreement/{draft.number}/write", {**sent, "act": f"mine {draft.sha}"})
    draft.refresh_from_db()
    assert again.status_code == 303 and draft.text == MOVED


def test_a_decision_on_a_text_that_was_not_read_is_none(house: House, draft: AgreementVersion) -> None:
    base, read_by_carole = draft.sha, "call: 12 hours"
    theirs = OTHER.replace("call: 24 hours", read_by_carole)
    seen = actions.revise(version=draft, text=theirs, by=house.marc, now=timezone.now()).sha
    later = theirs.replace(read_by_carole, "call: 13 hours")
    actions.revise(version=draft, text=later, by=house.marc, now=timezone.now())
    sent = {"text": MOVED, "valid": MOVED, "act": f"mine {seen}", "base": base, "shown": ""}
    answer = browser(house.carole).post(f"/agreement/{draft.number}/write", sent)
    draft.refresh_from_db()
    assert answer.status_code == 409 and draft.text == later and "13 hours" in unescape(answer.content.decode())


def test_their_text_is_taken_and_one_s_own_is_not_lost(house: House, draft: AgreementVersion) -> None:
    base, theirs = draft.sha, OTHER.replace("call: 24 hours", "call: 12 hours")
    actions.revise(version=draft, text=theirs, by=house.marc, now=timezone.now())
    sent = {"text": MOVED, "valid": MOVED, "act": "theirs", "base": base, "shown": ""}
    page = browser(house.carole).post(f"/agreement/{draft.number}/write", sent).content.decode()
    draft.refresh_from_db()
    assert typed(page) == theirs and f'name="base" value="{draft.sha}"' in page and "take-theirs" not in page


def test_a_draft_that_was_withdrawn_meanwhile_is_not_lost(house: House, draft: AgreementVersion) -> None:
    base = draft.sha
    actions.withdraw(version=draft, by=house.marc, now=timezone.now())
    sent = {"text": MOVED, "valid": MOVED, "act": "save", "base": base, "shown": ""}
    answer = browser(house.carole).post(f"/agreement/{draft.number}/write", sent)
    assert answer.status_code == 409 and typed(answer.content.decode()) == MOVED
    assert "Save as a new version" in answer.content.decode()
    again = browser(house.carole).post(f"/agreement/{draft.number}/write", {**sent, "anew": "1"})
    assert again.status_code == 303 and AgreementVersion.objects.latest("number").text == MOVED


def test_htmx_gets_the_parts_and_the_fresh_text(house: House, draft: AgreementVersion) -> None:
    page = browser(house.carole).get(f"/agreement/{draft.number}/write").content.decode()
    answer = browser(house.carole).post(
        f"/agreement/{draft.number}/write",
        {"text": OTHER, "shown": shown(page), "grades.engagement.2": "36"},
        headers=HTMX,
    )
    parts = answer.content.decode()
    assert "<html" not in parts and parts.count('hx-swap-oob="true"') == 7
    assert "2: 36" in unescape(parts.split('id="fresh"')[1].split("</textarea>")[0])


@pytest.mark.parametrize("size", [300_000, 5_000_000])
def test_a_text_that_is_far_too_long_is_refused_in_words(
    house: House, draft: AgreementVersion, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    for address in (f"/agreement/{draft.number}/write", "/agreement/draft"):
        answer = browser(house.carole).post(address, {"text": "#" * size})
        told = unescape(answer.content.decode())
        assert answer.status_code in {200, 413, 422} and ("KB" in told or "characters" in told), address
    assert not [one for one in caplog.records if one.exc_info]
