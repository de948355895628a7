"""What can't be told of a token is refused only where the variable is in visibility."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.support import plan_step1, rules_for
from vrefactor.plan.model import Refusal
from vrefactor.plan.reasons import CommonRefusal, CommonSkip

STATIC = b"#include <net/seen.h>\nstatic int t;\nint f(void) { return (t); }\n"
EXTERNAL = b"#include <net/seen.h>\nint t;\nint f(void) { return (t); }\n"
PASTE = b"#define\tPASTE(a)\ta ## t\n"
UNPARSED = b"#define\tBROKEN(a)\t{ ( t ] a\n"


def _reason(root: Path, definition: bytes, header: str, macro: bytes) -> object:
    files = {"net/a.c": definition, "net/seen.h": b"", "net/other.h": b""} | {header: macro}
    stage = plan_step1(root, files, rules_for({"t": "net/a.c"}))
    (reason,) = [site.reason for site in stage.plan.sites if site.path == header]
    return reason


@pytest.mark.parametrize("macro", [PASTE, UNPARSED])
def test_a_header_that_the_file_of_a_static_does_not_see(tmp_path: Path, macro: bytes) -> None:
    assert _reason(tmp_path, STATIC, "net/other.h", macro) is CommonSkip.FOREIGN


@pytest.mark.parametrize(
    ("macro", "refusal"), [(PASTE, CommonRefusal.PASTED), (UNPARSED, CommonRefusal.UNPARSED)]
)
def test_a_header_in_sight(tmp_path: Path, macro: bytes, refusal: Refusal) -> None:
    assert _reason(tmp_path / "static", STATIC, "net/seen.h", macro) is refusal
    assert _reason(tmp_path / "external", EXTERNAL, "net/other.h", macro) is refusal
