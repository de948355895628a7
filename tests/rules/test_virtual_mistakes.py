"""Rules of step 3 that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import check_mistake
from vrefactor import errors
from vrefactor.errors import ErrorKind

# name, old text, new text, kind, text on the line, part of the detail
MISTAKES: list[tuple[str, str, str, ErrorKind, str, str]] = [
    (
        "a member that is declared twice",
        'reason = "because"',
        'reason = "because"\n[[field]]\nstruct = "a"\nname = "a_vnet"\npath = "a.h"\n'
        '[[field]]\nstruct = "b"\nname = "a_vnet"\npath = "b.h"',
        errors.RULES_DUPLICATE,
        "a_vnet",
        "field",
    ),
    (
        "a function that is attached twice",
        'reason = "because"',
        'reason = "because"\n[[attach]]\npath = "a.c"\nfunction = "up"\n'
        '[[attach]]\npath = "b.c"\nfunction = "up"',
        errors.RULES_DUPLICATE,
        "up",
        "attached function",
    ),
    (
        "a container that is not there",
        'reason = "because"',
        'reason = "because"\n[[attach]]\npath = "a.c"\nfunction = "up"\ndepends = "vnet_nt"',
        errors.RULES_NAME,
        "vnet_nt",
        "did you mean",
    ),
    (
        "an argument that no call has a number for",
        'reason = "because"',
        'reason = "because"\n[attaching]\nundo = [{ call = "new", undo = "free({value})" }]',
        errors.RULES_NAME,
        "free({value})",
        "placeholder `value`",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "kind", "marker", "detail"),
    [row[1:] for row in MISTAKES],
    ids=[row[0] for row in MISTAKES],
)
def test_a_mistake_is_named_and_located(
    tmp_path: Path, old: str, new: str, kind: ErrorKind, marker: str, detail: str
) -> None:
    check_mistake(tmp_path, old, new, kind, marker, detail)
