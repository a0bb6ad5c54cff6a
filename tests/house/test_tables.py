"""The tables are what the models say."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState

from vendange.models import Person, Signal


def test_no_migration_is_pending() -> None:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(
        loader.project_state(), ProjectState.from_apps(apps), MigrationQuestioner(specified_apps={"vendange"})
    )
    changes = detector.changes(graph=loader.graph, trim_to_apps={"vendange"})
    found = [operation.describe() for migration in changes.get("vendange", []) for operation in migration.operations]
    assert found == []


def test_there_is_one_line_of_migrations() -> None:
    assert MigrationLoader(None).detect_conflicts() == {}


def test_signals_are_found_by_their_time() -> None:
    assert ["occurred_at"] in [list(index.fields) for index in Signal._meta.indexes]


@pytest.mark.django_db
def test_a_person_begins_as_a_suspect_of_unknown_regime() -> None:
    person = Person.objects.create(created_at=datetime(2026, 9, 7, tzinfo=UTC))
    assert (person.relationship, person.regime) == ("suspect", "unknown")
    person.refresh_from_db()
    assert (person.relationship, person.regime) == ("suspect", "unknown")
