"""Feeds bent inputs to everything that reads bytes of strangers, for as long as it is told to.

Each input has a deadline; whatever is no named error is a find, and is printed with the input that
led to it. `--growth` looks for readers whose time grows faster than what they read. Where `atheris`
is installed, `--guided` lets the coverage choose what is bent next.

    .venv/bin/python -m benchmarks.fuzz_ingest --minutes 10
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import importlib
import random
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.seeds import SEEDS, bent
from tests.fuzz.targets import TARGETS

DEADLINE = 5.0  # seconds for one input of at most 20 kB
STUCK = 60  # seconds after which code that cannot be interrupted ends the run, with a traceback
GROWTH = 8.0  # how much more CPU four times the input may take
UNITS: tuple[bytes, ...] = (
    b"<a>",
    b"<p>",
    b"<b>x",
    b"<!--",
    b"<![CDATA[",
    b"&lt;",
    b"<x y='",
    b"<item><title>x</title></item>",
    b"<item>",
    b"<entry>",
    b"<outline text='x' xmlUrl='http://x.example.org/'/>",
    b"<url><loc>http://x/1</loc></url>",
    b"<li><a href=1>x</a></li>",
    b"<div><p>word ",
    b"<table><td>",
    b"[",
    b'{"a":',
    b" ",
    b"\n",
    b"0",
    b"2026-",
    b"?a=1&",
    b"/../",
    b"http://",
    b"@",
    b"%25",
    b"\xe4\xba\xba",
    b"\xff",
    b"\x00",
    b"User-agent: *\nDisallow: /*a*b\n",
    b"  - {id: abc, url: 'http://x/', title: x, language: en}\n",
    b"- ",
    b"# x\n",
    b"&nbsp;",
    b"<script>",
    b"<br>",
    b"a;",
    b"<!DOCTYPE ",
    b"<?xml ",
    b"<meta charset=",
    b"(",
    b"-",
    b", ",
    b"<link rel=alternate href=x type=text/xml>",
)


class TooSlowError(Exception):
    """One input took longer than it may."""


def _ring(*_: object) -> None:
    raise TooSlowError


class Run:
    """Counts inputs and keeps what was found, each kind once."""

    def __init__(self, folder: Path | None) -> None:
        self.inputs: Counter[str] = Counter()
        self.finds: dict[str, bytes] = {}
        self.slowest: dict[str, float] = {}
        self._folder = folder

    def feed(self, name: str, data: bytes) -> None:
        """Give one input to one reader."""
        self.inputs[name] += 1
        begun = time.perf_counter()
        signal.setitimer(signal.ITIMER_REAL, DEADLINE)
        faulthandler.dump_traceback_later(STUCK, exit=True)
        try:
            TARGETS[name][1](data)
        except TooSlowError:
            self.found(name, "too slow", data)
        except Exception:  # noqa: BLE001 - that is what is looked for
            frames = traceback.extract_tb(sys.exc_info()[2])
            ours = [each for each in frames if "site-packages" not in each.filename]
            where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
            kind = sys.exc_info()[0]
            self.found(name, f"{kind.__name__ if kind else '?'} at {where}", data)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
        took = time.perf_counter() - begun
        self.slowest[name] = max(self.slowest.get(name, 0.0), took)

    def found(self, name: str, what: str, data: bytes) -> None:
        """Keep a find, and print it with its input."""
        key = f"{name}: {what}"
        if key not in self.finds:
            self.finds[key] = data
            print(f"FOUND {key}: {data[:300]!r}", flush=True)
            if self._folder is not None:
                digest = hashlib.sha256(data).hexdigest()[:12]
                (self._folder / f"{name}-{digest}").write_bytes(data)


def bend(run: Run, seconds: float, chance: random.Random, only: list[str]) -> None:
    """Give bent inputs to every reader in turn until the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name in only:
            for _ in range(20):
                run.feed(name, bent(TARGETS[name][0], chance))


def grow(run: Run, only: list[str]) -> None:
    """Give every reader inputs of one repeated piece, and compare the CPU for n and 4 n."""
    for name in only:
        kind, target = TARGETS[name]
        first = SEEDS[kind][0].encode()
        for unit in UNITS:
            for head, tail in ((b"", b""), (first[: len(first) // 2], first[len(first) // 2 :])):
                short = max(2_000 // len(unit), 1)
                small = _cpu(run, name, head + unit * short + tail)
                large = _cpu(run, name, head + unit * (4 * short) + tail)
                if large > 0.05 and large > GROWTH * max(small, 0.002):
                    data = head + unit * (4 * short) + tail
                    run.found(name, f"grows {large / small:.0f} times over {unit!r}", data)
        assert target is not None


def _cpu(run: Run, name: str, data: bytes) -> float:
    best = float("inf")
    for _ in range(2):
        begun = time.process_time()
        run.feed(name, data)
        best = min(best, time.process_time() - begun)
    return best


def guided(name: str, seconds: float) -> None:
    """Let atheris choose; it ends the process by itself, with the input that it found."""
    import atheris

    with atheris.instrument_imports(include=["monitor", "model", "feedparser", "urllib.parse"]):
        for module in [
            each for each in sys.modules if each.startswith(("monitor", "model", "tests."))
        ]:
            del sys.modules[module]
        target = importlib.import_module("tests.fuzz.targets").TARGETS[name][1]
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS[TARGETS[name][0]]):
            (Path(folder) / f"seed-{number}").write_bytes(seed.encode())
        limits = (f"-max_total_time={int(seconds)}", "-timeout=10", "-max_len=8000")
        atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix=fuzz-{name}-", folder], target)
        atheris.Fuzz()


def main() -> None:
    """Run, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--growth", action="store_true", help="compare n and 4 n as well")
    parser.add_argument("--guided", action="store_true", help="by atheris; one reader at a time")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that found something")
    told = parser.parse_args()
    warnings.simplefilter("ignore")
    if told.guided:
        guided(told.only[0], told.minutes * 60)
        return
    if told.keep is not None:
        told.keep.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGALRM, _ring)
    run, begun = Run(told.keep), time.monotonic()
    if told.growth:
        grow(run, told.only)
    bend(run, told.minutes * 60, random.Random(told.seed), told.only)
    print(f"{'reader':<14}{'inputs':>10}{'slowest ms':>12}")
    for name in told.only:
        print(f"{name:<14}{run.inputs[name]:>10}{run.slowest.get(name, 0) * 1000:>12.0f}")
    minutes = (time.monotonic() - begun) / 60
    print(f"{run.inputs.total()} inputs in {minutes:.1f} minutes, {len(run.finds)} finds")
    sys.exit(bool(run.finds))


if __name__ == "__main__":
    main()
