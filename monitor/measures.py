"""Right, wrong and missed; which relation was taken for which: what an evaluation counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from model.records import Relation

Confusion = Counter[tuple[str, str]]  # (labelled, found)


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, *, labelled: bool, found: bool) -> None:
        """Count one pair."""
        self.right += labelled and found
        self.wrong += found and not labelled
        self.missed += labelled and not found

    @property
    def precision(self) -> float | None:
        """Return the share of found ones that are right; None where nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """Return the share of labelled ones that were found; None where nothing is labelled."""
        labelled = self.right + self.missed
        return self.right / labelled if labelled else None

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of the two."""
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else None

    def facts(self) -> dict[str, float | int | None]:
        """Return the count as plain values."""
        return {
            "n": self.right + self.missed,
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
            "precision": rounded(self.precision),
            "recall": rounded(self.recall),
            "f1": rounded(self.f1),
        }


@dataclass(slots=True)
class Told:
    """What was said of the pairs that were found and labelled: relations, and stages."""

    relations: Confusion = field(default_factory=Counter)
    stages: dict[str, Count] = field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """Return the share of pairs that have the labelled relation."""
        return self._share(lambda labelled, found: labelled == found)

    @property
    def always_follow_up(self) -> float | None:
        """Return what calling everything a follow-up would score."""
        return self._share(lambda labelled, _: labelled == Relation.FOLLOW_UP)

    def count(self, relation: Relation) -> Count:
        """Return right, wrong and missed of one relation."""
        count = Count()
        for (labelled, found), number in self.relations.items():
            if labelled == found == relation:
                count.right += number
            elif found == relation:
                count.wrong += number
            elif labelled == relation:
                count.missed += number
        return count

    @property
    def macro_f1(self) -> float | None:
        """Return the mean F1 of the three relations."""
        scores = [self.count(each).f1 for each in Relation]
        return sum(each or 0.0 for each in scores) / len(scores) if self.relations else None

    @property
    def stages_labelled(self) -> int:
        """Return how many follow-ups, found as such, have a labelled stage."""
        return sum(each.right + each.missed for each in self.stages.values())

    @property
    def stage_accuracy(self) -> float | None:
        """Return the share of those whose stage is right."""
        right = sum(each.right for each in self.stages.values())
        return right / self.stages_labelled if self.stages_labelled else None

    def facts(self) -> dict[str, float | int | None]:
        """Return the figures as plain values."""
        return {
            "n": sum(self.relations.values()),
            "accuracy": rounded(self.accuracy),
            "macro_f1": rounded(self.macro_f1),
            "follow_up_f1": rounded(self.count(Relation.FOLLOW_UP).f1),
            "stage_accuracy": rounded(self.stage_accuracy),
            "stages": self.stages_labelled,
        }

    def _share(self, counts: Callable[[str, str], bool]) -> float | None:
        whole = sum(self.relations.values())
        right = sum(number for pair, number in self.relations.items() if counts(*pair))
        return right / whole if whole else None


def rounded(value: float | None) -> float | None:
    """Return a figure with four places."""
    return None if value is None else round(value, 4)
