"""The kernel compiled by numba, from the very same functions. Absent numba, everything is interpreted."""

import importlib.util
from functools import cache
from types import FunctionType, SimpleNamespace
from typing import Any, Final

from vendange.engine import calling, jars, standing, windows

PARTS: Final = (jars, windows, calling, standing)


def can_compile() -> bool:
    return importlib.util.find_spec("numba") is not None


@cache
def compiled() -> Any:
    """The entry points of the kernel as machine code. Compiled once for each version of the source, then read from
    numba's cache; the first time takes some seconds."""
    from numba import njit

    names: dict[str, Any] = {}
    for part in PARTS:
        names.update(vars(part))
    # Each function is made again with `names` as its globals, so that it finds the compiled ones and not the plain.
    # Nothing is allocated inside, so numba need not count references: counting those of forty columns at every call
    # made the kernel thirty times slower.
    make = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
    for part in PARTS:
        for step in part.STEPS:
            names[step.__name__] = make(_with_globals(step, names))
    return SimpleNamespace(**{name: names[name] for name in ("find_alerts", "stand", "company_hits")})


def _with_globals(step: Any, names: dict[str, Any]) -> FunctionType:
    made = FunctionType(step.__code__, names, step.__name__, step.__defaults__, step.__closure__)
    made.__module__, made.__qualname__ = step.__module__, step.__qualname__
    return made
