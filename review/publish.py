"""The board as a folder of files that opens from a disk: pages, feeds and data, no full text.

Pages are asked of the application itself, as a reader who is not signed in; their addresses are
then made relative, and what only works with a server is left out.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.types import ASGIApp, Message

from model.drawing import as_png, as_svg
from model.errors import PledgewatchError
from model.feed_health import coverage_days
from review import columns, exports
from review.app import create_app
from review.desk import Desk
from review.extract import Extract, extract
from review.feeds_atom import Channel, atom
from review.linked_data import linked_data
from review.tabular import as_csv, as_json, data_package
from review.texts import LANGUAGES
from review.timelines import timeline_of, words_of
from storage.history import Search
from storage.looking import Looked
from storage.unit_of_work import reading

LIST = ".pledgewatch-site"  # the files that we wrote: what is no longer among them goes
ENDING = ".html"
LOOKED = timedelta(days=400)  # how far back it is read how we looked
NAMED_ONLY_HERE = "https://pledgewatch.invalid"  # where nobody said what the site is called
LINK = re.compile(r' (href|src)="(/[^"]*)"')
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
SERVED = re.compile(r'<a [^>]*href="/(?:login|account|api)\b[^"]*"[^>]*>.*?</a>', re.DOTALL)
PLAIN_NAME = re.compile(r"[\w][\w .-]{0,99}")  # of a tag that can be a file's name


class PublishError(PledgewatchError):
    """The site cannot be written; the message says why."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the application, and the file it becomes."""

    path: str
    language: str
    file: str


def publish(desk: Desk, folder: Path, site: str | None = None) -> tuple[str, ...]:
    """Write the site; return its files, by name. Raise PublishError for a folder that is not ours.

    What was written last time and is no longer there is removed; nothing else is touched.
    """
    before = _ours(folder)
    files = dict(_files(desk, site or desk.public_url or NAMED_ONLY_HERE))
    for name, contents in files.items():
        _write(folder / name, contents)
    for name in before - files.keys():
        (folder / name).unlink(missing_ok=True)
    names = tuple(sorted(files))
    _write(folder / LIST, "\n".join(names).encode())
    return names


def _ours(folder: Path) -> set[str]:
    """Return the files that we wrote last time; raise PublishError for somebody else's folder."""
    if not folder.exists():
        return set()
    if not folder.is_dir():
        raise PublishError(f"{folder} is no folder")
    listed = folder / LIST
    if listed.is_file():
        return {
            name for name in listed.read_text(encoding="utf-8").splitlines() if _is_inside(name)
        }
    if any(folder.iterdir()):
        raise PublishError(f"{folder} holds other files: name an empty folder, or a new one")
    return set()


def _is_inside(name: str) -> bool:
    parts = Path(name).parts
    return bool(parts) and not Path(name).is_absolute() and ".." not in parts


def _write(path: Path, contents: bytes) -> None:
    """Write a file whole: readers see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(contents)
    os.replace(partial, path)  # noqa: PTH105 - the same, and says that it replaces


def _files(desk: Desk, site: str) -> Iterator[tuple[str, bytes]]:
    yield from _pages(desk)
    for each in resources.files("review").joinpath("static").iterdir():
        if each.is_file():
            yield f"static/{each.name}", each.read_bytes()
    with reading(desk.database) as work:
        looked = desk.observed.looked(work, desk.watchlist().feeds, desk.now(), LOOKED)
        ids = work.history.development_ids(Search())
        found = extract(work, desk.watchlist(), desk.now(), ids=ids, looked=looked)
        hours = work.coverage.of_feeds(
            {feed.id for feed in desk.watchlist().feeds}, work.coverage.began() or desk.now()
        )
    days = [day for of_one in hours.values() for day in coverage_days(of_one, desk.now())]
    rows = {name: list(make(found)) for name, make in exports.FROM_EXTRACT.items()}
    rows["coverage"] = list(exports.coverage(days))
    sheets = [sheet for sheet in columns.SHEETS if sheet.name in rows]
    for sheet in sheets:
        yield f"exports/{sheet.name}.csv", as_csv(sheet, rows[sheet.name]).encode()
        whole = as_json(sheet, rows[sheet.name], found.as_of)
        yield f"exports/{sheet.name}.json", whole.encode()
    package = data_package(sheets, found.as_of, found.watchlist.version)
    yield "exports/datapackage.json", package.encode()
    for name, text in (*_linked(found, site), *_feeds(found, site)):
        yield name, text.encode()
    yield from _timelines(found, looked)


def _linked(found: Extract, site: str) -> Iterator[tuple[str, str]]:
    for row in found.rows:
        number = row.commitment.id
        told = [each for each in found.told if each.development.commitment_id == number]
        document = linked_data(row.commitment, row.standing, told, site)
        text = json.dumps(document, ensure_ascii=False, indent=1)
        yield f"exports/commitments/{number}.jsonld", text


def _timelines(found: Extract, looked: Looked) -> Iterator[tuple[str, bytes]]:
    for row in found.rows:
        for language in LANGUAGES:
            drawn = timeline_of(found, row, looked, language)
            words = words_of(row.commitment, language)
            name = f"exports/timelines/{row.commitment.id}{_suffix(language)}"
            yield f"{name}.svg", as_svg(drawn, words).encode()
            yield f"{name}.png", as_png(drawn, words)


def _suffix(language: str) -> str:
    """Return what the files of a language carry in their names; the first carries nothing."""
    return "" if language == LANGUAGES[0] else f".{language}"


def _feeds(found: Extract, site: str) -> Iterator[tuple[str, str]]:
    known = {each.id: each for each in found.commitments()}
    tags = sorted(
        {tag for each in known.values() for tag in each.tags if PLAIN_NAME.fullmatch(tag)}
    )
    groups = {"all": ("confirmed follow-ups", set(known))}
    groups |= {f"commitment/{each.id}": (each.title, {each.id}) for each in known.values()}
    for tag in tags:
        groups[f"tag/{tag}"] = (tag, {each.id for each in known.values() if tag in each.tags})
    for name, (title, ids) in groups.items():
        told = [each for each in found.told if each.development.commitment_id in ids]
        channel = Channel(name=name, title=f"Pledgewatch: {title}", site=site, ending=ENDING)
        yield f"feeds/{name}.atom", atom(channel, told, known, found.until)


# --- pages ----------------------------------------------------------------------------


def _pages(desk: Desk) -> Iterator[tuple[str, bytes]]:
    app = create_app(desk)
    wanted = [page for language in LANGUAGES for page in _wanted(desk, language)]
    known = {(page.path, page.language): page.file for page in wanted}
    # In a thread of its own: whoever publishes may have an event loop running.
    with ThreadPoolExecutor(max_workers=1) as thread:
        found = thread.submit(asyncio.run, _ask_all(app, wanted)).result()
    for page, html in zip(wanted, found, strict=True):
        yield page.file, relative(html, page, known).encode()


async def _ask_all(app: ASGIApp, wanted: Sequence[_Page]) -> list[str]:
    return [await ask(app, page.path, page.language) for page in wanted]


def _wanted(desk: Desk, language: str) -> Iterator[_Page]:
    ending = f"{_suffix(language)}{ENDING}"
    yield _Page("/", language, f"index{ending}")
    for each in desk.watchlist().commitments:
        yield _Page(f"/pledges/{each.id}", language, f"pledges/{each.id}{ending}")


async def ask(app: ASGIApp, path: str, language: str) -> str:
    """Ask the application for a page, as a reader; raise PublishError for any other answer."""
    answer: dict[str, object] = {"status": 0}
    body: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
        else:
            body.append(message.get("body", b""))

    await app(_scope(path, language), receive, send)
    if answer["status"] != 200:
        raise PublishError(f"The page {path} cannot be written: it is answered {answer['status']}")
    return b"".join(body).decode()


def _scope(path: str, language: str) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": f"lang={language}".encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": None,
        "server": ("localhost", 80),
    }


def relative(html: str, page: _Page, known: Mapping[tuple[str, str], str]) -> str:
    """Return a page that works from a folder: relative addresses, and nothing that needs us.

    Our templates write every attribute between double quotes and escape every text, so what looks
    like an attribute here is one.
    """
    html = SERVED.sub("", FORM.sub("", html))
    up = "../" * page.file.count("/")

    def moved(link: re.Match[str]) -> str:
        target = _target(link[2].replace("&amp;", "&"), page, known)
        return f' {link[1]}="{up}{target}"' if target else ""

    return LINK.sub(moved, html)


def _target(address: str, page: _Page, known: Mapping[tuple[str, str], str]) -> str | None:
    """Return the file that an address of ours became; None where it became none."""
    parts = urlsplit(address)
    language = (parse_qs(parts.query).get("lang") or [page.language])[0]
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    file = known.get((parts.path, language))
    if file is not None:
        return file + fragment
    if parts.path.startswith("/exports/timelines/"):
        name, _, kind = parts.path[1:].rpartition(".")
        return f"{name}{_suffix(language)}.{kind}"
    kept = parts.path.startswith(("/static/", "/exports/", "/feeds/"))
    return parts.path[1:] if kept else None
