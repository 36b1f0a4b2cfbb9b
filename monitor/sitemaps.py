"""Sitemaps and news sitemaps (https://www.sitemaps.org/protocol.html). Pure."""

from __future__ import annotations

from lxml import etree


def sitemap_entries(text: str) -> list[dict[str, str]]:
    """Return the addresses of a sitemap as entries; a news sitemap gives titles and dates too.

    The parser expands no entity, loads nothing, and goes on behind broken markup.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    if root is None:
        return []
    entries = []
    for element in root:
        if etree.QName(element).localname not in {"url", "sitemap"}:
            continue
        found = {etree.QName(each).localname: (each.text or "").strip() for each in _texts(element)}
        link = found.get("loc", "")
        if link:
            entries.append(
                {
                    "id": link,
                    "link": link,
                    "title": found.get("title", ""),
                    "body": found.get("keywords", ""),
                    "date": found.get("publication_date") or found.get("lastmod", ""),
                    "outlet": found.get("name", ""),
                }
            )
    return entries


def _texts(element: etree._Element) -> list[etree._Element]:
    """Return what stands under an entry, images left out: their titles are not the article's."""
    kept = []
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name == "news":
            kept += [each for each in child.iter() if isinstance(each.tag, str)]
        elif name not in {"image", "video"}:
            kept.append(child)
    return kept
