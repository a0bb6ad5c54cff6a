"""The examples in docstrings say what the code does."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.house.tree import SRC, python

WITH_EXAMPLES = [path for path in python(SRC) if ">>> " in path.read_text()]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SRC.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("name", [module_name(path) for path in WITH_EXAMPLES])
def test_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
