"""Long work: one job at a time, told and cancelled while it runs, begun again after a death, and never in the way."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from tests.collect.reading import rows, wait_for
from vendange.agreement.sentence import Cannot, Code, sentence
from vendange.cli import doctor
from vendange.models import Job
from vendange.models.job import Cancel, Stopped, Tell, cancel, packed, unpacked
from vendange.words import said
from vendange.work import doing, long
from vendange.work.doing import Lost, Running, do
from vendange.work.long import LongWork, take

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=61)
ASKING = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
import django
django.setup()
from django.utils.timezone import now
from vendange.models import Job
Job.objects.create(kind="dance", asked_at=now())
"""


def asked(kind: str = "sum", at: datetime = NOW) -> Job:
    return Job.objects.create(kind=kind, asked={"numbers": [1, 2]}, asked_at=at)


def add(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    tell("Adding", 1, 2)
    return {"sum": sum(job.asked["numbers"])}


def taken() -> Job:
    asked()
    job = take(NOW)
    assert job is not None
    return job


def test_the_oldest_is_taken_once_and_its_answer_kept(db: None) -> None:
    first, second = asked(), asked()
    jobs = [take(NOW), take(NOW), take(NOW)]
    assert [job.pk if job else None for job in jobs] == [first.pk, second.pk, None]
    assert jobs[0] is not None
    do(jobs[0], {"sum": add})
    first.refresh_from_db()
    assert (first.state, first.result, first.ended_at is not None) == ("done", {"sum": 3}, True)


def test_progress_is_written_at_most_twice_a_second(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(taken())
    clock = iter([0.0, 0.0, 0.2, 0.4, 0.6, 0.6])
    monkeypatch.setattr(doing, "monotonic", lambda: next(clock))
    for count in (1, 2, 3, 4):
        running.tell("Adding", count, 4)
        if count < 4:
            assert Job.objects.get().done == 1
    job = Job.objects.get()
    assert (job.step, job.done, job.total) == ("Adding", 4, 4)
    clock = iter([0.7])
    running.tell("Checking", 1, 9)
    assert Job.objects.get().step == "Adding"
    running.beat()
    assert Job.objects.get().step == "Checking"


def test_what_waits_is_cancelled_at_once_and_what_runs_when_it_asks(db: None) -> None:
    waiting = asked()
    assert cancel(waiting, now=NOW)
    assert (Job.objects.get().state, take(NOW)) == ("cancelled", None)
    job = taken()

    def endless(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
        cancel(job, now=NOW)
        if cancelled():
            raise Stopped
        return {}

    do(job, {"sum": endless})
    job.refresh_from_db()
    assert (job.state, job.result) == ("cancelled", None)
    assert not cancel(job, now=NOW)


def test_a_refusal_is_kept_as_a_sentence_in_both_languages(db: None) -> None:
    def refused(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
        raise Cannot(sentence("The period ends before it starts. Exchange the two dates."))

    job = taken()
    do(job, {"sum": refused})
    job.refresh_from_db()
    assert (job.state, job.failure[:10]) == ("failed", "The period")
    assert job.said is not None
    with override("fr"):
        assert said(job.said).startswith("La période finit")


def test_sentences_keep_their_codes_and_numbers() -> None:
    one = sentence("{a} is {b}: {c}", a=3, b=Code("stage", "won"), c=sentence("yes {d}", d="x"))
    again = unpacked(json.loads(json.dumps(packed(one))))
    assert (str(again), again.values["b"]) == (str(one), Code("stage", "won"))


def test_a_fault_that_nobody_foresaw_and_an_unknown_kind_end_with_a_sentence(db: None) -> None:
    def broken(job: Job, tell: Tell, cancelled: Cancel) -> Mapping[str, Any]:
        raise ZeroDivisionError("odd")

    first = taken()
    do(first, {"sum": broken})
    first.refresh_from_db()
    assert first.state == "failed" and "ZeroDivisionError: odd. Try again" in first.failure
    asked("dance")
    second = take(NOW)
    assert second is not None
    do(second)
    second.refresh_from_db()
    assert "“dance”" in second.failure


def test_who_died_is_begun_again_twice_and_then_given_up(db: None) -> None:
    job = taken()
    assert take(NOW + timedelta(seconds=50)) is None
    for tries in (2, 3):
        again = take(LATER)
        assert again is not None and (again.pk, again.tries) == (job.pk, tries)
        Job.objects.update(beat_at=NOW)
    assert take(LATER) is None
    job.refresh_from_db()
    assert job.state == "failed" and "3 times" in job.failure


def test_who_was_taken_for_dead_changes_nothing_any_more(db: None) -> None:
    late = taken()
    again = take(LATER)
    assert again is not None
    with pytest.raises(Lost):
        Running(late).beat()
    do(late, {"sum": add})
    late.refresh_from_db()
    assert (late.state, late.result, late.tries) == ("running", None, 2)


def test_who_died_after_a_cancel_is_not_begun_again(db: None) -> None:
    job = taken()
    cancel(job, now=NOW)
    assert take(LATER) is None
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_doctor_says_that_jobs_wait_for_a_worker(db: None) -> None:
    assert doctor._jobs(NOW).state == "well"
    asked()
    assert doctor._jobs(NOW + timedelta(seconds=30)).state == "well"
    found = doctor._jobs(LATER)
    assert found.state == "careful" and "vendange work" in found.sentence
    take(LATER)
    assert doctor._jobs(LATER).sentence == "one runs."


@pytest.fixture
def sleeping(db: None) -> Iterator[LongWork]:
    """A worker whose job runs and says nothing."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield LongWork(taken(), process)
    process.kill()
    process.wait()


def test_a_process_that_dies_lets_its_job_wait_again(sleeping: LongWork) -> None:
    assert sleeping.process is not None
    assert sleeping(NOW) is False
    sleeping.process.kill()
    sleeping.process.wait()
    assert sleeping(NOW) is True
    assert (Job.objects.get().state, sleeping.job) == ("waiting", None)


def test_a_job_that_does_not_stop_is_stopped(sleeping: LongWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long, "CANCELS_WITHIN", 0.0)
    cancel(Job.objects.get(), now=NOW)
    assert sleeping.process is not None
    assert (sleeping(NOW), sleeping(NOW)) == (False, False)
    sleeping.process.wait(10)
    sleeping(NOW)
    assert Job.objects.get().state == "cancelled"


def test_a_worker_that_ends_gives_its_job_back(sleeping: LongWork) -> None:
    process = sleeping.process
    sleeping.stop(NOW)
    job = Job.objects.get()
    assert (job.state, job.tries, process is not None and process.poll() is not None) == ("waiting", 0, True)


def test_the_worker_does_jobs_in_a_process_of_their_own(own_environment: dict[str, str]) -> None:
    """From the row to the sentence, through a real worker; the kind is unknown, so that nothing long happens."""
    vendange = [sys.executable, "-m", "vendange.cli.main"]
    subprocess.run([*vendange, "migrate"], env=own_environment, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", ASKING], env=own_environment, check=True, capture_output=True)
    worker = subprocess.Popen([*vendange, "work"], env=own_environment, stderr=subprocess.PIPE)
    try:
        wait_for(
            lambda: rows(own_environment, "vendange", "SELECT state FROM vendange_job") == [("failed",)], seconds=40
        )
        time.sleep(0.1)
        worker.terminate()
        worker.communicate(timeout=20)
    finally:
        worker.kill()
    assert "dance" in rows(own_environment, "vendange", "SELECT failure FROM vendange_job")[0][0]
    assert worker.returncode == 0
