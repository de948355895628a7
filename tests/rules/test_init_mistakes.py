"""Rules of step 2.1 that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import check_mistake
from vrefactor import errors
from vrefactor.errors import ErrorKind

# name, old text, new text, kind, text on the line, part of the detail
MISTAKES: list[tuple[str, str, str, ErrorKind, str, str]] = [
    (
        "an init that is for nothing",
        'reason = "because"',
        'reason = "because"\n[[init]]\nfunction = "f"\npath = "a.c"\nreason = "r"',
        errors.RULES_TYPE,
        "[[init]]",
        "no `files` and no `symbols`",
    ),
    (
        "an init for an undefined symbol",
        'reason = "because"',
        'reason = "because"\n[[init]]\nfunction = "f"\npath = "a.c"\nreason = "r"\n'
        'symbols = ["if_indx"]',
        errors.RULES_NAME,
        "if_indx",
        "did you mean `if_index`",
    ),
    (
        "an init function that two call",
        'reason = "because"',
        'reason = "because"\n[[init]]\nfunction = "f"\npath = "a.c"\nreason = "r"\n'
        'files = ["a.c"]\nbeside = "g"\ncalled_by = "h"',
        errors.RULES_TYPE,
        "[[init]]",
        "`beside` and `called_by`",
    ),
    (
        "a copy to nowhere",
        'reason = "because"',
        'reason = "because"\n[initializers]\ncopy = "memcpy({source})"',
        errors.RULES_TYPE,
        "memcpy",
        "lacks `{target}`",
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
