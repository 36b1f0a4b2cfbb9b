"""A PostgreSQL server of our own for the tests: a throw-away cluster on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HINT = "skipped: install PostgreSQL (apt-get install postgresql)"


def find_programs() -> Path | None:
    """Return the folder that holds initdb and pg_ctl; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return command
    return ["runuser", "-u", "postgres", "--", *command]


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """Run a server while the block runs; give its address without a database's name."""
    with tempfile.TemporaryDirectory(prefix="pledgewatch-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        _run([str(programs / "initdb"), "-D", str(data), "-U", "tester", "-A", "trust", "-N"])
        port = _free_port()
        options = (
            f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off"
        )
        log = folder / "log"
        start = ["start", "-w", "-D", str(data), "-l", str(log), "-o", options]
        _run([str(programs / "pg_ctl"), *start])
        try:
            yield f"postgresql://tester@127.0.0.1:{port}"
        finally:
            _run([str(programs / "pg_ctl"), "stop", "-D", str(data), "-m", "immediate"])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        _as_server_user(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
