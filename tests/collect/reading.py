"""Reads the tables of another process, on SQLite or PostgreSQL, and waits for what it does."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg


def rows(environment: dict[str, str], file: str, query: LiteralString) -> list[tuple[Any, ...]]:
    """Rows of a query; `file` is `inbox` or `vendange`, which are one database on PostgreSQL."""
    url = environment.get("DATABASE_URL")
    if url:
        with psycopg.connect(url) as server:
            return server.execute(query).fetchall()
    database = sqlite3.connect(Path(environment["VENDANGE_HOME"], f"{file}.sqlite3"), timeout=20)
    try:
        return cast(list[tuple[Any, ...]], database.execute(query).fetchall())
    finally:
        database.close()


def wait_for(done: Callable[[], bool], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not done within {seconds} s"
        time.sleep(0.1)
