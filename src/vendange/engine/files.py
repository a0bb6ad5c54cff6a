"""Files that are there whole or not at all, whatever happens while they are written."""

import os
from pathlib import Path
from secrets import token_hex


def replaced(path: Path, content: bytes) -> None:
    """Put the content at this path: a reader, or whoever comes after a crash, sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
