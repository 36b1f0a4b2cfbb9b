"""What a name stands for: a pledge, a tag, or all; and which names come near. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from alerts.texts import say
from model.records import Commitment, CommitmentId, Language, Watchlist

ALL = "all"
NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a name stands for: a pledge, a tag, or all."""

    name: str
    commitments: tuple[Commitment, ...]

    def title(self, language: Language) -> str:
        """Return how it is called in a sentence."""
        if self.name == ALL:
            return say(language, "all.name")
        if self.commitment is not None:
            return self.commitment.title_in(language)
        return say(language, "tag.name", tag=self.name)

    def label(self, language: Language) -> str:
        """Return how a button calls it."""
        return f"#{self.name}" if self.commitment is None else self.title(language)

    @property
    def commitment(self) -> Commitment | None:
        """Return the one pledge that is meant; None for a tag and for all."""
        one = len(self.commitments) == 1 and self.commitments[0].id == self.name
        return self.commitments[0] if one else None


def find_target(name: str, watchlist: Watchlist) -> Target | None:
    """Return what somebody means by a name; None where nobody is called so."""
    wanted = name.strip().lower().lstrip("#")
    if wanted == ALL:
        return Target(name=ALL, commitments=watchlist.commitments)
    found = watchlist.commitment(CommitmentId(wanted))
    if found is not None:
        return Target(name=found.id, commitments=(found,))
    titled = [each for each in watchlist.commitments if wanted in _titles(each)]
    if len(titled) == 1:
        return Target(name=titled[0].id, commitments=(titled[0],))
    tagged = tuple(each for each in watchlist.commitments if wanted in each.tags)
    return Target(name=wanted, commitments=tagged) if tagged else None


def find_pledge(name: str, watchlist: Watchlist) -> Commitment | None:
    """Return the one pledge that a name means; None for tags, all, and unknown names."""
    target = find_target(name, watchlist)
    return target.commitment if target is not None else None


def _titles(commitment: Commitment) -> set[str]:
    return {title.lower() for _, title in commitment.titles} | {commitment.title.lower()}


def tags(watchlist: Watchlist) -> dict[str, int]:
    """Return every tag with how many pledges have it, the most used first."""
    counts: dict[str, int] = {}
    for commitment in watchlist.commitments:
        for tag in commitment.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def nearest(name: str, watchlist: Watchlist, *, pledges_only: bool = False) -> list[str]:
    """Return the names that come nearest to one that nobody has."""
    names: list[str] = [each.id for each in watchlist.commitments]
    if not pledges_only:
        names += sorted(tags(watchlist))
    wanted = name.strip().lower()
    near = difflib.get_close_matches(wanted, names, n=NEAREST, cutoff=0.4)
    held = [each for each in names if len(wanted) > 2 and wanted in each]
    titled = [
        each.id
        for each in watchlist.commitments
        if len(wanted) > 1 and any(wanted in title for title in _titles(each))
    ]
    return list(dict.fromkeys([*held, *titled, *near]))[:NEAREST]
