"""An answer to a form, from the inbox to the record: its signal, what was given, what was agreed to, and its letter."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.ask import actions as ask
from vendange.ask import queries as asked
from vendange.ask.actions import TooLate
from vendange.ask.rules import ConsentAsked, Definition, Question, check, secret_of
from vendange.capture.queries import in_micros
from vendange.collect.forms import Asked, payload
from vendange.collect.stored_forms import published
from vendange.connect.mail import letter
from vendange.journey import answers
from vendange.journey.arrive import arrive, drain
from vendange.models import (
    Consent,
    Fact,
    Form,
    Identity,
    InboxEvent,
    Lead,
    Outgoing,
    Person,
    Signal,
    Submission,
    Trail,
    Twins,
)
from vendange.web.capture.form_file import rows

CALLS = "\n".join(("Nova calls.", "You are free.", "For 12 months.", "Withdraw here.", "Proof is free."))
LEA = "lea@nova.example"


def a_form(house: House, *, confirm: bool = False) -> Form:
    news = ask.add_text(channel="email", purpose="news", language="fr", text="La lettre.", by=house.carole, now=MONDAY)
    calls = ask.add_text(channel="phone", purpose="offers", language="fr", text=CALLS, by=house.carole, now=MONDAY)
    definition = Definition(
        signal="quote_requested",
        language="fr",
        title="Devis",
        confirm=confirm,
        questions=(
            Question("email", kind="email", label="E-mail", required=True),
            Question("last_name", label="Nom"),
            Question("phone", kind="phone", label="Téléphone"),
            Question("material", label="Matériau"),
        ),
        consents=(ConsentAsked("email", "news", news.code), ConsentAsked("phone", "offers", calls.code)),
    )
    form = ask.add_form(name="Devis", definition=definition, by=house.carole, now=MONDAY)
    ask.publish(form=form, by=house.carole, now=MONDAY)
    return Form.objects.get()


def send(form: Form, number: int = 1, *, at: datetime = MONDAY, agent: str = "Mozilla/5.0", **given: str) -> None:
    """An answer as the collector would have written it."""
    [(_, version)] = asked.shown()
    shown = published(form, version)
    named = {
        name if name[0] == "_" else name.replace("__", "."): text for name, text in {"email": LEA, **given}.items()
    }
    fields = {name: [text] for name, text in named.items()}
    said = check(shown.definition, fields)
    assert said.problems == {}
    request = Asked("POST", b"", {b"referer": b"https://shop.example/devis?utm_source=li"}, "192.0.2.7", agent, "")
    InboxEvent.objects.create(
        source=form.source_id,
        message_id=f"m-{number}",
        kind="form",
        received_at=in_micros(at),
        payload=payload(shown, fields, said, request),
        user_agent=agent,
    )


def agreed(email: str = LEA) -> list[tuple[str, str, str]]:
    rows = Consent.objects.filter(person__email=email).order_by("channel", "pk")
    return [(one.channel, one.status, one.wording) for one in rows]


def test_an_answer_calls_the_desk_and_keeps_what_was_given(house: House) -> None:
    form = a_form(house)
    typed = {"last_name": "Roy", "phone": "+33 6 12 34 56 78", "material": "titane"}
    send(form, last_name="Roy", phone=typed["phone"], material="titane", consent__email__news="yes")
    assert drain(now=MONDAY) == 1
    person = Person.objects.get(email=LEA)
    assert (person.last_name, person.phone) == ("Roy", "+33612345678")
    signal = Signal.objects.get(person=person)
    assert (signal.kind, signal.origin, signal.path) == ("quote_requested", "declared", "/devis")
    assert signal.props["material"] == "titane" and "last_name" not in signal.props
    assert Lead.objects.get(person=person).reason == "quote"
    kept = Submission.objects.get()
    assert (kept.person, kept.version, kept.answers) == (person, 1, {"email": LEA, **typed})
    assert (kept.page, kept.campaign) == ("https://shop.example/devis", {"utm_source": "li"})
    assert Fact.objects.get(person=person, field="material").value == "titane"
    assert asked.known_of("") == frozenset()


def test_consents_are_kept_with_their_wording_page_and_time_c16(house: House) -> None:
    form = a_form(house)
    send(form, consent__email__news="yes", consent__phone__offers="yes")
    drain(now=MONDAY)
    assert agreed() == [("email", "given", "email/news/fr/1"), ("phone", "given", "phone/offers/fr/1")]
    one = Consent.objects.filter(channel="email").get()
    assert (one.purpose, one.at, one.method, one.page) == ("news", MONDAY, "form", "https://shop.example/devis")
    assert not Outgoing.objects.filter(template="confirm_consent").exists()


def test_a_box_that_was_not_ticked_is_no_consent_c52(house: House) -> None:
    send(a_form(house), phone="+33 6 12 34 56 78")
    drain(now=MONDAY)
    assert agreed() == []


def test_the_same_answer_again_is_kept_once_also_after_a_crash(house: House) -> None:
    form = a_form(house)
    send(form, consent__email__news="yes")
    drain(now=MONDAY)
    InboxEvent.objects.update(handled=False)  # the worker died before it could say that the event is in
    assert drain(now=MONDAY) == 1
    assert (Signal.objects.count(), Submission.objects.count(), len(agreed())) == (1, 1, 1)


def test_with_double_consent_nothing_counts_before_the_mailbox_has_answered(house: House) -> None:
    form = a_form(house, confirm=True)
    send(form, consent__email__news="yes")
    drain(now=MONDAY)
    assert agreed() == []
    row = Outgoing.objects.get(template="confirm_consent")
    written = letter.write(row)
    secret = secret_of(settings.SECRET_KEY, row.values["seed"])
    assert (row.recipient, row.language) == (LEA, "fr")
    assert f"/f/confirm/{secret}" in written.text and "«" in written.text
    assert written.headers["Auto-Submitted"] == "auto-generated"
    assert secret not in str(list(Submission.objects.values())) + str(row.values)
    later = MONDAY + timedelta(hours=3)
    assert answers.confirm(secret="f" * 64, now=later) is None
    first, again = (answers.confirm(secret=secret, now=later) for _ in range(2))
    assert first and again and (first.again, again.again) == (False, True)
    assert agreed() == [("email", "given", "email/news/fr/1")]
    assert Consent.objects.get().at == later
    assert not Identity.objects.get(kind="email", value=LEA).claimed
    assert Fact.objects.get(field="email", origin="verified").value == LEA


def test_a_letter_is_too_old_after_a_week(house: House) -> None:
    form = a_form(house, confirm=True)
    send(form, consent__email__news="yes")
    drain(now=MONDAY)
    secret = secret_of(settings.SECRET_KEY, Outgoing.objects.get(template="confirm_consent").values["seed"])
    with pytest.raises(TooLate):
        answers.confirm(secret=secret, now=MONDAY + timedelta(days=7, seconds=1))
    assert agreed() == []


def test_nobody_can_flood_a_mailbox_through_a_form(house: House) -> None:
    form = a_form(house, confirm=True)
    for number in range(6):
        send(form, number, email="LEA@nova.example" if number % 2 else LEA, consent__email__news="yes")
        drain(now=MONDAY)
    for number in range(6, 12):
        send(form, number, consent__email__news="yes")
    drain(now=MONDAY + timedelta(minutes=1))
    letters = Outgoing.objects.filter(template="confirm_consent")
    assert (letters.count(), Submission.objects.count()) == (answers.MOST_LETTERS, 12)
    send(form, 99, at=MONDAY + timedelta(days=2), consent__email__news="yes")
    drain(now=MONDAY + timedelta(days=2))
    assert letters.count() == answers.MOST_LETTERS + 1


def test_nothing_that_a_stranger_typed_stands_in_the_letter(house: House) -> None:
    form = a_form(house, confirm=True)
    send(form, last_name="Buy pills at https://spam.example", material="spam.example", consent__email__news="yes")
    drain(now=MONDAY)
    written = letter.write(Outgoing.objects.get(template="confirm_consent"))
    assert "spam" not in written.subject + written.text + written.html


def test_whoever_once_said_no_is_asked_by_letter_c22(house: House) -> None:
    form = a_form(house)
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY)], now=MONDAY)
    person = Person.objects.get(email=LEA)
    Consent.objects.create(person=person, channel="email", purpose="news", status="withdrawn", at=MONDAY, method="link")
    send(form, consent__email__news="yes", consent__phone__offers="yes")
    drain(now=MONDAY + timedelta(minutes=1))
    assert agreed() == [("email", "withdrawn", ""), ("phone", "given", "phone/offers/fr/1")]
    secret = secret_of(settings.SECRET_KEY, Outgoing.objects.get(template="confirm_consent").values["seed"])
    answers.confirm(secret=secret, now=MONDAY + timedelta(hours=1))
    assert agreed()[:2] == [("email", "withdrawn", ""), ("email", "given", "email/news/fr/1")]


def test_a_stranger_who_types_an_address_changes_nobody(house: House) -> None:
    form = a_form(house)
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY, traits={"last_name": "Roy"})], now=MONDAY)
    Identity.objects.update(claimed=False)  # our own servers have named her
    before: dict[str, Any] = dict(Person.objects.values().get(email=LEA))
    send(form, last_name="Impostor", phone="+33 6 12 34 56 78")
    drain(now=MONDAY + timedelta(minutes=1))
    after: dict[str, Any] = dict(Person.objects.values().get(email=LEA))
    assert {name for name in before if before[name] != after[name]} <= {"last_signal_at"}


def test_a_program_consents_to_nothing(house: House) -> None:
    form = a_form(house, confirm=True)
    send(form, agent="Mozilla/5.0 (compatible; somebot/1.0)", consent__email__news="yes")
    drain(now=MONDAY)
    assert agreed() == [] and not Outgoing.objects.filter(template="confirm_consent").exists()
    assert Submission.objects.count() == 1 and not Lead.objects.exists()


def test_answers_ask_no_more_of_the_database_when_they_are_many(house: House) -> None:
    form = a_form(house, confirm=True)

    def queries_of(first: int, last: int) -> int:
        for number in range(first, last):
            send(form, number, email=f"p{number}@nova{number}.example", consent__email__news="yes")
        with CaptureQueriesContext(connection) as seen:
            drain(now=MONDAY)
        return len(seen)

    few, many = queries_of(0, 3), queries_of(10, 40)
    assert Submission.objects.count() == 33
    assert many <= few + 4


def browser_sends(form: Form, number: int, browser: str = "b-1", **given: str) -> None:
    send(form, number, at=MONDAY + timedelta(minutes=number), _anonymous_id=browser, **given)
    drain(now=MONDAY + timedelta(minutes=number))


def test_what_a_browser_has_answered_is_told_by_name_only_r21(house: House) -> None:
    form = a_form(house)
    browser_sends(form, 1, last_name="Roy", material="titane")
    assert asked.known_of("b-1") == {"email", "last_name", "material"}
    browser_sends(form, 2, phone="+33 6 12 34 56 78")
    assert asked.known_of("b-1") == {"email", "last_name", "material", "phone"}
    assert asked.known_of("unknown") == asked.known_of("") == frozenset()
    browser_sends(form, 3, email="marc@nova.example")  # two people at one computer
    assert asked.known_of("b-1") == frozenset()


@pytest.mark.parametrize("whom", [LEA, "somebody.else@nova.example"])
def test_no_stranger_learns_through_a_form_whom_we_know(house: House, whom: str) -> None:
    form = a_form(house)
    known = {"last_name": "Roy", "phone": "+33612345678", "organisation": "Nova", "postal_code": "69003"}
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY, traits=known)], now=MONDAY)
    Identity.objects.update(claimed=False)  # our own servers have named her
    browser_sends(form, 1, browser="stranger", email=whom, material="titane")
    assert asked.known_of("stranger") == {"email", "material"}
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY, traits={"city": "Lyon"})], now=MONDAY)
    assert asked.known_of("stranger") == {"email", "material"}


def test_what_a_browser_has_answered_is_found_quickly(house: House) -> None:
    form = a_form(house)
    for number in range(4):
        browser_sends(form, number, last_name="Roy")
    with CaptureQueriesContext(connection) as seen:
        asked.known_of("b-1")
    assert len(seen) == 2
    if connection.vendor == "postgresql":  # of four rows it may read all, as its statistics stand
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "submission_by_browser" in Submission.objects.filter(anonymous_id="b-1").order_by("-at").explain()


def test_nobody_whom_we_know_is_signed_up_by_a_stranger(house: House) -> None:
    form = a_form(house)
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY)], now=MONDAY)
    Identity.objects.update(claimed=False)  # our own servers have named her
    send(form, consent__email__news="yes", consent__phone__offers="yes")
    drain(now=MONDAY + timedelta(minutes=1))
    assert agreed() == []
    row = Outgoing.objects.get(template="confirm_consent")
    assert row.recipient == LEA
    answers.confirm(secret=secret_of(settings.SECRET_KEY, row.values["seed"]), now=MONDAY + timedelta(hours=1))
    assert [channel for channel, _, _ in agreed()] == ["email", "phone"]
    send(form, 2, consent__email__news="yes")  # a proved address can be typed by anybody too
    drain(now=MONDAY + timedelta(days=2))
    assert len(agreed()) == 2 and Outgoing.objects.filter(template="confirm_consent").count() == 2


def test_where_only_a_letter_proves_a_consent_one_is_written_c77(house: House) -> None:
    form = a_form(house)
    arrive(signals=[house.signal("page_viewed", LEA, MONDAY, traits={"country": "DE"})], now=MONDAY)
    send(form, consent__email__news="yes")
    drain(now=MONDAY + timedelta(minutes=1))
    assert agreed() == [] and Outgoing.objects.filter(template="confirm_consent").count() == 1


def test_the_answer_of_a_machine_is_marked(house: House) -> None:
    send(a_form(house), agent="Mozilla/5.0 (compatible; somebot/1.0)", consent__email__news="yes")
    drain(now=MONDAY)
    [box] = Submission.objects.get().consents
    assert (box["pending"], box["machine"]) == (True, True)
    assert "La lettre. (text 1, in French) – sent by a machine" in [*rows(Form.objects.get())][1]


def known_by_another_key(house: House, email: str) -> Person:
    """Somebody whom a stranger's answer had made, and whom our own servers have named since, by another address."""
    person = Person.objects.get(email=email)
    Identity.objects.create(person=person, kind="email", value="jeanne@nova.example", first_seen_at=MONDAY)
    return person


def test_a_record_vouched_for_gains_no_address_by_a_letter(house: House) -> None:
    form = a_form(house, confirm=True)
    send(form, last_name="Roy", consent__email__news="yes")
    drain(now=MONDAY)
    person = known_by_another_key(house, LEA)
    secret = secret_of(settings.SECRET_KEY, Outgoing.objects.get(template="confirm_consent").values["seed"])
    answers.confirm(secret=secret, now=MONDAY + timedelta(hours=1))
    held = Identity.objects.get(kind="email", value=LEA)
    person.refresh_from_db()
    assert held.person != person and not held.claimed and held.person.email == LEA
    assert person.email == "jeanne@nova.example"
    assert not Consent.objects.filter(person=person).exists() and agreed() == [("email", "given", "email/news/fr/1")]
    assert Submission.objects.get().person == held.person
    said = Fact.objects.filter(field="email").values_list("person", "origin", "value")
    assert set(said) == {(person.pk, "declared", LEA), (held.person_id, "verified", LEA)}
    pair = Twins.objects.get()
    assert {pair.first_id, pair.second_id} == {person.pk, held.person_id} and "claim" in pair.because
    assert Trail.objects.filter(verb="person.address_parted", subject_id=person.pk).count() == 1
    assert answers.confirm(secret=secret, now=MONDAY + timedelta(hours=2)) is not None
    assert (Person.objects.count(), Fact.objects.filter(origin="verified").count()) == (2, 1)


def test_what_a_mailbox_agrees_to_is_of_whoever_has_it_now(house: House) -> None:
    """Between the letter and its answer our own servers gave the address to somebody else."""
    form = a_form(house, confirm=True)
    send(form, consent__email__news="yes")
    drain(now=MONDAY)
    first = Person.objects.get(email=LEA)
    other = Person.objects.create(first_name="Lea", created_at=MONDAY, relationship="suspect", regime="unknown")
    Identity.objects.filter(kind="email", value=LEA).update(person=other, claimed=False)
    secret = secret_of(settings.SECRET_KEY, Outgoing.objects.get(template="confirm_consent").values["seed"])
    answers.confirm(secret=secret, now=MONDAY + timedelta(hours=1))
    assert list(Consent.objects.values_list("person", flat=True)) == [other.pk]
    assert not Fact.objects.filter(person=first, origin="verified").exists()
