"""Writing a proposed rule set into a folder of its own."""

from __future__ import annotations

from pathlib import Path

from vrefactor.errors import RULES_TAKEN, VrefactorError
from vrefactor.scan.emission import MARK
from vrefactor.source.output import write_file

FILE = "proposed.toml"
"""The one file of a proposal."""


def check_folder(folder: Path) -> None:
    """Raise RULES_TAKEN unless `folder` is new, empty, or holds an earlier proposal only."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise VrefactorError(RULES_TAKEN, error.strerror or "", path=str(folder)) from error
    if names and (names != [FILE] or not _is_proposal(folder / FILE)):
        raise VrefactorError(RULES_TAKEN, ", ".join(names[:4]), path=str(folder))


def _is_proposal(path: Path) -> bool:
    try:
        return path.is_file() and path.read_bytes().startswith(MARK.encode())
    except OSError:
        return False


def write_proposal(content: bytes, folder: Path) -> Path:
    """Write the rule file, all or nothing, and return its path.

    Raises RULES_TAKEN as `check_folder`, and when the folder cannot be made, and what
    `write_file` raises.
    """
    check_folder(folder)
    target = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VrefactorError(RULES_TAKEN, error.strerror or "", path=str(folder)) from error
    write_file(target, content)
    return target
