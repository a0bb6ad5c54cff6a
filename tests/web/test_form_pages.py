"""The pages around the builder: publishing with what changes, addresses to copy, answers, texts of consent."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.people import MONDAY, House
from tests.web.test_form_builder import MAIL, build, made, now
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.ask import actions
from vendange.ask.rules import PHONE_PARTS, ConsentAsked, Definition, Question, identity
from vendange.collect.stored_forms import read_forms
from vendange.models import Consent, ConsentText, Form, RefusedEvent, Source, Submission
from vendange.web.capture.form_code import own_html
from vendange.web.capture.forms import Wanted

NOW = timezone.now()
FIVE = {
    "caller": "I agree to be called by Rochebrune about its machine tools.",
    "choice": "I am free to refuse.",
    "period": "This is valid for 12 months.",
    "withdrawal": "I may withdraw at any time, on the phone or by mail.",
    "proof": "A copy is sent to me on request, free of charge.",
}


def text(house: House, words: str = "News by e-mail, please.", channel: str = "email") -> ConsentText:
    return actions.add_text(channel=channel, purpose="news", language="en", text=words, by=house.carole, now=NOW)


def answered(form: Form, house: House, count: int = 1, **fields: Any) -> list[Submission]:
    person = house.lead().person
    rows = [
        Submission(
            form=form, version=1, message_id=f"a{number}-{Submission.objects.count()}", person=person,
            at=NOW - timedelta(minutes=number), **{"answers": {"email": "camille@atelier-nova.example"}, **fields},
        )
        for number in range(count)
    ]  # fmt: skip
    return Submission.objects.bulk_create(rows)


def test_publishing_tells_what_changes(house: House) -> None:
    form, client = made(house), browser(house.carole)
    address = f"/capture/forms/{form.public_id}/publish"
    first = client.get(address).content.decode()
    assert "What visitors will see" in first and "Work e-mail" in first
    client.post(address, {"base": identity(now(form))})
    assert client.get(address).status_code == 409  # nothing new
    build(client, form, title="Ask us for a price", act="add last_name")
    page = client.get(address).content.decode()
    assert "Question: Last name" in page and "Ask for a quote" in page and "Ask us for a price" in page
    assert client.post(address, {"base": "another"}).status_code == 409
    client.post(address, {"base": identity(now(form))})
    form.refresh_from_db()
    assert form.published == 2


def test_what_is_wrong_is_not_published(house: House) -> None:
    form, client = made(house, Definition(questions=(MAIL,))), browser(house.carole)
    address = f"/capture/forms/{form.public_id}/publish"
    page = client.get(address).content.decode()
    assert "It cannot be published yet." in page and "Publish this form" not in page
    assert client.post(address, {"base": identity(now(form))}).status_code == 422
    form.refresh_from_db()
    assert form.published is None


def test_page_gives_what_to_copy(house: House) -> None:
    odd = Question(id="need", kind="choice", label='"><script>', options=("a", "b"))
    form, client = made(house, Definition(title="T", questions=(MAIL, odd))), browser(house.carole)
    address = f"/capture/forms/{form.public_id}/"
    assert "Nobody can see this form yet" in client.get(address).content.decode()
    actions.publish(form=form, by=house.carole, now=NOW)
    answer = client.get(address)
    codes = answer.context["codes"]
    assert f"/f/{form.public_id}/" in codes.hosted and str(form.public_id) in codes.embed
    assert 'action="http' in codes.html and 'name="email" required' in codes.html and "<script>" not in codes.html
    build(client, form, title="Newer")
    assert "A draft waits" in client.get(address).content.decode()


def test_plain_html_tells_what_stands_under_a_field_and_lists_the_countries(house: House) -> None:
    phone = Question(id="phone", kind="phone", label="Téléphone", help="Nous appelons <avec> votre accord.")
    several = Question(id="colours", kind="choices", label="Couleurs", help="Plusieurs.", options=("a", "b"))
    country = Question(id="country", kind="country", label="Pays", required=True)
    form = made(house, Definition(title="T", language="fr", questions=(MAIL, phone, several, country)))
    html = own_html(form, now(form), {})
    assert 'aria-describedby="phone-help"' in html
    assert '<p id="phone-help">Nous appelons &lt;avec&gt; votre accord.</p>' in html
    assert '<fieldset aria-describedby="colours-help">' in html and '<p id="colours-help">Plusieurs.</p>' in html
    assert '<select name="country" required>' in html and '<option value="DE">Allemagne</option>' in html


def test_sites_are_kept_as_browsers_name_them(house: House) -> None:
    form, client = made(house), browser(house.carole)
    typed = "HTTPS://WWW.Site.Example:443\nhttps://www.site.example/\nhttp://Local.Example:8080\nhttp://a.example:80"
    client.post(f"/capture/forms/{form.public_id}/sites", {"origins": typed})
    form.source.refresh_from_db()
    wanted = ["https://www.site.example", "http://local.example:8080", "http://a.example"]
    assert form.source.allowed_origins == wanted
    Source.objects.filter(pk=form.source_id).update(allowed_origins=["HTTPS://Old.Example:443"])
    actions.publish(form=form, by=house.carole, now=NOW)
    assert read_forms()[str(form.public_id)].allows("https://old.example", "")  # kept before sites were tidied


def test_sites_are_kept_and_odd_ones_told(house: House) -> None:
    form, client = made(house), browser(house.carole)
    address = f"/capture/forms/{form.public_id}/sites"
    answer = client.post(address, {"origins": "maker.example"})
    assert answer.status_code == 422 and "maker.example is no address of a site" in answer.content.decode()
    client.post(address, {"origins": "https://maker.example/\n"})
    form.source.refresh_from_db()
    assert form.source.allowed_origins == ["https://maker.example"]


def test_closing_ends_it(house: House) -> None:
    form, client = made(house), browser(house.carole)
    for _twice in range(2):
        client.post(f"/capture/forms/{form.public_id}/close")
    page = client.get(f"/capture/forms/{form.public_id}/").content.decode()
    assert "its addresses answer nothing any more" in page and "Close this form" not in page
    assert client.post(f"/capture/forms/{form.public_id}/sites", {"origins": ""}).status_code == 409


def test_list_counts_thirty_days(house: House) -> None:
    form = made(house)
    answered(form, house, 2)
    old = answered(form, house)[0]
    Submission.objects.filter(pk=old.pk).update(at=NOW - timedelta(days=31))
    [(listed, version, number, _signal)] = browser(house.carole).get("/capture/forms/").context["lines"]
    assert (listed.lately, listed.answers, number, version.title) == (2, 3, 1, "Ask for a quote")


@pytest.mark.parametrize(("mark", "told"), [({"machine": True}, "a machine sent it"), ({}, "no letter was sent")])
def test_a_consent_that_no_letter_confirms_does_not_count(house: House, mark: dict[str, bool], told: str) -> None:
    wording = text(house)
    form = made(
        house, Definition(title="T", questions=(MAIL,), consents=(ConsentAsked("email", "news", wording.code),))
    )
    boxes = [{"channel": "email", "purpose": "news", "wording": wording.code, "pending": True, **mark}]
    answered(form, house, answers={"email": "camille@atelier-nova.example"}, consents=boxes)
    page = browser(house.carole).get(f"/capture/forms/{form.public_id}/answers").content.decode()
    assert f"E-mail, News and offers (text 1): {told}, it does not count" in page
    assert "counts once it is confirmed" not in page


def test_answers_are_read_with_their_questions(house: House) -> None:
    wording = text(house)
    asks = Definition(
        title="T",
        questions=(MAIL, Question(id="parts", kind="choices", label="Which parts?", options=("a", "b"))),
        consents=(ConsentAsked("email", "news", wording.code),),
        confirm=True,
    )
    form = made(house, asks)
    given = {"email": "camille@atelier-nova.example", "parts": ["a", "b"]}
    boxes = [{"channel": "email", "purpose": "news", "wording": wording.code, "pending": True}]
    answered(form, house, answers=given, consents=boxes, confirm_key="x" * 64, confirm_until=NOW + timedelta(days=1))
    page = browser(house.carole).get(f"/capture/forms/{form.public_id}/answers").content.decode()
    assert "Which parts?" in page and "a · b" in page and "waiting for the letter" in page
    assert (
        "E-mail, News and offers (text 1): counts once it is confirmed" in page
        and "Camille Moreau" in page
        and "/people/" in page
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("which=confirmed", 1),
        ("which=waiting", 1),
        ("q=camille", 3),
        ("q=nobody", 0),
        ("since=2999-01-01", 0),
        ("until=2001-01-01", 0),
        ("since=rubbish", 3),
        ("which=odd&after=odd", 3),
    ],
)
def test_answers_are_filtered(house: House, query: str, found: int) -> None:
    form = made(house)
    answered(form, house)
    answered(form, house, confirm_key="a" * 64, confirmed_at=NOW)
    answered(form, house, confirm_key="b" * 64, confirm_until=NOW + timedelta(days=1))
    answer = browser(house.carole).get(f"/capture/forms/{form.public_id}/answers?{query}")
    assert answer.status_code == 200 and answer.context["total"] == len(answer.context["answers"]) == found


def test_answers_come_by_cursor_with_as_many_questions(house: House) -> None:
    form, client = made(house), browser(house.carole)
    address = f"/capture/forms/{form.public_id}/answers"
    answered(form, house, 3)
    before = questions(client, address)
    answered(form, house, 60)
    assert questions(client, address) == before
    first = client.get(address)
    second = client.get(address + first.context["next"])
    assert len(first.context["answers"]) == 50 and len(second.context["answers"]) == 13


def test_file_holds_no_formula_and_every_number(house: House) -> None:
    form = made(house)
    answered(form, house, answers={"email": '=HYPERLINK("x")', "phone": "+33 6 12 34 56 78"})
    answer = browser(house.carole).get(f"/capture/forms/{form.public_id}/answers.csv")
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    heading, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert dict(zip(heading, row, strict=True))["Work e-mail"] == '\'=HYPERLINK("x")'


def test_the_file_says_what_was_asked_and_agreed_to(house: House) -> None:
    wording = text(house)
    need = Question(id="need", label="What do you need?")
    asks = Definition(title="T", questions=(MAIL, need, Question(id="other", label="What do you need?")))
    form = made(house, replace(asks, consents=(ConsentAsked("email", "news", wording.code),)))
    box = {"channel": "email", "purpose": "news", "wording": wording.code}
    answered(form, house, answers={"need": "Titanium"}, consents=[box])
    answered(form, house, answers={"need": "Steel"}, consents=[{**box, "pending": True}])
    answered(form, house, answers={"need": "Lead"}, consents=[{**box, "pending": True, "machine": True}])
    address = f"/capture/forms/{form.public_id}/answers.csv"
    answer = browser(house.carole).get(address, headers={"Accept-Language": "fr"}).content.decode("utf-8-sig")
    heading, *lines = csv.reader(io.StringIO(answer))
    rows = [dict(zip(heading, line, strict=True)) for line in lines]
    assert [row["What do you need? (need)"] for row in rows] == ["Titanium", "Steel", "Lead"]
    agreed = f"{wording.text} (texte 1, en anglais)"
    column = "Consentement\u00a0: E-mail, Actualités et offres"
    assert [row[column] for row in rows] == [agreed, f"{agreed} – non confirmé", f"{agreed} – envoyé par un robot"]
    assert "email/news" not in answer and "Répondu le" in heading


def test_no_answer_yet_agrees_with_its_noun_in_french(house: House) -> None:
    form, client = made(house), browser(house.carole)
    french = {"Accept-Language": "fr"}
    page = client.get(f"/capture/forms/{form.public_id}/", headers=french).content.decode()
    assert ">aucune<" in page and ">aucun<" not in page
    page = client.get("/capture/forms/", headers=french).content.decode()
    assert ">aucune<" in page and ">aucun<" not in page


def test_texts_show_who_agreed(house: House) -> None:
    one, other = text(house), text(house, "News and offers by e-mail, please.")
    person = house.lead(at=MONDAY).person
    for _twice in range(2):
        Consent.objects.create(
            person=person, channel="email", purpose="news", status="given", at=NOW, method="form", wording=one.code
        )
    [group] = browser(house.carole).get("/capture/forms/consents/").context["groups"]
    assert [(v.text.pk, v.agreed) for v in group.versions] == [(other.pk, 0), (one.pk, 1)]


def test_a_consent_to_calls_states_its_five_things(house: House) -> None:
    client = browser(house.carole)
    sent = {"channel": "phone", "purpose": "Sales calls", "language": "en", **FIVE}
    answer = client.post("/capture/forms/consents/", {**sent, "period": "For ever."})
    assert answer.status_code == 422 and "at most a year" in answer.content.decode()
    assert not ConsentText.objects.exists()
    client.post("/capture/forms/consents/", sent)
    made_text = ConsentText.objects.get()
    assert made_text.purpose == "sales_calls" and made_text.text.split("\n") == [FIVE[part] for part in PHONE_PARTS]
    again = client.get("/capture/forms/consents/?channel=phone&purpose=sales_calls&language=en")
    assert again.context["new"]["caller"].value() == FIVE["caller"]


def test_a_text_is_written_for_a_form(house: House) -> None:
    form, client = made(house), browser(house.carole)
    sent = {"channel": "email", "purpose": "news", "language": "en", "text": "News, please."}
    answer = client.post(f"/capture/forms/consents/?form={form.public_id}", sent)
    assert answer["Location"].endswith("/build")
    build(client, form, act="consent", new_consent="email/news/en/1")
    assert now(form).consents == (ConsentAsked("email", "news", "email/news/en/1"),)
    for odd in ("x", "0"):
        assert client.get(f"/capture/forms/consents/?form={odd}&channel=x&language=y&purpose=z").status_code == 200


def test_a_text_that_a_form_shows_is_not_retired(house: House) -> None:
    one, client = text(house), browser(house.carole)
    form = made(house, Definition(title="T", questions=(MAIL,), consents=(ConsentAsked("email", "news", one.code),)))
    actions.publish(form=form, by=house.carole, now=NOW)
    address = f"/capture/forms/consents/{one.pk}/retire"
    assert client.post(address).status_code == 409
    actions.close(form=form, by=house.carole, now=NOW)
    client.post(address)
    one.refresh_from_db()
    assert one.retired_at is not None
    assert "retired" in client.get("/capture/forms/consents/").content.decode()


def test_the_filter_of_answers_speaks_of_answers_in_french() -> None:
    with override("fr"):
        named = [str(label) for _, label in Wanted().fields["which"].choices]  # type: ignore[attr-defined]
    assert (named[0], named[2]) == ("Toutes", "En attente")


def test_what_the_trap_caught_is_told_truly(house: House) -> None:
    RefusedEvent.objects.create(reason="honeypot", detail="A field was filled in.", received_at=1, payload=b"{}")
    page = browser(house.carole).get("/capture/refused/").content.decode()
    assert "The sender was thanked like everybody" in page and "The sender was answered" not in page
