"""The tables are what the models say."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState


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
