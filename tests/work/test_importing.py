"""An import is killed in the middle, more than once, and nothing is lost and nothing is there twice."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.collect.reading import rows, wait_for

ROWS = 12_000
ASKING = """
import io, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
import django
django.setup()
from django.utils.timezone import now
from vendange.bring import actions as bring
lines = ["E-mail,Name,Firm"]
lines += [f"p{n}@firm{n // 3}.example,Jo Last{n},Firm {n // 3}" if n % 1000 else "nobody,," for n in range(1, ROWS + 1)]
batch = bring.bring(io.BytesIO("\\n".join(lines).encode()), "people.csv", None, now())
columns = {"email": "E-mail", "name": "Name", "organisation": "Firm"}
consent = {"basis": "informed", "channel": ["email"], "wording": "fair"}
bring.choose(batch, {"map": {"columns": columns}, "origin": "Fair", "consent": consent}, now())
bring.ask(batch, False, None, now())
"""


def children(of: int) -> list[int]:
    """Processes whose parent this is."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == of:
            found.append(int(path.parent.name))
    return found


def test_an_import_that_is_killed_goes_on_at_the_row_where_it_stood(own_environment: dict[str, str]) -> None:
    def ask(query: str) -> object:
        return rows(own_environment, "vendange", query)[0][0]

    def steps() -> int:
        return int(str(ask("SELECT count(*) FROM vendange_importstep")))

    def has_come(least: int) -> bool:
        return steps() >= least

    vendange = [sys.executable, "-m", "vendange.cli.main"]
    subprocess.run([*vendange, "migrate"], env=own_environment, check=True, capture_output=True)
    asking = ASKING.replace("ROWS", str(ROWS))
    subprocess.run([sys.executable, "-c", asking], env=own_environment, check=True, capture_output=True)
    worker = subprocess.Popen([*vendange, "work"], env=own_environment, stderr=subprocess.DEVNULL)
    try:
        for least in (1, 4):
            wait_for(partial(has_come, least), seconds=60)
            for child in children(worker.pid):
                os.kill(child, signal.SIGKILL)
            assert least <= steps() < ROWS / 1000
        wait_for(lambda: ask("SELECT status FROM vendange_importbatch") == "done", seconds=120)
        wait_for(lambda: ask("SELECT state FROM vendange_job") == "done", seconds=20)
        assert ask("SELECT tries FROM vendange_job") == 3
        worker.terminate()
        worker.wait(20)
    finally:
        worker.kill()
    assert ask("SELECT rows FROM vendange_importbatch") == ROWS
    assert ask("SELECT refused FROM vendange_importbatch") == ROWS / 1000
    assert ask("SELECT count(*) FROM vendange_person") == ask("SELECT people FROM vendange_importbatch") == ROWS * 0.999
    assert ask("SELECT count(*) FROM vendange_consent") == ROWS * 0.999
    assert ask("SELECT sum(last_row - first_row + 1) FROM vendange_importstep") == ROWS
    refused = Path(str(ask("SELECT refused_file FROM vendange_importbatch"))).read_text("utf-8-sig")
    assert len(refused.splitlines()) == ROWS / 1000 + 1
