"""`pledgewatch demo`: the whole tour offline, on invented feeds served on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

TITLES = {
    "world.xml": ("Example World", "en"),
    "daily.xml": ("Sample Daily", "en"),
    "shili.xml": ("示例日报", "zh-Hans"),
    "yangben.xml": ("樣本晚報", "zh-Hant"),
}


@contextmanager
def demo_feeds(now: datetime) -> Iterator[int]:
    """Serve the invented feeds on loopback while the block runs; give the port."""
    feeds = render_feeds(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = feeds.get(self.path.lstrip("/"))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent: the tour is read by a person."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def render_feeds(now: datetime) -> Mapping[str, bytes]:
    """Return the invented feeds as RSS 2.0, dated shortly before now."""
    entries = json.loads(_data("entries.json"))
    return {name: _rss(name, items, now).encode() for name, items in entries.items()}


def write_watchlist(folder: Path, port: int) -> Path:
    """Write the invented watchlist for feeds on this port; return where."""
    path = folder / "watchlist.yaml"
    path.write_text(_data("watchlist.yaml").replace("{port}", str(port)), encoding="utf-8")
    return path


def _data(name: str) -> str:
    return resources.files("pledgewatch").joinpath("demo_data", name).read_text(encoding="utf-8")


def _rss(name: str, entries: list[dict[str, str]], now: datetime) -> str:
    title, language = TITLES[name]
    items = "".join(_item(name, number, entry, now) for number, entry in enumerate(entries))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><language>{language}</language>{items}</channel></rss>"
    )


def _item(name: str, number: int, entry: dict[str, str], now: datetime) -> str:
    link = f"https://{name.removesuffix('.xml')}.example.org/{number + 1}"
    published = format_datetime(now - timedelta(hours=float(entry["hours"])))
    return (
        f"<item><title>{escape(entry['title'])}</title><link>{link}</link>"
        f'<guid isPermaLink="true">{link}</guid><pubDate>{published}</pubDate>'
        f"<description>{escape(entry['text'])}</description></item>"
    )
