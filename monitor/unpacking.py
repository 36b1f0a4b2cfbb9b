"""A Content-Encoding undone piece by piece, never beyond a bound. Pure."""

from __future__ import annotations

import zlib
from typing import Any

from model.errors import FeedFault, FetchError

STEP = 1_000_000  # bytes that are unpacked at a time
TIGHTEST = 250  # times that a feed may be packed; the repetitive ones come to a hundred


class Inflater:
    """Takes the pieces of a body and undoes its Content-Encoding, up to a bound."""

    def __init__(self, encoding: str | None, most: int) -> None:
        name = (encoding or "").strip().lower()
        self._most = most
        self._pieces: list[bytes] = []
        self._size = 0
        self._received = 0
        self._raw_deflate = name == "deflate"
        self._inflate: Any = None
        if name in {"gzip", "x-gzip"}:
            self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif name == "deflate":
            self._inflate = zlib.decompressobj()
        elif name not in {"", "identity"}:
            message = f"it is packed as {name!r}, which we never asked for"
            raise FetchError(FeedFault.BAD_ENCODING, message)

    def feed(self, piece: bytes) -> None:
        """Take the next piece; raise FetchError where it is broken or too much."""
        if self._inflate is None:
            self._keep(piece)
            return
        try:
            self._unpack(piece)
        except zlib.error as error:
            if self._raw_deflate and not self._size:  # some servers send it without a header
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
                self._raw_deflate = False
                self.feed(piece)
                return
            raise FetchError(FeedFault.BAD_ENCODING, "it is packed, and broken") from error

    def _unpack(self, piece: bytes) -> None:
        """Unpack a piece by steps: a bomb is known before all of it is there."""
        while piece:
            self._keep(self._inflate.decompress(piece, min(self._most - self._size, STEP) + 1))
            tail = self._inflate.unconsumed_tail
            self._received += len(piece) - len(tail)
            if self._size > STEP and self._size > TIGHTEST * self._received:
                raise too_large(self._most)
            piece = tail

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._most:
            raise too_large(self._most)
        self._pieces.append(piece)

    def finish(self) -> bytes:
        """Return the whole; raise FetchError where the end is missing."""
        if self._inflate is not None:
            if not self._inflate.eof and self._size + len(self._pieces):
                raise FetchError(FeedFault.RESET, "the packed answer ends before its end")
            self._keep(self._inflate.flush())
        return b"".join(self._pieces)


def too_large(bound: int) -> FetchError:
    """Return the error of an answer that is larger than it may be."""
    return FetchError(FeedFault.TOO_LARGE, f"it is larger than {bound // 1_000_000} MB")
