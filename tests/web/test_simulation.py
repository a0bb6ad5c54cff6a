"""The simulation in the browser: asked, watched, cancelled, read; who may, what is said when there is nothing."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import EXAMPLES, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.agree import actions as agree
from vendange.agreement.language import load
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Job, Person, Trail, Wording
from vendange.simulate import actions as simulate
from vendange.web.agreement.would import newest_would
from vendange.work.doing import do
from vendange.work.long import take

EXAMPLE = (EXAMPLES / "complex-sale.yaml").read_text()
OTHER = EXAMPLE.replace(
    "    on: quote_requested\n    lead_type: quote", "    on: callback_requested\n    lead_type: quote"
).replace("    on: callback_requested\n    lead_type: project", "    on: page_viewed\n    lead_type: project")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "history_folder", lambda: tmp_path / "history")


@pytest.fixture
def draft(house: House) -> AgreementVersion:
    """Five people read prices, then ask for a quote, over ten weeks; the draft calls for the first, not the second."""
    for number in range(5):
        at = NOW - timedelta(days=14 * number + 1)
        email = f"person{number}@atelier{number}.example"
        arrive(signals=[house.signal("page_viewed", email, at - timedelta(days=3), path="/tarifs")], now=at)
        arrive(signals=[house.quote_request(email, at, first_name="Person", last_name=f"Number {number}")], now=at)
    return agree.draft(text=OTHER, by=house.carole, now=NOW)


def worked() -> Job:
    """The worker does the job that waits."""
    job = take(timezone.now())
    assert job is not None
    do(job)
    job.refresh_from_db()
    return job


def asked_and_done(client: Client, number: int, **period: str) -> Job:
    client.post(f"/agreement/{number}/simulation", period)
    job = worked()
    assert job.state == "done", job.failure
    return job


def kept_in(job: Job) -> dict[str, Any]:
    assert job.result is not None
    return dict(job.result)


def page(client: Client, number: int, query: str = "") -> str:
    answer = client.get(f"/agreement/{number}/simulation{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_asked_watched_and_read(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    assert "Not simulated yet" in page(carole, draft.number)
    answer = carole.post(f"/agreement/{draft.number}/simulation")
    assert (answer.status_code, answer["Location"]) == (303, f"/agreement/{draft.number}/simulation")
    waiting = page(carole, draft.number)
    assert "Waiting for the worker" in waiting and "Look how far it is" in waiting
    job = worked()
    assert (job.state, job.by) == ("done", house.carole)
    found = page(carole, draft.number)
    assert "Gained 5" in found and "Person Number 4" in found and "What this calculation does not say" in found
    assert "Look how far it is" not in found and "hx-trigger" not in found
    assert "Lost 5" in page(carole, draft.number, "?list=lost&outcome=passed")
    assert Trail.objects.filter(verb="agreement.simulated", subject_id=draft.pk).count() == 1


def test_french_says_it_in_french(house: House, draft: AgreementVersion) -> None:
    asked_and_done(browser(house.marc), draft.number)
    found = page(browser(house.marc, accept="fr"), draft.number)
    for words in (
        "Gagnées 5",
        "Ce que ce calcul ne dit pas",
        "alertes par semaine",
        "Seuil recommandé",
        "De la première",
    ):
        assert words in found


def test_progress_is_told_while_it_runs_and_leads_to_the_answer(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    carole.post(f"/agreement/{draft.number}/simulation")
    job = take(timezone.now())
    assert job is not None
    Job.objects.update(step="The draft and its variants", done=450, total=1000)
    there = f"/agreement/{draft.number}/simulation/{job.public_id}/progress"
    told = carole.get(there, headers={"HX-Request": "true"}).content.decode()
    assert 'value="45"' in told and "Replaying the draft, and other thresholds and cells" in told
    assert "Relecture sous le projet" in browser(house.marc, accept="fr").get(there).content.decode()
    Job.objects.update(state="done")
    assert carole.get(there)["HX-Redirect"] == f"/agreement/{draft.number}/simulation"


def test_a_job_that_nobody_takes_says_which_worker_is_missing(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    carole.post(f"/agreement/{draft.number}/simulation")
    assert "vendange work" not in page(carole, draft.number)
    Job.objects.update(asked_at=timezone.now() - timedelta(seconds=20))
    assert "No worker runs: start “vendange work”" in page(carole, draft.number)
    Job.objects.create(kind="other", state="running", asked_at=NOW, beat_at=timezone.now())
    assert "Another long work is under way" in page(carole, draft.number)


def test_cancelled_says_so_and_offers_again(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    carole.post(f"/agreement/{draft.number}/simulation")
    job = take(timezone.now())
    assert job is not None
    there = f"/agreement/{draft.number}/simulation/{job.public_id}/cancel"
    assert carole.post(there).status_code == 303
    assert "Stopping" in page(carole, draft.number)
    do(job)
    assert Job.objects.get().state == "cancelled"
    found = page(carole, draft.number)
    assert "The simulation was cancelled." in found and "Simulate" in found
    assert carole.post(there).status_code == 409
    carole.post(f"/agreement/{draft.number}/simulation")
    assert Job.objects.filter(state="waiting").count() == 1


def test_the_same_question_today_is_the_same_job(house: House, draft: AgreementVersion) -> None:
    carole, marc = browser(house.carole), browser(house.marc)
    carole.post(f"/agreement/{draft.number}/simulation")
    marc.post(f"/agreement/{draft.number}/simulation")
    assert Job.objects.count() == 1
    worked()
    answer = marc.post(f"/agreement/{draft.number}/simulation", follow=True).content.decode()
    assert "answered today" in answer and Job.objects.count() == 1
    marc.post(f"/agreement/{draft.number}/simulation", {"from": "2026-01-01"})
    assert Job.objects.count() == 2


@pytest.mark.parametrize(("who", "may"), [("alice", False), ("bob", False), ("carole", True), ("marc", True)])
def test_who_may_ask(house: House, draft: AgreementVersion, who: str, may: bool) -> None:
    client = browser(getattr(house, who))
    assert ("Simulate</button>" in page(client, draft.number)) is may
    assert client.post(f"/agreement/{draft.number}/simulation").status_code == (303 if may else 404)
    assert Job.objects.exists() is may
    job = Job.objects.first() or simulate.ask(version=draft, against=house.version, by=None, now=timezone.now())
    answer = client.post(f"/agreement/{draft.number}/simulation/{job.public_id}/cancel")
    assert answer.status_code == (303 if may else 404)


def test_a_salesperson_who_signs_may_ask(house: House, draft: AgreementVersion) -> None:
    house.bob.signs_for = "sales"
    house.bob.save()
    assert browser(house.bob).post(f"/agreement/{draft.number}/simulation").status_code == 303


def test_names_are_read_when_somebody_looks(house: House, draft: AgreementVersion) -> None:
    job = asked_and_done(browser(house.carole), draft.number)
    assert "Number 4" not in str(job.result)
    assert "Person Number" not in page(browser(house.bob), draft.number)
    Person.objects.filter(last_name="Number 4").update(first_name="Renamed")
    found = page(browser(house.carole), draft.number)
    assert "Renamed Number 4" in found and "Not shown to you" not in found
    assert "Not shown to you, or erased since" in page(browser(house.bob), draft.number)


@pytest.mark.parametrize(
    ("period", "says"),
    [
        ({"from": "soon"}, "cannot be read"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "ends before it starts"),
        ({"from": "2099-10-01", "to": ""}, "These days have not come yet"),
        ({"from": "2099-10-01", "to": "2099-10-31"}, "These days have not come yet"),
    ],
)
def test_a_bad_period_is_told_beside_it(
    house: House, draft: AgreementVersion, period: dict[str, str], says: str
) -> None:
    answer = browser(house.carole).post(f"/agreement/{draft.number}/simulation", period)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert period["from"] in answer.content.decode() and not Job.objects.exists()


def test_a_period_without_signals_fails_with_its_remedy(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    carole.post(f"/agreement/{draft.number}/simulation", {"from": "2020-01-01", "to": "2020-02-01"})
    assert worked().state == "failed"
    assert "holds no signal of this period. Choose other dates" in page(carole, draft.number)
    assert "aucun signal" in page(browser(house.marc, accept="fr"), draft.number)


def test_without_signals_or_agreement_the_next_step_is_said(house: House) -> None:
    carole = browser(house.carole)
    version = agree.draft(text=OTHER, by=house.carole, now=NOW)
    assert "Nothing is recorded yet" in page(carole, version.number)
    AgreementVersion.objects.filter(pk=house.version.pk).update(status="withdrawn")
    assert "Nothing to compare with" in page(carole, version.number)
    assert carole.post(f"/agreement/{version.number}/simulation").status_code == 422


def test_a_changed_text_is_said_on_page_and_card(house: House, draft: AgreementVersion) -> None:
    carole = browser(house.carole)
    asked_and_done(carole, draft.number)
    fresh = newest_would(draft)
    assert fresh is not None and not fresh.text_changed
    assert "has changed since" not in page(carole, draft.number)
    Wording.objects.create(agreement=draft, sha=draft.sha, text=draft.text, by=house.carole, at=NOW)
    changed = load(EXAMPLE)
    AgreementVersion.objects.filter(pk=draft.pk).update(sha=changed.sha, text=EXAMPLE)
    draft.refresh_from_db()
    stale = newest_would(draft)
    assert stale is not None and stale.text_changed and stale.kept.gained == 5
    assert "Simulate again before you sign" in page(carole, draft.number)


def test_the_card_is_empty_before_and_short_after(house: House, draft: AgreementVersion) -> None:
    assert newest_would(draft) is None
    asked_and_done(browser(house.carole), draft.number)
    would = newest_would(draft)
    assert would is not None
    assert (would.kept.gained, would.kept.lost, would.asked.against) == (5, 5, house.version.number)
    assert would.limits and would.picture is not None and not would.other_changed


def test_what_an_earlier_version_kept_is_said_to_be_unreadable(house: House, draft: AgreementVersion) -> None:
    job = asked_and_done(browser(house.carole), draft.number)
    for result in ({"form": 0}, {**kept_in(job), "simulation": {"draft": 1}}):
        Job.objects.update(result=result)
        assert "can no longer be read" in page(browser(house.carole), draft.number)


def test_long_lists_come_in_pages_and_ask_no_more_questions(house: House, draft: AgreementVersion) -> None:
    job = asked_and_done(browser(house.carole), draft.number)
    carole = browser(house.carole)
    few = questions(carole, f"/agreement/{draft.number}/simulation")
    gained = kept_in(job)["simulation"]["gained"]
    result: dict[str, Any] = {**kept_in(job), "gained": 1200}
    result["simulation"]["gained"] = gained * 24
    Job.objects.update(result=result)
    assert questions(carole, f"/agreement/{draft.number}/simulation") == few
    found = page(carole, draft.number, "?list=gained&page=3")
    assert "page 3 of 3" in found and "the latest 120 of 1200" in found and "Older" not in found


def test_only_the_latest_of_long_lists_are_kept(house: House, draft: AgreementVersion, monkeypatch: Any) -> None:
    monkeypatch.setattr(simulate, "NAMED", 2)
    job = asked_and_done(browser(house.carole), draft.number)
    assert (len(kept_in(job)["simulation"]["gained"]), kept_in(job)["gained"]) == (2, 5)
    days: Sequence[str] = [one["at"] for one in kept_in(job)["simulation"]["gained"]]
    assert days == sorted(days) and datetime.fromisoformat(days[-1]) > NOW - timedelta(days=14)


def test_old_simulations_are_forgotten(house: House, draft: AgreementVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "REMEMBERED", 2)
    for day in range(1, 5):
        job = simulate.ask(version=draft, against=house.version, by=None, now=timezone.now(), start=date(2026, 1, day))
        Job.objects.filter(pk=job.pk).update(state="done" if day % 2 else "failed")
    simulate.ask(version=draft, against=house.version, by=None, now=timezone.now())
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == ["done", "failed", "waiting"]


def test_the_day_named_last_is_included(house: House, draft: AgreementVersion) -> None:
    end = timezone.localdate(NOW) - timedelta(days=10)
    job = asked_and_done(browser(house.carole), draft.number, to=end.isoformat())
    kept = simulate.kept_by(job)
    assert kept is not None
    assert timezone.localdate(kept.simulation.end - timedelta(seconds=1)) == end
    assert simulate.asked_of(job).end == end and simulate.asked_of(job).start is None
    assert kept.simulation.end.tzinfo is not None and kept.simulation.end.astimezone(UTC) < NOW
    assert isinstance(simulate.asked_of(job).end, date)
