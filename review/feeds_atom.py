"""Confirmed follow-ups as an Atom feed (RFC 4287). Pure.

An entry keeps its id and its `published` for ever; `updated` moves when it is corrected, and then
it says so. What was never confirmed is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from model.records import Commitment, CommitmentId, Outcome
from review.exports import what_happened
from review.extract import Told
from review.tabular import iso

ATOM = "http://www.w3.org/2005/Atom"
SINCE = "2026"  # of tag URIs (RFC 4151): from then on the authority was ours
MOST = 100
NEWS = frozenset({Outcome.CONFIRMED, Outcome.SETBACK})
# What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets), but for tab and line feed.
UNPRINTABLE = dict.fromkeys([*range(9), *range(11, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One feed: what it is about and where it stands."""

    name: str  # "all", "commitment/ID", "tag/NAME"
    title: str
    site: str  # our own address, without a slash at its end
    ending: str = ""  # of a page's address: a folder of files has one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One follow-up that was confirmed once."""

    told: Told
    commitment: Commitment
    published: datetime
    updated: datetime
    stands: bool


def atom(
    channel: Channel,
    told: Sequence[Told],
    commitments: Mapping[CommitmentId, Commitment],
    now: datetime,
) -> str:
    """Return a feed of what was ever confirmed, the last changed first."""
    found = (_entry(each, commitments) for each in told)
    entries = [each for each in found if each is not None]
    entries.sort(key=lambda each: (each.updated, each.told.development.id), reverse=True)
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "id", _tag(channel, channel.name))
    _add(feed, "title", channel.title)
    _add(feed, "updated", iso(max((each.updated for each in entries), default=now)))
    _link(feed, "self", f"{channel.site}/feeds/{channel.name}.atom", "application/atom+xml")
    _link(feed, "alternate", f"{channel.site}/", "text/html")
    _add(feed, "generator", "Pledgewatch")
    for each in entries[:MOST]:
        _add_entry(feed, channel, each)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True)


def _entry(told: Told, commitments: Mapping[CommitmentId, Commitment]) -> _Entry | None:
    commitment = commitments.get(told.development.commitment_id)
    confirmed = [each for each in told.taken if each.outcome in NEWS]
    if commitment is None or not confirmed:
        return None
    return _Entry(
        told=told,
        commitment=commitment,
        published=confirmed[0].decided_at,
        updated=told.taken[-1].decided_at,
        stands=told.outcome in NEWS,
    )


def _add_entry(feed: ElementTree.Element, channel: Channel, each: _Entry) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    development, lead = each.told.development, each.told.lead
    headline = development.headline or each.commitment.title
    _add(entry, "id", _tag(channel, f"F{development.id}"))
    _add(entry, "title", headline if each.stands else f"Corrected: {headline}")
    _add(entry, "published", iso(each.published))
    _add(entry, "updated", iso(each.updated))
    author = ElementTree.SubElement(entry, "author")
    _add(author, "name", (lead and (lead.article.outlet or lead.feed_title)) or "Pledgewatch")
    _add(entry, "summary", _summary(each))
    milestone, setback, _, _ = what_happened(each.told)
    terms = (each.commitment.id, setback or milestone, development.stage)
    for term in dict.fromkeys(str(term) for term in terms if term):
        ElementTree.SubElement(entry, "category", term=term)
    if not each.stands:
        ElementTree.SubElement(entry, "category", term="corrected")
    page = f"{channel.site}/pledges/{each.commitment.id}{channel.ending}#F{development.id}"
    _link(entry, "alternate", page, "text/html")
    if lead is not None and urlsplit(lead.article.url).scheme in {"http", "https"}:
        _link(entry, "via", lead.article.url)


def _summary(each: _Entry) -> str:
    if not each.stands:
        last = each.told.taken[-1]
        why = last.note.strip() or "it was confirmed by mistake"
        return f"{each.commitment.title}: taken back. {why}"
    milestone, setback, when, place = what_happened(each.told)
    facts = [str(setback or milestone or "confirmed").replace("_", " "), when, place]
    return f"{each.commitment.title}: {', '.join(fact for fact in facts if fact)}"


def _tag(channel: Channel, name: str) -> str:
    authority = urlsplit(channel.site).hostname or "pledgewatch.invalid"
    return f"tag:{authority},{SINCE}:{name}"


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str | None = None) -> None:
    more = {} if kind is None else {"type": kind}
    href = href.translate(UNPRINTABLE)
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, **more})


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text.translate(UNPRINTABLE)
