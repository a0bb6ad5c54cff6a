"""Whom a page has shown: its form carries their numbers, so that an act for many never hits somebody else."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

LARGEST: Final = 20_000_000  # characters, of numbers that are read again


def packed(ids: Sequence[int]) -> str:
    """About a byte for each, as the steps between them.

    >>> sorted(unpacked(packed([7, 3, 12])))
    [3, 7, 12]
    """
    steps = [after - before for before, after in pairwise([0, *sorted(ids)])]
    return urlsafe_b64encode(zlib.compress(json.dumps(steps, separators=(",", ":")).encode())).decode()


def unpacked(text: str) -> frozenset[int] | None:
    """None: this was not written by us."""
    try:
        steps = json.loads(zlib.decompressobj().decompress(urlsafe_b64decode(text), LARGEST))
        return frozenset(accumulate(int(step) for step in steps))
    except (ValueError, TypeError, zlib.error):
        return None
