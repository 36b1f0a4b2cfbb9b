"""Every link of the pages leads somewhere, and carries the page's filters along."""

from __future__ import annotations

import html
import re

from model.records import Role
from tests.review.serving import fill

BEGIN = (
    "/",
    "/?tag=coast&as_of=2026-11-23",
    "/queue",
    "/pledges/harbour-fund",
    "/history?q=harbour&tag=coast&relation=follow_up&sort=oldest",
    "/articles/1",
    "/watchlist",
    "/feeds",
    "/quality",
    "/subscribers",
    "/audit",
    "/account",
)


def test_every_link_of_ours_leads_somewhere(served):
    fill(served.database, 3)
    client = served.client("Ada", Role.ADMIN)
    client.post("/queue/decide", key="F2", decision="confirm", revision="1")
    links = {}
    for page in BEGIN:
        found = re.findall(r'href="(/[^"#]*)', client.get(page).text)
        links |= {html.unescape(link): page for link in found}
    assert len(links) > 60
    broken = {
        f"{link} (on {page})": status
        for link, page in links.items()
        if (status := client.get(link).status_code) != 200
    }
    assert broken == {}


def test_exports_carry_the_filters_of_their_page(served):
    client = served.client("Ada")
    board = client.get("/?tag=coast&as_of=2026-11-20").text
    assert "/exports/commitments.csv?tag=coast&amp;as_of=2026-11-20" in board
    assert "/feeds/tag/coast.atom" in board
    history = client.get("/history?q=fund&decision=unreviewed&sort=oldest").text
    assert "/exports/followups.csv?q=fund&amp;decision=unreviewed" in history


def test_the_public_sees_quotes_and_no_full_text_and_no_names(served):
    fill(served.database, 2)
    served.client("Ada Lovelace").post("/queue/decide", key="F1", decision="confirm", revision="1")
    page = served.client().get("/pledges/harbour-fund").text
    assert "Confirmed" in page
    assert "Ada Lovelace" not in page
    assert "an analyst" in page
    assert "/articles/" not in page
    assert "/queue" not in page
