"""Mail that comes back: dead addresses, absences, complaints and answers, each message once, forgeries never."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests import letters_back as back
from tests.cli.typed import vendange
from tests.people import MONDAY, House
from vendange.capture.queries import in_micros
from vendange.connect.mail import letter as letters
from vendange.journey import coming_back
from vendange.journey.arrive import drain as drain_signals
from vendange.models import (
    Address,
    Consent,
    InboxEvent,
    Lead,
    MailIn,
    Measure,
    Outgoing,
    Person,
    Signal,
    Touched,
    Trail,
    User,
)
from vendange.models.outgoing import post
from vendange.reach.queries import mark_of, takes_letters
from vendange.reach.rules import SOFT_DAYS, SOFT_MOST, Reported

CLAIRE = back.NOBODY
NEXT_DAY = MONDAY + timedelta(days=1)


@pytest.fixture
def claire(house: House) -> Person:
    return house.lead(CLAIRE).person


def letter_to(email: str, key: str = "k1") -> Outgoing:
    post(key=key, kind="mail", recipient=email, template="lead_assigned", language="en", values={}, now=MONDAY)
    return Outgoing.objects.get(key=key)


def ours(email: str = CLAIRE, key: str = "k1") -> str:
    """The Message-ID of a letter that we sent there."""
    return letters.write(letter_to(email, key)).headers["Message-ID"]


def come(raw: bytes, at: datetime = NEXT_DAY) -> MailIn | None:
    return coming_back.take_in(raw, received_at=at, now=at)


def state(email: str = CLAIRE) -> str:
    return str(Address.objects.filter(email=email).values_list("state", flat=True).first() or "open")


def story(person: Person) -> tuple[object, ...]:
    """What must not move when a machine answers: the last signal, the measure, the signals, the leads."""
    person.refresh_from_db()
    measure = Measure.objects.get(person=person)
    return (
        person.last_signal_at,
        (measure.fit, measure.engagement, measure.as_of),
        Signal.objects.filter(person=person).count(),
        list(Lead.objects.filter(person=person).values_list("stage", "next_at")),
    )


@pytest.mark.parametrize("server", back.PERMANENT)
def test_a_permanent_failure_of_our_letter_makes_the_address_dead(claire: Person, server: Callable[..., bytes]) -> None:
    before = story(claire)
    row = come(server(message_id=ours()))
    assert row is not None and (row.kind, row.email, row.ignored) == ("bounce", CLAIRE, "")
    takes = takes_letters([CLAIRE.upper(), "other@atelier-nova.example"])
    assert (takes[CLAIRE.upper()].yes, takes[CLAIRE.upper()].because) == (False, "dead")
    assert takes["other@atelier-nova.example"].yes
    assert story(claire) == before
    assert Trail.objects.filter(verb="address.dead").count() == 1


def test_the_same_message_is_taken_in_once(claire: Person) -> None:
    raw = back.full_mailbox(message_id=ours())
    assert come(raw) is not None
    assert come(raw) is None
    copy = b"Received: by another.example\n" + raw  # the provider's door and the mailbox bring the same
    assert come(copy) is None
    assert Address.objects.get().soft == 1


@pytest.mark.parametrize(
    "raw",
    [
        lambda _: back.postfix(),  # no letter of ours has this number
        lambda _: back.postfix(message_id="<any@vendor.example>"),  # no mark at all
        lambda mine: back.postfix(message_id=mine[:3] + "zzzz" + mine[7:]),  # the signature is wrong
        lambda mine: back.exim(to="paul@atelier-nova.example", message_id=mine),  # of another address
        lambda mine: back.exchange(to="paul@atelier-nova.example", message_id=mine),
        lambda _: back.complaint(to="paul@atelier-nova.example"),
    ],
)
def test_a_forged_failure_for_another_address_is_ignored(
    house: House, claire: Person, raw: Callable[[str], bytes]
) -> None:
    """Somebody who got a letter of ours knows its mark: it is good for their own address and no other."""
    paul = house.lead("paul@atelier-nova.example").person
    row = come(raw(ours()))
    assert row is not None and row.ignored == "forged"
    assert not Address.objects.exists() and not Consent.objects.exists()
    assert takes_letters([paul.email])[paul.email].yes


def test_a_delay_is_no_failure_and_a_policy_says_nothing_of_the_address(claire: Person) -> None:
    mine = ours()
    row = come(back.delayed(message_id=mine))
    assert row is not None and row.kind == "delayed" and not Address.objects.exists()
    row = come(back.not_signed(message_id=mine))
    assert row is not None and row.ignored == "not_the_address" and row.status == "5.7.515"
    assert takes_letters([CLAIRE])[CLAIRE].yes


def test_temporary_failures_count_until_a_letter_arrives_or_a_human_writes(claire: Person) -> None:
    mine = ours()
    for n in range(SOFT_MOST - 1):
        come(back.full_mailbox(message_id=mine, key=f"<s{n}@mx.example>"), NEXT_DAY + timedelta(days=n))
    assert (state(), takes_letters([CLAIRE])[CLAIRE].yes) == ("soft", True)
    come(back.answer(message_id=mine))
    assert (state(), Address.objects.get().soft) == ("open", 0)
    for n in range(SOFT_MOST):
        come(back.full_mailbox(message_id=mine, key=f"<t{n}@mx.example>"), NEXT_DAY + n * SOFT_DAYS)
    assert state() == "dead"


def test_an_automatic_reply_counts_for_nothing_but_its_date(claire: Person) -> None:
    before = story(claire)
    row = come(back.absence())
    assert row is not None and (row.kind, row.ignored) == ("auto_reply", "")
    assert Address.objects.get().away_until == date(2026, 10, 2)
    assert story(claire) == before
    assert takes_letters([CLAIRE])[CLAIRE].yes


def test_a_complaint_is_an_objection_at_once(claire: Person) -> None:
    row = come(back.complaint(message_id=ours(), hidden=True))
    assert row is not None and (row.email, row.ignored) == (CLAIRE, "")
    told = Consent.objects.get(person=claire)
    assert (told.channel, told.status, told.method, told.by) == ("all", "refused", "complaint", None)
    assert takes_letters([CLAIRE])[CLAIRE].because == "complained"
    assert Trail.objects.filter(verb="person.objected").exists()
    come(back.postfix(message_id=ours(key="k2"), key="<later@mx.example>"))
    assert state() == "complained"  # a later failure does not hide it


def test_whoever_complained_is_measured_at_once(claire: Person) -> None:
    """What was followed by them goes with the objection, so what was measured of it is no longer true."""
    Measure.objects.filter(person=claire).update(engagement=99)
    come(back.complaint(message_id=ours()))
    assert Measure.objects.get(person=claire).engagement != 99
    assert not Touched.objects.filter(person=claire).exists()


def test_whoever_complained_through_a_provider_is_measured_at_once(claire: Person) -> None:
    Measure.objects.filter(person=claire).update(engagement=99)
    coming_back.take_report(Reported("c-1", "complaint", CLAIRE), received_at=NEXT_DAY, now=NEXT_DAY)
    assert Measure.objects.get(person=claire).engagement != 99


def test_a_complaint_counts_for_whom_the_mark_is_and_nobody_else(house: House, claire: Person) -> None:
    """Whoever names somebody else in the report cannot make Claire object, nor whom they name."""
    paul = house.lead("paul@atelier-nova.example").person
    row = come(back.complaint(message_id=ours(), to=paul.email))
    assert row is not None and (row.email, row.ignored) == (paul.email, "forged")
    assert not Consent.objects.exists() and not Address.objects.exists()


def test_reading_says_of_forged_reports_that_nothing_follows(claire: Person, tmp_path: Path) -> None:
    (tmp_path / "forged.eml").write_bytes(back.postfix())
    (tmp_path / "empty.eml").write_bytes(b"")
    said = vendange("mail", "read", str(tmp_path))
    assert "nothing: forged" in said.out and "dead" not in said.out
    assert "Traceback" not in said.out + said.err


def test_two_reports_of_one_complaint_are_one_objection(claire: Person) -> None:
    mine = ours()
    for key in ("<c1@fbl.example>", "<c2@fbl.example>"):
        row = come(back.complaint(message_id=mine, key=key))
        assert row is not None and row.ignored == ""
    assert Consent.objects.filter(person=claire).count() == 1


FAILED = "Authentication-Results: mx.vendor.example; spf=fail smtp.mailfrom=x; dkim=fail; dmarc=fail (p=reject)\n"


def test_a_forged_answer_is_no_signal_and_clears_nothing(claire: Person) -> None:
    come(back.full_mailbox(message_id=ours()))
    before = story(claire)
    row = come(back.answer(headers=FAILED))
    assert row is not None and (row.kind, row.ignored) == ("reply", "forged")
    assert story(claire) == before and state() == "soft"
    paul = ours("paul@atelier-nova.example", "k2")  # the mark of a letter to another proves nothing of Claire
    row = come(back.answer(headers=FAILED, message_id=paul, key="<r2@x.example>"))
    assert row is not None and row.ignored == "forged"
    row = come(back.answer(headers=FAILED, message_id=ours(key="k3"), key="<r3@x.example>"))
    assert row is not None and row.ignored == ""  # as forwarding breaks signatures: she shows the mark of her letter


def test_no_nul_reaches_the_database(house: House) -> None:
    for n, sender in enumerate(("cl\0aire@atelier-nova.example", "=?utf-8?q?cl=00aire=40atelier-nova=2Eexample?=")):
        row = come(back.answer(sender=sender, key=f"<n{n}@x.example>"))
        assert row is not None and "\0" not in f"{row.email}{row.detail}"
    told = report(email="cl\0aire@atelier-nova.example", said="no\0")
    row = coming_back.take_report(told, received_at=NEXT_DAY, now=NEXT_DAY)
    assert row is not None and "\0" not in f"{row.email}{row.detail}"


def test_an_answer_of_a_human_is_a_signal_once_and_its_text_is_not_kept(claire: Person) -> None:
    last = claire.last_signal_at
    for _twice in range(2):
        come(back.answer(message_id=ours(), words="My secret budget is 40,000."))
    signal = Signal.objects.get(person=claire, kind="email_replied")
    claire.refresh_from_db()
    assert (signal.origin, signal.verdict, signal.occurred_at) == ("observed", "human", NEXT_DAY)
    assert signal.props == {"subject": "Re: Your catalogue", "answers_ours": True}
    assert claire.last_signal_at == NEXT_DAY != last
    kept = [*MailIn.objects.values(), *InboxEvent.objects.values(), *Signal.objects.values()]
    assert "40,000" not in str(kept)


def test_an_answer_of_somebody_unknown_makes_nobody(house: House) -> None:
    row = come(back.answer(sender="stranger@elsewhere.example"))
    assert row is not None and row.ignored == "nobody"
    assert not Person.objects.exists() and not Signal.objects.exists()


def test_two_auto_responders_exchange_one_mail_at_most(claire: Person) -> None:
    """Ours says that it is automatic; a program that answers all the same gets no answer from us (C73)."""
    sent = Outgoing.objects.count()
    mine = letter_to(CLAIRE)
    ours_first = letters.write(mine)
    assert ours_first.headers["Auto-Submitted"] == "auto-generated"
    for n in range(5):
        come(
            back.answer(
                message_id=ours_first.headers["Message-ID"],
                subject="Re: " * n + "Thank you for your mail",
                headers="Auto-Submitted: auto-replied\n",
                key=f"<loop{n}@atelier-nova.example>",
            )
        )
    assert Outgoing.objects.count() == sent + 1
    assert MailIn.objects.filter(kind="auto_reply").count() == 5


def test_a_colleague_who_gets_no_mail_is_told_to_the_administrators(house: House) -> None:
    admin = User.objects.create(username="ada", email="ada@vendor.example", role="admin", first_name="Ada")
    row = come(back.postfix(message_id=ours(house.bob.email), to=house.bob.email))
    assert row is not None and row.ignored == ""
    told = Outgoing.objects.get(template="colleague_unreachable")
    assert told.recipient == admin.email and house.bob.email in letters.write(told).text


def report(**changes: str) -> Reported:
    return Reported(**{"key": "pm-1", "kind": "bounce", "email": CLAIRE, "status": "5.1.1", **changes})  # type: ignore[arg-type]


def test_what_a_provider_reports_is_believed_of_people_we_know(claire: Person) -> None:
    coming_back.take_report(report(), received_at=NEXT_DAY, now=NEXT_DAY)
    assert state() == "dead"
    row = coming_back.take_report(
        report(key="pm-2", email="stranger@elsewhere.example"), received_at=NEXT_DAY, now=NEXT_DAY
    )
    assert row is not None and row.ignored == "nobody" and Address.objects.count() == 1
    assert coming_back.take_report(report(), received_at=NEXT_DAY, now=NEXT_DAY) is None


def test_posted_mail_is_drained_once_and_forgotten(house: House, claire: Person) -> None:
    """One that cannot be read is refused alone, and its neighbours go on; nothing of a message stays."""
    good = back.postfix(message_id=ours())
    for number, (kind, payload) in enumerate([("mail", good), ("mail_report", b"[]"), ("mail", back.answer())]):
        InboxEvent.objects.create(
            source=house.source.pk,
            message_id=f"x{number}",
            kind=kind,
            received_at=in_micros(timezone.now()),
            payload=payload,
        )
    drain_signals(now=NEXT_DAY)
    assert InboxEvent.objects.filter(handled=False).count() == 3
    assert (coming_back.drain(now=NEXT_DAY), coming_back.drain(now=NEXT_DAY)) == (3, 0)
    assert state() == "open"  # the human's answer came after
    assert Signal.objects.filter(kind="email_replied").count() == 1
    assert {bytes(one.payload) for one in InboxEvent.objects.all()} == {b"{}"}


def test_works_again_is_said_by_a_human_and_never_of_a_complaint(house: House, claire: Person) -> None:
    come(back.postfix(message_id=ours()))
    assert coming_back.works_again(email=CLAIRE, by=house.carole, now=NEXT_DAY)
    assert takes_letters([CLAIRE])[CLAIRE].yes
    assert Trail.objects.filter(verb="address.open", by=house.carole).exists()
    come(back.complaint(message_id=ours(key="k2")))
    assert not coming_back.works_again(email=CLAIRE, by=house.carole, now=NEXT_DAY)
    assert not takes_letters([CLAIRE])[CLAIRE].yes


def test_an_objection_stops_letters_too(house: House, claire: Person) -> None:
    Consent.objects.create(person=claire, channel="email", purpose="p", status="given", at=MONDAY)
    assert takes_letters([CLAIRE])[CLAIRE].yes
    Consent.objects.create(person=claire, channel="email", purpose="p", status="withdrawn", at=NEXT_DAY)
    assert takes_letters([CLAIRE])[CLAIRE].because == "objected"


def test_the_mark_is_of_the_letter(house: House) -> None:
    one, other = letter_to(CLAIRE), letter_to("paul@atelier-nova.example", "k2")
    assert mark_of(one) != mark_of(other) and mark_of(one) in letters.write(one).headers["Message-ID"]
