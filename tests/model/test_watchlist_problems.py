"""Every mistake that a watchlist can hold is told with its exact place and with what to do.

In the files below `▸` marks the place that a problem names; it is no part of the file.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import Problem
from model.watchlist import LoadedWatchlist, read_watchlist
from model.watchlist_yaml import read_yaml

DATA = Path(__file__).parents[1] / "data" / "watchlists"
MARK = "▸"


def pledge(fields: str, aliases: str = "[Harbour Fund]") -> str:
    """Return a watchlist of one pledge, on lines 2 to 4, with more fields from line 5 on."""
    more = "".join(f"    {line}\n" for line in fields.splitlines())
    head = "commitments:\n  - id: harbour-fund\n    title: Harbour fund\n"
    return f"{head}    aliases: {aliases}\n{more}"


def feed(fields: str, url: str = "https://news.example.org/rss", language: str = "en") -> str:
    """Return a watchlist of one feed, on lines 2 to 5, with more fields from line 6 on."""
    more = "".join(f"    {line}\n" for line in fields.splitlines())
    head = f"feeds:\n  - id: example-world\n    url: {url}\n    title: World\n"
    return f"{head}    language: {language}\n{more}"


def entry(fields: str) -> str:
    """Return a watchlist of one pledge in one line, with what is given and nothing else."""
    return f"commitments:\n  - {fields}\n"


@dataclass(frozen=True)
class Case:
    text: str
    messages: tuple[str, ...]  # one a mark, in the file's order
    warning: bool = False


def wrong(text: str, *messages: str) -> Case:
    return Case(text, messages)


def odd(text: str, *messages: str) -> Case:
    return Case(text, messages, warning=True)


def unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text without its marks, and where they stood: line and column, from 1."""
    places = []
    for number, line in enumerate(marked.split("\n"), start=1):
        *before, _ = line.split(MARK)
        places += [(number, len("".join(before[: n + 1])) + 1) for n in range(len(before))]
    return marked.replace(MARK, ""), places


CASES: dict[str, Case] = {
    # --- the file
    "an empty file": wrong("▸", "the file is empty"),
    "comments alone": wrong("▸# nothing yet\n", "the file is empty"),
    "a list": wrong("▸- harbour-fund\n", "the file is no mapping"),
    "a text": wrong("▸hello\n", "the file is no mapping"),
    "nothing, said out loud": wrong("▸null\n", "the file is no mapping"),
    "an unknown part": wrong(pledge("") + "▸feed: []\n", "unknown field `feed`"),
    "another schema": wrong(
        "schema: ▸pledgewatch/watchlist@2\n" + pledge(""), "'pledgewatch/watchlist@2' is not known"
    ),
    "commitments as a mapping": wrong("commitments: ▸{a: 1}\n", "`commitments` is a list"),
    "feeds as a text": wrong("feeds: ▸none\n", "`feeds` is a list"),
    "an entry that is a text": wrong("commitments:\n  - ▸hello\n", "an entry is a mapping"),
    "an entry that is nothing": wrong("commitments:\n  -▸\n", "an entry is a mapping"),
    # --- YAML itself
    "two documents": wrong(pledge("") + "▸---\nfeeds: []\n", "found another document"),
    "a tab": wrong("commitments:\n▸\t- id: harbour-fund\n", "cannot start any token"),
    "a colon in a text": wrong(
        "commitments:\n  - id: harbour-fund\n    title: Fund▸: the first\n", "mapping values"
    ),
    "a quote without end": wrong('commitments:\n  - id: ▸"harbour\n    title: Fund\n', "end of"),
    "a bracket without end": wrong(pledge("tags: ▸[ports\n"), "did not find expected"),
    "a text that begins with @": wrong(entry("{id: ▸@fund}"), "cannot start any token"),
    "a text that begins with *": wrong(entry("{id: ▸*fund}"), "undefined alias"),
    "half a text in quotes": wrong(
        pledge('query: "harbour fund" ▸NEAR Porto'), "did not find expected key"
    ),
    "a list and a mapping at once": wrong("- one\n▸feeds: []\n", "'-' indicator"),
    "a control character": wrong(pledge("query: one▸\x07two"), "control character U+0007"),
    "a null byte": wrong(pledge("query: 基金▸\x00"), "control character U+0000"),
    "a field twice": wrong(pledge("kind: body\n▸kind: centre"), "`kind` stands here twice"),
    "a field twice in an alias": wrong(
        pledge("", "[{text: One Fund, ▸text: Two Fund}]"), "`text` stands here twice"
    ),
    "a tag of YAML's": wrong("commitments: ▸!!python/object:os.system []\n", "!!python/object"),
    "a binary": wrong(entry("{id: harbour-fund, title: ▸!!binary aGk=, query: x}"), "!!binary"),
    "a merge key": wrong(
        "commitments:\n  - &a {id: one-fund, title: One, query: one}\n"
        "  - {▸<<: *a, id: two-fund, title: Two, query: two}\n",
        "merge keys",
    ),
    "a key that is a list": wrong(pledge("▸[one, two]: 3"), "a field's name is one word"),
    # --- YAML's traps
    "on: as a field": wrong(pledge("▸on: 1"), "reads the name `on` as a boolean"),
    "no as a switch": wrong(pledge("paused: ▸no"), "reads `no` as a boolean"),
    "yes as a switch": wrong(pledge("paused: ▸yes"), "reads `yes` as a boolean"),
    "no as a language": wrong(feed("", language="▸no"), "reads `no` as a boolean"),
    "NO as a party": wrong(pledge("promisor: [▸NO]"), "reads `NO` as a boolean"),
    "on as a tag": wrong(pledge("tags: [▸on]"), "reads `on` as a boolean"),
    "a number to the base 60": wrong(pledge("quiet_days: ▸1:30"), "base 60"),
    "a time as an interval": wrong(feed("every: ▸1:30"), "base 60"),
    "an unquoted date": odd(pledge("said: [{date: ▸2025-09-01}]"), "read as the date 2025-09-01"),
    "an unquoted due date": odd(pledge("due: ▸2027-05-01"), "read as the date 2027-05-01"),
    # --- missing
    "no id": wrong(entry("▸{title: Fund, query: fund}"), "`id` is missing"),
    "no title": wrong(entry("▸{id: harbour-fund, query: fund}"), "`title` is missing"),
    "no way to find it": wrong(entry("▸{id: harbour-fund, title: Fund}"), "cannot be found"),
    "an empty list of aliases": wrong(
        entry("▸{id: harbour-fund, title: Fund, aliases: []}"), "cannot be found"
    ),
    "no English title": wrong(
        entry("{id: harbour-fund, title: ▸{zh-Hans: 基金}, query: fund}"), "`en` is missing"
    ),
    "no date of a saying": wrong(pledge("said: [▸{where: Porto}]"), "`date` is missing"),
    "no milestone": wrong(pledge("known: [▸{date: 2025}]"), "`milestone` is missing"),
    "no done_when": wrong(pledge("clauses: [▸{id: opened, text: T}]"), "`done_when` is missing"),
    "no due date": wrong(pledge("due: ▸{basis: stated}"), "`date` is missing"),
    "no name of an occasion": wrong(pledge("occasions: [▸{month: 9}]"), "`name` is missing"),
    "no text of an alias": wrong(pledge("", "[▸{case: true}]"), "`text` is missing"),
    "no lists in a group": wrong(pledge("groups: [▸{within: 3}]"), "`all_of` is missing"),
    "no address": wrong("feeds:\n  - ▸{id: world, title: W, language: en}\n", "`url` is missing"),
    "no language": wrong(
        "feeds:\n  - ▸{id: world, title: W, url: 'https://a.example'}\n", "`language` is missing"
    ),
    "no link selector": wrong(
        feed("kind: page\npage: ▸{item: li, title: a}"), "`link` is missing in `page`"
    ),
    # --- unknown
    "alias for aliases": wrong(pledge("▸alias: [Fund]"), "unknown field `alias`"),
    "an unknown field of an alias": wrong(
        pledge("", "[{text: Fund, ▸weaks: true}]"), "unknown field `weaks`"
    ),
    "an unknown field of a group": wrong(
        pledge("groups: [{all_of: [[one], [two]], ▸near: 3}]"), "unknown field `near`"
    ),
    "an unknown field of a page": wrong(
        feed("kind: page\npage: {item: li, title: a, link: a, ▸body: p}"), "unknown field `body`"
    ),
    "an unknown language of a title": wrong(
        entry("{id: harbour-fund, title: {en: Fund, ▸zh: 基金}, query: fund}"), "field `zh`"
    ),
    "a comma in a text in braces": wrong(
        pledge("said: [{date: 2025, text: one, ▸two}]"), "unknown field `two`"
    ),
    "a kind": wrong(pledge("kind: ▸center"), "'center' is not known"),
    "a milestone": wrong(pledge("known: [{date: 2025, milestone: ▸sign}]"), "'sign'"),
    "a basis": wrong(pledge("due: {date: 2027, basis: ▸guess}"), "'guess' is not known"),
    "a tier": wrong(feed("tier: ▸g"), "'g' is not known"),
    "a kind of feed": wrong(feed("kind: ▸rss"), "'rss' is not known"),
    "a language": wrong(feed("", language="▸fr"), "'fr' is not known"),
    "Chinese of no script": wrong(feed("", language="▸zh"), "'zh' is not known"),
    "fulltext": wrong(feed("fulltext: ▸maybe"), "'maybe' is not known"),
    # --- ids
    "an id with capitals": wrong(entry("{id: ▸Harbour, title: F, query: fund}"), "no short name"),
    "an id of two letters": wrong(entry("{id: ▸ab, title: F, query: fund}"), "no short name"),
    "an id of 49 letters": wrong(entry(f"{{id: ▸{'a' * 49}, title: F, query: x}}"), "short name"),
    "an id in Chinese": wrong(entry("{id: ▸港口基金, title: F, query: fund}"), "no short name"),
    "an id with a line break": wrong(
        entry('{id: ▸"fund\\n", title: F, query: x}').replace("\\n", "\\\\n"), "no short name"
    ),
    "a number as an id": wrong(entry("{id: ▸2025, title: F, query: fund}"), "2025 is none"),
    "the id all": wrong(entry("{id: ▸all, title: F, query: fund}"), "`all` is no id"),
    "an id that is a tag": wrong(
        entry("{id: ▸fund, title: F, query: fund, tags: [fund]}"), "the tag `fund`"
    ),
    "the tag all": wrong(pledge("tags: [ports, ▸all]"), "`all` is no tag"),
    "a tag with a space": wrong(pledge("tags: [▸big ports]"), "no short name"),
    "a pledge's id twice": wrong(
        pledge("") + "  - {id: ▸harbour-fund, title: Other, query: other}\n", "stands twice"
    ),
    "a feed's id twice": wrong(
        feed("") + "  - {id: ▸example-world, title: W, url: 'https://b.example', language: en}\n",
        "stands twice",
    ),
    # --- types
    "aliases as a text": wrong(pledge("", "▸Harbour Fund"), "`aliases` is a list"),
    "promisor as a text": wrong(pledge("promisor: ▸Northland"), "`promisor` is a list"),
    "promisor as nothing": wrong(pledge("promisor:▸"), "`promisor` is a list"),
    "said as a mapping": wrong(pledge("said: ▸{date: 2025}"), "`said` is a list"),
    "a year as an alias": wrong(pledge("", "[Fund One, ▸2025]"), "2025 is none"),
    "nothing as an alias": wrong(pledge("", "[Fund One, ▸null]"), "is nothing"),
    "a list as an alias": wrong(pledge("", "[Fund One, ▸[Fund Two]]"), "not a list"),
    "a year as a title": wrong(entry("{id: fund, title: ▸2025, query: fund}"), "2025 is none"),
    "a text as a switch": wrong(pledge('paused: ▸"true"'), "true or false"),
    "a text as a switch of an alias": wrong(
        pledge("", '[{text: Fund, case: ▸"x"}]'), "true or false"
    ),
    "days with a unit": wrong(pledge("quiet_days: ▸60d"), "a whole number"),
    "half a day": wrong(pledge("review_days: ▸1.5"), "a whole number"),
    "days in octal": wrong(pledge("quiet_days: ▸0o60"), "a whole number"),
    "due as a list": wrong(pledge("due: ▸[2027]"), "`due` is a mapping"),
    "occasions as texts": wrong(pledge("occasions: [▸Summit]"), "is a mapping"),
    "a group that is a list": wrong(pledge("groups: [▸[one], ▸[two]]"), "a mapping", "a mapping"),
    "a group of plain texts": wrong(
        pledge("groups: [{all_of: [▸one, ▸two]}]"), "is a list", "is a list"
    ),
    "a context of both forms": wrong(
        pledge("context: [[one], ▸two]", "[{text: fund, weak: true}]"), "is a list"
    ),
    "a query as a list": wrong(pledge("query: ▸[fund]"), "`query` is a text"),
    "headers as a list": wrong(feed("headers: ▸[one]"), "`headers` is a mapping"),
    "a number in a header": wrong(feed("headers: {X-Reader: ▸1}"), "1 is none"),
    # --- numbers and their bounds
    "no day of quiet": wrong(pledge("quiet_days: ▸0"), "at least 1"),
    "too many days": wrong(pledge("review_days: ▸99999"), "at most 3650"),
    "a grace below nothing": wrong(pledge("due: {date: 2027, grace_days: ▸-1}"), "at least 0"),
    "month 13": wrong(pledge("occasions: [{name: S, month: ▸13}]"), "at most 12"),
    "a month by name": wrong(pledge("occasions: [{name: S, month: ▸May}]"), "a whole number"),
    "a target of none": wrong(
        pledge("clauses: [{id: a, text: T, done_when: D, target: ▸0}]"), "at least 1"
    ),
    "no tokens within": wrong(pledge("groups: [{all_of: [[a], [b]], within: ▸0}]"), "at least 1"),
    "a group of one list": wrong(pledge("groups: [{all_of: ▸[[fund]]}]"), "needs 2 entries"),
    "an empty list in a group": wrong(pledge("groups: [{all_of: [[fund], ▸[]]}]"), "needs 1 entry"),
    "an empty list of context": wrong(
        pledge("context: [▸[]]", "[{text: fund, weak: true}]"), "needs 1 entry"
    ),
    # --- dates
    "30 February": wrong(pledge('said: [{date: ▸"2025-02-30"}]'), "there is no day 30"),
    "30 February, unquoted": wrong(pledge("said: [{date: ▸2025-02-30}]"), "there is no day 30"),
    "month 13 of a date": wrong(pledge("said: [{date: ▸2025-13}]"), "there is no month 13"),
    "day before month": wrong(pledge("said: [{date: ▸01.09.2025}]"), "is no date"),
    "with slashes": wrong(pledge("said: [{date: ▸9/1/2025}]"), "is no date"),
    "in words": wrong(pledge("said: [{date: ▸September 2025}]"), "is no date"),
    "with a time of day": wrong(pledge("said: [{date: ▸2025-09-01T10:00:00Z}]"), "is no date"),
    "a year of two digits": wrong(pledge("said: [{date: ▸25}]"), "is no date"),
    "a year with a dot": wrong(pledge("said: [{date: ▸2025.10}]"), "is no date"),
    "a date that is true": wrong(pledge("said: [{date: ▸true}]"), "is no date"),
    "a date that is nothing": wrong(pledge("said: [{date: ▸}]"), "is nothing"),
    "due soon": wrong(pledge("due: ▸soon"), "`due`: 'soon' is no date"),
    "due before it was said": odd(pledge("due: ▸2024\nsaid: [{date: 2025}]"), "before it was said"),
    "an occasion without a time": wrong(
        pledge("occasions: [▸{name: Summit}]"), "either `date` (once) or `month`"
    ),
    "an occasion with two": wrong(
        pledge("occasions: [▸{name: Summit, month: 9, date: 2027}]"), "either `date`"
    ),
    # --- texts
    "an empty alias": wrong(pledge("", '[Fund One, ▸""]'), "is empty"),
    "an alias of spaces": wrong(pledge("", '[Fund One, ▸"   "]'), "is empty"),
    "an alias of signs": wrong(pledge("", '[Fund One, ▸"—"]'), "no letter or digit"),
    "an alias that nobody sees": wrong(pledge("", '[Fund One, ▸"\\u200b"]'), "no letter"),
    "an alias like a novel": wrong(pledge("", f"[Fund One, ▸{'x' * 201}]"), "200 characters"),
    "an alias of a megabyte": wrong(pledge("", f"[Fund One, ▸{'x ' * 500_000}]"), "characters"),
    "a bell in an alias": wrong(pledge("", '[Fund One, ▸"one\\atwo"]'), "U+0007"),
    "a turn of the writing in an alias": wrong(pledge("", '[Fund One, ▸"a\\u202Eb"]'), "U+202E"),
    "an empty title": wrong(entry('{id: harbour-fund, title: ▸"", query: fund}'), "is empty"),
    "an empty query": wrong(pledge('query: ▸""'), "is empty"),
    # --- terms
    "a weak alias without a context": wrong(
        pledge("", "[▸{text: the fund, weak: true}]"), "has no `context`"
    ),
    "an alias that is a decoy": wrong(
        pledge("decoys: [harbour FUND]", "[▸Harbour Fund]"), "is a decoy too"
    ),
    "an alias that is a decoy, in Chinese": wrong(
        pledge("decoys: [港口基金會]", "[▸港口基金会]"), "is a decoy too"
    ),
    "an alias twice": odd(pledge("", "[Harbour Fund, ▸harbour fund]"), "twice"),
    "an alias twice, in other characters": odd(pledge("", "[港口基金会, ▸港口基金會]"), "twice"),
    "a decoy twice": odd(pledge("decoys: [Town Fund, ▸town fund]"), "in `decoys` twice"),
    "an alias of one character": odd(pledge("", "[Fund One, ▸中]"), "so short"),
    "an alias of two letters": odd(pledge("", "[Fund One, ▸AI]"), "so short"),
    "context without a weak alias": odd(pledge("context: ▸[[Porto]]"), "does nothing"),
    "an alias of two pledges": odd(
        pledge("") + "  - {id: other-fund, title: Other, aliases: [▸harbour fund]}\n",
        "is an alias of `harbour-fund` too",
    ),
    "a query that cannot be read": wrong(pledge("query: ▸WRONG"), "the query cannot be read: no"),
    # --- clauses
    "an unknown clause": wrong(
        pledge(
            "known: [{date: 2025, milestone: signed, clauses: [▸opend]}]\n"
            "clauses: [{id: opened, text: T, done_when: D}]"
        ),
        "there is no clause `opend`",
    ),
    "a clause where there is none": wrong(
        pledge("known: [{date: 2025, milestone: signed, clauses: [main, ▸opened]}]"),
        "there is no clause `opened`",
    ),
    "a clause twice": wrong(
        pledge("clauses:\n  - {id: a, text: T, done_when: D}\n  - {id: ▸a, text: U, done_when: E}"),
        "stands here twice",
    ),
    "a unit of nothing": odd(
        pledge("clauses: [{id: a, text: T, done_when: D, unit: ▸places}]"), "`unit` does nothing"
    ),
    # --- feeds
    "an address of FTP": wrong(feed("", url="▸ftp://a.example/rss"), "is no web address"),
    "a file": wrong(feed("", url="▸file:///etc/passwd"), "is no web address"),
    "a script": wrong(feed("", url='▸"javascript:alert(1)"'), "is no web address"),
    "an address without a host": wrong(feed("", url="▸https:///rss"), "is no web address"),
    "an address with a space": wrong(feed("", url="▸https://a.example/a b"), "holds a space"),
    "a port that is none": wrong(feed("", url="▸https://a.example:99999/"), "is no address"),
    "an address of FTP as a source": wrong(
        pledge("said: [{date: 2025, source: ▸ftp://a.example}]"), "is no web address"
    ),
    "a proxy of another kind": wrong(feed("proxy: ▸socks5://a.example:1"), "no web address"),
    "a number as an interval": wrong(feed("every: ▸90"), "`every` (90) is no interval"),
    "a word as an interval": wrong(feed("every: ▸hourly"), "is no interval"),
    "weeks": wrong(feed("every: ▸1w"), "is no interval"),
    "spaces in bounds": wrong(feed("every: ▸15m - 6h"), "is no interval"),
    "bounds the wrong way": wrong(feed("every: ▸6h-15m"), "ends before it begins"),
    "no time at all": wrong(feed("every: ▸0m"), "is no time at all"),
    "a year": wrong(feed("every: ▸365d"), "longer than 31 days"),
    "a number of days that has no end": wrong(feed(f"every: ▸{'9' * 30}d"), "is no interval"),
    "under a minute": wrong(feed("every: ▸59s"), "under a minute"),
    "under a minute as a bound": wrong(feed("every: ▸30s-1h"), "under a minute"),
    "a city as a zone": wrong(feed("timezone: ▸Beijing"), "is no time zone"),
    "an offset as a zone": wrong(feed("timezone: ▸UTC+8"), "is no time zone"),
    "a path as a zone": wrong(feed("timezone: ▸../../etc/passwd"), "is no time zone"),
    "an encoding": wrong(feed("encoding: ▸gb2313"), "is no character encoding"),
    "an encoding of bytes": wrong(feed("encoding: ▸base64"), "is no character encoding"),
    "a page without selectors": wrong(feed("kind: ▸page"), "go together"),
    "selectors without a page": wrong(feed("page: ▸{item: li, title: a, link: a}"), "go together"),
    "a selector that cannot be read": wrong(
        feed("kind: page\npage: {item: ▸WRONG, title: a, link: a}"), "`item` is no CSS selector"
    ),
    "a header's name": wrong(feed("headers: {X Reader: ▸one}"), "is no name of a header"),
    "a line break in a header": wrong(feed('headers: {X-Reader: ▸"a\\nb"}'), "a line break"),
    "an address twice": odd(
        feed("")
        + "  - {id: other, title: W, url: ▸'https://news.example.org/rss', language: en}\n",
        "`example-world` has the same address",
    ),
}


def read(path: Path) -> LoadedWatchlist:
    def check(text: str) -> str | None:
        return "nobody can" if text == "WRONG" else None

    return read_watchlist(path, check_query=check, check_selector=check)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path: Path, case: Case) -> None:
    text, places = unmark(case.text)
    path = tmp_path / "watchlist.yaml"
    path.write_bytes(text.encode())
    loaded = read(path)
    assert [(each.line, each.column) for each in loaded.problems] == places, loaded.problems
    for problem, message in zip(loaded.problems, case.messages, strict=True):
        assert message in problem.message
        assert problem.suggestion, problem
        assert problem.warning is case.warning
        assert problem.file == str(path)
        assert len(str(problem)) < 600  # one line, whatever the file holds
        assert "\n" not in str(problem)
    assert (loaded.watchlist is not None) is case.warning


SUGGESTIONS = {
    "alias for aliases": "did you mean `aliases`?",
    "a kind": "did you mean `centre`?",
    "a milestone": "did you mean `signed`?",
    "an unknown part": "did you mean `feeds`?",
    "an unknown clause": "did you mean `opened`?",
    "Chinese of no script": "zh-Hans or zh-Hant",
    "no as a switch": 'write "no" if the word is meant, else false',
    "yes as a switch": "else true",
    "an unquoted date": 'write "2025-09-01"',
    "day before month": 'write "2025-09-01"',
    "with a time of day": 'write "2025-09-01"',
    "with slashes": "a day, month or year",
    "a tab": "YAML takes no tabs",
    "a colon in a text": "quote a text that holds a colon",
    "a comma in a text in braces": "quote a text that holds a comma",
    "a quote without end": "close the quote that opens here",
    "two documents": "a folder may hold several files",
    "a number as an interval": "30s, 15m, 6h, 1d",
    "a year as an alias": 'write "2025"',
    "no milestone": "milestone: signed",
    "no link selector": "link: a",
    "under a minute": "PLEDGEWATCH_ALLOW_PRIVATE",
    "a pledge's id twice": ":2",
    "a city as a zone": "Asia/Shanghai",
}


@pytest.mark.parametrize(("name", "advice"), SUGGESTIONS.items(), ids=SUGGESTIONS)
def test_the_suggestion_is_what_one_would_write(tmp_path: Path, name: str, advice: str) -> None:
    text, _ = unmark(CASES[name].text)
    path = tmp_path / "watchlist.yaml"
    path.write_bytes(text.encode())
    assert advice in (read(path).problems[0].suggestion or "")


# --- several at once -----------------------------------------------------------------


def test_ten_different_mistakes_are_all_told_with_their_lines() -> None:
    loaded = read(DATA / "ten-mistakes.yaml")
    assert [(each.line, each.message) for each in loaded.problems] == [
        (5, "unknown field `alias`"),
        (6, "`kind`: 'center' is not known"),
        (7, "YAML reads `no` as a boolean"),
        (10, "the weak alias `the ferry` has no `context` to count beside"),
        (11, "`date`: '2025-02-30': there is no day 30 in that month"),
        (13, "there is no clause `opend`"),
        (16, "an occasion has either `date` (once) or `month` (every year)"),
        (17, "the commitment id `ferry-line` stands twice"),
        (22, "`url` (ftp://news.example.org/rss) is no web address"),
        (25, "`every: 20s` is under a minute"),
    ]
    assert loaded.watchlist is None


def test_a_mistake_in_one_field_hides_no_mistake_in_another(tmp_path: Path) -> None:
    text, places = unmark(
        "commitments:\n"
        "  - id: ▸Harbour Fund\n"
        "    title:▸\n"
        "    kind: ▸port\n"
        "    aliases: [▸2025, {text: fund, weak: ▸1}, ▸{text: it, weak: true}]\n"
        "    occasions: [▸Summit, ▸{name: Forum}]\n"
        "    ▸colour: red\n"
    )
    path = tmp_path / "watchlist.yaml"
    path.write_text(text, encoding="utf-8")
    assert [(each.line, each.column) for each in read(path).problems] == places


def test_problems_of_all_files_of_a_folder_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(entry("{id: one-fund, title: One, query: one}"))
    (tmp_path / "b.yaml").write_text(
        entry("{id: one-fund, title: Two, query: two, kind: port}"), encoding="utf-8"
    )
    (tmp_path / "c.yml").write_text("- broken\n", encoding="utf-8")
    problems = read(tmp_path).problems
    assert [(Path(each.file).name, each.line) for each in problems] == [
        ("b.yaml", 2),
        ("b.yaml", 2),
        ("c.yml", 1),
    ]
    assert f"{tmp_path / 'a.yaml'}:2" in (problems[0].suggestion or "")


def test_a_tag_in_one_file_is_no_id_in_another(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(entry("{id: ports, title: One, query: one}"))
    (tmp_path / "b.yaml").write_text(entry("{id: two, title: Two, query: two, tags: [ports]}"))
    (problem,) = read(tmp_path).problems
    assert "the tag `ports`" in problem.message


# --- files that cannot be read --------------------------------------------------------


def only(loaded: LoadedWatchlist) -> Problem:
    (problem,) = loaded.problems
    assert loaded.watchlist is None
    assert problem.suggestion
    return problem


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    problem = only(read(tmp_path / "nowhere.yaml"))
    assert (problem.line, problem.message) == (1, "there is no such file")
    assert "PLEDGEWATCH_WATCHLIST" in (problem.suggestion or "")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    assert "no *.yaml file" in only(read(tmp_path)).message


def test_a_folder_named_like_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").mkdir()
    assert "cannot be read" in only(read(tmp_path)).message


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert only(read(tmp_path)).message == "there is no such file"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(pledge(""))
    path.chmod(0)
    assert "cannot be read" in only(read(path)).message


ENCODED = {
    "GBK": ("# 关注\ncommitments: []\n", "gbk", (1, 3)),
    "Big5": ("commitments: []\n# 關注\n", "big5", (2, 3)),
    "UTF-16": (pledge(""), "utf-16", (1, 1)),
    "Latin-1": ("# Cafés\n", "latin-1", (1, 6)),
}


@pytest.mark.parametrize(("text", "encoding", "place"), ENCODED.values(), ids=ENCODED)
def test_a_file_that_is_not_utf8_is_told_with_the_place_of_the_first_wrong_byte(
    tmp_path: Path, text: str, encoding: str, place: tuple[int, int]
) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_bytes(text.encode(encoding))
    problem = only(read(path))
    assert "not UTF-8" in problem.message
    assert (problem.line, problem.column) == place


# --- files that want to hurt -----------------------------------------------------------

DEEP = {
    "lists in lists": "commitments: " + "[" * 200_000 + "]" * 200_000,
    "mappings in mappings": "commitments: " + "{a: " * 200_000 + "}" * 200_000,
    "lists without end": "commitments: " + "[" * 200_000,
    "dashes": "commitments:\n " + "- " * 200_000 + "end\n",
    "steps to the right": "\n".join(" " * depth + "a:" for depth in range(2_000)),
    "a list in itself": "commitments: &a [*a]\n",
    "anchors that multiply": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_file_nested_without_end_is_refused_soon(tmp_path: Path, text: str) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text(text, encoding="utf-8")
    began = time.monotonic()
    loaded = read(path)
    assert loaded.watchlist is None
    assert any("nested too deeply" in each.message for each in loaded.problems)
    assert time.monotonic() - began < 30


def test_brackets_in_quotes_are_no_nesting(tmp_path: Path) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text(pledge(f'query: "{"[" * 100}"'), encoding="utf-8")
    assert read(path).problems == ()


def test_two_thousand_mistakes_are_told_without_delay(tmp_path: Path) -> None:
    lines = (f"  - {{id: fund-{n}, title: F, aliasses: [Fund {n}]}}\n" for n in range(2_000))
    path = tmp_path / "watchlist.yaml"
    path.write_text("commitments:\n" + "".join(lines), encoding="utf-8")
    began = time.monotonic()
    problems = read(path).problems
    assert [each.line for each in problems] == list(range(2, 2_002))
    assert time.monotonic() - began < 30


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_watchlist_or_is_told_why_not(text: str) -> None:
    document = read_yaml("watchlist.yaml", text)
    assert document.root is not None or document.problems or not text.strip() or "#" in text


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_field_is_taken_or_told(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import json  # JSON is YAML

    fields = ["aliases", "context", "groups", "query", "decoys", "said", "known", "clauses", "due"]
    fields += ["occasions", "quiet_days", "tags", "title", "kind", "id", "paused", "promisor"]
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    names = st.sampled_from(["text", "date", "all_of", "weak", "name", "en", "id", "clauses", "x"])
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=6,
    )
    commitment = data.draw(st.dictionaries(st.sampled_from(fields), values, max_size=5))
    path = tmp_path_factory.mktemp("any") / "watchlist.yaml"
    path.write_text(json.dumps({"commitments": [commitment]}), encoding="utf-8")
    loaded = read(path)
    assert (loaded.watchlist is None) == any(not each.warning for each in loaded.problems)
    assert all(each.suggestion for each in loaded.problems), loaded.problems
