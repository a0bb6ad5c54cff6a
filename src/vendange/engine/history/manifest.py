"""What the history holds: a small file, replaced as a whole, that names every other file which counts."""

from pathlib import Path
from typing import Any, Final

import msgspec

from vendange.engine.history.files import replaced

BUCKETS: Final = 64
FORM: Final = 1  # of the files; another one cannot be read by this version
NAME: Final = "manifest.json"

Sums = tuple[int, int, int]  # count, sum of ids, print (see buckets.sums_of)
NOTHING: Final[Sums] = (0, 0, 0)


class NoHistory(Exception):
    """There is no history that can be read; the message says what to do."""


class Bucket(msgspec.Struct, frozen=True):
    """The people whose number leaves one rest when divided by 64. Sums count the signals in `file` and in tails."""

    file: str = ""  # "" while all signals are in tails
    size: int = 0  # bytes of that file
    rows: int = 0  # signals in that file
    sums: Sums = NOTHING
    merged: int = 0  # tails up to this number are in `file` already

    @property
    def waiting(self) -> int:
        """Signals that stand in tails."""
        return self.sums[0] - self.rows


class Tail(msgspec.Struct, frozen=True):
    """Signals that came since, of all buckets; one row group for each bucket."""

    number: int
    file: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    form: int = FORM
    number: int = 0  # the last one given to a file
    watermark: int = 0  # signals up to this id were read
    built_at: int = 0  # microseconds; 0: never to the end
    people: int = 0
    buckets: tuple[Bucket, ...] = (Bucket(),) * BUCKETS
    tails: tuple[Tail, ...] = ()

    @property
    def files(self) -> frozenset[str]:
        return frozenset({one.file for one in self.buckets if one.file} | {one.file for one in self.tails})

    def tails_of(self, bucket: int) -> tuple[Tail, ...]:
        mine = self.buckets[bucket]
        return tuple(tail for tail in self.tails if tail.number > mine.merged) if mine.waiting else ()

    def with_bucket(self, place: int, bucket: Bucket) -> "Manifest":
        """With one bucket put anew; tails that no bucket needs any more are dropped."""
        buckets = (*self.buckets[:place], bucket, *self.buckets[place + 1 :])
        needed = min((one.merged for one in buckets if one.waiting), default=self.number)
        tails = tuple(tail for tail in self.tails if tail.number > needed)
        return msgspec.structs.replace(self, buckets=buckets, tails=tails)


def read_manifest(folder: Path) -> Manifest | None:
    """None: there is none yet."""
    try:
        content = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        raw = msgspec.json.decode(content)
        if isinstance(raw, dict) and raw.get("form", FORM) != FORM:
            raise NoHistory(f"The history was built by another version. Delete the folder {folder} and build it again.")
        found = msgspec.convert(raw, Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        found = None
    if found is None or not _is_complete(raw) or len(found.buckets) != BUCKETS:
        raise NoHistory(f"{folder / NAME} is damaged. Delete the folder {folder} and build the history again.")
    return found


def _is_complete(raw: Any) -> bool:
    """Whether every field is written: what is left out would be read as an empty history."""
    parts = [(Manifest, [raw]), (Bucket, raw.get("buckets", ())), (Tail, raw.get("tails", ()))]
    return all(one.keys() == set(struct.__struct_fields__) for struct, found in parts for one in found)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    replaced(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
