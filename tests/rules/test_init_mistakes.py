"""Rules of step 2.1 that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import WHOLE, failure, write
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
