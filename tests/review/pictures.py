"""The pictures of the desk in the documentation: `python -m tests.review.pictures`.

They are of the tour: everything on them is invented. They are taken with Debian's Chromium, and
made small enough to be read on a slow line.
"""

from __future__ import annotations

import io
import tempfile
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console

from model.clock import SystemClock
from model.records import Role
from pledgewatch.cli_demo import demo_installation, index_all, poll_once
from storage.database import open_database
from tests.review.conftest import CHROMIUM
from tests.review.serving import serving

FOLDER = Path("docs/images")
MOST_BYTES = 300_000
SHOTS = (
    ("board", "/", "en", "light", 1050),
    ("queue", "/queue", "en", "dark", 960),
    ("pledge", "/pledges/harbour-fund", "en", "light", 1180),
    ("board-zh", "/", "zh-Hans", "light", 1050),
)


def main() -> None:
    """Take every picture."""
    clock = SystemClock()
    quiet = Console(file=io.StringIO())
    with demo_installation(clock) as settings, tempfile.TemporaryDirectory() as folder:
        poll_once(settings, quiet, clock)
        index_all(settings)
        text = settings.watchlist.read_text(encoding="utf-8")
        with closing(open_database(settings.database_url)) as database:
            allowed = ("127.0.0.1",)
            with serving(
                database, Path(folder), text, clock=clock, allowed_hosts=allowed
            ) as served:
                _take(served)


def _take(served) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, language, theme, height in SHOTS:
            context = browser.new_context(
                color_scheme=theme, viewport={"width": 1280, "height": height}
            )
            page = context.new_page()
            page.goto(served.link("Reviewer B", Role.ANALYST))
            page.click("main button")
            if not page.goto(f"{served.address}{path}?lang={language}").ok:
                raise SystemExit(f"{path} cannot be shown")
            _save(page.screenshot(), FOLDER / f"{name}.png")
            context.close()
        browser.close()


def _save(png: bytes, path: Path) -> None:
    """Store a picture with a palette: pages have few colours."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path} is larger than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
