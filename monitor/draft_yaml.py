"""Proposals as entries of the watchlist, ready to paste. Pure.

Every text is quoted, whatever stands in it: a document comes from anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from monitor.drafting import Alias, Proposal

_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def as_yaml(proposals: Sequence[Proposal], source: str | None = None) -> str:
    """Return a watchlist of the proposals; `source` is where the document stands."""
    sure = sum(each.is_sure for each in proposals)
    head = (
        f"# {len(proposals)} proposed, {sure} of them without a doubt. Read each before you use it."
    )
    lines = [head, "schema: pledgewatch/watchlist@1", ""]
    if not proposals:
        return "\n".join((*lines, "commitments: []", "feeds: []", ""))
    lines.append("commitments:")
    for proposal in proposals:
        lines += _entry(proposal, source)
    return "\n".join((*lines, "feeds: []", ""))


def entry_yaml(proposal: Proposal, source: str | None = None) -> str:
    """Return one entry alone, as it stands in a list of commitments."""
    return "\n".join(line[2:] for line in _entry(proposal, source)) + "\n"


def _entry(proposal: Proposal, source: str | None) -> Iterator[str]:
    yield f"  - id: {proposal.id}"
    for reason in proposal.unsure:
        yield f"    # unsure: {_comment(reason)}"
    yield f"    title: {_title(proposal)}"
    yield f"    kind: {proposal.kind}"
    if proposal.tags:
        yield f"    tags: [{', '.join(proposal.tags)}]"
    if proposal.promisor:
        yield f"    promisor: {_list(proposal.promisor)}"
    yield from _said(proposal, source)
    if proposal.target is not None:
        yield "    clauses:"
        yield f"      - {_clause(proposal)}"
    if proposal.due is not None:
        basis = "stated" if proposal.due_is_stated else "inferred"
        yield f"    due: {{date: {_text(proposal.due)}, basis: {basis}}}"
    yield "    aliases:"
    for alias in proposal.aliases:
        yield f"      - {_alias(alias)}"
    if proposal.context:
        yield f"    context: [{', '.join(map(_list, proposal.context))}]"
    if proposal.groups:
        yield "    groups:"
    for group in proposal.groups:
        yield f"      - {{all_of: [{', '.join(map(_list, group))}]}}"


def _said(proposal: Proposal, source: str | None) -> Iterator[str]:
    if proposal.said_on is None:
        yield "    # unsure: when it was said"
        by = _comment(proposal.by) or "nobody named"
        yield f"    # said by {by}: {_comment(proposal.sentence)}"
        return
    yield "    said:"
    yield f"      - date: {_text(proposal.said_on)}"
    if proposal.by:
        yield f"        by: {_text(proposal.by)}"
    yield f"        text: {_text(proposal.sentence)}"
    if source is not None:
        yield f"        source: {_text(source)}"


def _title(proposal: Proposal) -> str:
    titles = dict(proposal.titles)
    if "en" not in titles:
        return _text(proposal.title)
    return "{" + ", ".join(f"{name}: {_text(text)}" for name, text in titles.items()) + "}"


def _clause(proposal: Proposal) -> str:
    name = _text(proposal.title)
    done = _text(f"{proposal.target} are named as done.")
    unit = _text(proposal.unit or "")
    return (
        f"{{id: count, text: {name}, done_when: {done}, target: {proposal.target}, unit: {unit}}}"
    )


def _alias(alias: Alias) -> str:
    marks = "".join(f", {name}: true" for name in ("weak", "case") if getattr(alias, name))
    return f"{{text: {_text(alias.text)}{marks}}}" if marks else _text(alias.text)


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(_text(each) for each in texts) + "]"


def _text(text: str) -> str:
    """Return a text in double quotes, as both JSON and YAML read them."""
    quoted = json.dumps(_plain(text), ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _comment(text: str) -> str:
    return _ESCAPED.sub("", _plain(text))


def _plain(text: str) -> str:
    """Return a text in one line without control characters."""
    return "".join(each if each.isprintable() else " " for each in " ".join(text.split()))


def as_facts(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as plain values."""
    return {
        "id": proposal.id,
        "title": proposal.title,
        "titles": dict(proposal.titles),
        "kind": str(proposal.kind),
        "by": proposal.by,
        "promisor": list(proposal.promisor),
        "sentence": proposal.sentence,
        "start": proposal.start,
        "end": proposal.end,
        "said_on": proposal.said_on,
        "due": proposal.due,
        "due_basis": ("stated" if proposal.due_is_stated else "inferred") if proposal.due else None,
        "aliases": [
            {"text": each.text, "weak": each.weak, "case": each.case} for each in proposal.aliases
        ],
        "context": [list(each) for each in proposal.context],
        "groups": [[list(terms) for terms in group] for group in proposal.groups],
        "target": proposal.target,
        "unit": proposal.unit,
        "tags": list(proposal.tags),
        "sure": proposal.is_sure,
        "unsure": list(proposal.unsure),
    }
