"""A series of patches as a folder that quilt(1), `git am` and `patch -p1` read."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from vrefactor.errors import SERIES_TAKEN, VrefactorError
from vrefactor.source.diffstat import diffstat
from vrefactor.source.guard import deferred_signals, naming

SERIES = "series"
README = "README"
README_MARK = b"# A series of patches made by vrefactor"
"""What the README of a series of ours begins with."""
_MARK = b"# A series of patches made by vrefactor; a new run replaces it.\n"
_STAGING = ".vrefactor-new"  # while it is there, a replacement is under way, and is ours
_PATCH_NAME = re.compile(r"\d{4}-[A-Za-z0-9._-]+\.patch")
# The head of a patch as git-format-patch(1) makes it.  The id and the date of the first line
# are fixed there too; the others are, so that the same patch is always the same bytes.
_HEAD = b"""\
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: vrefactor <vrefactor@localhost>
Date: Mon, 17 Sep 2001 00:00:00 +0000
Subject: [PATCH %d/%d] %s
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

%s---
"""
# What `git am` or `patch`, which looks behind indentation, would take for a header, for the
# next mail, for the end of the prose or for a patch (an ed script, too).  It gets a bar.
_NO_PROSE = re.compile(
    r"\s*(?:(?:>?From|Date|Subject|Index|Prereq):|>?From .*\d:\d|diff |---|\+\+\+|\*\*\*|@@"
    r"|\d+(?:,\d+)?[acds]\s*$)",
    re.IGNORECASE,
)


class Patch(NamedTuple):
    """One patch of a series: the end of its file name, what it does, the diff itself.

    The first line of `description` becomes the subject, the rest the body.
    """

    name: str
    description: str
    diff: bytes


def write_series(
    directory: Path, patches: Iterable[Patch | tuple[str, str, bytes]], readme: bytes = b""
) -> None:
    """Write `directory`/series and `directory`/NNNN-name.patch, all or nothing.

    `readme` becomes `directory`/README, if there is one; it begins with `README_MARK`.
    An earlier series of ours is replaced.  `git am` wants --keep-cr if the sources have CRLF.
    Raises ValueError for a name with other characters than letters, digits, `.`, `_` and
    `-`, an empty diff (a step that changes nothing is no patch), or a README without its
    mark; `VrefactorError` SERIES_TAKEN, naming what is in the way; TREE_UNWRITABLE.
    """
    if readme and not readme.startswith(README_MARK):
        raise ValueError("a README without its mark would be taken for somebody else's")
    files = dict(_files([Patch(*patch) for patch in patches]))
    if readme:
        files[README] = readme
    with naming(str(directory)):
        earlier = _earlier(directory)
    made = earlier is None
    staging = directory / _STAGING
    try:
        with naming(str(directory)):
            _stage(staging, files)
    except BaseException:
        shutil.rmtree(directory if made else staging, ignore_errors=True)
        raise
    with naming(str(directory)), deferred_signals():
        _replace(directory, sorted(files), earlier or [])


def patch_file(number: int, name: str) -> str:
    """Return the name of the file of a patch; numbers count from 1."""
    return f"{number:04}-{name}.patch"


def _files(patches: Sequence[Patch]) -> Iterator[tuple[str, bytes]]:
    names = []
    for number, patch in enumerate(patches, 1):
        name = patch_file(number, patch.name)
        if not _PATCH_NAME.fullmatch(name) or not patch.diff:
            raise ValueError(f"not a patch of a series: {name}, {len(patch.diff)} bytes")
        names.append(name)
        head = _head(patch.description, number, len(patches))
        summary = diffstat(patch.diff)
        yield name, head + (summary and summary + b"\n") + patch.diff
    yield SERIES, _MARK + b"".join(name.encode() + b"\n" for name in names)


def _head(description: str, number: int, count: int) -> bytes:
    subject, _, body = description.strip().partition("\n")
    lines = body.strip().splitlines()
    prose = [f"| {line}" if _NO_PROSE.match(line) else line for line in lines]
    text = "".join(f"{line}\n" for line in [*prose, ""]) if prose else ""
    return _HEAD % (number, count, subject.strip().encode(), text.encode())


def _earlier(directory: Path) -> list[str] | None:
    """Return the files of the earlier series in `directory`, None if there is no directory."""
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise VrefactorError(SERIES_TAKEN, "it is not a directory", path=str(directory)) from None
    ours = [name for name in names if _is_ours(directory, name)]
    if foreign := sorted(set(names) - set(ours)):
        raise VrefactorError(SERIES_TAKEN, f"{foreign[0]} is not ours", path=str(directory))
    return [name for name in ours if name != _STAGING]


def _is_ours(directory: Path, name: str) -> bool:
    place = directory / name
    if place.is_symlink():
        return False
    if name == _STAGING:
        return place.is_dir()
    start = {SERIES: _MARK, README: README_MARK}.get(name, _HEAD[: _HEAD.index(b"Subject")])
    known = name in (SERIES, README) or _PATCH_NAME.fullmatch(name) is not None
    return known and place.is_file() and place.read_bytes().startswith(start)


def _stage(staging: Path, files: dict[str, bytes]) -> None:
    if staging.is_dir():
        shutil.rmtree(staging)
    staging.mkdir(parents=True)
    for name, content in files.items():
        with open(staging / name, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _replace(directory: Path, names: Sequence[str], earlier: Sequence[str]) -> None:
    """Put the staged files in place.  `series` goes first and comes last: it makes the series."""
    with suppress(FileNotFoundError):
        os.unlink(directory / SERIES)
    for name in earlier:
        if name not in names:
            with suppress(FileNotFoundError):
                os.unlink(directory / name)
    for name in names:
        os.replace(directory / _STAGING / name, directory / name)
    os.rmdir(directory / _STAGING)
