"""One act for many people: done as for one, refused with reasons, undone where it can be, told in the trail."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import MONDAY, House
from vendange.agreement.sentence import Cannot
from vendange.journey import clock, desk, in_bulk
from vendange.journey.arrive import arrive
from vendange.models import Consent, Fact, Job, Lead, Organisation, Person, Segment, SegmentMember, Touched, Trail
from vendange.models.job import unpacked
from vendange.models.turns import Turns
from vendange.qualify.rules import Judgement
from vendange.segment import actions as segment


def people(house: House, *names: str) -> list[int]:
    signals = [house.signal("page_viewed", f"{name}@{name}.example", MONDAY) for name in names]
    arrive(signals=signals, now=MONDAY)
    return list(Person.objects.order_by("pk").values_list("pk", flat=True))


def do(house: House, act: str, ids: list[int], **given: str) -> Job:
    return done(in_bulk.ask(act=act, given=given, people=ids, by=house.carole, now=MONDAY))


def done(job: Job) -> Job:
    job.result = dict(in_bulk.run(job, lambda *_: None, lambda: False))
    job.state, job.ended_at = "done", MONDAY
    job.save()
    return job


def counted(job: Job) -> tuple[int, int, int]:
    found: Mapping[str, Any] = job.result or {}
    return found["done"], found["same"], found["refusals"]


def undone(house: House, job: Job) -> Job:
    return done(in_bulk.ask_to_undo(job, by=house.carole, now=MONDAY))


def test_people_join_a_segment_by_hand_and_leave_it_again(house: House) -> None:
    one = segment.create(name="Guests", kind="hand", by=house.carole, now=MONDAY)
    ids = people(house, "ana", "ben", "cleo")
    segment.add(one, ids[:1], now=MONDAY)
    job = do(house, "join", ids, segment=str(one.public_id))
    assert counted(job) == (2, 1, 0)
    assert SegmentMember.objects.filter(segment=one).count() == 3
    assert counted(undone(house, job)) == (2, 0, 0)
    assert list(SegmentMember.objects.filter(segment=one).values_list("person_id", flat=True)) == ids[:1]
    assert Trail.objects.filter(verb="people.changed_in_bulk").count() == 2


def test_thousands_join_and_leave_without_all_that_was_done_being_read_or_written_again(house: House) -> None:
    one = segment.create(name="Guests", kind="hand", by=house.carole, now=MONDAY)
    Person.objects.bulk_create(Person(created_at=MONDAY) for _ in range(2_500))
    ids = list(Person.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as asked:
        job = do(house, "join", ids, segment=str(one.public_id))
        assert counted(undone(house, job)) == (2_500, 0, 0)
    jobs = [query["sql"] for query in asked if "vendange_job" in query["sql"]]
    assert sum(sql.startswith("UPDATE") and '"result"' in sql for sql in jobs) <= 4
    assert sum(sql.startswith("SELECT") and '"asked", "vendange_job"' in sql for sql in jobs) <= 3


def test_a_language_is_a_reported_fact_and_goes_back(house: House) -> None:
    ids = people(house, "ana", "ben")
    Person.objects.filter(pk=ids[0]).update(language="fr")
    job = do(house, "language", ids, value="de")
    assert set(Person.objects.values_list("language", flat=True)) == {"de"}
    assert Fact.objects.filter(field="language", origin="reported", value="de").count() == 2
    Person.objects.filter(pk=ids[1]).update(language="it")  # somebody changes one of them since
    assert counted(undone(house, job)) == (1, 0, 1)
    assert list(Person.objects.order_by("pk").values_list("language", flat=True)) == ["fr", "it"]


def test_a_private_mailbox_is_no_professional_without_a_reason(house: House) -> None:
    arrive(signals=[house.signal("page_viewed", "ana@gmail.com", MONDAY)], now=MONDAY)
    ids = people(house, "ben")
    Person.objects.update(regime="unknown")
    job = do(house, "regime", ids, value="professional", reason="")
    assert counted(job) == (1, 0, 1)
    [[_, name, why]] = (job.result or {})["refused"]
    assert name == "ana@gmail.com"
    assert "private" in unpacked(why)


def test_the_tier_of_a_company_is_set_once_for_all_its_people(house: House) -> None:
    signals = [house.signal("page_viewed", f"{name}@nova.example", MONDAY) for name in ("ana", "ben")]
    arrive(signals=signals, now=MONDAY)
    ids = list(Person.objects.values_list("pk", flat=True))
    Organisation.objects.all().delete()
    Person.objects.update(organisation=Organisation.objects.create(name="Nova", created_at=MONDAY))
    job = do(house, "tier", ids, tier="core", reason="The list of the sales team")
    assert counted(job) == (1, 0, 0)
    assert Organisation.objects.get().tier == "core"
    undone(house, job)
    assert Organisation.objects.get().tier == ""


def test_an_objection_is_for_every_channel_and_never_undone(house: House) -> None:
    ids = people(house, "ana", "ben")
    job = do(house, "objection", ids, method="phone", said="No more calls")
    assert Consent.objects.filter(channel="all", status="refused").count() == 2
    assert counted(do(house, "objection", ids, method="phone", said="")) == (0, 2, 0)
    with pytest.raises(Cannot):
        in_bulk.ask_to_undo(job, by=house.carole, now=MONDAY)


def test_open_leads_go_to_a_colleague_and_those_on_the_desk_stay(house: House) -> None:
    passed, waiting = house.lead("ana@nova.example"), house.lead("ben@arvan.example")
    desk.judge(lead=passed, by=house.alice, now=MONDAY, judgement=Judgement("pass", gap_reason="Known"))
    passed.refresh_from_db()
    assert passed.owner is not None
    other = house.bruno if passed.owner == house.bob else house.bob
    job = do(house, "give", [passed.person_id, waiting.person_id], colleague=other.username)
    assert counted(job) == (1, 0, 1)
    assert Lead.objects.get(pk=passed.pk).owner == other
    assert Lead.objects.get(pk=waiting.pk).holder == "desk"
    assert counted(do(house, "give", [passed.person_id], colleague=other.username)) == (0, 0, 1)


def test_what_cannot_be_asked_is_refused_before_anything_is_done(house: House) -> None:
    by_rules = segment.create(name="R", wording="did: {on: page_viewed}", by=None, now=MONDAY)
    for act, given in (
        ("join", {"segment": str(by_rules.public_id)}),
        ("tier", {"tier": "best", "reason": "x"}),
        ("tier", {"tier": "core", "reason": ""}),
        ("regime", {"value": "professional", "reason": "x" * 150}),
        ("give", {"colleague": "alice"}),
    ):
        with pytest.raises(Cannot):
            in_bulk.ask(act=act, given=given, people=[], by=house.carole, now=MONDAY)
    assert not Job.objects.exists()


def test_a_worker_that_died_goes_on_where_it_stood(house: House) -> None:
    ids = people(house, "ana", "ben", "cleo")
    job = in_bulk.ask(act="language", given={"value": "de"}, people=ids, by=house.carole, now=MONDAY)
    kept = {"at": 2, "done": 2, "same": 0, "refused": [], "refusals": 0, "before": [[ids[0], "fr"], [ids[1], "fr"]]}
    Job.objects.filter(pk=job.pk).update(result=kept, tries=2)
    job.refresh_from_db()
    found = in_bulk.run(job, lambda *_: None, lambda: False)
    assert found["done"] == 3
    assert [pk for pk, _ in found["before"]] == ids


def test_who_objects_leaves_a_segment_of_those_who_may_be_written_to(house: House) -> None:
    one = segment.create(name="Letters", wording="consents: {email: not_refused}", by=None, now=MONDAY)
    ids = people(house, "ana")
    segment.find_members(one, by=None, now=MONDAY)
    assert SegmentMember.objects.filter(segment=one).count() == 1
    do(house, "objection", ids, method="phone", said="")
    clock.tick(now=MONDAY)
    assert not SegmentMember.objects.filter(segment=Segment.objects.get()).exists()


def test_pieces_are_short_and_others_write_between_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_bulk._next_piece(1_000, in_bulk.LONGEST + 0.1) == 500
    assert in_bulk._next_piece(in_bulk.FEWEST, 9) == in_bulk.FEWEST
    assert in_bulk._next_piece(in_bulk.TOGETHER, 0) == in_bulk.TOGETHER
    turns: list[bool] = []
    monkeypatch.setattr(Turns, "give", lambda _: turns.append(connection.in_atomic_block))
    monkeypatch.setattr(in_bulk, "AT_ONCE", {})
    monkeypatch.setattr(in_bulk, "TOGETHER", 20)
    Person.objects.bulk_create(Person(created_at=MONDAY) for _ in range(60))
    do(house, "language", list(Person.objects.values_list("pk", flat=True)), value="de")
    assert len(turns) == 3


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("language", {"value": "de"}),
        ("regime", {"value": "consumer", "reason": ""}),
        ("objection", {"method": "letter", "said": "No"}),
    ],
)
def test_many_cost_as_many_questions_as_few_and_are_left_to_the_clock(
    house: House, act: str, given: dict[str, str]
) -> None:
    def asked(many: int) -> int:
        Person.objects.bulk_create(Person(created_at=MONDAY, regime="unknown") for _ in range(many))
        ids = list(Person.objects.order_by("-pk").values_list("pk", flat=True)[:many])
        with CaptureQueriesContext(connection) as seen:
            assert counted(do(house, act, ids, **given)) == (many, 0, 0)
        assert Touched.objects.filter(person__in=ids).count() == many
        return len(seen)

    assert asked(200) <= asked(20)


def test_a_language_that_is_not_offered_is_refused_and_an_empty_one_erases_nothing(house: House) -> None:
    for value in ("xx", "", "fra"):
        with pytest.raises(Cannot):
            in_bulk.ask(act="language", given={"value": value}, people=[1], by=house.carole, now=MONDAY)
    with pytest.raises(Cannot):
        in_bulk.ask(act="regime", given={"value": "", "reason": ""}, people=[1], by=house.carole, now=MONDAY)
    assert not Job.objects.exists()


def test_the_same_page_asks_once(house: House) -> None:
    token = uuid4()
    asked: dict[str, Any] = {
        "act": "language",
        "given": {"value": "de"},
        "people": [1],
        "now": MONDAY,
        "token": token,
    }
    assert in_bulk.ask(**asked, by=house.carole) == in_bulk.ask(**asked, by=house.carole)
    assert Job.objects.count() == Trail.objects.filter(verb="people.asked_in_bulk").count() == 1
    with pytest.raises(Cannot):
        in_bulk.ask(**asked, by=house.alice)
