"""A watchlist file becomes the records that the program uses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from model.errors import WatchlistError
from model.records import (
    Clause,
    CommitmentKind,
    Due,
    FeedKind,
    FullText,
    Known,
    Language,
    Milestone,
    Occasion,
    PageSelectors,
    Saying,
    Term,
    TermGroup,
    TermRole,
    Tier,
    Watchlist,
)
from model.watchlist import load_watchlist, read_watchlist, watchlist_schema
from model.watchlist_yaml import read_yaml

DATA = Path(__file__).parents[1] / "data" / "watchlists"
ROOT = Path(__file__).parents[2]
LEAST = "commitments:\n  - {id: harbour-fund, title: Harbour fund, aliases: [Harbour Fund]}\n"
LEAST_FEED = (
    "feeds:\n"
    "  - {id: example-world, url: https://news.example.org/rss, title: World, language: en}\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "watchlist.yaml"


def loaded(file: Path, text: str) -> Watchlist:
    file.write_text(text, encoding="utf-8")
    return load_watchlist(file)


# --- the fields ------------------------------------------------------------------


def test_the_least_needs_an_id_a_title_and_one_way_to_be_found() -> None:
    watchlist = load_watchlist(DATA / "least.yaml")
    assert watchlist.feeds == ()
    (commitment,) = watchlist.commitments
    assert (commitment.id, commitment.title, commitment.line) == ("harbour-fund", "Harbour fund", 2)
    assert commitment.terms == (Term(text="Harbour Resilience Fund"),)
    assert commitment.kind is CommitmentKind.PROGRAMME
    assert (commitment.quiet_days, commitment.review_days) == (120, 180)
    assert (commitment.due, commitment.paused, commitment.tags) == (None, False, ())
    assert commitment.titles == ((Language.ENGLISH, "Harbour fund"),)


def test_every_field_of_a_commitment_arrives_in_its_record() -> None:
    (commitment,) = load_watchlist(DATA / "every-field.yaml").commitments
    assert commitment.titles == (
        (Language.ENGLISH, "Harbour fund"),
        (Language.CHINESE_SIMPLIFIED, "港口基金"),
        (Language.CHINESE_TRADITIONAL, "港口基金會"),
    )
    assert commitment.kind is CommitmentKind.CENTRE
    assert commitment.paused
    assert commitment.tags == ("ports", "training")
    assert commitment.promisor == ("Northland",)
    assert commitment.counterparties == ("island states", "岛国")
    assert commitment.said == (
        Saying(
            date="2025-09-01",
            where="Porto",
            by="a minister",
            text="It will be built.",
            source="https://news.example.org/1",
        ),
        Saying(date="2025-05", where="Dakar"),
    )
    assert commitment.pledged_on == "2025-05"
    assert commitment.known == (
        Known(
            date="2025-05",
            milestone=Milestone.PLAN_PUBLISHED,
            clauses=("opened",),
            text="A plan.",
            source="https://news.example.org/0",
        ),
        Known(date="2026", milestone=Milestone.SIGNED),
    )
    assert commitment.clauses == (
        Clause(
            id="opened",
            text="The office opens.",
            done_when="A named site takes its first users.",
        ),
        Clause(
            id="projects",
            text="Twenty projects run.",
            done_when="Twenty are in use.",
            target=20,
            unit="projects",
        ),
    )
    assert commitment.due == Due(date="2027-06", inferred=True, grace=timedelta(days=10))
    assert commitment.occasions == (
        Occasion(name="Annual summit", month=9, expect="a word on the fund"),
        Occasion(name="Forum", date="2027-05"),
    )
    assert (commitment.quiet_days, commitment.review_days) == (45, 90)


def test_every_way_to_find_a_commitment_arrives_in_its_record() -> None:
    (commitment,) = load_watchlist(DATA / "every-field.yaml").commitments
    assert commitment.terms == (
        Term(text="Harbour Resilience Fund"),
        Term(text="港口基金"),
        Term(text="HRF", case_sensitive=True),
        Term(text="the fund", role=TermRole.WEAK_ALIAS),
        Term(text="Harbour Fund of Towns", role=TermRole.DECOY),
        Term(text="港口基金会", role=TermRole.DECOY, why="another body"),
    )
    assert commitment.context == (("Northland", "北国"), ("harbour", "港口"))
    assert commitment.groups == (
        TermGroup(all_of=(("Northland", "北国"), ("fund", "基金")), within=5),
        TermGroup(all_of=(("island",), ("fund",), ("office",)), within=12),
    )
    assert commitment.query == '("harbour fund" NEAR/6 Porto) NOT hotel'


def test_every_field_of_a_feed_arrives_in_its_record() -> None:
    ministry, world, sitemap = load_watchlist(DATA / "every-field.yaml").feeds
    assert ministry.url == "https://ministry.example.cn:8443/news/"
    assert (ministry.kind, ministry.tier) == (FeedKind.PAGE, Tier.A)
    assert ministry.page == PageSelectors(
        item="ul.list li", title="a.title", link="a", date="span.date", text="p"
    )
    assert ministry.poll_every_min == timedelta(minutes=30)
    assert ministry.poll_every_max == timedelta(hours=12)
    assert (ministry.timezone, ministry.encoding) == ("Asia/Shanghai", "gb18030")
    assert (ministry.full_text, ministry.paused) == (FullText.NEVER, True)
    assert ministry.headers == (("Accept-Language", "zh-CN"), ("X-Reader", "1"))
    assert ministry.proxy == "http://proxy.example.org:3128"
    assert (world.kind, world.tier, world.full_text) == (FeedKind.FEED, Tier.F, FullText.AUTO)
    assert world.poll_every_min == timedelta(minutes=15)
    assert world.poll_every_max == timedelta(hours=6)
    assert (sitemap.kind, sitemap.language) == (FeedKind.SITEMAP, Language.CHINESE_TRADITIONAL)
    assert sitemap.poll_every_min == sitemap.poll_every_max == timedelta(hours=2)


QUIET = {"body": 60, "centre": 60, "document": 90, "count": 120, "programme": 120}


@pytest.mark.parametrize(("kind", "days"), QUIET.items())
def test_each_kind_has_its_own_patience(file: Path, kind: str, days: int) -> None:
    watchlist = loaded(file, LEAST.replace("{", f"{{kind: {kind}, "))
    assert watchlist.commitments[0].quiet_days == days


INTERVALS = {
    "45s": (timedelta(seconds=45), timedelta(seconds=45)),
    "60s": (timedelta(minutes=1), timedelta(minutes=1)),
    "15m": (timedelta(minutes=15), timedelta(minutes=15)),
    "6h": (timedelta(hours=6), timedelta(hours=6)),
    "1d": (timedelta(days=1), timedelta(days=1)),
    "15m-6h": (timedelta(minutes=15), timedelta(hours=6)),
    "90m-1d": (timedelta(minutes=90), timedelta(days=1)),
    "1h-1h": (timedelta(hours=1), timedelta(hours=1)),
}


@pytest.mark.parametrize(("text", "bounds"), INTERVALS.items(), ids=INTERVALS)
def test_an_interval_is_one_value_or_bounds(
    file: Path, text: str, bounds: tuple[timedelta, timedelta]
) -> None:
    file.write_text(LEAST_FEED.replace("{", f"{{every: {text}, "), encoding="utf-8")
    (feed,) = load_watchlist(file, allowed_hosts=["news.example.org"]).feeds
    assert (feed.poll_every_min, feed.poll_every_max) == bounds


ALLOWED = {
    "the host": ("http://127.0.0.1:8081/rss", ["127.0.0.1"], True),
    "the host with its port": ("http://127.0.0.1:8081/rss", ["127.0.0.1:8081"], True),
    "another port": ("http://127.0.0.1:8081/rss", ["127.0.0.1:9"], False),
    "a name in capitals": ("http://Feeds.Internal/rss", ["feeds.INTERNAL"], True),
    "a network it is in": ("http://127.0.0.1:8081/rss", ["127.0.0.0/8"], True),
    "a network it is not in": ("http://10.0.0.1/rss", ["127.0.0.0/8"], False),
    "a network, and a name": ("http://feeds.internal/rss", ["127.0.0.0/8"], False),
    "an IPv6 network": ("http://[::1]:8081/rss", ["::1/128"], True),
    "another host": ("https://news.example.org/rss", ["example.org"], False),
    "none": ("https://news.example.org/rss", [], False),
}


@pytest.mark.parametrize(("url", "hosts", "may"), ALLOWED.values(), ids=ALLOWED)
def test_under_a_minute_only_hosts_that_are_allowed(
    file: Path, url: str, hosts: list[str], may: bool
) -> None:
    text = LEAST_FEED.replace("https://news.example.org/rss", f'"{url}"')
    file.write_text(text.replace("{", "{every: 30s-1m, "), encoding="utf-8")
    assert (read_watchlist(file, allowed_hosts=hosts).watchlist is not None) is may


SHORT_FORMS = {
    "due, a year": ("due: 2027", "due: {date: 2027, basis: stated, grace_days: 30}"),
    "due, a month": ("due: 2027-05", 'due: {date: "2027-05"}'),
    "due, a day": ("due: 2027-05-01", 'due: {date: "2027-05-01"}'),
    "an alias": (
        "aliases: [Harbour Fund]",
        "aliases: [{text: Harbour Fund, weak: false, case: false}]",
    ),
    "a decoy": ("decoys: [Other Fund]", "decoys: [{text: Other Fund}]"),
    "a title": ("title: Fund", "title: {en: Fund}"),
    "a flat context": (
        "aliases: [{text: fund, weak: true}]\n    context: [Porto, 波尔图]",
        "aliases: [{text: fund, weak: true}]\n    context: [[Porto, 波尔图]]",
    ),
}


@pytest.mark.parametrize(("short", "long"), SHORT_FORMS.values(), ids=SHORT_FORMS)
def test_a_short_form_says_the_same_as_the_long_one(file: Path, short: str, long: str) -> None:
    def with_fields(fields: str) -> str:
        rest = {"id": "id: harbour-fund", "title": "title: T", "aliases": "aliases: [Name]"}
        rest = {key: line for key, line in rest.items() if not fields.startswith(key)}
        return "commitments:\n  - " + "\n    ".join([*rest.values(), fields]) + "\n"

    one, other = loaded(file, with_fields(short)), loaded(file, with_fields(long))
    assert one.commitments == other.commitments


FULL_TEXTS = {"auto": "auto", "true": "true", "false": "false", '"true"': "true"}


@pytest.mark.parametrize(("written", "meant"), FULL_TEXTS.items(), ids=FULL_TEXTS)
def test_full_text_is_a_word_or_a_switch(file: Path, written: str, meant: str) -> None:
    watchlist = loaded(file, LEAST_FEED.replace("{", f"{{fulltext: {written}, "))
    assert watchlist.feeds[0].full_text == meant


NAMES = {
    "en": "Café Fund",
    "zh-Hans": "港口复原基金",
    "zh-Hant": "港口復原基金",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_stay_as_they_are_written_in_every_script(file: Path, name: str) -> None:
    watchlist = loaded(
        file, f"commitments:\n  - {{id: harbour-fund, title: {name}, aliases: [{name}]}}\n"
    )
    commitment = watchlist.commitments[0]
    assert (commitment.title, commitment.terms[0].text) == (name, name)


def test_characters_that_are_composed_of_parts_are_brought_together(file: Path) -> None:
    decomposed = "Cafe\u0301 Fund"
    watchlist = loaded(file, LEAST.replace("Harbour Fund", decomposed))
    assert watchlist.commitments[0].terms[0].text == "Caf\u00e9 Fund"


def test_spaces_around_a_text_are_not_part_of_it(file: Path) -> None:
    watchlist = loaded(file, LEAST.replace("[Harbour Fund]", '["  Harbour Fund\\n"]'))
    assert watchlist.commitments[0].terms[0].text == "Harbour Fund"


# --- the file ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        LEAST + "feeds: []\n",
        LEAST + "feeds:\n",
        "commitments: []\nfeeds: []\n",
        "schema: pledgewatch/watchlist@1\n",
        "feeds: []\n",
    ],
    ids=["no feed", "feeds left empty", "nothing yet", "a head alone", "feeds alone"],
)
def test_either_part_may_be_empty(file: Path, text: str) -> None:
    assert loaded(file, text).feeds == ()


def test_a_folder_is_read_file_by_file_as_one_watchlist() -> None:
    watchlist = load_watchlist(DATA / "folder")
    assert [each.id for each in watchlist.commitments] == ["harbour-fund", "ferry-line"]
    assert [each.id for each in watchlist.feeds] == ["example-world"]


def test_a_file_may_begin_with_a_byte_order_mark_and_end_its_lines_as_windows_does(
    file: Path,
) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load_watchlist(file).commitments[0].line == 2


def test_a_field_may_be_left_empty(file: Path) -> None:
    watchlist = loaded(file, LEAST.replace("{", "{due: , query: , quiet_days: , "))
    assert watchlist.commitments[0].due is None


def test_every_record_knows_its_line(file: Path) -> None:
    text = "# head\n" + LEAST + "\n" + LEAST_FEED
    watchlist = loaded(file, text)
    assert (watchlist.commitments[0].line, watchlist.feeds[0].line) == (3, 6)


# --- the version -------------------------------------------------------------------

SAME = {
    "a comment": "# why\n" + LEAST + "# the end\n",
    "empty lines": "\n\n" + LEAST,
    "block style": (
        "commitments:\n  - title: 'Harbour fund'\n    id: \"harbour-fund\"\n"
        "    aliases:\n      - Harbour Fund\n"
    ),
}
OTHER = {
    "another alias": LEAST.replace("Harbour Fund", "Harbour Facility"),
    "one field more": LEAST.replace("{", "{paused: true, "),
    "a feed": LEAST + LEAST_FEED,
    "another order of aliases": LEAST.replace("[Harbour Fund]", "[Fund Of Harbours, Harbour Fund]"),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_version_follows_the_contents_alone(file: Path, text: str) -> None:
    assert loaded(file, text).version == loaded(file, LEAST).version


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_other_contents_are_another_version(file: Path, text: str) -> None:
    assert loaded(file, text).version != loaded(file, LEAST).version


def test_the_order_of_aliases_is_another_version(file: Path) -> None:
    one = loaded(file, LEAST.replace("[Harbour Fund]", "[First Name, Second Name]"))
    other = loaded(file, LEAST.replace("[Harbour Fund]", "[Second Name, First Name]"))
    assert one.version != other.version


# --- errors and the schema ------------------------------------------------------------


def test_loading_a_broken_file_raises_every_problem(file: Path) -> None:
    file.write_text(LEAST.replace("{", "{colour: red, kind: port, "), encoding="utf-8")
    with pytest.raises(WatchlistError) as caught:
        load_watchlist(file)
    assert [problem.line for problem in caught.value.problems] == [2, 2]
    assert str(file) in str(caught.value)


def test_a_file_with_warnings_alone_is_used(file: Path) -> None:
    file.write_text(LEAST.replace("{", "{due: 2027-05-01, "), encoding="utf-8")
    read = read_watchlist(file)
    assert [problem.warning for problem in read.problems] == [True]
    assert read.watchlist is not None
    assert load_watchlist(file).commitments[0].due == Due(date="2027-05-01")


def plain(path: Path) -> object:
    return read_yaml(str(path), path.read_text(encoding="utf-8")).value


VALID_FILES = {
    "the least": DATA / "least.yaml",
    "every field": DATA / "every-field.yaml",
    "the real one": ROOT / "watchlist.yaml",
}


@pytest.mark.parametrize("path", VALID_FILES.values(), ids=VALID_FILES)
def test_the_schema_takes_what_the_program_takes(path: Path) -> None:
    schema = watchlist_schema()
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.Draft202012Validator(schema).validate(plain(path))


REFUSED_BY_SCHEMA = {
    "an unknown field": LEAST.replace("{", "{alias: [x], "),
    "an unknown kind": LEAST.replace("{", "{kind: center, "),
    "no title": "commitments:\n  - {id: harbour-fund, aliases: [Harbour Fund]}\n",
    "no slug": LEAST.replace("harbour-fund", "Harbour Fund"),
    "a list that is a text": LEAST.replace("[Harbour Fund]", "Harbour Fund"),
    "an unknown part": LEAST + "sources: []\n",
    "no address": "feeds:\n  - {id: example-world, title: World, language: en}\n",
}


@pytest.mark.parametrize("text", REFUSED_BY_SCHEMA.values(), ids=REFUSED_BY_SCHEMA)
def test_the_schema_refuses_what_the_program_refuses(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert read_watchlist(file).watchlist is None
    validator = jsonschema_rs.Draft202012Validator(watchlist_schema())
    assert not validator.is_valid(plain(file))


def test_the_real_watchlist_is_valid_and_asks_feeds_in_three_scripts() -> None:
    read = read_watchlist(ROOT / "watchlist.yaml")
    assert [str(problem) for problem in read.problems if not problem.warning] == []
    assert read.watchlist is not None
    feeds = read.watchlist.feeds
    assert len(feeds) >= 25
    assert {feed.language for feed in feeds} >= set(Language) - {Language.UNKNOWN}
    assert any("news.google.com/rss/search" in feed.url for feed in feeds)


REAL_IDS = """
    waico waico-shanghai-hq sco-ai-center sco-ai-roadmap sco-talent-research global-ai-action-plan
    un-ai-dialogue africa-digital-center africa-20-digital-projects africa-data-flow
    open-source-sharing brics-ai-governance
"""


def test_the_real_watchlist_follows_its_twelve_pledges() -> None:
    watchlist = load_watchlist(ROOT / "watchlist.yaml")
    assert [each.id for each in watchlist.commitments] == REAL_IDS.split()


def test_every_pledge_of_the_real_watchlist_says_who_when_where_and_what_is_known() -> None:
    watchlist = load_watchlist(ROOT / "watchlist.yaml")
    for each in watchlist.commitments:
        assert len(each.titles) == 3, each.id
        assert each.promisor, each.id
        assert each.clauses, each.id
        assert each.known, each.id
        assert each.tags, each.id
        assert any(saying.where and saying.text for saying in each.said), each.id
        assert any(saying.source for saying in (*each.said, *each.known)), each.id
