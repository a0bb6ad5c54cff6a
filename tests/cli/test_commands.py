"""Keys, sources, colleagues, agreements, explanations, figures, the doctor: said in sentences and as JSON."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from tests.cli.typed import vendange
from tests.people import EXAMPLES, MONDAY, House, colleague
from vendange.agree import actions as agree
from vendange.cli import doctor
from vendange.cli.doctor import Finding
from vendange.cli.explain import points_given
from vendange.journey import desk
from vendange.models import AgreementVersion, ApiKey, Lead, Outgoing, Person, Source, Trail, User
from vendange.models.trail import seal
from vendange.qualify.rules import Judgement


def test_a_key_is_shown_once_and_opens_the_api(db: None) -> None:
    made = vendange("key", "add", "Dashboard", "--role", "manager", "--json")
    secret = made.value["key"]
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/leads").status_code == 200
    listed = vendange("key", "list")
    assert secret not in listed.out
    assert ApiKey.objects.get().prefix in listed.out


def test_a_revoked_key_opens_nothing(house: House) -> None:
    colleague("ada", "admin")
    made = vendange("key", "add", "Dashboard", "--role", "manager", "--json").value
    refused = vendange("key", "revoke", made["prefix"], "--as", "marc")
    assert (refused.code, "no administrator" in refused.err) == (1, True)
    said = vendange("key", "revoke", made["prefix"], "--as", "ada")
    assert "opens nothing any more" in said.out
    assert Client(headers={"Authorization": f"Bearer {made['key']}"}).get("/api/v1/leads").status_code == 401
    assert vendange("key", "revoke", made["prefix"], "--as", "ada").code == 1
    assert "There is no key" in vendange("key", "revoke", "00000000", "--as", "ada").err


def test_a_source_has_a_write_key_and_one_name(db: None) -> None:
    made = vendange("source", "add", "Web site", "--json")
    assert made.value["write_key"] == Source.objects.get().write_key
    again = vendange("source", "add", "web site")
    assert (again.code, "There is already a source" in again.err) == (1, True)
    assert made.value["write_key"] in vendange("source", "list").out


def test_a_colleague_is_added_and_can_sign_in(db: None) -> None:
    words = (
        "user",
        "add",
        "sophie",
        "--email",
        "sophie@rochebrune.example",
        "--role",
        "marketing",
        "--first-name",
        "Sophie",
    )
    said = vendange(*words, "--signs-for", "marketing", "--password-stdin", given="vines and barrels\n")
    assert said.code == 0
    added = User.objects.get()
    assert (added.role, added.signs_for, added.check_password("vines and barrels")) == ("marketing", "marketing", True)
    assert "sophie@rochebrune.example" in vendange("user", "list").out


@pytest.mark.parametrize(
    ("username", "email", "password", "told"),
    [
        ("alice", "new@vendor.example", "vines and barrels", "already has the sign-in name alice"),
        ("new", "alice@vendor.example", "vines and barrels", "already has the e-mail address alice@vendor.example"),
        ("New Name", "new@vendor.example", "vines and barrels", "cannot be a sign-in name"),
        ("new", "nowhere", "vines and barrels", "is not an e-mail address"),
        ("new", "new@vendor.example", "short", "too short"),
    ],
)
def test_a_colleague_who_cannot_be_added(house: House, username: str, email: str, password: str, told: str) -> None:
    words = ("user", "add", username, "--email", email, "--role", "ldr", "--password-stdin")
    before = User.objects.count()
    said = vendange(*words, given=f"{password}\n")
    assert (said.code, told in said.err) == (1, True)
    assert User.objects.count() == before


def test_the_password_is_asked_for_and_never_shown(db: None) -> None:
    words = ("user", "add", "hugo", "--email", "hugo@rochebrune.example", "--role", "sales")
    said = vendange(*words, given="vines and barrels\nvines and barrels\n")
    assert said.code == 0
    assert "vines" not in said.out + said.err


def test_an_agreement_is_checked_with_all_its_problems(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("agreement: Ours\nfitt: []\nengagement:\n  half_life: never\n")
    said = vendange("agreement", "check", wrong)
    assert said.code == 1
    assert "wrong.yaml: Line 2, fitt: There is no field fitt here. Did you mean fit?" in said.err
    assert "Line 4" in said.err
    assert "problems to correct." in said.err
    good = vendange("agreement", "check", EXAMPLES / "inbound-leads.yaml")
    assert (good.code, "valid agreement" in good.out) == (0, True)


def test_an_agreement_is_drafted_signed_twice_shown_and_compared(house: House) -> None:
    drafted = vendange("agreement", "draft", EXAMPLES / "small-team.yaml", "--json").value
    assert drafted["number"] == 2
    first = vendange("agreement", "sign", "2", "--as", "carole")
    assert "when sales has signed too" in first.out
    assert "already has the signature" in vendange("agreement", "sign", "2", "--as", "carole").err
    assert "signs for neither team" in vendange("agreement", "sign", "2", "--as", "bob").err
    assert (
        "cannot come into force in the past"
        in vendange("agreement", "sign", "2", "--as", "marc", "--from", "2020-01-01").err
    )
    assert "not a date" in vendange("agreement", "sign", "2", "--as", "marc", "--from", "soon").err
    assert "is in force from" in vendange("agreement", "sign", "v2", "--as", "marc").out
    assert AgreementVersion.objects.get(number=2).text.strip() in vendange("agreement", "show").out
    told = vendange("agreement", "show", "1", "--words").out
    assert "Papers and films: at most 30 points" in told and "How often one person may be contacted" in told
    assert "Ce que coûte une piste" in vendange("agreement", "show", "1", "--words", "--language", "fr").out
    listed = vendange("agreement", "list").out
    assert "marketing and sales" in listed
    compared = vendange("agreement", "diff", "1", "2")
    assert "Who owes what, within which delay\n" in compared.out
    assert "working day" in compared.out
    assert vendange("agreement", "diff", "2", EXAMPLES / "small-team.yaml").out == "They say the same.\n"
    assert "There is no version 9" in vendange("agreement", "show", "9").err


def test_a_text_that_is_shown_can_be_checked_again(house: House, tmp_path: Path) -> None:
    said, bare = vendange("agreement", "show", "1"), vendange("agreement", "show", "1", "--text")
    assert said.out.strip() == AgreementVersion.objects.get(number=1).text.strip() == bare.out.strip()
    assert house.version.sha in said.err and bare.err == ""
    file = tmp_path / "mine.yaml"
    file.write_text(said.out)
    assert vendange("agreement", "check", file).code == 0


def test_a_draft_that_is_drafted_again_is_the_same_version(house: House) -> None:
    drafts = [EXAMPLES / f"{name}.yaml" for name in ("small-team", "inbound-leads", "small-team", "inbound-leads")]
    assert [vendange("agreement", "draft", one, "--json").value["number"] for one in drafts] == [2, 3, 2, 3]
    agree.withdraw(version=AgreementVersion.objects.get(number=2), by=house.carole, now=MONDAY)
    assert vendange("agreement", "draft", drafts[0], "--json").value["number"] == 4


def test_without_an_agreement_in_force_the_remedy_is_told(db: None) -> None:
    said = vendange("agreement", "show")
    assert (said.code, "vendange agreement draft FILE" in said.err) == (1, True)


def test_a_measure_is_explained_by_lines_that_add_up(house: House) -> None:
    person = house.lead().person
    told = vendange("explain", "person", person.email.upper(), "--json").value
    again = vendange("explain", "person", person.public_id, "--json").value
    assert {**again, "as_of": told["as_of"]} == told
    for side in ("fit", "engagement"):
        total = sum(line["points"] for line in told["lines"] if line["side"] == side)
        assert total == pytest.approx(told[side])
    assert told["agreement"] == {"number": 1, "sha": house.version.sha}
    said = vendange("explain", "person", person.email).out
    assert f"Judged by agreement v1 as of {datetime.now(UTC):%Y-%m-%d}" in said
    assert str(Lead.objects.get().public_id) in said
    assert "Called a human on" in said and "revealing act: Asks for a quote" in said


def test_points_given_are_rounded_as_those_left() -> None:
    assert [points_given(one) for one in (11.904761904, 20.0, 7.5)] == ["11.90", "20", "7.50"]


def test_who_is_set_aside_is_said_to_be(house: House) -> None:
    person = house.lead().person
    Person.objects.filter(pk=person.pk).update(level="student")
    assert "Set aside by the agreement: Student. Nobody is called." in vendange("explain", "person", person.email).out
    Person.objects.filter(pk=person.pk).update(level="", set_aside="off-target")
    said = vendange("explain", "person", person.email).out
    assert "Set aside by the desk: off-target" in said and "by the agreement:" not in said


def test_a_lead_is_explained_as_it_was_and_with_what_became_of_it(house: House) -> None:
    lead = house.lead()
    judgement = Judgement("pass", gap_reason="They decide on Tuesday")
    desk.judge(lead=lead, by=house.alice, now=MONDAY + timedelta(hours=1), judgement=judgement)
    told = vendange("explain", "lead", lead.public_id, "--json").value
    assert told["lead"]["stage"] == "passed"
    assert [item["kind"] for item in told["story"] if item["type"] == "move"] == ["alert", "passed"]
    said = vendange("explain", "lead", lead.public_id).out
    assert "A human was called because:" in said
    assert "Alice Test" in said


def test_who_is_not_there_cannot_be_explained(house: House) -> None:
    assert "There is nobody called" in vendange("explain", "person", "nobody@nowhere.example").err
    assert "There is no lead" in vendange("explain", "lead", UUID(int=3)).err
    person = Person.objects.create(email="quiet@nowhere.example", created_at=MONDAY)
    assert "was never measured" in vendange("explain", "person", person.email).err


def test_the_metric_of_a_period(house: House) -> None:
    house.lead()
    words = ("metric", "--from", f"{MONDAY:%Y-%m-%d}", "--to", f"{MONDAY:%Y-%m-%d}")
    assert vendange(*words, "--json").value["raised"] == 1
    assert "1 wait on the desk" in vendange(*words).out
    assert "Exchange the two dates" in vendange("metric", "--from", "2026-09-08", "--to", "2026-09-06").err
    assert "is not a date" in vendange("metric", "--from", "2026-02-30").err


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The databases of tests live in memory, without migrations of their own: leave the checks of files out."""

    def not_asked(alias: str) -> Finding:
        return Finding(f"file {alias}", "well", "not asked")

    monkeypatch.setattr(doctor, "_migrations", not_asked)
    monkeypatch.setattr(doctor, "_durability", not_asked)


def test_the_doctor_examines_real_files(tmp_path: Path) -> None:
    """A home of its own, as an administrator would have it: ill before the tables are made, well after."""
    environment = {"VENDANGE_HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vendange.cli.main", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    before = typed("doctor")
    assert (before.returncode, "migrations wait" in before.stdout) == (1, True)
    assert typed("migrate").returncode == 0
    after = typed("doctor")
    assert after.returncode == 0, after.stdout + after.stderr
    assert "durability inbox: journal wal, synchronous 2, file sound." in after.stdout
    assert "careful  agreement: No agreement is in force" in after.stdout


def test_the_doctor_finds_a_healthy_house(house: House, in_memory: None) -> None:
    house.lead()
    said = vendange("doctor", "--json")
    states = {one["check"]: one["state"] for one in said.value}
    assert said.code == 0, said.out
    assert (states["agreement"], states["open leads"], states["trail"]) == ("well", "well", "well")


def test_the_doctor_finds_a_changed_trail_and_mails_given_up(house: House, in_memory: None) -> None:
    seal()
    Trail.objects.filter(place=2).update(verb="nothing.happened")
    Outgoing.objects.create(
        key="k",
        kind="mail",
        recipient="a@b.example",
        template="t",
        created_at=MONDAY,
        due_at=MONDAY,
        given_up_at=MONDAY,
        attempts=3,
        error="mailbox full",
    )
    said = vendange("doctor")
    assert said.code == 1
    assert "broken at place 2" in said.out
    assert "mailbox full" in said.out
