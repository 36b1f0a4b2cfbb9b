"""What `watchlist draft` finds in documents whose promises are labelled.

Three documents of other fields come with the repository, labelled before the rules; the five real
ones lie outside of it and are labelled by the digest of their sentences. A proposal of ours is
right where commitment, actor and the exact sentence are; of a real one where its sentence is
labelled with a pledge of watchlist.yaml and its title names that pledge. All else is useless.

    python -m benchmarks.drafting [FOLDER OF THE REAL DOCUMENTS]
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from monitor.drafting import Proposal, draft

ROOT = Path(__file__).parents[1]
HERE = ROOT / "tests" / "data" / "drafting"
DATA = Path(os.environ.get("PLEDGEWATCH_TEST_DATA", ROOT.parent / "shared" / "data"))
REAL = DATA / "seeds"
FRESH = ("fresh", "fresh-2")  # documents written after the rules, one set after the other
USEFUL = "useful"  # a promise beyond those of watchlist.yaml


@dataclass(slots=True)
class Result:
    """What came out of one document."""

    document: str
    proposed: int = 0
    sure: int = 0
    useless: int = 0
    found: set[str] = field(default_factory=set)  # of the labelled pledges
    missed: list[str] = field(default_factory=list)


def our_own(*labels: str) -> Iterator[Result]:
    """Measure the documents of this repository."""
    names = labels or ("labels",)
    lines = [(HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() for name in names]
    for line in (each for some in lines for each in some):
        label = json.loads(line)
        text = (HERE / label["document"]).read_text(encoding="utf-8")
        proposals = draft(text, written=date.fromisoformat(label["written"]))
        result = Result(label["document"], len(proposals), sum(each.is_sure for each in proposals))
        used = set()
        for pledge in label["pledges"]:
            match = next((each for each in proposals if is_right(each, pledge)), None)
            if match is None:
                result.missed.append(f"{pledge['name'][0]}: {pledge['sentence']}")
            else:
                result.found.add(f"{pledge['name'][0]}: {pledge['sentence']}")
                used.add(match.id)
        result.useless = len(proposals) - len(used)
        yield result


def is_right(proposal: Proposal, pledge: dict[str, Any]) -> bool:
    """Tell whether commitment, actor and exact sentence are as labelled."""
    names = (proposal.title, *(each.text for each in proposal.aliases))
    actors = (proposal.by, *proposal.promisor)
    return (
        proposal.sentence == pledge["sentence"]
        and any(one in name for one in pledge["name"] for name in names)
        and any(one in actor for one in pledge["actor"] for actor in actors)
    )


def real(folder: Path = REAL) -> Iterator[Result]:
    """Measure the documents outside of this repository; nothing where they are not there."""
    labels = json.loads((HERE / "real.json").read_text(encoding="utf-8"))
    about = {each["sha256"]: each["about"] for each in labels["sentences"]}
    for path in sorted(folder.glob("*.txt")):
        proposals = draft(path.read_text(encoding="utf-8"))
        result = Result(path.name[:3], len(proposals), sum(each.is_sure for each in proposals))
        for proposal in proposals:
            digest = hashlib.sha256(proposal.sentence.encode()).hexdigest()[:20]
            pledges = about.get(digest, ())
            named = {each for each in pledges if _names(proposal, labels["names"].get(each, ()))}
            result.found |= named
            result.useless += not named and USEFUL not in pledges
        yield result


def _names(proposal: Proposal, words: tuple[str, ...]) -> bool:
    text = " ".join((proposal.title, *(each.text for each in proposal.aliases))).lower()
    text = text.replace("artificial intelligence", "ai")
    return any(word in text for word in words)


def main(arguments: list[str]) -> int:
    """Print what was found in each document."""
    pledges: set[str] = set()
    proposed = useless = 0
    for result in (*our_own(), *our_own(*FRESH), *real(Path(arguments[0]) if arguments else REAL)):
        print(
            f"{result.document:12} proposed {result.proposed:2}  sure {result.sure:2}  "
            f"useless {result.useless:2}  right {len(result.found):2}  missed {len(result.missed)}"
        )
        for sentence in result.missed:
            print(f"    missed: {sentence}")
        if not result.document.endswith(".txt"):
            pledges |= result.found
            proposed, useless = proposed + result.proposed, useless + result.useless
    if proposed:
        print(
            f"real documents: {len(pledges)} of 12 pledges ({', '.join(sorted(pledges))}), "
            f"{useless} of {proposed} proposals useless"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
