"""One lead travels the whole way, and each way back."""

from datetime import timedelta

import pytest

from tests.people import EXAMPLES, MONDAY, House, colleague, sign_agreement
from vendange.agree.queries import terms_of
from vendange.agreement.sentence import Incomplete
from vendange.journey import clock, deal, desk, handover
from vendange.journey.arrive import arrive
from vendange.models import Assignment, Decision, Lead, Measure, Move, Outgoing, Person, Review, Signal, Trail, User
from vendange.models.trail import broken, seal
from vendange.qualify.actions import AlreadyJudged, TakenByColleague
from vendange.qualify.rules import Judgement
from vendange.route import actions as route
from vendange.sell.actions import NotNow, NotYours

HOUR = timedelta(hours=1)
PASS = Judgement("pass", gap_reason="The director joins on Tuesday")


def report_answers(lead: Lead) -> dict[str, str]:
    """A valid answer to every field of the lead's agreement."""
    fields = terms_of(lead.agreement).agreement.reports
    return {field.id: field.choices[0][0] if field.kind == "choice" else "Two lathes to replace" for field in fields}


def passed(house: House) -> tuple[Lead, Assignment]:
    lead = house.lead()
    desk.judge(lead=lead, by=house.alice, now=MONDAY + HOUR, judgement=PASS)
    lead.refresh_from_db()
    return lead, Assignment.objects.get(lead=lead, ended_at__isnull=True)


def stages(lead: Lead) -> list[str]:
    return list(Move.objects.filter(lead=lead).order_by("id").values_list("to_stage", flat=True))


def test_a_revealing_act_calls_a_human_at_once(house: House) -> None:
    lead = house.lead()
    assert (lead.stage, lead.holder, lead.way, lead.reason) == ("alert", "desk", "act", "quote")
    assert lead.agreement == house.version
    assert lead.next_at == MONDAY + HOUR  # one working hour
    assert Decision.objects.get().lead == lead
    assert Measure.objects.get().person == lead.person


def test_the_same_signals_again_change_nothing(house: House) -> None:
    signals = [house.quote_request("camille@atelier-nova.example", MONDAY, "one")]
    first = arrive(signals=signals, now=MONDAY)
    again = arrive(signals=signals, now=MONDAY + HOUR)
    assert (first.signals, first.people, first.leads) == (1, 1, 1)
    assert (again.signals, again.known, again.people, again.leads) == (0, 1, 0, 0)
    assert (Signal.objects.count(), Person.objects.count(), Lead.objects.count()) == (1, 1, 1)


def test_from_the_signal_to_the_signature(house: House) -> None:
    lead, assignment = passed(house)
    seller = assignment.salesperson.user
    handover.accept(lead=lead, by=seller, now=MONDAY + 2 * HOUR)
    handover.log_call(lead=lead, by=seller, now=MONDAY + 3 * HOUR, result="reached")
    handover.file_report(lead=lead, by=seller, now=MONDAY + 4 * HOUR, answers=report_answers(lead))
    deal.open_deal(lead=lead, by=seller, now=MONDAY + 5 * HOUR, amount_cents=30_000_000)
    deal.win(lead=lead, by=seller, now=MONDAY + timedelta(days=40), amount_cents=31_000_000)
    assert stages(lead) == ["alert", "passed", "accepted", "working", "opportunity", "won"]
    lead.refresh_from_db()
    assert (lead.person.relationship, lead.closed_at) == ("customer", MONDAY + timedelta(days=40))
    assert lead.person.facts.filter(origin="verified").exists()
    assert Outgoing.objects.get(template="lead_assigned").recipient == seller.email


def test_passing_with_a_gap_needs_a_reason_and_writes_nothing_without(house: House) -> None:
    lead = house.lead()
    with pytest.raises(Incomplete) as refused:
        desk.judge(lead=lead, by=house.alice, now=MONDAY, judgement=Judgement("pass"))
    assert "gap_reason" in refused.value.problems
    assert not Review.objects.exclude(outcome="").exists()
    lead.refresh_from_db()
    assert lead.stage == "alert"


@pytest.mark.parametrize(
    ("judgement", "field"),
    [
        (Judgement("later"), "outcome"),
        (Judgement("recycle", track="general"), "wake_at"),
        (Judgement("recycle", wake_at=MONDAY - HOUR, track="general"), "wake_at"),
        (Judgement("recycle", wake_at=MONDAY + timedelta(days=2000), track="general"), "wake_at"),
        (Judgement("recycle", wake_at=MONDAY + timedelta(days=9), track="moon"), "track"),
        (Judgement("eliminate"), "off_target"),
        (Judgement("pass", criteria={"moon": "met"}, gap_reason="why"), "criterion-moon"),
    ],
)
def test_an_incomplete_judgement_says_which_field(house: House, judgement: Judgement, field: str) -> None:
    with pytest.raises(Incomplete) as refused:
        desk.judge(lead=house.lead(), by=house.alice, now=MONDAY, judgement=judgement)
    assert list(refused.value.problems) == [field]


def test_the_first_outcome_stands(house: House) -> None:
    lead, _ = passed(house)
    with pytest.raises(AlreadyJudged, match="Alice"):
        desk.judge(lead=lead, by=house.aude, now=MONDAY + HOUR, judgement=Judgement("eliminate", off_target="student"))
    assert Review.objects.get(lead=lead).outcome == "pass"


def test_a_lead_that_a_colleague_has_open_is_refused_until_the_lease_ends(house: House) -> None:
    lead = house.lead()
    desk.take(lead=lead, by=house.alice, now=MONDAY)
    with pytest.raises(TakenByColleague, match="Alice"):
        desk.judge(lead=lead, by=house.aude, now=MONDAY + timedelta(minutes=5), judgement=PASS)
    clock.tick(now=MONDAY + timedelta(minutes=21))
    lead.refresh_from_db()
    assert (lead.stage, lead.holder, lead.owner) == ("alert", "desk", None)
    desk.judge(lead=lead, by=house.aude, now=MONDAY + timedelta(minutes=22), judgement=PASS)


def test_a_recycled_lead_wakes_up_on_its_date(house: House) -> None:
    lead, wake_at = house.lead(), MONDAY + timedelta(days=90)
    desk.judge(lead=lead, by=house.alice, now=MONDAY, judgement=Judgement("recycle", wake_at=wake_at, track="general"))
    assert clock.tick(now=wake_at - HOUR).woken == 0
    assert clock.tick(now=wake_at).woken == 1
    lead.refresh_from_db()
    assert (lead.stage, lead.holder) == ("alert", "desk")
    assert lead.reviews.filter(outcome="").count() == 1


def test_a_new_act_wakes_a_recycled_lead(house: House) -> None:
    lead = house.lead()
    judgement = Judgement("recycle", wake_at=MONDAY + timedelta(days=90), track="general")
    desk.judge(lead=lead, by=house.alice, now=MONDAY, judgement=judgement)
    later = MONDAY + timedelta(days=10)
    assert arrive(signals=[house.quote_request(lead.person.email, later)], now=later).leads == 1
    lead.refresh_from_db()
    assert lead.stage == "alert"
    assert Lead.objects.count() == 1


def test_an_eliminated_person_is_left_alone(house: House) -> None:
    lead = house.lead()
    desk.judge(lead=lead, by=house.alice, now=MONDAY, judgement=Judgement("eliminate", off_target="student"))
    later = MONDAY + timedelta(days=10)
    assert arrive(signals=[house.quote_request(lead.person.email, later)], now=later).leads == 0


def test_a_lead_not_called_is_reminded_then_reassigned_and_both_are_told(house: House) -> None:
    lead, first = passed(house)
    handover.accept(lead=lead, by=first.salesperson.user, now=MONDAY + 2 * HOUR)
    assert clock.tick(now=first.call_by).reminded == 1
    assert clock.tick(now=first.reassign_at).reassigned == 1
    second = Assignment.objects.get(lead=lead, ended_at__isnull=True)
    assert second.salesperson != first.salesperson
    lead.refresh_from_db()
    assert (lead.stage, lead.owner) == ("passed", second.salesperson.user)
    told = dict(Outgoing.objects.values_list("template", "recipient"))
    assert told["lead_reassigned_away"] == first.salesperson.user.email
    assert told["lead_reassigned_to_you"] == second.salesperson.user.email
    with pytest.raises(NotYours):
        handover.log_call(lead=lead, by=first.salesperson.user, now=first.reassign_at, result="reached")


def test_nobody_left_means_a_visible_queue_with_its_reason_that_drains_by_itself(house: House) -> None:
    lead, first = passed(house)
    clock.tick(now=first.reassign_at)
    second = Assignment.objects.get(lead=lead, ended_at__isnull=True)
    clock.tick(now=second.reassign_at)
    lead.refresh_from_db()
    assert (lead.holder, lead.owner, lead.nobody_because) == ("nobody", None, "had_it_before")
    newcomer = newcomer_in_sales(house)
    assert lead.next_at is not None
    assert clock.tick(now=lead.next_at).found == 1
    lead.refresh_from_db()
    assert (lead.holder, lead.owner) == ("person", newcomer)


def test_a_manager_gives_what_nobody_can_take_to_somebody(house: House) -> None:
    lead, first = passed(house)
    with pytest.raises(NotNow):
        handover.give(lead=lead, salesperson=first.salesperson, by=house.marc, now=MONDAY + 2 * HOUR)
    clock.tick(now=first.reassign_at)
    second = Assignment.objects.get(lead=lead, ended_at__isnull=True)
    clock.tick(now=second.reassign_at)
    handover.give(lead=lead, salesperson=first.salesperson, by=house.marc, now=second.reassign_at + HOUR)
    lead.refresh_from_db()
    assert (lead.stage, lead.owner) == ("passed", first.salesperson.user)
    assert Assignment.objects.get(lead=lead, ended_at__isnull=True).reasons[0]["code"] == "chosen_by_hand"


def test_a_double_click_is_one_attempt_and_a_colleague_s_lead_is_not_called(house: House) -> None:
    lead = house.lead()
    desk.take(lead=lead, by=house.alice, now=MONDAY)
    for seconds in (1, 3):
        desk.log_call(lead=lead, by=house.alice, now=MONDAY + timedelta(seconds=seconds), result="no_answer")
    assert lead.calls.count() == 1
    with pytest.raises(TakenByColleague):
        desk.log_call(lead=lead, by=house.aude, now=MONDAY + timedelta(minutes=1), result="no_answer")
    desk.log_call(lead=lead, by=house.alice, now=MONDAY + timedelta(minutes=5), result="no_answer")
    assert lead.calls.count() == 2


def newcomer_in_sales(house: House) -> User:
    user = colleague("nina", "sales")
    route.set_salesperson(user=user, by=house.marc, now=MONDAY, territory=[], capacity=5)
    return user


@pytest.mark.parametrize(
    ("reason", "stage", "days"),
    [("postponed", "recycled", 120), ("immature", "recycled", 90), ("gone-cold", "recycled", 120)],
)
def test_a_return_sends_the_lead_back_to_nurture_until_its_date(
    house: House, reason: str, stage: str, days: int
) -> None:
    lead, one = passed(house)
    now = MONDAY + 2 * HOUR
    wake_at = now + timedelta(days=days) if reason == "postponed" else None
    handover.give_back(lead=lead, by=one.salesperson.user, now=now, reason=reason, wake_at=wake_at)
    lead.refresh_from_db()
    assert (lead.stage, lead.holder, lead.next_at) == (stage, "nurture", now + timedelta(days=days))
    letter = Outgoing.objects.get(template="lead_returned", recipient=house.alice.email)
    assert set(letter.values["words"]) == {"en", "fr"}


def test_another_contact_keeps_the_lead_and_another_lead_opens_a_linked_one(house: House) -> None:
    lead, one = passed(house)
    seller, now = one.salesperson.user, MONDAY + 2 * HOUR
    handover.give_back(lead=lead, by=seller, now=now, reason="other-contact", contact="Hélène Vidal")
    lead.refresh_from_db()
    assert lead.owner == seller
    handover.give_back(lead=lead, by=seller, now=now + HOUR, reason="other-lead")
    lead.refresh_from_db()
    assert lead.stage == "returned"
    assert Lead.objects.get(linked_to=lead).stage == "alert"


def test_a_return_says_what_is_missing(house: House) -> None:
    lead, one = passed(house)
    for reason, field in (("bored", "reason"), ("postponed", "wake_at")):
        with pytest.raises(Incomplete) as refused:
            handover.give_back(lead=lead, by=one.salesperson.user, now=MONDAY + 2 * HOUR, reason=reason)
        assert list(refused.value.problems) == [field]


def test_a_deal_comes_after_a_call(house: House) -> None:
    lead, one = passed(house)
    with pytest.raises(NotNow, match="first call"):
        deal.win(lead=lead, by=one.salesperson.user, now=MONDAY + 2 * HOUR, amount_cents=1)


def test_the_trail_is_sealed_and_shows_an_altered_line(house: House) -> None:
    passed(house)
    assert seal() > 0
    assert list(broken()) == []
    line = Trail.objects.filter(verb="lead.judged").get()
    Trail.objects.filter(pk=line.pk).update(actor="Somebody else")
    assert [one.pk for one in broken()] == [line.pk]


def test_a_new_agreement_calls_nobody_for_what_is_past(house: House) -> None:
    pages = [
        house.signal("page_viewed", "a@b.example", MONDAY + timedelta(minutes=n), path="/tarifs") for n in range(3)
    ]
    assert arrive(signals=pages, now=MONDAY + HOUR).leads == 0
    text = (EXAMPLES / "complex-sale.yaml").read_text()
    easier = text.replace("alert: [A1, A2, B1]", "alert: [A1, A2, B1, D3, D4, C3, C4]").replace(
        "Complex sale,", "Easier,"
    )
    version = sign_agreement(easier, house.carole, house.marc, MONDAY + 2 * HOUR)
    assert version.number == 2
    later = MONDAY + timedelta(days=1)
    assert arrive(signals=[house.signal("page_viewed", "a@b.example", later, path="/tarifs")], now=later).leads == 1
    assert Lead.objects.get().raised_at == later
