"""Addresses: made canonical, unwrapped, shown without secrets. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

# What marketing tools append; none of it changes the page (https://en.wikipedia.org/wiki/UTM_parameters).
TRACKING = frozenset(
    "fbclid gclid dclid gbraid wbraid msclkid yclid igshid mc_cid mc_eid _ga ref_src ref_url spm "
    "cmpid ocid ftag guccounter guce_referrer guce_referrer_sig at_medium at_campaign "
    "traffic_source cvid".split()
)
TRACKING_PREFIXES = ("utm_", "ns_", "pk_", "piwik_", "matomo_", "hsa_", "vero_", "wt_")
DEFAULT_PORTS = {"http": 80, "https": 443}
# Addresses that only point at another one, and the parameter that holds it.
# Google has a host for each country (www.google.co.uk), Bing a few (cn.bing.com).
WRAPPERS = (
    (re.compile(r"(?:www\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})"), "/url", ("url", "q")),
    (re.compile(r"(?:[a-z]{2,3}\.)?bing\.com"), "/news/apiclick.aspx", ("url",)),
)
# Parameters that hold a key, a token or a signature: never shown.
_SECRET = re.compile(
    r"(?i)\b(?:[a-z]*[_-]?(?:key|token|secret|password|passwd|pwd|signature|sig|auth)|code)$"
)
HIDDEN = "hidden"
_UNSEEN = dict.fromkeys((*range(0x20), 0x7F))  # what browsers drop, and no address holds
# An address that says all there is to say, and nothing else.
_PLAIN_LINK = re.compile(
    r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[A-Za-z0-9._~%,=:@+!$()*-]*)*)"
)


def absolute(base: str, link: str) -> str:
    """Return a link as an absolute http(s) address without user and password; else empty.

    A feed's own address may hold a password, which its relative links would carry into alerts.
    """
    try:
        joined = urljoin(base, link.translate(_UNSEEN).strip()).translate(_UNSEEN)
        parts = urlsplit(joined)
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return ""
    if "@" in parts.netloc:
        joined = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return parts.scheme + "".join(joined[len(parts.scheme) :].split())


def unwrap(url: str) -> str:
    """Return what a Google Alerts or Bing link points at; Google News links stay as they are."""
    for _ in range(3):
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        names = _wrapped_in(parts.netloc.lower(), parts.path.lower())
        if names is None:
            return url
        given = dict(parse_qsl(parts.query))
        inner = next((each for name in names if (each := absolute("", given.get(name, "")))), "")
        if not inner:
            return url
        url = inner
    return url


def _wrapped_in(host: str, path: str) -> tuple[str, ...] | None:
    """Return the parameters that hold the real address; None where it is no wrapper."""
    return next(
        (names for hosts, page, names in WRAPPERS if path == page and hosts.fullmatch(host)), None
    )


def canonical_url(url: str) -> str:
    """Return an address without fragment, tracking parameters, default port, or trailing slash.

    Two entries with the same are one article. Empty where there is no web address.
    """
    try:
        parts = urlsplit(unwrap(url))
        port = parts.port
    except ValueError:
        return ""
    host = _without_www(parts.hostname or "")
    if parts.scheme not in DEFAULT_PORTS or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in TRACKING and not name.lower().startswith(TRACKING_PREFIXES)
    ]
    # http and https give the same page, so the scheme tells nothing
    return urlunsplit(("https", host, parts.path.rstrip("/") or "/", urlencode(sorted(kept)), ""))


def _without_www(host: str) -> str:
    while host.startswith("www."):
        host = host[4:]
    return host


def read_link(base: str, link: str) -> tuple[str, str]:
    """Return a link as an absolute address, unwrapped, and the same made canonical."""
    if not link:
        return "", ""
    if found := _PLAIN_LINK.fullmatch(link):
        host, path = _without_www(found[1]), found[2].rstrip("/")
        return link, f"https://{host}{path or '/'}"
    url = unwrap(absolute(base, link))
    return url, canonical_url(url)


def without_secrets(url: str) -> str:
    """Return an address as it may be shown: no user, no password, no query values of keys."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    host = parts.netloc.rpartition("@")[2]
    shown = [
        (name, HIDDEN if _SECRET.search(name) else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    query = urlencode(shown) if any(value == HIDDEN for _, value in shown) else parts.query
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def host_key(url: str) -> str:
    """Return a host as authority, name and port: what is asked one request at a time."""
    parts = urlsplit(url)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    return f"{(parts.hostname or '').lower()}:{port}"
