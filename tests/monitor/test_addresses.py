"""Which addresses may be connected to, in every spelling."""

from __future__ import annotations

import pytest

from model.clock import SystemClock
from model.errors import FeedFault, FetchError
from monitor.addresses import AddressGuard
from monitor.fetching import Fetcher
from tests.builders import a_feed

OURS = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::1", "nonsense", "",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "2002:808:808::1"]


@pytest.mark.parametrize("address", OURS)
def test_what_is_not_public_is_refused(address):
    assert not AddressGuard().allows("x.example.org", 80, address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_let_through(address):
    assert AddressGuard().allows("x.example.org", 80, address)


def test_the_settings_allow_hosts_ports_and_networks():
    guard = AddressGuard(("intranet", "feeds.lan:8080", "10.0.0.0/8"))
    assert guard.allows("INTRANET", 80, "192.168.1.1")
    assert guard.allows("feeds.lan", 8080, "192.168.1.2")
    assert not guard.allows("feeds.lan", 80, "192.168.1.2")
    assert guard.allows("any.example.org", 80, "10.9.9.9")
    assert guard.allows("any.example.org", 80, "::ffff:10.9.9.9")
    assert not guard.allows("any.example.org", 80, "192.168.1.1")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/",
        "http://0x7f000001/", "http://0x7f.0.0.1/", "http://127.1/", "http://127.0.1/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/",
        "http://１２７.０.０.１/", "http://169.254.169.254/latest/meta-data/", "http://0/",
        "http://user@127.0.0.1/", "http://user:pass@[::1]:80/",
    ],
)  # fmt: skip
async def test_no_spelling_of_our_own_addresses_is_fetched(url):
    async with Fetcher(SystemClock(), user_agent="test") as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(a_feed(url=url))
    assert caught.value.fault is FeedFault.FORBIDDEN_ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://x.example.org/", "http://", "http:///x", "http://[",
        "http://[::ffff:127.0.0.1]:8@/", "http://x.example.org:99999/", "//x.example.org/",
        "http://127.0.0.1\x00.example.org/",
    ],
)  # fmt: skip
async def test_what_is_no_web_address_is_named(url):
    async with Fetcher(SystemClock(), user_agent="test") as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(a_feed(url=url))
    assert caught.value.fault in {FeedFault.BAD_URL, FeedFault.FORBIDDEN_ADDRESS}
