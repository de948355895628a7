"""What declares a module without data: how it is known again, and where its lines break."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.support import QUICK, rules_for
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.files import Files
from vrefactor.generated.stack_module import StackModule, filled
from vrefactor.index.build import build_index
from vrefactor.rules.types import Style
from vrefactor.source.tree import Tree

RULES = rules_for({"ttl": "net/a.c"})
MODULE = StackModule(RULES, "x_init")


def is_declared(root: Path, code: str) -> bool:
    tree = Tree.open(lay_out(root, {"net/a.c": code.encode()}))
    index = build_index(tree, RULES, frozenset({"ttl"}), QUICK)
    return MODULE.is_declared(Files(index, MacroMatcher(RULES.macros)), "net/a.c")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("int ttl;\n", id="nothing"),
        pytest.param(
            "/* VNET_MOD_DECLARE_STATELESS(NONE, x_init, a, NULL, NET); */\n", id="comment"
        ),
        pytest.param("VNET_MOD_DECLARE_STATELESS(NONE, y_init, x_init, NULL, NET);\n", id="other"),
        pytest.param("VNET_MOD_DECLARE(X, x_init, NULL, NULL, NONE, NULL);\n", id="container"),
        pytest.param('char *s = "VNET_MOD_DECLARE_STATELESS(NONE, x_init)";\n', id="string"),
    ],
)
def test_is_not_declared(tmp_path: Path, code: str) -> None:
    assert not is_declared(tmp_path, code)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("#ifdef VIMAGE\n%s#endif\n", id="as it is written"),
        pytest.param("%s", id="under no option"),
    ],
)
def test_is_declared(tmp_path: Path, code: str) -> None:
    declared = MODULE.declared("NET", attach=True, detach=True).decode()
    assert is_declared(tmp_path, code % declared)


@pytest.mark.parametrize(
    ("attach", "expected"),
    [
        pytest.param(
            True,
            "static vnet_attach_fn vnet_x_init_iattach;\n"
            "VNET_MOD_DECLARE_STATELESS(NONE, x_init, vnet_x_init_iattach, NULL, NONE);\n",
            id="attach",
        ),
        pytest.param(
            False,
            "static vnet_attach_fn vnet_x_init_idetach;\n"
            "VNET_MOD_DECLARE_STATELESS(NONE, x_init, NULL, vnet_x_init_idetach, NONE);\n",
            id="detach",
        ),
    ],
)
def test_declares(attach: bool, expected: str) -> None:
    assert MODULE.declared(attach=attach, detach=not attach).decode() == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("\tf(a, b);", id="short"),
        pytest.param("f(" + "x" * 73 + ", b);", id="80 columns"),
        pytest.param("\tf(" + "x" * 65 + ", b);", id="80 columns with a tab"),
        pytest.param("\tf(" + "x" * 90 + ");", id="no comma"),
    ],
)
def test_is_not_broken(line: str) -> None:
    assert filled(line, Style()) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("f(" + "x" * 74 + ", b);", "f(" + "x" * 74 + ",\n    b);", id="81 columns"),
        pytest.param(
            "\tf(" + "x" * 66 + ", b);", "\tf(" + "x" * 66 + ",\n\t    b);", id="a tab more"
        ),
        pytest.param(
            "f(" + "x" * 76 + ", " + "y" * 77 + ", b);",
            "f(" + "x" * 76 + ",\n    " + "y" * 77 + ",\n    b);",
            id="twice",
        ),
    ],
)
def test_is_broken(line: str, expected: str) -> None:
    assert filled(line, Style()) == expected
