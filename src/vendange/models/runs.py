"""Written by no step: many numbers as the runs that they make, as a step of an import keeps them."""

from collections.abc import Sequence


def runs(ids: Sequence[int]) -> list[list[int]]:
    """Numbers as [first, last] of each run, in order.

    >>> runs([7, 3, 4, 5, 9, 8])
    [[3, 5], [7, 9]]
    """
    found: list[list[int]] = []
    for one in sorted(set(ids)):
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return found


def expanded(found: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of these runs."""
    return [one for first, last in found for one in range(first, last + 1)]
