"""Collector and worker are killed without warning, under load: what was acknowledged is there, and counts once."""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import LiteralString

import pytest

from tests.collect.loading import (
    Environment,
    Senders,
    collector,
    kill,
    published_form,
    said,
    source_key,
    worker,
)
from tests.collect.reading import rows, wait_for
from tests.conftest import THOROUGH
from tests.live import free_port

ROUNDS = 50 if THOROUGH else 5
EXAMPLE = Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml"
WAITING = "SELECT count(*) FROM vendange_inboxevent WHERE NOT handled"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")


def test_every_acknowledged_event_counts_once_after_kill_9(own_environment: Environment) -> None:
    key = source_key(own_environment)
    sign_an_agreement(own_environment)
    own_environment |= {"VENDANGE_BEHIND_PROXY": "yes", "VENDANGE_FORMS_PER_SECOND": "1000"}
    form = published_form(own_environment)
    acknowledged: list[str] = []
    cut_short = 0
    for number in range(ROUNDS):
        heard, waited = killed_once(own_environment, key, form, number)
        acknowledged += heard
        cut_short += waited > 0
    last = worker(own_environment)
    try:
        wait_for(lambda: everything_is_in(own_environment), seconds=300)
    finally:
        kill(last, signal.SIGTERM)
    assert len(acknowledged) > 50 * ROUNDS
    assert cut_short, "the worker was never killed while events waited: the test shows nothing"
    check(own_environment, acknowledged)


def sign_an_agreement(environment: Environment) -> None:
    for name, team in (("ann", "marketing"), ("max", "sales")):
        words = ("--email", f"{name}@vendor.example", "--role", "manager" if team == "sales" else "marketing")
        said(
            environment, "user", "add", name, *words, "--signs-for", team, "--password-stdin", given="a long password\n"
        )
    said(environment, "agreement", "draft", str(EXAMPLE))
    for name in ("ann", "max"):
        said(environment, "agreement", "sign", "1", "--as", name)


def killed_once(environment: Environment, key: str, form: str, number: int) -> tuple[list[str], int]:
    """What was acknowledged, and how many events waited when the worker was killed."""
    chance, port = Random(number), free_port()
    server, reader = collector(environment, port), worker(environment)
    senders = Senders([port], key, f"round{number}", form=form)
    moments = {"collector": chance.uniform(0.5, 5), "worker": chance.uniform(1.5, 5)}
    begun, waited = time.monotonic(), 0
    for name in sorted(moments, key=lambda one: moments[one]):
        time.sleep(max(0.0, begun + moments[name] - time.monotonic()))
        kill(server if name == "collector" else reader)
        if name == "worker":
            [(waited,)] = rows(environment, "inbox", WAITING)
    return senders.join(), int(waited)


def everything_is_in(environment: Environment) -> bool:
    inbox = rows(environment, "inbox", WAITING) == [(0,)]
    return inbox and rows(environment, "vendange", "SELECT count(*) FROM vendange_touched") == [(0,)]


def check(environment: Environment, acknowledged: list[str]) -> None:
    stored = messages(environment, "inbox", "SELECT message_id FROM vendange_inboxevent")
    signals = messages(environment, "vendange", "SELECT message_id FROM vendange_signal")
    answers = messages(environment, "vendange", "SELECT message_id FROM vendange_submission")
    assert set(acknowledged) <= set(stored)
    assert Counter(signals) == Counter(set(stored))
    assert Counter(answers) == Counter({name for name in stored if name.endswith("-form")})
    assert sum(name.endswith("-form") for name in acknowledged) > 5 * ROUNDS
    assert rows(environment, "inbox", "SELECT count(*) FROM vendange_refusedevent") == [(0,)]
    people = {name.split("-")[-2] for name in stored}
    asked = {name.split("-")[-2] for name in stored if name.endswith(("-quote", "-form"))}
    assert rows(environment, "vendange", "SELECT count(*) FROM vendange_person") == [(len(people),)]
    leads = rows(environment, "vendange", "SELECT person_id, count(*) FROM vendange_lead GROUP BY person_id")
    assert len(leads) == len(asked) and {count for _, count in leads} == {1}
    reviews = rows(environment, "vendange", "SELECT count(*) FROM vendange_review")
    assert reviews == [(len(asked),)]


def messages(environment: Environment, file: str, query: LiteralString) -> list[str]:
    """Ids as the sender gave them: those of answers to forms end with a print of what was answered."""
    return [name.partition(".")[0] for (name,) in rows(environment, file, query)]
