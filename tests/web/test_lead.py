"""What sales can do with one lead, who may read it, and that nothing typed is lost when it cannot be kept."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.web.relay import DAY, Company, company
from vendange.agree.queries import terms_of
from vendange.journey import deal, handover
from vendange.models import Call, Consent, Deal, Lead, Report, Return
from vendange.web.lead.amounts import NotAnAmount, cents_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
GOOD_REPORT = {"answer-reached": "yes", "answer-next": "visit", "answer-sentence": "Two lathes before summer."}


@pytest.fixture
def house(db: None) -> Company:
    return company(NOW)


def url(lead: Lead, act: str = "") -> str:
    return f"/leads/{lead.public_id}/{act}"


@pytest.mark.parametrize(
    ("who", "status"), [("hugo", 200), ("marc", 200), ("nadia", 200), ("sophie", 200), ("lea", 404), ("admin", 404)]
)
def test_who_may_read_a_lead(house: Company, client: Client, who: str, status: int) -> None:
    lead = house.accepted(at=NOW - 2 * HOUR, to=house.hugo)
    client.force_login(getattr(house, who))
    assert client.get(url(lead)).status_code == status


@pytest.mark.parametrize("act", ["accept", "call", "report", "return", "deal", "won", "lost", "decline"])
def test_another_salesperson_learns_nothing_of_it(house: Company, client: Client, act: str) -> None:
    lead = house.accepted(at=NOW - 2 * HOUR, to=house.hugo)
    client.force_login(house.lea)
    answer = client.post(url(lead, act), {"result": "reached"})
    assert answer.status_code == 404
    assert b"Hugo" not in answer.content


def test_the_page_says_what_is_known(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo, name="Camille Moreau", company="Atelier Nova")
    client.force_login(house.hugo)
    html = client.get(url(lead)).content.decode()
    for said in (
        "Atelier Nova",
        "Camille Moreau",
        "+33 4 65 71 00 01",
        "What the desk heard",
        "A problem that is stated",
        "Why Hugo Roche?",
    ):
        assert said in html


def test_the_reached_call_leads_to_its_report(house: Company, client: Client) -> None:
    lead = house.accepted(at=NOW - 2 * HOUR, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "call"), {"result": "reached", "note": "Wants a visit"})
    assert answer["Location"] == url(lead, "report")
    assert Call.objects.get(lead=lead).note == "Wants a visit"
    html = client.get(url(lead, "report")).content.decode()
    assert re.search(r'name="answer-reached"\s+value="yes"\s+checked', html)


def test_a_call_back_needs_its_date(house: Company, client: Client) -> None:
    lead = house.accepted(at=NOW - 2 * HOUR, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "call"), {"result": "call_back", "note": "On the road"})
    assert answer.status_code == 422
    assert b"Say when to call back." in answer.content
    assert b"On the road" in answer.content
    wanted = (NOW + DAY).strftime("%Y-%m-%dT%H:%M")
    client.post(url(lead, "call"), {"result": "call_back", "call_back_at": "other", "call_back_at_other": wanted})
    assert Call.objects.get(lead=lead).call_back_at


def test_a_report_is_filed_and_its_date_becomes_the_next_one(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    picked = (NOW + 3 * DAY).isoformat()
    answer = client.post(url(lead, "report"), {**GOOD_REPORT, "next_at": picked})
    assert answer.status_code == 303
    assert Report.objects.get(lead=lead).answers["sentence"] == "Two lathes before summer."
    lead.refresh_from_db()
    assert (lead.next_step, lead.next_at) == ("follow_up", datetime.fromisoformat(picked))


def test_what_was_typed_stays_when_a_report_is_incomplete(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    typed = {**GOOD_REPORT, "answer-next": "", "next_at": "other", "next_at_other": "not a date"}
    answer = client.post(url(lead, "report"), typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Two lathes before summer." in html
    assert "Write the date as year-month-day" in html
    assert not Report.objects.exists()
    again = client.post(url(lead, "report"), {**typed, "next_at": "", "next_at_other": ""})
    assert "This answer is needed." in again.content.decode()


@pytest.mark.parametrize(
    ("reason", "more", "stage"),
    [
        ("postponed", {"wake_at": "other", "wake_at_other": (NOW + 90 * DAY).strftime("%Y-%m-%d")}, "recycled"),
        ("immature", {}, "recycled"),
        ("other-contact", {"contact": "Hélène Vidal, plant manager"}, "working"),
        ("other-lead", {}, "returned"),
        ("gone-cold", {}, "recycled"),
        ("unreachable", {}, "recycled"),
    ],
)
def test_each_reason_has_its_effect(
    house: Company, client: Client, reason: str, more: dict[str, str], stage: str
) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "return"), {"reason": reason, "note": "Said in May", **more})
    assert (answer.status_code, answer["Location"]) == (303, "/my-leads/")
    lead.refresh_from_db()
    assert lead.stage == stage
    assert Return.objects.get(lead=lead).attempts == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose why you give it back"),
        ({"reason": "postponed"}, "Say until when the project is postponed."),
        ({"reason": "postponed", "wake_at": "other"}, "Give the day you have in mind."),
        ({"reason": "other-contact"}, "Name the other person to speak with."),
    ],
)
def test_a_return_that_lacks_something_says_what(
    house: Company, client: Client, sent: dict[str, str], sentence: str
) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "return"), {**sent, "note": "They asked for spring"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert b"They asked for spring" in answer.content


def test_unreachable_stands_beside_the_attempts(house: Company, client: Client) -> None:
    lead = house.accepted(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    assert b"No attempt to call was made yet." in client.get(url(lead, "return")).content
    handover.log_call(lead=lead, by=house.hugo, now=NOW - HOUR, result="no_answer")
    assert b"<b>1 attempt</b> made" in client.get(url(lead, "return")).content


def test_a_lead_that_went_to_somebody_else_answers_409_and_gives_the_words_back(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    handover.reassign(lead=lead, by=house.marc, now=NOW, because="Holiday")
    client.force_login(house.hugo)
    answer = client.post(url(lead, "report"), GOOD_REPORT)
    assert answer.status_code == 409
    assert b"This lead is with Lea Roche now." in answer.content
    assert b"Two lathes before summer." in answer.content
    assert client.get(url(lead)).status_code == 404


def test_what_cannot_be_done_now_answers_409(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "report"), GOOD_REPORT)
    assert answer.status_code == 409
    assert b"Log the first call before the report" in answer.content


def hugo_in_french(house: Company, client: Client) -> None:
    house.hugo.language = "fr"
    house.hugo.save()
    client.force_login(house.hugo)


@pytest.mark.parametrize(
    ("act", "sent", "told"),
    [
        ("decline", {"why": ""}, "Dites en quelques mots pourquoi vous la refusez."),
        ("call", {"result": "call_back"}, "Dites quand rappeler."),
        ("return", {"reason": "postponed"}, "Dites jusqu’à quand le projet est reporté."),
        ("deal", {"amount": "much"}, "Ce montant est illisible."),
    ],
)
def test_what_lacks_is_told_in_french(
    house: Company, client: Client, act: str, sent: dict[str, str], told: str
) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    hugo_in_french(house, client)
    answer = client.post(url(lead, act), sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_who_comes_too_late_is_told_in_french(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    hugo_in_french(house, client)
    assert (
        "Notez le premier appel avant le compte-rendu" in client.post(url(lead, "report"), GOOD_REPORT).content.decode()
    )
    handover.decline(lead=lead, by=house.hugo, now=NOW, why="Cousin")
    lost = client.post(url(lead, "accept")).content.decode()
    assert "Cette piste est maintenant chez Lea Roche." in lost


def test_refusing_needs_a_few_words(house: Company, client: Client) -> None:
    lead = house.passed(at=NOW - HOUR, to=house.hugo)
    client.force_login(house.hugo)
    assert client.post(url(lead, "decline"), {"why": " "}).status_code == 422
    assert client.post(url(lead, "decline"), {"why": "My cousin works there"}).status_code == 303
    lead.refresh_from_db()
    assert lead.owner == house.lea


def test_a_project_an_amount_and_the_sale(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    client.post(url(lead, "deal"), {"name": "T5-800", "amount": "12 500,50", "expected_on": "2027-03-01"})
    one = Deal.objects.get(lead=lead)
    assert (one.amount_cents, one.name, str(one.expected_on)) == (1_250_050, "T5-800", "2027-03-01")
    refused = client.post(url(lead, "won"), {"won_amount": "a lot"})
    assert refused.status_code == 422
    assert b"This cannot be read as an amount." in refused.content
    assert b'value="a lot"' in refused.content
    assert b"Say what the sale is worth." in client.post(url(lead, "won"), {}).content
    client.post(url(lead, "won"), {"won_amount": "12,000.00"})
    one.refresh_from_db()
    assert (one.status, one.amount_cents) == ("won", 1_200_000)
    assert client.get(url(lead)).status_code == 200


def test_an_amount_too_large_is_told_so(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    for amount in ("9" * 15, "999 999 999 999 999"):
        answer = client.post(url(lead, "deal"), {"amount": amount})
        assert answer.status_code == 422 and b"This amount is too large" in answer.content


@pytest.mark.parametrize(
    ("day", "told"), [("2020-01-01", b"This day is past"), ("9999-12-31", b"more than five years")]
)
def test_a_project_is_expected_within_five_years(house: Company, client: Client, day: str, told: bytes) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.post(url(lead, "deal"), {"amount": "1000", "expected_on": day})
    assert answer.status_code == 422 and told in answer.content
    assert not Deal.objects.exists()


def test_an_act_of_a_past_stage_is_no_longer_offered(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    answer = client.get(url(lead, "decline"))
    assert answer.status_code == 200 and answer.context["panel"] == "report"


def test_who_gave_a_lead_back_is_told_so(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    client.force_login(house.hugo)
    reasons = terms_of(lead.agreement).agreement.returns
    reason = next(one.id for one in reasons if one.effect == "nurture")
    answer = client.post(url(lead, "return"), {"reason": reason, "note": "Said in May"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/my-leads/" and b"Marketing sees why" in answer.content
    later = client.get(url(lead))
    assert later.status_code == 404 and b"It was given back or went to a colleague." in later.content


def test_a_loss_has_a_reason(house: Company, client: Client) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    deal.open_deal(lead=lead, by=house.hugo, now=NOW - HOUR, amount_cents=100)
    client.force_login(house.hugo)
    assert client.post(url(lead, "lost"), {"why": ""}).status_code == 422
    client.post(url(lead, "lost"), {"why": "Cheaper elsewhere"})
    assert Deal.objects.get(lead=lead).lost_reason == "Cheaper elsewhere"


def test_a_manager_reassigns_with_a_reason(house: Company, client: Client) -> None:
    lead = house.accepted(at=NOW - HOUR, to=house.hugo)
    client.force_login(house.marc)
    assert client.get(url(lead, "reassign")).status_code == 200
    assert client.post(url(lead, "reassign"), {"why": ""}).status_code == 422
    why = "Hugo is away until the end of the month, and this works manager wants to see somebody on Monday"
    assert client.post(url(lead, "reassign"), {"why": why}).status_code == 303
    lead.refresh_from_db()
    assert lead.owner == house.lea
    last = lead.moves.latest("pk")
    assert (last.because, last.detail["why"]) == ("replaced", why)


@pytest.mark.parametrize("who", ["hugo", "sophie", "nadia"])
def test_only_a_manager_reassigns(house: Company, client: Client, who: str) -> None:
    lead = house.accepted(at=NOW - HOUR, to=house.hugo)
    client.force_login(getattr(house, who))
    assert client.post(url(lead, "reassign"), {"why": "x"}).status_code == 404


def test_who_said_no_to_calls_is_not_offered_a_call(house: Company, client: Client) -> None:
    lead = house.accepted(at=NOW - HOUR, to=house.hugo)
    Consent.objects.create(person=lead.person, channel="phone", purpose="sales", status="withdrawn", at=NOW)
    client.force_login(house.hugo)
    assert b"tel:" not in client.get(url(lead)).content
    assert b"tel:" not in client.get("/my-leads/").content


@pytest.mark.parametrize("path", ["", "call", "report", "return", "deal"])
def test_in_french(house: Company, client: Client, path: str) -> None:
    lead = house.called(at=NOW - DAY, to=house.hugo)
    house.hugo.language = "fr"
    house.hugo.save()
    client.force_login(house.hugo)
    html = client.get(url(lead, path), headers={"Accept-Language": "fr"}).content.decode()
    assert '<html lang="fr"' in html
    assert "Demande un devis" in html


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12500", 1_250_000),
        ("12 500,50", 1_250_050),
        ("12\u202f500,50\u00a0€", 1_250_050),
        ("12,500.50", 1_250_050),
        ("€ 12,500.5", 1_250_050),
        ("12.500,50", 1_250_050),
        ("12,500", 1_250_000),
        ("1,234,567.89", 123_456_789),
        ("0", 0),
        ("0,05", 5),
        ("0.29", 29),
    ],
)
def test_amounts_are_read_exactly(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a lot",
        "-5",
        "1e6",
        "12,5000",
        "1,23,4",
        "12 50",
        "1.234.56",
        "1,2.3",
        "99999999999999",
        "٣",
        "12k",
        ".",
        "0,500",
    ],
)
def test_nonsense_is_no_amount(text: str) -> None:
    with pytest.raises(NotAnAmount):
        cents_of(text)
