"""The files of the watchlist: read whole, replaced whole, and put into one text to be kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from model.errors import MissingRecordError, WatchlistUnwritableError

Files = Mapping[str, str]  # texts by the names of their files

_NAME = re.compile(r"[\w][\w.-]{0,80}\.ya?ml")
_HEAD = re.compile(r"^# file: (.+)$\n?", re.MULTILINE)
BOM = "\ufeff"


def read_files(path: Path) -> dict[str, str]:
    """Return the texts of the file, or of every `*.yaml` of the folder, in their order."""
    files = [path]
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix in {".yaml", ".yml"})
    return {each.name: each.read_bytes().decode("utf-8-sig") for each in files}


def joined(files: Files, *, folder: bool) -> str:
    """Return texts as one: a single file as it is, those of a folder each under its name."""
    if not folder:
        return next(iter(files.values()))
    return "".join(
        f"# file: {name}\n{text}" + ("" if text.endswith("\n") else "\n")
        for name, text in files.items()
    )


def split(text: str, name: str, *, folder: bool) -> dict[str, str]:
    """Take apart what `joined` put together; `name` is that of a single file.

    Raises MissingRecordError where a folder's files cannot be told from the text.
    """
    if not folder:
        return {name: text}
    pieces = _HEAD.split(text)
    if pieces[0] or len(pieces) < 3:
        raise MissingRecordError(
            "That version was a single file, and the watchlist is a folder now: "
            "its text cannot be put back by a program."
        )
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def taken_apart(text: str, name: str) -> dict[str, str]:
    """Return the files of a version's text, whether it was a folder or one file."""
    return split(text, name, folder=_HEAD.match(text) is not None)


def revision(text: str) -> str:
    """Return what tells one text from another, whatever ends its lines."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:16]


def is_file_name(name: str) -> bool:
    """Tell whether a file of a folder may be called so."""
    return _NAME.fullmatch(name) is not None


def like(text: str, before: str | None) -> str:
    """Return a text with the line ends that its file has; a form of a page sends its own."""
    plain = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\n", "\r\n") if before is not None and "\r\n" in before else plain


def replace_file(path: Path, text: str) -> None:
    """Put a text in a file's place at once, so that nobody ever reads half of it.

    Mode and owner stay. Raises WatchlistUnwritableError, the old file untouched.
    """
    target = path.resolve()  # a link stays a link
    partial: str | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            partial = file.name
            file.write(_bytes(target, text))
            file.flush()
            os.fsync(file.fileno())
            _copy_rights(target, file.fileno())
        Path(partial).replace(target)
    except OSError as error:
        if partial is not None:
            with contextlib.suppress(OSError):
                Path(partial).unlink()
        raise WatchlistUnwritableError(
            f"{path} cannot be written ({error.strerror or error}): nothing was changed. "
            "Give this user the right to write the file and its folder; "
            "in a container mount the folder, not the file alone."
        ) from error


def _bytes(target: Path, text: str) -> bytes:
    """Return a text as the file is stored: with its byte order mark, if it has one."""
    has_mark = target.exists() and target.read_bytes()[:3] == BOM.encode()
    return ((BOM if has_mark else "") + text).encode()


def _copy_rights(target: Path, handle: int) -> None:
    if not target.exists():
        os.fchmod(handle, 0o644)
        return
    facts = target.stat()
    with contextlib.suppress(OSError):  # only its owner or root may give a file away
        os.fchown(handle, facts.st_uid, facts.st_gid)
    os.fchmod(handle, facts.st_mode & 0o7777)


def set_aside(path: Path) -> None:
    """Rename a file of a folder so that it is no longer read; nothing is lost."""
    try:
        path.replace(path.with_name(path.name + ".removed"))
    except OSError as error:
        raise WatchlistUnwritableError(f"{path} cannot be set aside: {error.strerror}") from error
