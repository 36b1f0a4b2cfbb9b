"""`watchlist.yaml`: load it, and find every problem with its line."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from model.errors import Problem, WatchlistError
from model.records import (
    Clause,
    Commitment,
    CommitmentId,
    CommitmentKind,
    Due,
    Feed,
    FeedId,
    FeedKind,
    FullText,
    Known,
    Language,
    Occasion,
    PageSelectors,
    Saying,
    Term,
    TermGroup,
    TermRole,
    Watchlist,
)
from model.watchlist_schema import (
    WAYS,
    CommitmentModel,
    FeedModel,
    WatchlistModel,
    interval,
    watchlist_schema,
)
from model.watchlist_yaml import Document, read_yaml

__all__ = ["LoadedWatchlist", "load_watchlist", "read_watchlist", "watchlist_schema"]

CheckQuery = Callable[[str], str | None]  # what is wrong with a query; None: nothing

QUIET_DAYS = {
    CommitmentKind.BODY: 60,
    CommitmentKind.CENTRE: 60,
    CommitmentKind.DOCUMENT: 90,
    CommitmentKind.COUNT: 120,
    CommitmentKind.PROGRAMME: 120,
}
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedWatchlist:
    """What reading brought: a watchlist unless something is wrong, and everything that is odd."""

    watchlist: Watchlist | None
    problems: tuple[Problem, ...]  # warnings too


def load_watchlist(
    path: Path,
    *,
    allowed_hosts: Collection[str] = (),
    check_query: CheckQuery | None = None,
) -> Watchlist:
    """Load a file or a folder; raise WatchlistError with every problem.

    `allowed_hosts` may be polled more often than once a minute.
    """
    loaded = read_watchlist(path, allowed_hosts=allowed_hosts, check_query=check_query)
    if loaded.watchlist is None:
        raise WatchlistError(loaded.problems)
    return loaded.watchlist


def read_watchlist(
    path: Path,
    *,
    allowed_hosts: Collection[str] = (),
    check_query: CheckQuery | None = None,
) -> LoadedWatchlist:
    """Read a file, or every `*.yaml` of a folder, and check the whole."""
    checked = _Checker(allowed_hosts, check_query)
    for file, text in _texts(path, checked.problems):
        checked.read(read_yaml(file, text))
    checked.compare()
    problems = tuple(sorted(checked.problems, key=lambda each: (each.file, each.line, each.column)))
    if any(not problem.warning for problem in problems):
        return LoadedWatchlist(watchlist=None, problems=problems)
    return LoadedWatchlist(watchlist=checked.watchlist(), problems=problems)


def _texts(path: Path, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    files = [path]
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix in {".yaml", ".yml"})
        if not files:
            message = "there is no *.yaml file in this folder"
            problems.append(Problem(file=str(path), line=1, column=1, message=message))
    for file in files:
        message, suggestion = "", None
        try:
            yield str(file), file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            message = "there is no such file"
            suggestion = "PLEDGEWATCH_WATCHLIST names another"
        except UnicodeDecodeError as error:
            message = f"this is not UTF-8 (byte {error.start})"
            suggestion = "store the file as UTF-8"
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
        if message:
            problem = Problem(
                file=str(file), line=1, column=1, message=message, suggestion=suggestion
            )
            problems.append(problem)


@dataclass(slots=True)
class _Entry:
    """One commitment or feed with the place it came from."""

    document: Document
    path: tuple[str | int, ...]
    model: Any  # CommitmentModel or FeedModel
    broken: frozenset[str] = frozenset()  # fields that hold a mistake, told already

    def problem(self, *steps: str | int, message: str, **more: Any) -> Problem:  # noqa: ANN401
        return self.document.problem((*self.path, *steps), message, **more)


@dataclass(slots=True)
class _Checker:
    """Collects the entries of all files, then compares them."""

    allowed_hosts: Collection[str]
    check_query: CheckQuery | None
    problems: list[Problem] = field(default_factory=list)
    commitments: list[_Entry] = field(default_factory=list)
    feeds: list[_Entry] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def read(self, document: Document) -> None:
        """Check one file by itself."""
        self.problems += document.problems
        value = document.value
        if document.root is None:
            if not document.problems:
                message = "the file is empty"
                suggestion = "it holds `commitments:` and `feeds:`; either may be []"
                self.problems.append(document.problem((), message, suggestion=suggestion))
            return
        if not isinstance(value, dict):
            message = "the file is no mapping"
            suggestion = "it begins with `commitments:` or `feeds:`"
            self.problems.append(document.problem((), message, suggestion=suggestion))
            return
        self.values.append(value)
        self._check_head(document, value)
        for name, model, entries in (
            ("commitments", CommitmentModel, self.commitments),
            ("feeds", FeedModel, self.feeds),
        ):
            self._check_list(document, name, value.get(name), model, entries)

    def _check_head(self, document: Document, value: dict[str, Any]) -> None:
        head = {
            name: [] if name in {"commitments", "feeds"} else each for name, each in value.items()
        }
        try:
            WatchlistModel.model_validate(head)
        except ValidationError as error:
            self.problems += (_explain(document, (), each, head) for each in error.errors())

    def _check_list(
        self,
        document: Document,
        name: str,
        value: object,
        model: type[BaseModel],
        entries: list[_Entry],
    ) -> None:
        if value is None:
            return
        if not isinstance(value, list):
            message = f"`{name}` is a list: each entry begins with `- id:`"
            self.problems.append(document.problem((name,), message))
            return
        for index, each in enumerate(value):
            try:
                checked = model.model_validate(each)
            except ValidationError as error:
                path = (name, index)
                details = error.errors()
                self.problems += (_explain(document, path, detail, each) for detail in details)
                rest, broken = _without_mistakes(each, details, index)
                if rest is not None:
                    with suppress(ValidationError):
                        entries.append(_Entry(document, path, model.model_validate(rest), broken))
            else:
                entries.append(_Entry(document, (name, index), checked))

    def compare(self) -> None:
        """Check what the model alone cannot: ids, references, look-alikes."""
        self.problems += _double_ids(self.commitments, "commitment")
        self.problems += _double_ids(self.feeds, "feed")
        tags = {tag for entry in self.commitments for tag in entry.model.tags}
        for entry in self.commitments:
            self.problems += _commitment_problems(entry, tags, self.check_query)
        for entry in self.feeds:
            self.problems += _feed_problems(entry, self.allowed_hosts)
        self.problems += _shared_aliases(self.commitments)
        self.problems += _shared_addresses(self.feeds)

    def watchlist(self) -> Watchlist:
        """Return the whole, which has no problem."""
        contents = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        return Watchlist(
            commitments=tuple(_commitment(entry) for entry in self.commitments),
            feeds=tuple(_feed(entry) for entry in self.feeds),
            version=hashlib.sha256(contents.encode()).hexdigest(),
        )


# --- one entry ---------------------------------------------------------------


def _commitment_problems(
    entry: _Entry, tags: Collection[str], check_query: CheckQuery | None
) -> Iterator[Problem]:
    model: CommitmentModel = entry.model
    if model.id == "all":
        yield entry.problem("id", message="`all` is no id: it means every pledge")
    if model.id in tags:
        yield entry.problem("id", message=f"the tag `{model.id}` has the same name")
    if not any((model.aliases, model.groups, model.query)) and not _hides_a_way(entry.broken):
        message = f"this pledge cannot be found: give it {', '.join(WAYS[:-1])} or {WAYS[-1]}"
        yield entry.problem(message=message, suggestion="aliases: [Its Name]")
    if model.query is not None and check_query is not None:
        wrong = check_query(model.query)
        if wrong is not None:
            yield entry.problem("query", message=f"the query cannot be read: {wrong}")
    yield from _term_problems(entry, model)
    yield from _reference_problems(entry, model)


def _hides_a_way(broken: Collection[str]) -> bool:
    """Tell whether a mistake, a misspelt field perhaps, may be the way the pledge is found."""
    return any(name in WAYS or name not in CommitmentModel.model_fields for name in broken)


def _term_problems(entry: _Entry, model: CommitmentModel) -> Iterator[Problem]:
    decoys = {_plain(decoy.text) for decoy in model.decoys}
    seen: set[tuple[str, bool]] = set()
    for index, alias in enumerate(model.aliases):
        where = ("aliases", index)
        if alias.weak and not model.context and "context" not in entry.broken:
            message = f"the weak alias `{alias.text}` needs `context` to count beside"
            yield entry.problem(*where, message=message, suggestion="context: [[a word, another]]")
        if _plain(alias.text) in decoys:
            message = f"`{alias.text}` is a decoy too, so it can never match"
            yield entry.problem(*where, message=message, suggestion="remove one of the two")
        key = (_plain(alias.text), alias.case)
        if key in seen:
            yield entry.problem(
                *where, message=f"the alias `{alias.text}` stands here twice", warning=True
            )
        seen.add(key)
    weak = any(alias.weak for alias in model.aliases) or "aliases" in entry.broken
    if model.context and not weak:
        yield entry.problem(
            "context", message="`context` does nothing without a weak alias", warning=True
        )


def _reference_problems(entry: _Entry, model: CommitmentModel) -> Iterator[Problem]:
    clauses = [clause.id for clause in model.clauses] or ["main"]
    for index, clause in enumerate(model.clauses):
        if clause.id in clauses[:index]:
            message = f"the clause `{clause.id}` stands here twice"
            yield entry.problem("clauses", index, "id", message=message)
    for index, known in enumerate(model.known):
        for at, name in enumerate(known.clauses):
            if name not in clauses and "clauses" not in entry.broken:
                message = f"there is no clause `{name}`"
                yield entry.problem(
                    "known", index, "clauses", at, message=message, suggestion=_near(name, clauses)
                )
    for index, occasion in enumerate(model.occasions):
        if (occasion.date is None) == (occasion.month is None):
            message = "an occasion has either `date` (once) or `month` (every year)"
            yield entry.problem("occasions", index, message=message)


def _feed_problems(entry: _Entry, allowed_hosts: Collection[str]) -> Iterator[Problem]:
    model: FeedModel = entry.model
    paged = model.page is not None or "page" in entry.broken
    if (model.kind is FeedKind.PAGE) != paged and "kind" not in entry.broken:
        message = "`kind: page` and `page: {item, title, link}` go together"
        yield entry.problem("page" if model.page else "kind", message=message)
    shortest, _ = interval(model.every)
    address = urlsplit(model.url)
    if shortest < ONE_MINUTE and not {address.hostname, address.netloc} & set(allowed_hosts):
        message = f"`every: {model.every}` is under a minute"
        suggestion = "only hosts named in PLEDGEWATCH_ALLOW_PRIVATE may be asked so often"
        yield entry.problem("every", message=message, suggestion=suggestion)
    for name, value in model.headers.items():
        if not (name.isascii() and name.isprintable() and value.isprintable()):
            message = f"the header `{name}` holds what no header can"
            yield entry.problem("headers", name, message=message)


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
        steps = [step for step in detail["loc"] if not _is_internal(step)]
        name, deeper = str(steps[0]) if steps else "", steps[1:]
        broken.add(name)
        if name in NEUTRAL and deeper and isinstance(rest.get(name), list):
            items = list(rest[name])
            place = int(deeper[0])
            neutral = NEUTRAL[name]
            items[place] = neutral | {
                key: f"{key} {index} {place}" for key in ("text", "name") if key in neutral
            }
            rest[name] = items
        elif name not in {"id", "title"}:
            rest.pop(name, None)
        else:
            rest[name] = f"broken-{index}"
    return rest, frozenset(broken)


# --- across entries ----------------------------------------------------------


def _double_ids(entries: Iterable[_Entry], kind: str) -> Iterator[Problem]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.model.id, entry)
        if known is not entry:
            there = known.problem("id", message="")
            message = f"the {kind} id `{entry.model.id}` stands twice"
            suggestion = f"the first is at {there.file}:{there.line}"
            yield entry.problem("id", message=message, suggestion=suggestion)


def _shared_aliases(entries: Iterable[_Entry]) -> Iterator[Problem]:
    first: dict[tuple[str, bool], _Entry] = {}
    for entry in entries:
        for index, alias in enumerate(entry.model.aliases):
            if alias.weak:
                continue
            known = first.setdefault((_plain(alias.text), alias.case), entry)
            if known is not entry:
                message = f"`{alias.text}` is an alias of `{known.model.id}` too"
                yield entry.problem("aliases", index, message=message, warning=True)


def _shared_addresses(entries: Iterable[_Entry]) -> Iterator[Problem]:
    first: dict[str, _Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.model.url, entry)
        if known is not entry:
            message = f"`{known.model.id}` has the same address"
            yield entry.problem("url", message=message, warning=True)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


# --- the model's errors in words ----------------------------------------------


def _explain(
    document: Document, base: tuple[str | int, ...], error: ErrorDetails, value: object
) -> Problem:
    steps = tuple(step for step in error["loc"] if not _is_internal(step))
    path, kind = (*base, *steps), error["type"]
    name = next((str(step) for step in reversed(steps) if isinstance(step, str)), "")
    given = error.get("input")
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        known = _fields_beside(steps, base)
        suggestion = _near(name, known) or f"known are {', '.join(known)}"
        if " " in name:
            suggestion = "quote a text that holds a comma"
        return document.problem(path, f"unknown field `{name}`", suggestion=suggestion, at_key=True)
    if kind == "missing":
        return document.problem((*base, *steps[:-1]), f"`{name}` is missing")
    if kind == "enum" or kind == "literal_error":
        allowed = _allowed(str(context.get("expected", "")))
        suggestion = _near(str(given), allowed) or f"it is one of {', '.join(allowed)}"
        return document.problem(path, f"`{name}`: {given!r} is not known", suggestion=suggestion)
    if kind == "value_error":
        return document.problem(path, f"`{name}` {_reason(context, given)}")
    return document.problem(path, _by_type(kind, name, given, context, error["msg"]))


def _is_internal(step: str | int) -> bool:
    """Tell whether a step is pydantic's own, not one of the file."""
    return isinstance(step, str) and ("[" in step or step in {"function-before", "nullable"})


def _reason(context: dict[str, Any], given: object) -> str:
    reason = str(context.get("error", "is wrong"))
    shown = str(given)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return reason if repr(given) in reason else f"({shown}) {reason}" if shown.strip() else reason


def _by_type(kind: str, name: str, given: object, context: dict[str, Any], message: str) -> str:
    if kind == "string_type":
        hint = ": quote it" if isinstance(given, bool | int | float) else ""
        return f"`{name}` is a text{hint}" + (", not nothing" if given is None else "")
    if kind == "string_pattern_mismatch":
        return (
            f"`{name}`: {given!r} is no id: small letters, digits and hyphens, "
            "3 to 48 of them, beginning with a letter or digit"
        )
    if kind == "list_type":
        return f"`{name}` is a list, as in [one, two]"
    if kind in {"model_type", "dict_type"}:
        if name == "title":
            return "`title` is a text, or a mapping of language to text: quote a number"
        return f"`{name}` is a mapping of fields" if name else "an entry is a mapping of fields"
    if kind in {"bool_type", "bool_parsing"}:
        return f"`{name}` is true or false"
    if kind in {"int_type", "int_parsing"}:
        return f"`{name}` is a whole number"
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = context.get("ge", context.get("le"))
        side = "at least" if "ge" in context else "at most"
        return f"`{name}` is {given}; it is {side} {bound}"
    if kind == "too_short":
        return f"`{name}` needs at least {context.get('min_length')} entries"
    return f"`{name}`: {message}"


def _allowed(expected: str) -> list[str]:
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


def _fields_beside(steps: tuple[str | int, ...], base: tuple[str | int, ...]) -> list[str]:
    """Return the fields that a mapping may have where an unknown one stands."""
    model: Any = {"commitments": CommitmentModel, "feeds": FeedModel}.get(
        str(base[0]) if base else "", WatchlistModel
    )
    schema = model.model_json_schema(by_alias=True)
    node: Any = schema
    for step in steps[:-1]:
        node = _descend(schema, node, step)
    return list(_resolved(schema, node).get("properties", {}))


def _descend(schema: dict[str, Any], node: Any, step: str | int) -> Any:  # noqa: ANN401
    node = _resolved(schema, node)
    return node.get("items", {}) if isinstance(step, int) else node["properties"].get(step, {})


def _resolved(schema: dict[str, Any], node: Any) -> Any:  # noqa: ANN401
    """Follow references, and take the mapping or list among alternatives."""
    for _ in range(10):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in node:
            choices = [_resolved(schema, each) for each in node["anyOf"]]
            node = next((each for each in choices if {"properties", "items"} & set(each)), {})
        else:
            break
    return node


def _near(word: str, known: Collection[str]) -> str | None:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


# --- records -------------------------------------------------------------------


def _commitment(entry: _Entry) -> Commitment:
    model: CommitmentModel = entry.model
    titles = {
        Language.ENGLISH: model.title.en,
        Language.CHINESE_SIMPLIFIED: model.title.zh_hans,
        Language.CHINESE_TRADITIONAL: model.title.zh_hant,
    }
    return Commitment(
        id=CommitmentId(model.id),
        title=model.title.en,
        kind=model.kind,
        terms=tuple(_terms(model)),
        context=tuple(tuple(each) for each in model.context),
        groups=tuple(
            TermGroup(all_of=tuple(tuple(each) for each in group.all_of), within=group.within)
            for group in model.groups
        ),
        query=model.query,
        titles=tuple((language, title) for language, title in titles.items() if title),
        promisor=tuple(model.promisor),
        counterparties=tuple(model.counterparties),
        said=tuple(Saying(**dict(each)) for each in model.said),
        known=tuple(
            Known(**{**dict(each), "clauses": tuple(each.clauses)}) for each in model.known
        ),
        clauses=tuple(Clause(**dict(each)) for each in model.clauses),
        due=_due(model),
        occasions=tuple(Occasion(**dict(each)) for each in model.occasions),
        quiet_days=model.quiet_days or QUIET_DAYS[model.kind],
        review_days=model.review_days,
        tags=tuple(model.tags),
        paused=model.paused,
        line=entry.problem(message="").line,
    )


def _terms(model: CommitmentModel) -> Iterator[Term]:
    for alias in model.aliases:
        role = TermRole.WEAK_ALIAS if alias.weak else TermRole.ALIAS
        yield Term(text=alias.text, role=role, case_sensitive=alias.case)
    for decoy in model.decoys:
        yield Term(text=decoy.text, role=TermRole.DECOY, why=decoy.why)


def _due(model: CommitmentModel) -> Due | None:
    if model.due is None:
        return None
    return Due(
        date=model.due.date,
        inferred=model.due.basis == "inferred",
        grace=timedelta(days=model.due.grace_days),
    )


def _feed(entry: _Entry) -> Feed:
    model: FeedModel = entry.model
    shortest, longest = interval(model.every)
    return Feed(
        id=FeedId(model.id),
        url=model.url,
        title=model.title,
        language=model.language,
        kind=model.kind,
        page=None if model.page is None else PageSelectors(**dict(model.page)),
        poll_every_min=shortest,
        poll_every_max=longest,
        tier=model.tier,
        timezone=model.timezone,
        encoding=model.encoding,
        full_text=FullText(model.fulltext),
        headers=tuple(model.headers.items()),
        proxy=model.proxy,
        paused=model.paused,
        line=entry.problem(message="").line,
    )
