"""How alike two spellings are, and which of many records share a key: for steps that look for the same thing twice.

Plain Python. Jaro's similarity (M. A. Jaro, JASA 84, 1989) with Winkler's weight for a common beginning (1990), and
the share of letters in threes that two texts have in common (Dice's coefficient, 1945).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

BEGINNING: Final = 0.1  # of Winkler, for each of at most four letters
MOST_OF_BEGINNING: Final = 4
PAIRS_AT_ONCE: Final = 500_000


def jaro_winkler(one: str, other: str) -> float:
    """From 0, nothing in common, to 1, the same.

    >>> round(jaro_winkler("martha", "marhta"), 3), round(jaro_winkler("dixon", "dicksonx"), 3)
    (0.961, 0.813)
    """
    if one == other:
        return 1.0 if one else 0.0
    mine, theirs = _in_common(one, other), _in_common(other, one)
    if not mine:
        return 0.0
    out_of_order = sum(a != b for a, b in zip(mine, theirs, strict=True)) / 2
    share = len(mine)
    alike = (share / len(one) + share / len(other) + (share - out_of_order) / share) / 3
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return alike + min(same, MOST_OF_BEGINNING) * BEGINNING * (1 - alike)


def _in_common(one: str, other: str) -> str:
    """The letters of `one` that stand in `other` not far from the same place, each taken once."""
    reach = max(len(one), len(other)) // 2 - 1
    free = list(other)
    found = []
    for at, letter in enumerate(one):
        for place in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if free[place] == letter:
                free[place] = ""
                found.append(letter)
                break
    return "".join(found)


def in_threes(one: str, other: str) -> float:
    """Of the letters in threes of both, the share that both have; the ends count as letters.

    >>> in_threes("night", "nacht"), in_threes("nova", "nova")
    (0.3333333333333333, 1.0)
    """
    mine, theirs = _threes(one), _threes(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


def _threes(text: str) -> set[str]:
    padded = f"  {text} " if text else ""
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def pairs_that_share(keys: Any, records: Any, most: Any, worth: Callable[[Any, Any], Any]) -> "np.ndarray[Any, Any]":
    """Of each key that at least two and at most `most` records share, every two of them that are worth comparing.

    `keys`, `records` and `most` are columns of one length, a row for each key of each record; `most` may be one number
    for all. `records`: numbers below 2³². `worth` is asked of two columns of records, the smaller of each two in the
    first, some hundred thousand at once. Two columns come back, each pair once, in order.
    """
    import numpy as np

    keys, records = np.asarray(keys, np.int64), np.asarray(records, np.int64)
    order = np.lexsort((records, keys))
    in_order, sorted_records = keys[order], records[order]
    starts = np.flatnonzero(np.insert(in_order[1:] != in_order[:-1], 0, values=True)) if len(order) else order
    sizes = np.diff(starts, append=len(order))
    limits = np.broadcast_to(np.asarray(most, np.int64), keys.shape)[order[starts]]
    shared = (sizes > 1) & (sizes <= limits)
    starts, sizes = starts[shared], sizes[shared]
    found = [np.empty(0, np.int64)]
    for size in np.unique(sizes).tolist():
        first, second = np.triu_indices(size, 1)
        of_size = starts[sizes == size]
        step = max(1, PAIRS_AT_ONCE // len(first))
        for at in range(0, len(of_size), step):
            group = sorted_records[of_size[at : at + step, None] + np.arange(size)]
            one, other = group[:, first].ravel(), group[:, second].ravel()
            kept = worth(one, other) & (one != other)
            found.append(np.unique((one[kept] << 32) | other[kept]))
    packed = np.unique(np.concatenate(found))
    return np.column_stack((packed >> 32, packed & (2**32 - 1)))
