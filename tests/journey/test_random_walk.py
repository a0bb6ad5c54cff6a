"""The invariant behind everything, under a random walk through every act and the clock:
an open lead has an owner and a next date, one review waits for it at most, one salesperson carries it at most.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from django.db.models import Count, Q
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.people import EXAMPLES, MONDAY, House, open_house, sign_agreement
from vendange.agree.queries import terms_of
from vendange.agreement.sentence import Incomplete
from vendange.agreement.stages import IN_SALES, ON_DESK
from vendange.journey import arrive as arriving
from vendange.journey import clock, deal, desk, handover, passing
from vendange.journey.arrive import arrive
from vendange.journey.move import MoveRefused
from vendange.models import AgreementVersion, Assignment, Lead, Move, Review, Touched, User
from vendange.qualify.actions import AlreadyJudged, TakenByColleague
from vendange.qualify.rules import Judgement
from vendange.route import actions as route
from vendange.sell.actions import NotNow, NotYours

EXPECTED = (AlreadyJudged, TakenByColleague, Incomplete, NotNow, NotYours, MoveRefused)
MAILBOXES = ("camille@nova.example", "theo@nova.example", "ines@arvan.example", "julia@nord.example")
KINDS = ("quote_requested", "demo_requested", "page_viewed", "booth_visited", "webinar_attended")
REASONS = ("postponed", "immature", "other-contact", "other-lead", "gone-cold", "unreachable", "bored")


class Relay(RuleBasedStateMachine):
    """Anybody does anything in any order, often at the wrong moment; refusals are expected, broken leads are not."""

    house: House
    now: datetime

    @initialize()
    def company(self) -> None:
        """Four leads, so that no act walks in the void: two alerts, one just passed, one already called."""
        self.now = MONDAY
        self.house = open_house()
        signals = [self.house.quote_request(who, MONDAY) for who in MAILBOXES]
        arrive(signals=signals, now=MONDAY)
        for lead in Lead.objects.order_by("id")[:2]:
            desk.judge(lead=lead, by=self.house.alice, now=MONDAY, judgement=Judgement("pass", gap_reason="Known"))
        called = Lead.objects.select_related("owner").order_by("id")[0]
        assert called.owner is not None
        handover.log_call(lead=called, by=called.owner, now=MONDAY, result="reached")

    @rule(kind=st.sampled_from(KINDS), who=st.sampled_from(MAILBOXES), late=st.integers(0, 30))
    def somebody_acts(self, kind: str, who: str, late: int) -> None:
        at = self.now - timedelta(days=late)
        arrive(signals=[self.house.signal(kind, who, at, path="/tarifs")], now=self.now)

    @rule(minutes=st.sampled_from([5, 25, 90, 60 * 5, 60 * 26, 60 * 24 * 7, 60 * 24 * 100]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        clock.tick(now=self.now)
        assert not Touched.objects.exists()  # whoever waited has been measured

    @rule(pick=st.integers(0, 9), who=st.booleans(), keep=st.booleans())
    def desk_takes(self, pick: int, who: bool, keep: bool) -> None:
        self._on_a_lead(pick, lambda lead: desk.take(lead=lead, by=self._ldr(who), now=self.now))
        if not keep:
            self._on_a_lead(pick, lambda lead: desk.release(lead=lead, by=self._ldr(who), now=self.now))

    @rule(
        pick=st.integers(0, 9),
        who=st.booleans(),
        outcome=st.sampled_from(["pass", "pass", "recycle", "eliminate", "perhaps"]),
        days=st.integers(-1, 200),
        explained=st.booleans(),
    )
    def desk_judges(self, pick: int, who: bool, outcome: str, days: int, explained: bool) -> None:
        judgement = Judgement(
            outcome,
            gap_reason="Known from the fair" if explained else "",
            wake_at=self.now + timedelta(days=days),
            track="machining",
            off_target="student",
        )
        self._on_a_lead(pick, lambda lead: desk.judge(lead=lead, by=self._ldr(who), now=self.now, judgement=judgement))

    @rule(
        pick=st.integers(0, 9), result=st.sampled_from(["reached", "no_answer", "call_back"]), hours=st.integers(1, 60)
    )
    def desk_calls(self, pick: int, result: str, hours: int) -> None:
        back = self.now + timedelta(hours=hours) if result == "call_back" else None
        act = desk.log_call
        self._on_a_lead(
            pick, lambda lead: act(lead=lead, by=self.house.alice, now=self.now, result=result, call_back_at=back)
        )

    @rule(pick=st.integers(0, 9), who=st.booleans(), what=st.sampled_from(["accept", "decline", "call", "report"]))
    def sales_works(self, pick: int, who: bool, what: str) -> None:
        by, now = self._carrier(who), self.now
        acts: dict[str, Callable[[Lead], object]] = {
            "accept": lambda lead: handover.accept(lead=lead, by=by(lead), now=now),
            "decline": lambda lead: handover.decline(lead=lead, by=by(lead), now=now, why="Not my machines"),
            "call": lambda lead: handover.log_call(lead=lead, by=by(lead), now=now, result="reached"),
            "report": lambda lead: handover.file_report(lead=lead, by=by(lead), now=now, answers=_answers(lead)),
        }
        self._on_a_lead(pick, acts[what])

    @rule(pick=st.integers(0, 9), who=st.booleans(), reason=st.sampled_from(REASONS), days=st.integers(-1, 200))
    def sales_gives_back(self, pick: int, who: bool, reason: str, days: int) -> None:
        by, wake_at = self._carrier(who), self.now + timedelta(days=days)
        act = handover.give_back
        self._on_a_lead(
            pick,
            lambda lead: act(
                lead=lead, by=by(lead), now=self.now, reason=reason, wake_at=wake_at, contact="Hélène Vidal"
            ),
        )

    @rule(pick=st.integers(0, 9), who=st.booleans(), what=st.sampled_from(["open", "win", "lose"]))
    def sales_closes(self, pick: int, who: bool, what: str) -> None:
        by, now = self._carrier(who), self.now
        acts: dict[str, Callable[[Lead], object]] = {
            "open": lambda lead: deal.open_deal(lead=lead, by=by(lead), now=now, amount_cents=12_000_00),
            "win": lambda lead: deal.win(lead=lead, by=by(lead), now=now, amount_cents=12_000_00),
            "lose": lambda lead: deal.lose(lead=lead, by=by(lead), now=now, why="Bought elsewhere"),
        }
        self._on_a_lead(pick, acts[what])

    @rule(pick=st.integers(0, 9))
    def manager_reassigns(self, pick: int) -> None:
        act = handover.reassign
        self._on_a_lead(pick, lambda lead: act(lead=lead, by=self.house.marc, now=self.now, because="by_manager"))

    @rule(who=st.booleans(), days=st.integers(1, 20))
    def seller_goes_away(self, who: bool, days: int) -> None:
        one = self._seller(who).salesperson
        until = self.now + timedelta(days=days)
        route.add_absence(salesperson=one, starts_at=self.now, ends_at=until, reason="leave", by=None, now=self.now)

    @rule(capacity=st.integers(0, 3))
    def seller_wants_fewer(self, capacity: int) -> None:
        route.set_salesperson(user=self.house.bob, by=None, now=self.now, territory=[], capacity=capacity)

    @rule()
    def agreement_changes(self) -> None:
        text = (EXAMPLES / "complex-sale.yaml").read_text()
        title = f"agreement: Text {AgreementVersion.objects.count()}, complex sale"
        changed = text.replace("agreement: Complex sale", title)
        sign_agreement(changed, self.house.carole, self.house.marc, self.now)

    @rule(pick=st.integers(0, 9))
    def a_crash_between_steps_leaves_no_half(self, pick: int) -> None:
        """The judgement fails after the outcome is written: nothing of it remains."""
        before = list(Review.objects.filter(outcome="").values_list("pk", flat=True))
        with pytest.MonkeyPatch.context() as patch, suppress(*EXPECTED, ZeroDivisionError, IndexError):
            patch.setattr(passing, "hand_over", lambda *_args, **_named: 1 / 0)
            judgement = Judgement("pass", gap_reason="A crash follows")
            lead = list(Lead.objects.order_by("id"))[pick]
            desk.judge(lead=lead, by=self.house.alice, now=self.now, judgement=judgement)
        assert list(Review.objects.filter(outcome="").values_list("pk", flat=True)) == before

    @rule(kind=st.sampled_from(KINDS), who=st.sampled_from(MAILBOXES))
    def a_crash_before_measuring_leaves_them_waiting(self, kind: str, who: str) -> None:
        """The signals are in, nobody is measured: the next tick does it."""
        signal, leads = self.house.signal(kind, who, self.now, path="/tarifs"), Lead.objects.count()
        with pytest.MonkeyPatch.context() as patch, suppress(ZeroDivisionError):
            patch.setattr(arriving, "_measure_together", lambda *_args: 1 / 0)
            arrive(signals=[signal], now=self.now)
        assert Touched.objects.filter(person__email=who).exists()
        assert Lead.objects.count() == leads

    @invariant()
    def no_lead_without_owner_and_date(self) -> None:
        for lead in Lead.objects.all():
            if lead.is_open:
                assert lead.next_at is not None
                assert (lead.owner_id is not None) == (lead.holder == "person")
                assert lead.holder != "nobody" or lead.nobody_because
            else:
                assert lead.closed_at is not None

    @invariant()
    def every_stage_has_its_papers(self) -> None:
        waiting = Count("reviews", filter=Q(reviews__outcome=""), distinct=True)
        carried = Count("assignments", filter=Q(assignments__ended_at__isnull=True), distinct=True)
        for lead in Lead.objects.annotate(waiting=waiting, carried=carried):
            assert lead.waiting == (lead.stage in ON_DESK)
            assert lead.carried == (lead.stage in IN_SALES and lead.holder == "person")
            last = Move.objects.filter(lead=lead).latest("id")
            assert last.to_stage == lead.stage

    @invariant()
    def no_lead_is_with_somebody_who_does_not_own_it(self) -> None:
        for one in Assignment.objects.filter(ended_at__isnull=True).select_related("salesperson", "lead"):
            assert one.lead.owner_id == one.salesperson.user_id

    def _on_a_lead(self, pick: int, act: Callable[[Lead], object]) -> None:
        leads = list(Lead.objects.order_by("id"))
        if leads:
            with suppress(*EXPECTED):
                act(leads[pick % len(leads)])

    def _ldr(self, first: bool) -> User:
        return self.house.alice if first else self.house.aude

    def _carrier(self, rightful: bool) -> Callable[[Lead], User]:
        """Who carries the lead, or somebody who may not."""
        return lambda lead: lead.owner if rightful and lead.owner else self.house.bob

    def _seller(self, first: bool) -> User:
        return self.house.bob if first else self.house.bruno


def _answers(lead: Lead) -> dict[str, str]:
    fields = terms_of(lead.agreement).agreement.reports
    return {field.id: field.choices[0][0] if field.kind == "choice" else "Two lathes" for field in fields}


class Walk(Relay):
    """Each walk in a transaction of its own, taken back at its end. `seen`: the stages that walks came through."""

    seen: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        Walk.seen.update(Move.objects.values_list("to_stage", flat=True))
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)


def test_no_walk_breaks_a_lead(db: None) -> None:
    Walk.seen.clear()
    run_state_machine_as_test(Walk, settings=settings(stateful_step_count=60, parent=settings()))
    assert Walk.seen >= {"alert", "judging", "passed", "working", "recycled", "eliminated"}
    assert Walk.seen & {"won", "lost", "opportunity"}


class Straight(Walk):
    """The same where nobody judges: a lead that is raised or wakes up is with sales in the same moment (R18)."""

    @initialize()
    def company(self) -> None:
        self.now = MONDAY
        self.house = open_house("small-team.yaml")
        arrive(signals=[self.house.quote_request(who, MONDAY) for who in MAILBOXES], now=MONDAY)

    @invariant()
    def nothing_waits_on_a_desk(self) -> None:
        straight = [one.pk for one in AgreementVersion.objects.all() if one.terms.desk.straight_to_sales]
        assert not Lead.objects.filter(agreement__in=straight, stage__in=[str(stage) for stage in ON_DESK]).exists()


def test_no_walk_breaks_a_lead_that_nobody_judges(db: None) -> None:
    Walk.seen.clear()
    run_state_machine_as_test(Straight, settings=settings(stateful_step_count=40, max_examples=15, parent=settings()))
    assert Walk.seen >= {"alert", "passed", "accepted", "working", "recycled"}
    assert not Walk.seen & {"judging", "eliminated"}
