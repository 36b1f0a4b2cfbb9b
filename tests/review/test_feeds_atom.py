"""The Atom feeds and the linked data of confirmed follow-ups."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from model.records import Milestone, Outcome
from review.extract import extract
from review.feeds_atom import Channel, atom
from review.linked_data import linked_data
from storage.unit_of_work import reading
from tests.review.desk_story import FUND, HOSTILE, WATCHLIST, Year, on, play

SITE = "https://pledges.example.org"
CHANNEL = Channel(name="all", title="Follow-ups", site=SITE)
NS = {"a": "http://www.w3.org/2005/Atom"}


def feed(database, days=100):
    with reading(database) as work:
        found = extract(work, WATCHLIST, on(days))
    commitments = {each.id: each for each in WATCHLIST.commitments}
    return ElementTree.fromstring(atom(CHANNEL, found.told, commitments, on(days)))


def entries(database, days=100):
    return {
        each.findtext("a:id", namespaces=NS): each
        for each in feed(database, days).findall("a:entry", NS)
    }


def text(entry, name):
    return entry.findtext(f"a:{name}", namespaces=NS)


def test_only_what_was_confirmed_is_in_it(database):
    names = play(database)
    found = entries(database)
    tags = [f"tag:pledges.example.org,2026:F{names[n]}" for n in ("signed", "opened", "late")]
    assert set(tags) < set(found)
    assert f"tag:pledges.example.org,2026:F{names['other']}" not in found
    assert f"tag:pledges.example.org,2026:F{names['again']}" not in found


def test_an_entry_is_whole(database):
    names = play(database)
    entry = entries(database)[f"tag:pledges.example.org,2026:F{names['signed']}"]
    assert text(entry, "title") == "Charter signed"
    assert text(entry, "published") == "2026-03-03T12:00:00Z"
    terms = [each.get("term") for each in entry.findall("a:category", NS)]
    assert terms == [FUND, "signed", "agreed"]
    links = {each.get("rel"): each.get("href") for each in entry.findall("a:link", NS)}
    assert links["via"] == "https://news.example.org/1"
    assert links["alternate"] == f"{SITE}/pledges/{FUND}#F{names['signed']}"


def test_a_correction_moves_updated_and_keeps_id_and_published(database):
    year = Year(database)
    number = year.find(1, milestone=Milestone.SIGNED)
    decision = year.decide(2, number, milestone=Milestone.SIGNED, milestone_date="2026-03-02")
    ((tag, before),) = entries(database, 3).items()
    year.decide(9, None, Outcome.CORRECTED, undoes=decision, note="A rumour.")
    ((same, after),) = entries(database, 10).items()
    assert same == tag
    assert text(after, "published") == text(before, "published")
    assert text(after, "updated") > text(before, "updated")
    assert text(after, "title") == "Corrected: Fund opens"
    assert "A rumour." in text(after, "summary")


def test_hostile_words_are_words(database):
    year = Year(database)
    number = year.find(1, title=HOSTILE)
    year.decide(2, number, milestone=Milestone.OPERATING, milestone_date="2026-03-02")
    (entry,) = entries(database).values()
    assert text(entry, "title") == HOSTILE.replace("\x07", "")


def test_an_empty_feed_is_a_feed(database):
    Year(database)
    root = feed(database)
    assert root.findtext("a:updated", namespaces=NS) == "2026-06-09T12:00:00Z"
    assert root.findall("a:entry", NS) == []


@pytest.mark.parametrize("judged", [False, True])
def test_linked_data_reviews_a_claim_only_with_a_verdict(database, judged):
    year = Year(database)
    number = year.find(1)
    year.decide(2, number, milestone=Milestone.OPERATING, milestone_date="2026-03-02")
    if judged:
        year.decide(3, None, Outcome.VERDICT, verdict="withdrawn", note="The ministry said so.")
    with reading(database) as work:
        found = extract(work, WATCHLIST, on(10))
    row = found.rows[0]
    document = linked_data(row.commitment, row.standing, found.told, SITE)
    assert document["@type"] == "Action"
    status = "FailedActionStatus" if judged else "ActiveActionStatus"
    assert document["actionStatus"] == f"https://schema.org/{status}"
    kinds = [each["@type"] for each in document["subjectOf"]]
    assert kinds == ["NewsArticle", "ClaimReview"] if judged else ["NewsArticle"]
    assert document["startTime"] == "2026-01-10"
