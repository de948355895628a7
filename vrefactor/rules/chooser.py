"""Which rule set goes with a tree."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from pathlib import Path

from vrefactor.errors import RULES_AMBIGUOUS, RULES_MISSING, RULES_NO_FIT, VrefactorError
from vrefactor.rules.loader import load, read_files, shipped
from vrefactor.rules.parse import closest
from vrefactor.rules.types import Fingerprint, RuleSet

#: The rule set that a tree brings along, at its root.
OWN = "vrefactor.toml"


def choose(
    tree_root_files: Container[str],
    read: Callable[[str], bytes],
    wanted: str | None,
    root: Path,
) -> RuleSet:
    """The rule set for a tree.

    The one `wanted` (the name of a shipped set, or a path); else `vrefactor.toml` at the
    tree's root; else the shipped set whose fingerprint fits.  `tree_root_files` answers
    whether the tree has a path, `read` gives a file's bytes.

    Raises VrefactorError: RULES_MISSING, RULES_NO_FIT, RULES_AMBIGUOUS, or as `load`.
    """
    sets = shipped()
    if wanted is not None:
        return load(_named(wanted, sets))
    if OWN in tree_root_files:
        return load(root / OWN)
    fitting = [name for name, path in sets.items() if _fits(path, tree_root_files, read)]
    if len(fitting) == 1:
        return load(sets[fitting[0]])
    kind, names = (RULES_AMBIGUOUS, fitting) if fitting else (RULES_NO_FIT, sorted(sets))
    raise VrefactorError(kind, "shipped: " + ", ".join(names), path=str(root))


def _named(wanted: str, sets: Mapping[str, Path]) -> Path:
    """The path of a shipped set, or of the user's own."""
    if wanted in sets:
        return sets[wanted]
    if os.path.exists(wanted):
        return Path(wanted)
    detail = f"shipped: {', '.join(sorted(sets))}{closest(wanted, sorted(sets))}"
    raise VrefactorError(RULES_MISSING, detail, path=wanted)


def _fits(path: Path, files: Container[str], read: Callable[[str], bytes]) -> bool:
    """Whether the fingerprint of a shipped set fits; a set without one never does."""
    found = (file.document.fingerprint for file in read_files(path))
    known = next(filter(None, found), None)
    return known is not None and fits(known, files, read)


def fits(fingerprint: Fingerprint, files: Container[str], read: Callable[[str], bytes]) -> bool:
    """Whether all of a fingerprint holds for a tree."""
    needed = (*fingerprint.files, *(entry.file for entry in fingerprint.contains))
    if not all(name in files for name in needed):
        return False
    return all(entry.text.encode() in read(entry.file) for entry in fingerprint.contains)
