"""What people read of consents, of answers to forms and of where a fact comes from: words, never codes."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.people import MONDAY, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.ask import actions
from vendange.ask.rules import Definition, Question
from vendange.capture.rules import Incoming, Who
from vendange.journey.arrive import arrive
from vendange.journey.queries import story
from vendange.meet.rules import CHANNELS
from vendange.models import Consent, ConsentText, Fact, Form, Person, Submission
from vendange.web.people.ledger import source_of
from vendange.words import FAMILIES

NOW = timezone.now()
CALLS = "Nova calls you.\nYou are free.\nFor 3 months.\nWithdraw here.\nProof is free."
METHODS = ("form", "site", "complaint", "merge", "phone", "email", "letter", "person")
LANGUAGES = ("en", "fr")


def words_of(house: House, person: Person, language: str = "en") -> str:
    """What the person's page says, without its marks."""
    page = browser(house.alice).get(f"/people/{person.public_id}/", headers={"Accept-Language": language})
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def text(house: House, channel: str = "email", language: str = "fr", words: str = "La lettre.") -> ConsentText:
    return actions.add_text(channel=channel, purpose="news", language=language, text=words, by=house.carole, now=MONDAY)


def given(person: Person, wording: str, channel: str = "email", days: int = 1, **more: str) -> Consent:
    said = {"purpose": "news", "status": "given", "method": "form", **more}
    return Consent.objects.create(
        person=person, channel=channel, wording=wording, at=NOW - timedelta(days=days), **said
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "News and offers, by a form, text 1, in French"),
        ("fr", "Actualités et offres, par un formulaire, texte 1"),
    ],
)
def test_a_consent_is_told_by_its_words_and_version(house: House, language: str, said: str) -> None:
    person = house.lead().person
    given(person, text(house).code)
    page = words_of(house, person, language)
    assert said in page and "La lettre." in page and "email/news" not in page


def test_a_consent_whose_text_is_gone_shows_no_code(house: House) -> None:
    person = house.lead().person
    given(person, "email/news/fr/7")
    assert "email/news" not in words_of(house, person)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("method", METHODS)
def test_every_way_of_saying_it_has_a_word(house: House, method: str, language: str) -> None:
    person = house.lead().person
    given(person, "never again", method=method, status="refused")
    page = words_of(house, person, language)
    assert method in FAMILIES["consent_method"]
    assert not re.search(rf"[,·] {method}\b(?! [a-z])", page), f"{method} stands raw on the page"
    assert ("never again" in page) == (method != "merge")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", list(FAMILIES["purpose"]))
def test_every_purpose_has_a_word(house: House, purpose: str, language: str) -> None:
    person = house.lead().person
    given(person, "", purpose=purpose)
    assert f", {purpose}," not in words_of(house, person, language)


@pytest.mark.parametrize(("days", "ended"), [(80, False), (100, True)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_consent_to_calls_that_has_ended_is_not_shown_as_given(
    house: House, language: str, days: int, ended: bool
) -> None:
    person = house.lead().person
    given(person, text(house, "phone", words=CALLS).code, "phone", days)
    answer = browser(house.alice).get(f"/people/{person.public_id}/", headers={"Accept-Language": language})
    phone = next(one for one in answer.context["channels"] if one.channel == "phone")
    assert phone.told.ended is ended and phone.css == ("warn" if ended else "good")
    word = {("en", True): "Ended", ("fr", True): "Terminé", ("en", False): "Given", ("fr", False): "Donné"}
    assert phone.state == word[language, ended]
    assert ({"en": "ended on", "fr": "terminé le"}[language] in answer.content.decode()) == ended


def test_the_desk_says_that_a_consent_has_ended(house: House) -> None:
    lead = house.lead()
    given(lead.person, text(house, "phone", words=CALLS).code, "phone", 100)
    page = browser(house.alice).get(f"/desk/{lead.public_id}/").content.decode()
    assert "Consent (Phone): given" in page and "News and offers · ended on" in page


def test_consents_cost_the_same_however_many(house: House) -> None:
    person = house.lead().person
    code = text(house, "phone", words=CALLS).code
    given(person, code, "phone", 1)
    few = questions(browser(house.alice), f"/people/{person.public_id}/")
    for day in range(2, 30):
        given(person, code, "phone", day)
    assert questions(browser(house.alice), f"/people/{person.public_id}/") <= few


def answered(house: House, language: str = "en") -> Person:
    """Somebody answered our own questions in a form, and each answer is a fact."""
    own = (
        Question("need", label="What do you need?"),
        Question("soon", kind="yes_no", label="Within a year?"),
        Question("when", kind="date", label="From when?"),
        Question("country", about="country", kind="country", label="Country"),
    )
    mail = Question("email", about="email", kind="email", label="E-mail", required=True)
    form = actions.add_form(
        name="Need", definition=Definition(title="T", questions=(mail, *own)), by=house.carole, now=MONDAY
    )
    person = house.lead().person
    said = {"need": "Titanium", "soon": "yes", "when": "2027-03-01", "country": "DE"}
    Submission.objects.create(form=form, version=1, message_id="1", person=person, answers=said, at=MONDAY)
    for name, value in said.items():
        Fact.objects.create(person=person, field=name, value=value, origin="declared", source="form", at=MONDAY)
    return person


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Within a year?", " yes ", "1 March 2027", "Germany")),
        ("fr", ("Within a year?", " oui ", "1er mars 2027", "Allemagne")),
    ],
)
def test_our_own_questions_stand_in_their_words(house: House, language: str, said: tuple[str, ...]) -> None:
    page = words_of(house, answered(house), language)
    for one in ("What do you need?", *said):
        assert one in page, one
    assert " Need " not in page and "2027-03-01" not in page


def test_answers_are_read_in_words_too(house: House) -> None:
    answered(house)
    form = Form.objects.get()
    page = browser(house.carole).get(f"/capture/forms/{form.public_id}/answers", headers={"Accept-Language": "fr"})
    said = dict(page.context["answers"][0].given)
    assert said == {
        "What do you need?": "Titanium",
        "Within a year?": "oui",
        "From when?": "1er mars 2027",
        "Country": "Allemagne",
    }


@pytest.mark.parametrize("channel", sorted({*CHANNELS.values(), "web", "form", "report", "return"}))
def test_where_a_fact_comes_from_has_a_word(channel: str) -> None:
    assert source_of(Fact(source=channel)) != channel and channel in FAMILIES["said_through"]


@pytest.mark.parametrize("kind", sorted(CHANNELS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_a_colleague_tells_shows_a_code(house: House, kind: str, language: str) -> None:
    told = Incoming(
        source_id=house.source.pk,
        message_id=f"told-{kind}",
        kind=kind,
        occurred_at=MONDAY,
        received_at=MONDAY,
        who=Who(email="a@nova.example", traits={"job_title": "Buyer"}),
        channel=CHANNELS[kind],
        origin="reported",
        by_id=house.alice.pk,
    )
    arrive(signals=[told], now=MONDAY)
    page = words_of(house, Person.objects.get(email="a@nova.example"), language)
    assert "Buyer" in page and f"Buyer {CHANNELS[kind]}, " not in page and kind not in page


@pytest.mark.parametrize(("channel", "has_end"), [("phone", True), ("email", False)])
def test_programs_are_told_until_when_a_consent_to_calls_holds(house: House, channel: str, has_end: bool) -> None:
    person = house.lead().person
    one = given(person, text(house, channel, words=CALLS).code, channel, 100)
    [told] = [item for item in story(person) if item.type == "consent"]
    assert ("until" in told.detail) == has_end
    if has_end:  # three months of the text, the day itself is in
        assert timedelta(days=88) <= date.fromisoformat(told.detail["until"]) - localdate(one.at) <= timedelta(days=92)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Basis for contact: E-mail", "Informed, could refuse")),
        ("fr", ("Base du contact", "Informé, pouvait refuser")),
    ],
)
def test_what_a_file_says_of_being_informed_is_no_objection(house: House, language: str, said: tuple[str, str]) -> None:
    person = house.lead().person
    given(person, "Card of the fair", status="informed", method="file")
    page = words_of(house, person, language)
    assert said[0] in page and said[1] in page
    assert "Objection" not in page
