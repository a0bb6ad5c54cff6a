"""Capture, Mail: what came back with what followed, dead addresses, the door; and notes where consent is shown."""

from datetime import timedelta

import pytest

from tests import letters_back as back
from tests.journey.test_coming_back import CLAIRE, NEXT_DAY, come, ours
from tests.people import MONDAY, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.journey import coming_back
from vendange.models import Address, MailIn, Source, User
from vendange.reach.rules import Reported
from vendange.web.capture.mail import AMAZON

PAGE = "/capture/mail/"


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create(username="ada", email="ada@vendor.example", role="admin", first_name="Ada")


@pytest.mark.parametrize("who", ["alice", "bob", "marc"])
def test_others_have_no_business_here(house: House, who: str) -> None:
    assert browser(getattr(house, who)).get(PAGE).status_code == 404


def test_what_came_back_and_what_followed(house: House) -> None:
    person = house.lead(CLAIRE).person
    come(back.postfix(message_id=ours()))
    come(back.exchange())
    page = browser(house.carole).get(PAGE)
    forged, dead = page.context["lines"]
    assert str(dead.followed) == "Counted against the address" and dead.person == person
    assert str(forged.followed).startswith("Nothing: not proven")
    text = page.content.decode()
    assert "550 5.1.1 User unknown" in text and "nobody has this address there" in text
    assert [(tab.code, tab.count) for tab in page.context["tabs"] if tab.count] == [
        ("", 2),
        ("bounce", 2),
        ("ignored", 1),
    ]
    only = browser(house.carole).get(f"{PAGE}?which=ignored").context["lines"]
    assert [one.row.pk for one in only] == [forged.row.pk]


def test_a_colleague_says_that_an_address_works_again(house: House) -> None:
    house.lead(CLAIRE)
    come(back.postfix(message_id=ours()))
    one = Address.objects.get()
    for _twice in range(2):
        answer = browser(house.carole).post(f"/capture/mail/address/{one.pk}/works", follow=True)
        assert answer.status_code == 200
    one.refresh_from_db()
    assert one.state == "open"
    assert browser(house.bob).post(f"/capture/mail/address/{one.pk}/works").status_code == 404


def test_a_complaint_has_no_button(house: House) -> None:
    house.lead(CLAIRE)
    come(back.complaint(message_id=ours()))
    page = browser(house.carole).get(PAGE).content.decode()
    assert "complained" in page and "/works" not in page


def test_the_door_is_for_administrators(house: House, admin: User) -> None:
    assert browser(house.carole).post("/capture/mail/door").status_code == 404
    for _twice in range(2):
        browser(admin).post("/capture/mail/door")
    source = Source.objects.get(kind="mail")
    assert f"/v1/mail/{source.write_key}" in browser(admin).get(PAGE).content.decode()
    for page in (PAGE, "/capture/"):
        assert source.write_key not in browser(house.carole).get(page).content.decode()


@pytest.mark.parametrize(
    ("asks", "is_amazon"),
    [
        ("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc", True),
        ("https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription", False),
        ("http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription", False),
        ("javascript:alert(1)", False),
    ],
)
def test_amazon_s_question_is_a_link_only_to_amazon(house: House, asks: str, is_amazon: bool) -> None:
    told = Reported("s1", "subscription", "", said=asks)
    coming_back.take_report(told, received_at=NEXT_DAY, now=NEXT_DAY)
    assert bool(AMAZON.fullmatch(asks)) is is_amazon
    page = browser(house.carole).get(PAGE).content.decode()
    assert ("Answer yes at Amazon" in page) is is_amazon
    assert (f'href="{asks[:20]}' in page) is is_amazon


def test_the_note_stands_on_the_pages_of_person_desk_and_lead(house: House) -> None:
    lead = house.lead(CLAIRE)
    come(back.postfix(message_id=ours()))
    addresses = (f"/people/{lead.person.public_id}/", f"/desk/{lead.public_id}/", f"/leads/{lead.public_id}/")
    for address in addresses:
        assert "This address takes no letters since" in browser(house.alice).get(address).content.decode(), address
    come(back.complaint(message_id=ours(key="k2")))
    person = browser(house.alice).get(addresses[0]).content.decode()
    assert "Complained about our mail on" in person and "complaint to their mail provider" in person


def test_the_page_asks_as_many_questions_of_twice_as_many_rows(house: House) -> None:
    def rows(first: int, last: int) -> None:
        for n in range(first, last):
            email = f"p{n}@nova.example"
            house.lead(email, MONDAY + timedelta(minutes=n))
            MailIn.objects.create(key=str(n), kind="bounce", email=email, received_at=NEXT_DAY)
            Address.objects.create(email=email, state="dead", status="5.1.1", changed_at=NEXT_DAY)

    client = browser(house.carole)
    rows(0, 5)
    few = questions(client, PAGE)
    rows(5, 10)
    assert questions(client, PAGE) == few
    assert len(client.get(PAGE).context["lines"]) == 10


def test_old_ones_are_a_page_further(house: House) -> None:
    MailIn.objects.bulk_create(
        MailIn(key=str(n), kind="other", ignored="other", received_at=NEXT_DAY) for n in range(60)
    )
    first = browser(house.carole).get(PAGE)
    assert len(first.context["lines"]) == 50
    rest = browser(house.carole).get(f"{PAGE}?before={first.context['older']}")
    assert len(rest.context["lines"]) == 10 and not rest.context["older"]
    for odd in ("?before=x", "?which=zzz", "?before=99999999999999999999"):
        assert browser(house.carole).get(f"{PAGE}{odd}").status_code == 200
