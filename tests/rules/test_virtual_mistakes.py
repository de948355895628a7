"""Rules of step 3 that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import WHOLE, failure, write
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
    ("old", "new", "kind", "on_the_line", "said"),
    [one[1:] for one in MISTAKES],
    ids=[one[0] for one in MISTAKES],
)
def test_a_mistake_is_located(
    old: str, new: str, kind: ErrorKind, on_the_line: str, said: str, tmp_path: Path
) -> None:
    text = WHOLE.replace(old, new, 1)
    error = failure(write(tmp_path, text))
    assert error.kind is kind
    assert error.line is not None
    assert on_the_line in text.splitlines()[error.line - 1]
    assert said in error.detail
