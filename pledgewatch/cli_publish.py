"""`publish`: the board as a static site."""

from __future__ import annotations

from pathlib import Path

import click

from model.clock import SystemClock
from pledgewatch.console import Desk, out, pass_desk
from review.desk import Desk as ReviewDesk
from review.publish import publish as write_site


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--url", metavar="URL", help="Where it will stand; default: PLEDGEWATCH_PUBLIC_URL.")
@pass_desk
def publish(desk: Desk, folder: Path, url: str | None) -> None:
    """Write the board, the pledges' pages, feeds and data into FOLDER, for any web server.

    It opens from the disk too. Articles are quoted, never given whole.

    Example: pledgewatch publish site --url https://pledges.example.org
    """
    watchlist = desk.watchlist()
    shown = ReviewDesk(
        database=desk.database(),
        watchlist=lambda: watchlist,
        now=SystemClock().now,
        telegram=lambda: "off",
        public_url=desk.settings.public_url,
    )
    names = write_site(shown, folder, None if url is None else url.rstrip("/"))
    out.print(f"{folder}: {len(names)} files. Begin with {folder / 'index.html'}", markup=False)
