"""Terms of a group that stand together: one of each list, neighbours near enough. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Spot = tuple[int, int, int]  # first token, last token, number of the list


def chained(spots: Sequence[Spot], within: int, lists: int) -> Iterator[int]:
    """Return which spots are part of a chain through every list.

    `spots` are sorted and of one paragraph. For each the sets of lists are worked out that chains
    ending, and beginning, with it can hold; it counts where the two make a whole. So the work is
    bounded by what stands near, not by all combinations.
    """
    full = (1 << lists) - 1
    bits = [1 << number for _, _, number in spots]
    neighbours = [_neighbours(spots, place, within) for place in range(len(spots))]
    ending = [{bit} for bit in bits]
    for left, others in enumerate(neighbours):
        for right in others:
            ending[right] |= {held | bits[right] for held in ending[left] if not held & bits[right]}
    beginning = [{bit} for bit in bits]
    for left in reversed(range(len(spots))):
        for right in neighbours[left]:
            beginning[left] |= {
                held | bits[left] for held in beginning[right] if not held & bits[left]
            }
    for place, bit in enumerate(bits):
        if any(
            one | other == full and one & other == bit
            for one in ending[place]
            for other in beginning[place]
        ):
            yield place


def _neighbours(spots: Sequence[Spot], place: int, within: int) -> list[int]:
    """Return the spots that begin behind one, with at most `within` tokens between."""
    _, last, number = spots[place]
    found = []
    for right in range(place + 1, len(spots)):
        first = spots[right][0]
        if first > last + within + 1:
            break
        if first > last and spots[right][2] != number:
            found.append(right)
    return found
