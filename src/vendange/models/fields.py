"""Column types that several tables share. Written by no step."""

from typing import Any

import uuid6
from django.db import models


def public_id() -> "models.UUIDField[Any, Any]":
    """A UUIDv7: sortable by time of creation, safe to show, impossible to guess in practice."""
    return models.UUIDField(default=uuid6.uuid7, unique=True, editable=False)


def code(length: int = 40, **options: Any) -> "models.CharField[Any, Any]":
    """A short code from a closed list of ours; never `choices`, so that a word never makes a migration."""
    return models.CharField(max_length=length, **options)


def text(length: int = 200, **options: Any) -> "models.CharField[Any, Any]":
    return models.CharField(max_length=length, blank=True, default="", **options)


def room(table: type[models.Model], column: str) -> int | None:
    """How many characters a column holds; None: as many as there are, or it is no text."""
    found: int | None = getattr(table._meta.get_field(column), "max_length", None)
    return found
