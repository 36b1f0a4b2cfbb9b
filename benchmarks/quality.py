"""How good matching is on labelled articles, with floors: exit code 1 where one is missed.

Our own sentences come with the repository; other labelled files are named on the command line and
are measured with the shipped watchlist. Prints one table.

    python -m benchmarks.quality [LABELLED…]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from model.records import Relation
from model.watchlist import load_watchlist
from monitor.evaluation import Evaluation, Evaluator
from monitor.matching import compile_watchlist

ROOT = Path(__file__).parents[1]
HERE = ROOT / "tests" / "data" / "matching"
SHIPPED = ROOT / "watchlist.yaml"
SETS = (
    (HERE / "three-pledges.jsonl", HERE / "three-pledges.yaml"),
    (HERE / "six-pledges.jsonl", HERE / "six-pledges.yaml"),
    (HERE / "other-fields.jsonl", HERE / "other-fields.yaml"),
    (HERE / "fresh-fields.jsonl", HERE / "fresh-fields.yaml"),
    (HERE / "third-fields.jsonl", HERE / "third-fields.yaml"),
    (HERE / "fourth-fields.jsonl", HERE / "fourth-fields.yaml"),
    (HERE / "shipped.jsonl", SHIPPED),
)
FLOORS = {"precision": 0.95, "recall": 0.95, "relation": 0.80, "follow-up F1": 0.80, "stage": 0.75}


def evaluated(labelled: Path, watchlist_path: Path) -> Evaluation:
    watchlist = load_watchlist(watchlist_path)
    evaluator = Evaluator(watchlist, compile_watchlist(watchlist))
    with labelled.open(encoding="utf-8") as lines:
        for line in lines:
            evaluator.add(json.loads(line))
    return evaluator.finish()


def figures(result: Evaluation) -> dict[str, float | None]:
    return {
        "precision": result.about.precision,
        "recall": result.about.recall,
        "titles alone": result.all.titles.f1,
        "keywords": result.all.keywords.f1,
        "F1": result.about.f1,
        "relation": result.told.accuracy,
        "macro-F1": result.told.macro_f1,
        "all follow-up": result.told.always_follow_up,
        "follow-up F1": result.told.count(Relation.FOLLOW_UP).f1,
        "stage": result.told.stage_accuracy,
    }


def main() -> int:
    sets = [*SETS, *((Path(each), SHIPPED) for each in sys.argv[1:])]
    missed = []
    for number, (labelled, watchlist) in enumerate(sets):
        shown = figures(evaluated(labelled, watchlist))
        if number == 0:
            print(" ".join(f"{name:>13}" for name in ("", *shown)))
        values = [f"{'–' if each is None else round(each, 3):>13}" for each in shown.values()]
        print(f"{labelled.stem:>13}", *values)
        missed += [
            f"{labelled.name}: {name} under {floor}"
            for name, floor in FLOORS.items()
            if (value := shown[name]) is not None and value < floor
        ]
    for each in missed:
        print(each)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
