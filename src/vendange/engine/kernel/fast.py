"""The kernel compiled by numba, from the very same functions. Absent numba, everything is interpreted."""

import hashlib
import importlib.util
import os
from functools import cache
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any, Final

from vendange.engine import plan, rows
from vendange.engine.kernel import calling, jars, standing, windows

# `_nrt`: nothing is allocated inside, so numba need not count references: counting those of forty columns at every
# call made the kernel thirty times slower.
OPTIONS: Final[dict[str, Any]] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
PARTS: Final = (jars, windows, calling, standing)
ENTRIES: Final = ("find_alerts", "stand", "company_hits")


def can_compile() -> bool:
    return importlib.util.find_spec("numba") is not None


def is_awake() -> bool:
    """Whether this process has the compiled kernel at hand already."""
    return compiled.cache_info().currsize > 0


def is_made() -> bool:
    """Whether machine code of these very sources lies on the disk: then it is at hand in a second.

    Patterns of organisations are left out: not every agreement has them, and they take little to compile.
    """
    folder = cache_folder()
    return all(any(folder.rglob(f"*.{name}-*.nbc")) for name in ("find_alerts", "stand"))


@cache
def compiled() -> Any:
    """The entry points of the kernel as machine code. Compiled once for each version of the source, then read from
    numba's cache; the first time takes half a minute."""
    import numba

    config: Any = numba.config
    config.CACHE_DIR = str(cache_folder())
    names: dict[str, Any] = {}
    for part in PARTS:
        names.update(vars(part))
    # Each function is made again with `names` as its globals, so that it finds the compiled ones and not the plain.
    make: Any = numba.njit(**OPTIONS)
    for part in PARTS:
        for step in part.STEPS:
            names[step.__name__] = make(_with_globals(step, names))
    return SimpleNamespace(**{name: names[name] for name in ENTRIES})


def cache_folder() -> Path:
    """Where the machine code of exactly these sources is kept: numba itself would not notice that a function which
    another file calls has changed."""
    sources = [Path(str(part.__file__)) for part in (*PARTS, plan, rows)] + [Path(__file__)]
    sha = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    beside = Path(__file__).parent
    place = beside / "__pycache__" if os.access(beside, os.W_OK) else Path.home() / ".cache" / "vendange"
    return place / f"kernel-{sha}"


def _with_globals(step: Any, names: dict[str, Any]) -> FunctionType:
    made = FunctionType(step.__code__, names, step.__name__, step.__defaults__, step.__closure__)
    made.__module__, made.__qualname__ = step.__module__, step.__qualname__
    return made
