"""Functions whose head a macro makes: their bodies are read like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.support import plan_step1, rules_for
from vrefactor.errors import NAME_TAKEN, VrefactorError

RULES = rules_for({"count": "net/a.c"})
HEAD = b"#include <sys/a.h>\nint count;\n"


def _after(root: Path, source: bytes) -> bytes:
    stage = plan_step1(root, {"net/a.c": HEAD + source}, RULES)
    assert not stage.plan.refused
    return stage.after.read("net/a.c")


def test_a_local_in_it_hides_the_variable(tmp_path: Path) -> None:
    body = b"SHOW_COMMAND(count_all, show)\n{\n\tint count = 1;\n\n\tprint(count);\n}\n"
    assert _after(tmp_path, body).endswith(body)


def test_a_use_in_it_is_rewritten(tmp_path: Path) -> None:
    body = b"SHOW_COMMAND(count_all, show)\n{\n\n\tprint(count);\n}\n"
    assert b"\tprint(V_count);\n" in _after(tmp_path, body)


def test_a_macro_in_what_does_not_parse_takes_no_name(tmp_path: Path) -> None:
    source = HEAD + b"int f(void) { return (count); }\nint g(void) { ( V_count ] }\n"
    stage = plan_step1(tmp_path / "unsaid", {"net/a.c": source}, RULES)
    assert b"return (V_count);" in stage.after.read("net/a.c")
    with pytest.raises(VrefactorError) as caught:
        plan_step1(tmp_path / "taken", {"net/a.c": HEAD + b"int V_count;\n"}, RULES)
    assert caught.value.kind is NAME_TAKEN
