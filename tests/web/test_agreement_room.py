"""The room of the agreement: changes in place, comparing, comments, refusing, signing what was read, and paper."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.people import EXAMPLES, House
from tests.web.test_agreement import OTHER, TEXT, in_french
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.agree import actions
from vendange.agreement.language import load
from vendange.models import AgreementVersion, Comment, Signature
from vendange.web.agreement.marking import marked
from vendange.web.agreement.reading import reading_of

NOW = timezone.now()


def drafted(house: House, text: str = OTHER) -> AgreementVersion:
    return actions.draft(text=text, by=house.carole, now=NOW)


def page_of(house: House, path: str = "/agreement/2/", who: str = "marc") -> str:
    return unescape(browser(getattr(house, who)).get(path).content.decode())


def test_a_draft_shows_its_changes_in_place_and_in_short(house: House) -> None:
    drafted(house)
    page = page_of(house)
    assert "1 change<" in page and "What changes against v1" in page
    assert "<del>4 working hours</del>" in page and "<ins>3 working hours</ins>" in page
    assert "<del>4</del> <ins>3</ins> working hours" in page


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("points: 30", "points: 34", "<del>+30</del> <ins>+34</ins>"),
        ("{en: Student, fr: Étudiant}", "{en: Pupil, fr: Élève}", "<del>Student</del>"),
        ("alert: [A1, A2, B1]", "alert: [A1, A2]", "<del>B1</del>"),
        ("points: 30", "points: 30  # as before", ""),
    ],
)
def test_the_words_are_marked_where_they_differ(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with override("en"):
        before, after = (reading_of(load(text)) for text in (TEXT, TEXT.replace(old, new, 1)))
        found = repr(marked(before, after))
    assert told in found and ("<ins>" in found or "<del>" in found) is bool(told)


def test_what_a_head_writes_is_text_and_never_markup(house: House) -> None:
    evil = TEXT.replace("en: Student", "en: <script>alert(1)</script>", 1)
    drafted(house, evil)
    page = browser(house.marc).get("/agreement/2/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_each_rule_that_is_gone_or_new_is_marked() -> None:
    with override("en"):
        before, after = (
            reading_of(load((EXAMPLES / f"{name}.yaml").read_text())) for name in ("complex-sale", "small-team")
        )
        found = marked(before, after)
    assert any("<del>Asks for a demonstration</del>" in label.en for label, _type in found.acts)
    assert any("<ins>Calls us</ins>" in label.en for label, _type in found.acts)
    assert len(found.fit) == len(before.fit)


def test_comparing_says_it_in_sentences_of_each_section(house: House) -> None:
    drafted(house)
    page = page_of(house, "/agreement/2/compare")
    assert "What v2 says otherwise than v1" in page and "Who owes what, within which delay" in page
    assert "Sales accepts or refuses within" in page
    french = browser(in_french(house.marc)).get("/agreement/2/compare?with=1").content.decode()
    assert "Ce que la v2 dit autrement que la v1" in unescape(french) and "3 heures ouvrées" in french


def test_a_text_that_was_only_rewritten_says_so(house: House) -> None:
    version = drafted(house)
    AgreementVersion.objects.filter(pk=version.pk).update(sha=house.version.sha, text=f"# new\n{TEXT}")
    assert "Only the writing differs" in page_of(house, "/agreement/2/compare?with=1")
    AgreementVersion.objects.filter(pk=version.pk).update(text=TEXT)
    assert "letter by letter" in page_of(house, "/agreement/2/compare?with=v1")


@pytest.mark.parametrize("query", ["?with=9", "?with=abc", "?with=²", "?with=99999999999999"])
def test_no_such_version_to_compare_with(house: House, query: str) -> None:
    assert browser(house.marc).get(f"/agreement/1/compare{query}").status_code == 404


def test_one_version_alone_has_nothing_to_compare_with(house: House) -> None:
    assert "There is only one version" in page_of(house, "/agreement/1/compare")


def test_everybody_comments_and_the_writers_settle(house: House) -> None:
    drafted(house)
    bob, marc, alice = browser(house.bob), browser(house.marc), browser(house.alice)
    assert bob.post("/agreement/2/comment", {"about": "delays", "text": "Is three enough?"}).status_code == 303
    said = Comment.objects.get()
    assert (said.by, said.about, said.text) == (house.bob, "delays", "Is three enough?")
    assert "Who owes what, within which delay" in page_of(house) and "Is three enough?" in page_of(house)
    assert alice.post(f"/agreement/2/comments/{said.pk}/settle").status_code == 404
    assert marc.post(f"/agreement/1/comments/{said.pk}/settle").status_code == 404
    assert marc.post(f"/agreement/2/comments/{said.pk}/settle").status_code == 303
    said.refresh_from_db()
    assert said.settled_at


def test_an_empty_comment_is_told_beside_its_field(house: House) -> None:
    drafted(house)
    answer = browser(house.bob).post("/agreement/2/comment", {"about": "nonsense", "text": "  "})
    assert answer.status_code == 422 and "text-wrong" in answer.content.decode() and not Comment.objects.exists()


def test_what_was_said_of_a_former_text_is_marked(house: House) -> None:
    version = drafted(house)
    actions.comment(version=version, by=house.bob, text="Too short.", now=NOW)
    actions.revise(version=version, text=OTHER.replace("3 working", "2 working"), by=house.carole, now=NOW)
    assert "about a former text" in page_of(house)


def test_a_head_refuses_with_a_reason_and_it_is_taken_up_again(house: House) -> None:
    drafted(house)
    marc, carole = browser(house.marc), browser(house.carole)
    assert browser(house.bob).post("/agreement/2/refuse", {"reason": "No."}).status_code == 404
    empty = marc.post("/agreement/2/refuse", {"reason": " "})
    assert empty.status_code == 422 and "reason-wrong" in empty.content.decode()
    assert marc.post("/agreement/2/refuse", {"reason": "Three hours are too short."}).status_code == 303
    page = page_of(house, who="carole")
    assert "Three hours are too short." in page and "Refused" in page and "Sign for marketing" not in page
    assert marc.post("/agreement/2/refuse", {"reason": "Again."}).status_code == 409
    assert browser(house.bob).post("/agreement/2/take-up").status_code == 404
    assert carole.post("/agreement/2/take-up")["Location"] == "/agreement/3/"
    assert AgreementVersion.objects.get(number=3).text == OTHER


def test_a_head_signs_only_the_text_on_the_page(house: House) -> None:
    version = drafted(house)
    assert f'name="sha" value="{version.sha}"' in page_of(house)
    actions.revise(version=version, text=OTHER.replace("3 working", "2 working"), by=house.carole, now=NOW)
    answer = browser(house.marc).post("/agreement/2/sign", {"sha": version.sha})
    assert answer.status_code == 409 and "Carole Test changed the text" in answer.content.decode()
    assert not Signature.objects.filter(agreement=version).exists()


def test_a_day_in_a_refusal_is_written_as_people_do(house: House) -> None:
    version = drafted(house)
    agreed = datetime(NOW.year + 1, 3, 1, tzinfo=UTC)
    actions.sign(version=version, by=house.carole, now=NOW, in_force_from=agreed)
    day = (agreed + timedelta(days=3)).date().isoformat()
    page = browser(in_french(house.marc)).post("/agreement/2/sign", {"in_force_from": day}).content.decode()
    assert f"1 mars {agreed.year}" in page


def test_a_void_signature_is_shown_and_does_not_count(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW)
    actions.revise(version=version, text=OTHER.replace("3 working", "2 working"), by=house.carole, now=NOW)
    page = page_of(house)
    assert (
        "Marc Test had signed another text" in page and "Sign for sales" in page and "Has signed this text" not in page
    )
    assert "0 signatures" in page


def test_what_changed_since_a_void_signature_is_one_step_away(house: House) -> None:
    version = drafted(house)
    actions.sign(version=version, by=house.marc, now=NOW)
    actions.revise(version=version, text=OTHER.replace("3 working", "2 working"), by=house.carole, now=NOW)
    page = page_of(house)
    link = f"/agreement/2/compare?since={version.sha}"
    assert link in page
    since = page_of(house, link)
    assert "<del>3 working hours</del>" in since and "<ins>2 working hours</ins>" in since
    assert browser(house.marc).get("/agreement/2/compare?since=0000").status_code == 404
    assert browser(house.marc).get(f"/agreement/1/compare?since={version.sha}").status_code == 404


def test_a_day_is_midnight_on_the_clock_of_the_agreement(house: House) -> None:
    version = drafted(house, OTHER.replace("time_zone: Europe/Paris", "time_zone: Asia/Tokyo"))
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    browser(house.marc).post("/agreement/2/sign", {"in_force_from": day, "sha": version.sha})
    version.refresh_from_db()
    assert version.in_force_from and version.in_force_from.isoformat().endswith("T15:00:00+00:00")
    page = page_of(house, who="carole")
    assert 'name="in_force_from"' not in page and "Asia/Tokyo" in page


def test_a_version_to_come_is_taken_back_by_a_head_and_by_nobody_else(house: House) -> None:
    version = drafted(house)
    starts = NOW + timedelta(days=20)
    for head in (house.carole, house.marc):
        actions.sign(version=version, by=head, now=NOW, in_force_from=starts)
    admin = browser(house.bob)
    assert admin.post("/agreement/2/withdraw", {"back_reason": "No."}).status_code == 404
    marc = browser(house.marc)
    empty = marc.post("/agreement/2/withdraw", {"back_reason": ""})
    assert empty.status_code == 422 and "back-wrong" in empty.content.decode()
    assert marc.post("/agreement/2/withdraw", {"back_reason": "The fair is put off."}).status_code == 303
    version.refresh_from_db()
    assert version.status == "withdrawn" and "The fair is put off." in page_of(house)


def test_what_it_would_supersede_is_said_before_it_is_signed(house: House) -> None:
    version = drafted(house)
    for head in (house.carole, house.marc):
        actions.sign(version=version, by=head, now=NOW, in_force_from=NOW + timedelta(days=20))
    third = drafted(house, OTHER.replace("3 working", "2 working"))
    assert "is signed for a day to come" in page_of(house, "/agreement/3/")
    for head in (house.carole, house.marc):
        actions.sign(version=third, by=head, now=NOW)
    assert "It never came into force" in page_of(house)


@pytest.mark.parametrize(("language", "told"), [("en", "What a lead is"), ("fr", "Ce qu’est une piste")])
def test_paper_speaks_the_language_that_was_asked_for(house: House, language: str, told: str) -> None:
    client = browser(house.bob)
    page = unescape(client.get(f"/agreement/1/print?language={language}").content.decode())
    assert f'<html lang="{language}">' in page and told in page
    assert house.version.sha[:16] in page and "Carole Test" in page and "Marc Test" in page
    assert "in force" in unescape(client.get("/agreement/").content.decode())  # their own language stays


def test_a_draft_on_paper_has_lines_to_sign_by_hand(house: House) -> None:
    drafted(house)
    assert page_of(house, "/agreement/2/print?language=xx").count("Date and signature") == 2


def test_as_many_questions_for_more_comments_and_signatures(house: House) -> None:
    version = drafted(house)
    actions.comment(version=version, by=house.bob, text="One.", now=NOW)
    client = browser(house.marc)
    client.get("/agreement/2/")
    before = questions(client, "/agreement/2/")
    for hours in (5, 6, 7):
        actions.sign(version=version, by=house.carole, now=NOW)
        text = OTHER.replace("3 working", f"{hours} working")
        version = actions.revise(version=version, text=text, by=house.carole, now=NOW)
        actions.comment(version=version, by=house.alice, text="Another.", now=NOW)
    client.get("/agreement/2/")
    assert questions(client, "/agreement/2/") == before


@pytest.mark.parametrize("path", ["comment", "refuse", "take-up", "sign", "withdraw"])
def test_acts_are_posted_and_of_versions_that_exist(house: House, path: str) -> None:
    marc = browser(house.marc)
    assert marc.get(f"/agreement/1/{path}").status_code == 405
    assert marc.post(f"/agreement/9/{path}", {"text": "x", "reason": "x"}).status_code == 404
