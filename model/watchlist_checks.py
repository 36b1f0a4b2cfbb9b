"""What the model alone cannot check: ids, references, look-alikes, entry beside entry. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from model.dates import first_day, last_day
from model.errors import Problem
from model.records import FeedKind
from model.text import fold_phrase
from model.watchlist_schema import WAYS, AliasModel, CommitmentModel, FeedModel, interval
from model.watchlist_wording import explain, near
from model.watchlist_yaml import Document, locate

# What is wrong with a query or a CSS selector, in words; None: nothing.
Check = Callable[[str], str | None]

ONE_MINUTE = timedelta(minutes=1)
SHORTEST_WORD = 3  # letters of a Latin alias that may stand alone; of Han characters two do


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What only the caller knows."""

    allowed_hosts: Collection[str] = ()  # hosts, host:port or networks to be asked often
    check_query: Check | None = None  # None: queries are taken as they are
    check_selector: Check | None = None  # None: selectors are taken as they are


@dataclass(slots=True)
class Entry:
    """One commitment or feed with the place it came from."""

    document: Document
    path: tuple[str | int, ...]
    model: Any  # CommitmentModel or FeedModel
    broken: frozenset[str] = frozenset()  # fields that hold a mistake, told already

    @property
    def line(self) -> int:
        """Return the line on which it begins."""
        return locate(self.document.root, self.path)[0]

    def problem(
        self,
        *steps: str | int,
        message: str,
        suggestion: str | None = None,
        warning: bool = False,
    ) -> Problem:
        """Return a problem that stands at a field of this entry."""
        path = (*self.path, *steps)
        return self.document.problem(path, message, suggestion=suggestion, warning=warning)


def check_entry(
    document: Document, path: tuple[str | int, ...], model: type[BaseModel], value: object
) -> tuple[Entry | None, tuple[Problem, ...]]:
    """Check one entry by itself; what is left of it without its mistakes is still an entry."""
    try:
        return Entry(document, path, model.model_validate(value)), ()
    except ValidationError as error:
        details = error.errors()
    problems = tuple(explain(document, path, detail, value) for detail in details)
    rest, broken = _without_mistakes(value, details, int(path[-1]))
    if rest is None:
        return None, problems
    try:
        return Entry(document, path, model.model_validate(rest), broken), problems
    except ValidationError:
        return None, problems


NEUTRAL: dict[str, dict[str, object]] = {
    "aliases": {"text": "neutral"},
    "decoys": {"text": "neutral decoy"},
    "known": {"date": "2000", "milestone": "proposed", "text": "neutral"},
    "occasions": {"name": "neutral", "month": 1},
}


def _without_mistakes(
    value: object, details: Sequence[ErrorDetails], index: int
) -> tuple[dict[str, Any] | None, frozenset[str]]:
    """Return an entry without its mistakes, so that what is left can be compared all the same.

    Wrong items of a list become neutral ones: the others keep their place.
    """
    if not isinstance(value, dict):
        return None, frozenset()
    rest: dict[str, Any] = {"id": f"broken-{index}", "title": "?", **value}
    broken = set()
    for detail in details:
        name, *deeper = detail["loc"] or ("",)
        name = str(name)
        broken.add(name)
        if name in {"id", "title"}:
            rest[name] = f"broken-{index}"
        elif name in NEUTRAL and deeper and isinstance(rest.get(name), list):
            rest[name] = _neutral_at(rest[name], name, int(deeper[0]), index)
        else:
            rest.pop(name, None)
    return rest, frozenset(broken)


def _neutral_at(items: Sequence[object], name: str, place: int, index: int) -> list[object]:
    neutral = NEUTRAL[name]
    words = {key: f"{key} {index} {place}" for key in ("text", "name") if key in neutral}
    return [*items[:place], neutral | words, *items[place + 1 :]]


def compare(
    commitments: Sequence[Entry], feeds: Sequence[Entry], outside: Outside
) -> Iterator[Problem]:
    """Yield every problem that shows only when the entries of all files lie side by side."""
    yield from _double_ids(commitments, "commitment")
    yield from _double_ids(feeds, "feed")
    tags = {tag for entry in commitments for tag in entry.model.tags}
    folds = _Folds()
    for entry in commitments:
        yield from _name_problems(entry, tags)
        yield from _way_problems(entry, outside.check_query)
        yield from _term_problems(entry, folds)
        yield from _clause_problems(entry)
        yield from _date_problems(entry)
    for entry in feeds:
        yield from _feed_problems(entry, outside)
        yield from _page_problems(entry, outside.check_selector)
    yield from _shared_aliases(commitments, folds)
    yield from _shared_addresses(feeds)


class _Folds(dict[str, tuple[str, ...]]):
    """Folds each term once, though several checks ask for it."""

    def __missing__(self, text: str) -> tuple[str, ...]:
        self[text] = folded = fold_phrase(text)
        return folded


# --- one commitment ------------------------------------------------------------


def _name_problems(entry: Entry, tags: Collection[str]) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    if model.id == "all":
        message = "`all` is no id: people subscribe to `all` for every pledge"
        yield entry.problem("id", message=message, suggestion="choose another")
    if model.id in tags:
        message = f"the tag `{model.id}` has the same name"
        yield entry.problem("id", message=message, suggestion="rename the id or the tag")
    for index, tag in enumerate(model.tags):
        if tag == "all":
            message = "`all` is no tag: people subscribe to `all` for every pledge"
            yield entry.problem("tags", index, message=message, suggestion="remove it")


def _way_problems(entry: Entry, check_query: Check | None) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    if not any((model.aliases, model.groups, model.query)) and not _hides_a_way(entry.broken):
        message = f"this pledge cannot be found: give it {', '.join(WAYS[:-1])} or {WAYS[-1]}"
        yield entry.problem(message=message, suggestion="write aliases: [Its Name]")
    if model.query is not None and check_query is not None:
        wrong = check_query(model.query)
        if wrong is not None:
            message = f"the query cannot be read: {wrong.splitlines()[0]}"
            suggestion = "as in query: '(\"AI center\" NEAR/6 SCO) NOT hotel'"
            yield entry.problem("query", message=message, suggestion=suggestion)


def _hides_a_way(broken: Collection[str]) -> bool:
    """Tell whether a mistake, a misspelt field perhaps, may be the way the pledge is found."""
    return any(name in WAYS or name not in CommitmentModel.model_fields for name in broken)


def _term_problems(entry: Entry, folds: _Folds) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    decoys: dict[tuple[str, ...], int] = {}
    for index, decoy in enumerate(model.decoys):
        if decoys.setdefault(folds[decoy.text], index) != index:
            yield _repeated(entry, "decoys", index, decoy.text)
    seen: set[tuple[tuple[str, ...], bool]] = set()
    for index, alias in enumerate(model.aliases):
        folded = folds[alias.text]
        if folded in decoys:
            message = f"`{alias.text}` is a decoy too, so it can never match"
            yield entry.problem("aliases", index, message=message, suggestion="keep one of the two")
        if (folded, alias.case) in seen:
            yield _repeated(entry, "aliases", index, alias.text)
        seen.add((folded, alias.case))
        yield from _strength_problems(entry, index, alias)
    weak = any(alias.weak for alias in model.aliases) or "aliases" in entry.broken
    if model.context and not weak:
        message = "`context` does nothing without a weak alias"
        suggestion = "mark an alias with weak: true, or write a group"
        yield entry.problem("context", message=message, suggestion=suggestion, warning=True)


def _repeated(entry: Entry, name: str, index: int, text: str) -> Problem:
    message = f"`{text}` stands in `{name}` twice, or is found wherever one before it is"
    return entry.problem(name, index, message=message, suggestion="remove it", warning=True)


def _strength_problems(entry: Entry, index: int, alias: AliasModel) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    if alias.weak:
        if not model.context and "context" not in entry.broken:
            message = f"the weak alias `{alias.text}` has no `context` to count beside"
            suggestion = "add context: [[a word, another]], or remove weak: true"
            yield entry.problem("aliases", index, message=message, suggestion=suggestion)
        return
    letters = [each for each in alias.text if each.isalnum()]
    shortest = 2 if any("㐀" <= each <= "鿿" for each in letters) else SHORTEST_WORD
    if len(letters) < shortest and not alias.case:
        message = f"`{alias.text}` is so short that it finds far too much"
        suggestion = "make it weak: true with a context, or case: true"
        yield entry.problem("aliases", index, message=message, suggestion=suggestion, warning=True)


def _clause_problems(entry: Entry) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    clauses = [clause.id for clause in model.clauses] or ["main"]
    for index, clause in enumerate(model.clauses):
        if clause.id in clauses[:index]:
            message = f"the clause `{clause.id}` stands here twice"
            yield entry.problem(
                "clauses", index, "id", message=message, suggestion="rename one of them"
            )
        if clause.unit is not None and clause.target is None:
            message = "`unit` does nothing without `target`"
            yield entry.problem(
                "clauses",
                index,
                "unit",
                message=message,
                suggestion="write target: 20, or remove it",
                warning=True,
            )
    if "clauses" in entry.broken:
        return
    for index, known in enumerate(model.known):
        for at, name in enumerate(known.clauses):
            if name not in clauses:
                suggestion = near(name, clauses) or f"known are {', '.join(clauses)}"
                message = f"there is no clause `{name}`"
                yield entry.problem(
                    "known", index, "clauses", at, message=message, suggestion=suggestion
                )


def _date_problems(entry: Entry) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    for index, occasion in enumerate(model.occasions):
        if (occasion.date is None) == (occasion.month is None):
            message = "an occasion has either `date` (once) or `month` (every year)"
            suggestion = 'write month: 9, or date: "2027-05"'
            yield entry.problem("occasions", index, message=message, suggestion=suggestion)
    said = min((saying.date for saying in model.said), default=None)
    if model.due is not None and said is not None and last_day(model.due.date) < first_day(said):
        message = f"due in {model.due.date}, before it was said in {said}"
        yield entry.problem("due", message=message, suggestion="check both dates", warning=True)


# --- one feed ------------------------------------------------------------------


def _feed_problems(entry: Entry, outside: Outside) -> Iterator[Problem]:
    model: FeedModel = entry.model
    paged = model.page is not None or "page" in entry.broken
    if (model.kind is FeedKind.PAGE) != paged and "kind" not in entry.broken:
        message = "`kind: page` and `page: {item, title, link}` go together"
        suggestion = "add kind: page" if model.page else "add page: {item: li, title: a, link: a}"
        yield entry.problem(
            "page" if model.page else "kind", message=message, suggestion=suggestion
        )
    shortest, _ = interval(model.every)
    if shortest < ONE_MINUTE and not _may_be_asked_often(model.url, outside.allowed_hosts):
        message = f"`every: {model.every}` is under a minute"
        suggestion = (
            "write 1m or more: only hosts named in PLEDGEWATCH_ALLOW_PRIVATE are asked so often"
        )
        yield entry.problem("every", message=message, suggestion=suggestion)


def _may_be_asked_often(url: str, allowed: Collection[str]) -> bool:
    address = urlsplit(url)
    host = address.hostname or ""
    names = {each.lower() for each in allowed}
    if {host, address.netloc.rpartition("@")[2].lower()} & names:
        return True
    return any(_is_in(host, each) for each in names)


def _is_in(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _page_problems(entry: Entry, check_selector: Check | None) -> Iterator[Problem]:
    model: FeedModel = entry.model
    if model.page is None or check_selector is None:
        return
    for name, selector in model.page.model_dump(exclude_none=True).items():
        wrong = check_selector(selector)
        if wrong is not None:
            message = f"`{name}` is no CSS selector: {wrong}"
            suggestion = "as in ul.list li, a or span.date"
            yield entry.problem("page", name, message=message, suggestion=suggestion)


# --- across entries ------------------------------------------------------------


def _double_ids(entries: Iterable[Entry], kind: str) -> Iterator[Problem]:
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.model.id, entry)
        if known is not entry:
            there = known.problem("id", message="")
            message = f"the {kind} id `{entry.model.id}` stands twice"
            suggestion = f"rename one; the first is at {there.file}:{there.line}"
            yield entry.problem("id", message=message, suggestion=suggestion)


def _shared_aliases(entries: Iterable[Entry], folds: _Folds) -> Iterator[Problem]:
    first: dict[tuple[tuple[str, ...], bool], Entry] = {}
    for entry in entries:
        for index, alias in enumerate(entry.model.aliases):
            if alias.weak:
                continue
            known = first.setdefault((folds[alias.text], alias.case), entry)
            if known is not entry:
                message = f"`{alias.text}` is an alias of `{known.model.id}` too"
                suggestion = "an article with it will count for both: remove one unless you mean it"
                yield entry.problem(
                    "aliases", index, message=message, suggestion=suggestion, warning=True
                )


def _shared_addresses(feeds: Iterable[Entry]) -> Iterator[Problem]:
    first: dict[str, Entry] = {}
    for entry in feeds:
        known = first.setdefault(entry.model.url, entry)
        if known is not entry:
            message = f"`{known.model.id}` has the same address"
            yield entry.problem("url", message=message, suggestion="remove one", warning=True)
