"""The agreement that the benches measure with."""

from importlib.resources import files
from pathlib import Path

from vendange.agreement.language import load
from vendange.engine.plan import Plan, plan_of


def plan_from(path: Path | None) -> Plan:
    """Of this file, or of the one that is shipped. OSError, NotAnAgreement."""
    content = path.read_bytes() if path else files("vendange.bench").joinpath("agreement.yaml").read_bytes()
    return plan_of(load(content))
