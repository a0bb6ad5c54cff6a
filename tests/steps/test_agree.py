"""The life of a draft: changed, signed, refused, withdrawn, superseded; nothing of it is ever lost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.people import EXAMPLES, House
from vendange.agree import actions
from vendange.agree.actions import CannotSign, ChangedMeanwhile
from vendange.agree.queries import comments_of, in_force, last_change
from vendange.agree.rules import midnight
from vendange.agreement.problems import NotAnAgreement
from vendange.agreement.sentence import Incomplete
from vendange.models import AgreementVersion, Comment, Outgoing, Signature, Trail, Wording

TEXT = (EXAMPLES / "complex-sale.yaml").read_text()
OTHER = TEXT.replace("accept: 4 working hours", "accept: 3 working hours")
THIRD = TEXT.replace("accept: 4 working hours", "accept: 2 working hours")
NOW = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
DAY = timedelta(days=1)


def drafted(house: House, text: str = OTHER) -> AgreementVersion:
    return actions.draft(text=text, by=house.carole, now=NOW)


def signed(house: House, text: str, starts: datetime | None) -> AgreementVersion:
    version = drafted(house, text)
    actions.sign(version=version, by=house.carole, now=NOW, in_force_from=starts)
    return actions.sign(version=version, by=house.marc, now=NOW, in_force_from=starts)


def verbs(version: AgreementVersion) -> list[str]:
    told = Trail.objects.filter(subject="agreementversion", subject_id=version.pk).order_by("id")
    return list(told.values_list("verb", flat=True))


def letters(template: str) -> list[str]:
    return list(Outgoing.objects.filter(template=template).values_list("recipient", flat=True))


def test_another_text_voids_both_ways_of_signing_and_keeps_them(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW, in_force_from=NOW + 30 * DAY)
    changed = actions.revise(version=version, text=THIRD, by=house.carole, now=LATER)
    void = Signature.objects.get(agreement=version)
    assert void.void_at == LATER and void.sha == version.sha != changed.sha
    assert changed.standing == [] and changed.status == "draft" and changed.in_force_from is None
    former = Wording.objects.get(agreement=version)
    assert (former.text, former.sha, former.by, former.at) == (OTHER, version.sha, house.carole, LATER)
    assert verbs(version) == [
        "agreement.drafted",
        "agreement.signed",
        "agreement.signature_void",
        "agreement.changed",
    ]
    assert letters("agreement_changed") == [house.marc.email]


def test_both_sign_the_new_text_as_if_it_were_the_first(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW)
    actions.revise(version=version, text=THIRD, by=house.carole, now=LATER)
    actions.sign(version=version, by=house.marc, now=LATER)
    done = actions.sign(version=version, by=house.carole, now=LATER)
    assert done.status == "signed" and {one.sha for one in done.standing} == {done.sha}
    assert in_force(LATER).agreement.delays.accept.amount == 2
    assert Signature.objects.filter(agreement=version).count() == 3


def test_a_text_that_says_the_same_keeps_the_signatures(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW)
    same = actions.revise(version=version, text=f"# why we did this\n{OTHER}", by=house.carole, now=LATER)
    assert len(same.standing) == 1 and same.text.startswith("# why") and same.sha == version.sha
    assert Wording.objects.filter(agreement=version).count() == 1
    assert actions.revise(version=version, text=same.text, by=house.carole, now=LATER).text == same.text
    assert Wording.objects.filter(agreement=version).count() == 1


def test_two_heads_who_edit_at_once_do_not_overwrite_each_other(house: House) -> None:
    version = drafted(house)
    actions.revise(version=version, text=THIRD, by=house.marc, now=LATER, sha=version.sha)
    mine = TEXT.replace("accept: 4 working hours", "accept: 1 working hour")
    with pytest.raises(ChangedMeanwhile) as refused:
        actions.revise(version=version, text=mine, by=house.carole, now=LATER, sha=version.sha)
    assert (refused.value.by, refused.value.at) == (house.marc, LATER)
    assert "Marc Test changed the text of agreement v2 on 2026-09-07 at 10:05" in str(refused.value)
    version.refresh_from_db()
    assert version.text == THIRD


def test_nobody_signs_a_text_that_they_have_not_read(house: House) -> None:
    version = drafted(house)
    actions.revise(version=version, text=THIRD, by=house.marc, now=LATER)
    with pytest.raises(ChangedMeanwhile):
        actions.sign(version=version, by=house.carole, now=LATER, sha=version.sha)
    assert not Signature.objects.filter(agreement=version).exists()


def test_what_was_read_under_a_former_text_is_still_read_so(house: House) -> None:
    version = drafted(house)
    stale = AgreementVersion.objects.get(pk=version.pk)
    actions.revise(version=version, text=THIRD, by=house.carole, now=LATER)
    assert stale.terms.delays.accept.amount == 3
    assert AgreementVersion.objects.get(pk=version.pk).terms.delays.accept.amount == 2


def test_only_a_draft_with_a_valid_text_is_changed(house: House) -> None:
    version = drafted(house)
    with pytest.raises(NotAnAgreement):
        actions.revise(version=version, text="agreement: {name: X", by=house.carole, now=NOW)
    actions.refuse(version=version, by=house.marc, reason="Too short.", now=NOW)
    for one in (version, house.version):
        with pytest.raises(CannotSign):
            actions.revise(version=one, text=THIRD, by=house.carole, now=NOW)
    assert not Wording.objects.exists()


def test_a_head_refuses_and_says_why_and_the_other_is_told(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.carole, now=NOW)
    refused = actions.refuse(version=version, by=house.marc, reason="  Three hours are too short.  ", now=LATER)
    assert refused.status == "refused" and in_force(LATER).version == house.version
    said = Comment.objects.get(agreement=version)
    assert said.refuses and said.text == "Three hours are too short." and said.by == house.marc
    assert letters("agreement_refused") == [house.carole.email]
    assert len(refused.standing) == 1  # what Carole signed stays as she signed it
    with pytest.raises(CannotSign):
        actions.sign(version=version, by=house.marc, now=LATER)
    assert actions.settle(comment=said, by=house.carole, now=LATER).settled_at is None


@pytest.mark.parametrize("reason", ["", "   ", "x" * 4001])
def test_no_refusal_without_a_reason_that_can_be_read(house: House, reason: str) -> None:
    version = drafted(house)
    with pytest.raises(Incomplete):
        actions.refuse(version=version, by=house.marc, reason=reason, now=NOW)
    version.refresh_from_db()
    assert version.status == "draft" and not Comment.objects.exists()


def test_a_refused_draft_has_no_day_any_more_and_the_trail_keeps_it(house: House) -> None:
    version, begins = drafted(house), NOW + 30 * DAY
    actions.sign(version=version, by=house.carole, now=NOW, in_force_from=begins)
    actions.refuse(version=version, by=house.marc, reason="Not yet.", now=LATER)
    version.refresh_from_db()
    assert version.in_force_from is None
    kept = Trail.objects.filter(verb="agreement.signed").latest("pk")
    assert kept.detail["in_force_from"] == begins.isoformat()


def test_only_heads_refuse(house: House) -> None:
    with pytest.raises(CannotSign):
        actions.refuse(version=drafted(house), by=house.bob, reason="No.", now=NOW)


def test_what_was_refused_is_taken_up_again_as_a_new_draft(house: House) -> None:
    version = drafted(house)
    actions.refuse(version=version, by=house.marc, reason="Not yet.", now=NOW)
    again = actions.draft(text=version.text, by=house.carole, now=LATER)
    assert (again.number, again.status, again.sha) == (3, "draft", version.sha)


def test_a_signed_version_to_come_is_taken_back_with_a_reason(house: House) -> None:
    version = signed(house, OTHER, NOW + 30 * DAY)
    with pytest.raises(Incomplete):
        actions.withdraw(version=version, by=house.marc, now=LATER)
    with pytest.raises(CannotSign):
        actions.withdraw(version=version, by=house.bob, now=LATER, reason="I prefer the old one.")
    actions.withdraw(version=version, by=house.marc, now=LATER, reason="The fair is put off.")
    version.refresh_from_db()
    assert version.status == "withdrawn" and len(version.standing) == 2
    assert comments_of(version)[0].text == "The fair is put off."
    assert letters("agreement_withdrawn") == [house.carole.email]
    assert in_force(NOW + 31 * DAY).version == house.version


def test_what_is_in_force_is_not_taken_back(house: House) -> None:
    with pytest.raises(CannotSign):
        actions.withdraw(version=house.version, by=house.marc, now=NOW, reason="No more.")


@pytest.mark.parametrize(("days", "status"), [(20, "superseded"), (30, "superseded"), (40, "signed")])
def test_a_newer_signature_for_an_earlier_or_the_same_day_supersedes(house: House, days: int, status: str) -> None:
    coming = signed(house, OTHER, NOW + 30 * DAY)
    newer = signed(house, THIRD, NOW + days * DAY)
    coming.refresh_from_db()
    assert coming.status == status and newer.status == "signed"
    assert in_force(NOW + 50 * DAY).version == newer
    assert ("agreement.superseded" in verbs(coming)) is (status == "superseded")
    assert in_force(NOW + DAY).version == house.version


def test_an_agreement_begins_at_midnight_of_its_own_clock(house: House) -> None:
    starts = midnight(datetime(2026, 12, 1, tzinfo=UTC).date(), "Europe/Paris")
    assert starts == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    version = signed(house, OTHER, starts)
    assert in_force(starts - timedelta(seconds=1)).version == house.version
    assert in_force(starts).version == version


def test_comments_stand_with_the_text_as_it_was_and_are_settled_once(house: House) -> None:
    version = drafted(house)
    said = actions.comment(version=version, by=house.bob, text="Is that enough?", now=NOW, about="delays")
    actions.revise(version=version, text=THIRD, by=house.carole, now=LATER)
    assert said.sha == version.sha and said.about == "delays"
    first = actions.settle(comment=said, by=house.carole, now=LATER)
    again = actions.settle(comment=said, by=house.marc, now=LATER + DAY)
    assert first.settled_at == again.settled_at == LATER
    assert verbs(version).count("agreement.comment_settled") == 1
    with pytest.raises(Incomplete):
        actions.comment(version=version, by=house.bob, text=" \n ", now=NOW)


def test_who_wrote_the_text_that_stands_now(house: House) -> None:
    version = drafted(house)
    assert last_change(version) == (house.carole, NOW)
    actions.revise(version=version, text=THIRD, by=house.marc, now=LATER)
    assert last_change(version) == (house.marc, LATER)


def test_the_other_head_is_told_of_each_signature(house: House) -> None:
    Outgoing.objects.all().delete()
    signed(house, OTHER, None)
    assert letters("agreement_awaits_you") == [house.marc.email]
    assert letters("agreement_signed") == [house.carole.email]


def test_one_standing_signature_a_side(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(agreement=version, side="sales", sha=version.sha, user=house.marc, at=NOW)
