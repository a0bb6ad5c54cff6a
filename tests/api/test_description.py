"""What the API says of itself is true: schemathesis asks everything it describes, within this process."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from tests.api.world import passed
from tests.people import MONDAY, House
from vendange.admit.actions import add_key
from vendange.api.v1 import api
from vendange.models.user import ROLES

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Django gives connections back after each request; here the requests share the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def bearer(house: House, one_connection: None) -> str:
    lead = passed(house, "camille@atelier-nova.example")
    assert lead.owner is not None
    return add_key(name="schemathesis", role="manager", by=None, now=MONDAY)[1]


@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
def test_every_answer_is_as_described(case: Any, bearer: str) -> None:
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {bearer}"})
    assert answer.status_code < 500


def test_it_is_openapi_3_1_with_every_refusal() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        answers = set(operations["get"]["responses"])
        assert {"200", "401", "422"} <= answers
        assert ("404" in answers) == ("{" in path)


def roles_of(operation: Any) -> set[str]:
    return set(getattr(operation.view_func, "allowed", ["nobody said"]))


def test_every_operation_says_who_may_use_it() -> None:
    operations = [
        operation
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    ]
    assert operations
    assert [operation.path for operation in operations if not roles_of(operation) <= set(ROLES)] == []
    assert all("request" in inspect.signature(operation.view_func).parameters for operation in operations)
