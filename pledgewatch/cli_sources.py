"""`feeds preview`, `discover`, `import` and `export`: finding feeds and looking at them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import click

from model.clock import SystemClock
from model.errors import WatchlistError
from model.records import Article, Feed, FeedKind, Language, Watchlist
from model.text import detect_language
from model.watchlist import load_watchlist
from model.watchlist_feeds import NewFeed, add_feeds, feed_id, feed_line
from monitor.discovery import FoundFeed
from monitor.extraction import check_selector
from monitor.matching import check_query
from monitor.opml import Outline, is_exportable, read_opml, write_opml
from monitor.urls import canonical_url, without_secrets
from pledgewatch.cli_feeds import wanted_feeds
from pledgewatch.console import (
    MISUSE,
    NO,
    Desk,
    err,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
)
from pledgewatch.settings import Settings
from pledgewatch.sources import Preview, discover_feeds, missing, preview_feed

PAGE_ADVICE = (
    "Nothing found. A page without a feed can be read by CSS selectors: kind: page, "
    "page: {item: li, title: a, link: a, date: span.date}; `feeds preview` shows what they catch."
)


# --- preview ---------------------------------------------------------------------


@click.command("preview")
@click.argument("feed")
@click.option("--limit", default=20, show_default=True, help="Show so many entries.")
@json_option
@pass_desk
def preview(desk: Desk, feed: str, limit: int, as_json: bool) -> None:
    """Show what FEED of the watchlist catches now, or its selectors do; store nothing.

    Example: pledgewatch feeds preview bbc-world
    """
    (chosen,) = wanted_feeds(desk.watchlist(), [feed])
    shown = asyncio.run(preview_feed(desk.settings, chosen, SystemClock()))
    articles = shown.parsed.articles
    if as_json:
        print_json(_preview_facts(shown, articles[:limit]))
    else:
        _print_preview(shown, articles[:limit])
    if shown.parsed.fault is not None:
        raise SystemExit(NO)


def _preview_facts(shown: Preview, articles: Sequence[Article]) -> dict[str, object]:
    return {
        "feed": shown.feed.id,
        "url": without_secrets(shown.came_from),
        "entries": len(shown.parsed.articles),
        "missing": _lacking(shown.parsed.articles),
        "fault": shown.parsed.fault,
        "warning": shown.parsed.warning,
        "articles": [
            {
                "title": each.title,
                "url": each.url,
                "published": each.published_at,
                "language": each.language,
                "text_length": len(each.text),
                "missing": list(missing(each)),
            }
            for each in articles
        ],
    }


def _print_preview(shown: Preview, articles: Sequence[Article]) -> None:
    print_table(
        ("date", "title", "link", "letters", "missing"),
        (
            (
                each.published_at,
                each.title or None,
                each.url or None,
                len(each.text),
                ", ".join(missing(each)) or None,
            )
            for each in articles
        ),
        empty="It catches nothing.",
    )
    count = len(shown.parsed.articles)
    lacking = [f"{name} in {number}" for name, number in _lacking(shown.parsed.articles).items()]
    out.print(f"{count} entries; missing: {', '.join(lacking) or 'nothing'}.", markup=False)
    if shown.parsed.warning:
        out.print(f"{shown.parsed.fault}: {shown.parsed.warning}", style="yellow", markup=False)


def _lacking(articles: Sequence[Article]) -> dict[str, int]:
    """Return how many entries lack each part; parts that none lacks are left out."""
    found = [name for each in articles for name in missing(each)]
    return {name: found.count(name) for name in ("title", "link", "date", "text") if name in found}


# --- discover --------------------------------------------------------------------


@click.command("discover")
@click.argument("url")
@json_option
@pass_desk
def discover(desk: Desk, url: str, as_json: bool) -> None:
    """Look for the feeds of a site, and print them ready to paste into the watchlist.

    Example: pledgewatch feeds discover https://news.example.org/
    """
    found = asyncio.run(discover_feeds(desk.settings, url, SystemClock()))
    known = _known(desk)
    lines = _suggestions(found, known)
    if as_json:
        print_json(
            [_found_facts(each, line, known) for each, line in zip(found, lines, strict=True)]
        )
    else:
        for each, line in zip(found, lines, strict=True):
            out.print(f"# {_found_words(each, known)}", style="dim", markup=False)
            out.print(f"  - {line}", markup=False)
    if not found:
        err.print(PAGE_ADVICE, markup=False)
        raise SystemExit(NO)


def _known(desk: Desk) -> dict[str, Feed]:
    """Return the watchlist's feeds by address; none where there is no usable watchlist."""
    try:
        watchlist = desk.watchlist()
    except WatchlistError:
        return {}
    return {canonical_url(feed.url): feed for feed in watchlist.feeds}


def _suggestions(found: Sequence[FoundFeed], known: dict[str, Feed]) -> list[str]:
    taken = {str(feed.id) for feed in known.values()}
    lines = []
    for each in found:
        name = feed_id(each.title, each.url, taken)
        taken.add(name)
        new = NewFeed(
            id=name,
            url=each.url,
            title=each.title,
            language=each.language,
            kind=each.kind,
            page=each.page,
        )
        lines.append(feed_line(new))
    return lines


def _found_facts(each: FoundFeed, line: str, known: dict[str, Feed]) -> dict[str, object]:
    same = known.get(canonical_url(each.url))
    return {
        "url": each.url,
        "why": each.why,
        "title": each.title,
        "kind": each.kind,
        "language": each.language,
        "entries": each.entries,
        "titled": each.titled,
        "newest": each.newest,
        "known_as": None if same is None else same.id,
        "suggestion": line,
    }


def _found_words(each: FoundFeed, known: dict[str, Feed]) -> str:
    newest = "no dates" if each.newest is None else f"newest {each.newest:%Y-%m-%d %H:%M}"
    words = f"{each.why}; {each.entries} entries, {newest}"
    if each.kind is FeedKind.SITEMAP and not each.titled:
        words += "; no titles: add fulltext: true"
    same = known.get(canonical_url(each.url))
    return words if same is None else f"{words}; in the watchlist as {same.id}"


# --- OPML --------------------------------------------------------------------------


@click.command("import")
@click.argument("opml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be added, and change nothing.")
@json_option
@pass_desk
def import_opml(desk: Desk, opml: Path, dry_run: bool, as_json: bool) -> None:
    """Add the feeds of an OPML file to the watchlist; those it has are left as they are.

    Comments and order of the file stay; a folder becomes a comment.

    Example: pledgewatch feeds import subscriptions.opml --dry-run
    """
    outlines = read_opml(opml.read_bytes())
    watchlist = desk.watchlist()
    new = _new_feeds(outlines.feeds, watchlist)
    file = _file_of(desk.settings.watchlist)
    if new and not dry_run:
        _write(desk.settings, file, new)
    known = len(outlines.feeds) - len(new)
    if as_json:
        facts = {"file": str(file), "known": known, "skipped": outlines.skipped}
        added = [_new_facts(each) for each in new]
        print_json(facts | {"added": added, "dry_run": dry_run})
        return
    for each in new:
        out.print(
            f"  - {feed_line(each)}" + (f"  # {each.group}" if each.group else ""), markup=False
        )
    verb = "would be added to" if dry_run else "added to"
    out.print(
        f"{len(new)} feeds {verb} {file}, {known} there already, "
        f"{outlines.skipped} skipped (no web address).",
        markup=False,
    )


def _new_facts(each: NewFeed) -> dict[str, object]:
    return {
        "id": each.id,
        "url": without_secrets(each.url),
        "title": each.title,
        "language": each.language,
        "folder": each.group or None,
    }


def _new_feeds(outlines: Sequence[Outline], watchlist: Watchlist) -> list[NewFeed]:
    known = {canonical_url(feed.url) for feed in watchlist.feeds}
    tags = {tag for commitment in watchlist.commitments for tag in commitment.tags}
    taken = {*(str(feed.id) for feed in watchlist.feeds), *tags}
    taken |= {str(commitment.id) for commitment in watchlist.commitments}
    new = []
    for each in outlines:
        if canonical_url(each.url) in known:
            continue
        name = feed_id(each.title, each.url, taken)
        taken.add(name)
        new.append(
            NewFeed(
                id=name,
                url=each.url,
                title=each.title or name,
                language=each.language or _language(each.title),
                group=" / ".join(each.folders),
            )
        )
    groups = ["", *dict.fromkeys(each.group for each in new)]  # what has none stands under none
    return sorted(new, key=lambda each: groups.index(each.group))


def _language(title: str) -> Language:
    """Return the language of a Chinese title; a Latin one may be any language's."""
    found = detect_language(title)
    return Language.UNKNOWN if found is Language.ENGLISH else found


def _file_of(path: Path) -> Path:
    """Return the file to add to: of a folder the last that has feeds, else the last."""
    if not path.is_dir():
        return path
    files = sorted(each for each in path.iterdir() if each.suffix in {".yaml", ".yml"})
    having = [each for each in files if "feeds:" in each.read_text(encoding="utf-8-sig")]
    return (having or files)[-1]


def _write(settings: Settings, file: Path, new: Sequence[NewFeed]) -> None:
    """Write the file, if the whole is a watchlist with it: all that was there, and what is new."""
    before = file.read_bytes()
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    try:
        text = add_feeds(before[len(mark) :].decode(), new)
    except ValueError as error:
        err.print(f"{file}: feeds cannot be added: {error}", style="red", markup=False)
        raise SystemExit(MISUSE) from error
    _check_whole(settings, file, text)
    draft = file.with_name(f".{file.name}.new")
    draft.write_bytes(mark + text.encode())
    draft.replace(file)


def _check_whole(settings: Settings, file: Path, text: str) -> None:
    """Read the watchlist as it would be; raise WatchlistError where it would have a problem."""
    path = settings.watchlist
    with TemporaryDirectory() as folder:
        for each in path.iterdir() if path.is_dir() else ():
            if each.suffix in {".yaml", ".yml"}:
                copyfile(each, Path(folder) / each.name)
        (Path(folder) / file.name).write_text(text, encoding="utf-8")
        load_watchlist(
            Path(folder) if path.is_dir() else Path(folder) / file.name,
            allowed_hosts=settings.allow_private,
            check_query=check_query,
            check_selector=check_selector,
        )


@click.command("export")
@click.argument("opml", required=False, type=click.Path(dir_okay=False, path_type=Path))
@pass_desk
def export_opml(desk: Desk, opml: Path | None) -> None:
    """Write the watchlist's feeds as OPML, to a file or standard output.

    Example: pledgewatch feeds export subscriptions.opml
    """
    feeds = desk.watchlist().feeds
    text = write_opml(feeds, "Pledgewatch", SystemClock().now())
    left_out = [feed.id for feed in feeds if not is_exportable(feed)]
    if opml is None:
        click.echo(text, nl=False)
    else:
        opml.write_text(text, encoding="utf-8")
        out.print(f"{len(feeds) - len(left_out)} feeds written to {opml}.", markup=False)
    if left_out:
        err.print(f"Left out, as no other reader can take them: {', '.join(left_out)}.")


source_commands = (preview, discover, import_opml, export_opml)
