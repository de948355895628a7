"""Rules of the framework that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import check_mistake
from vrefactor import errors
from vrefactor.errors import ErrorKind

FRAMEWORK = """\
[framework]
source = "kern/x.c"
[[framework.line]]
path = "a.c"
text = "x"
"""

# name, old text, new text, kind, text on the line, part of the detail
MISTAKES: list[tuple[str, str, str, ErrorKind, str, str]] = [
    (
        "a line with two places",
        "[build]",
        FRAMEWORK + 'after = "x"\nbefore = "y"\n[build]',
        errors.RULES_TYPE,
        'path = "a.c"',
        "there is `after` and `before`",
    ),
    (
        "a line with no place",
        "[build]",
        FRAMEWORK + "[build]",
        errors.RULES_TYPE,
        'path = "a.c"',
        "there is neither",
    ),
    (
        "a sorted line in a function",
        "[build]",
        FRAMEWORK + 'sorted = "x"\nfunction = "f"\n[build]',
        errors.RULES_TYPE,
        'path = "a.c"',
        "`function` goes with",
    ),
    (
        "a symbol map of a symbol that the container lacks",
        "[container.symbols]",
        'init_function = "f"\nsymmap = ["ifne"]\n[framework]\nsource = "k.c"\n[container.symbols]',
        errors.RULES_NAME,
        "symmap",
        "did you mean `ifnet`",
    ),
    (
        "a symbol twice in a map",
        "[container.symbols]",
        'init_function = "f"\nsymmap = ["ifnet", "ifnet"]\n[framework]\nsource = "k.c"\n'
        "[container.symbols]",
        errors.RULES_DUPLICATE,
        "symmap",
        "symbol in the map `ifnet`",
    ),
    (
        "a symbol map with nothing to register it",
        "[container.symbols]",
        'init_function = "f"\nsymmap = ["ifnet"]\n[container.symbols]',
        errors.RULES_TYPE,
        "symmap",
        "a section [framework]",
    ),
    (
        "a symbol map that no function registers",
        "[container.symbols]",
        'symmap = ["ifnet"]\n[framework]\nsource = "k.c"\n[container.symbols]',
        errors.RULES_TYPE,
        "symmap",
        "`init_function`",
    ),
    (
        "a symbol map of a module with another kind of name",
        '"VNET_MOD_NET"',
        '"MOD_NET"\ninit_function = "f"\nsymmap = ["ifnet"]\n[framework]\nsource = "k.c"',
        errors.RULES_TYPE,
        "symmap",
        "`VNET_MOD_`",
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
