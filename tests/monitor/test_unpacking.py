"""A packed body is unpacked by steps, and a bomb is known before all of it is there."""

from __future__ import annotations

import gzip
import zlib

import pytest

from model.errors import FeedFault, FetchError
from monitor.unpacking import STEP, Inflater

MOST = 30_000_000


def unpack(body, encoding="gzip", most=MOST, piece=65_536):
    inflater = Inflater(encoding, most)
    for start in range(0, len(body), piece):
        inflater.feed(body[start : start + piece])
    return inflater.finish()


@pytest.mark.parametrize("size", [10, STEP, STEP + 1, 3 * STEP + 7])
def test_what_is_packed_as_feeds_are_comes_out_whole(size):
    text = b"".join(b"<item>%d</item>" % (number * number) for number in range(size // 10))
    assert unpack(gzip.compress(text)) == text
    assert unpack(zlib.compress(text), "deflate") == text
    assert unpack(zlib.compress(text)[2:-4], "deflate", piece=7_000) == text


def test_a_bomb_is_known_long_before_the_bound():
    bomb = gzip.compress(b"<rss>" + b" " * 20_000_000)  # a third less than is allowed
    inflater = Inflater("gzip", MOST)
    with pytest.raises(FetchError) as raised:
        inflater.feed(bomb)
    assert raised.value.fault is FeedFault.TOO_LARGE
    assert inflater._size <= STEP + 1


def test_the_bound_is_kept_whatever_the_packing():
    text = b"".join(b"%d," % (number * number) for number in range(300_000))
    with pytest.raises(FetchError) as raised:
        unpack(gzip.compress(text), most=STEP)
    assert raised.value.fault is FeedFault.TOO_LARGE
