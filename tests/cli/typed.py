"""The command line as a person types it."""

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from vendange.cli.main import main


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


def vendange(*words: object, given: str = "") -> Said:
    done = CliRunner().invoke(main, [str(word) for word in words], input=given)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)
