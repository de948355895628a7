"""Rule sets that are wrong: every mistake is named and located."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.samples import BASE, SECOND, WHOLE, check_mistake, failure, write
from vrefactor import errors
from vrefactor.errors import ErrorKind, VrefactorErrors

# name, old text, new text, kind, text on the line, part of the detail
MISTAKES: list[tuple[str, str, str, ErrorKind, str, str]] = [
    (
        "unknown symbol in [[use_before_init]]",
        "[build]",
        '[[use_before_init]]\nsymbols = ["ifnit"]\nreason = "r"\n\n[build]',
        errors.RULES_NAME,
        "ifnit",
        "did you mean `ifnet`",
    ),
    (
        "start-up macro that does not say when",
        "[build]",
        '[startup]\n[[startup.macros]]\nmacro = "M"\narguments = ["order", "function"]\n\n[build]',
        errors.RULES_TYPE,
        "arguments = [",
        "`M` needs one `subsystem`",
    ),
    (
        "start-up macro that says twice when",
        "[build]",
        "[startup]\n[[startup.macros]]\nmacro = 'M'\nsubsystem = 'S'\norder = 'O'\n"
        "arguments = ['order', 'function']\n\n[build]",
        errors.RULES_TYPE,
        "arguments = [",
        "`M` needs one `order`",
    ),
    (
        "start-up macro that runs nothing",
        "[build]",
        '[startup]\n[[startup.macros]]\nmacro = "M"\narguments = ["subsystem", "order"]\n\n[build]',
        errors.RULES_TYPE,
        "arguments = [",
        "`M` needs a `function` or a `variable`",
    ),
    (
        "start-up macro with an unknown argument",
        "[build]",
        '[startup]\n[[startup.macros]]\nmacro = "M"\narguments = ["func"]\n\n[build]',
        errors.RULES_TYPE,
        "func",
        "`subsystem`, `order`",
    ),
    ("unknown section", "[build]", "[biuld]", errors.RULES_KEY, "[biuld]", "`build`"),
    ("unknown key", 'reason = "b', 'raeson = "b', errors.RULES_KEY, "raeson", "`reason`"),
    (
        "unknown key of a container",
        'accessor = "VNET_TWO"',
        'acessor = "VNET_TWO"',
        errors.RULES_KEY,
        "acessor",
        "did you mean `accessor`",
    ),
    (
        "unknown key of an inline table",
        'was = "timeout"',
        'wsa = "timeout"',
        errors.RULES_KEY,
        "wsa",
        "did you mean `was`",
    ),
    (
        "unknown key that is like no other",
        'was = "timeout"',
        'qqqqqq = "timeout"',
        errors.RULES_KEY,
        "qqqqqq",
        "`qqqqqq`",
    ),
    (
        "unknown key in a table of an array",
        '{ name = "B" }',
        '{ name = "B", flag = [] }',
        errors.RULES_KEY,
        "flag = []",
        "`flags`",
    ),
    (
        "wrong type of a section's key",
        'paths = ["net"]',
        'paths = "net"',
        errors.RULES_TYPE,
        'paths = "net"',
        "expected an array, found a string",
    ),
    (
        "wrong type in a multi-line array",
        '"ifnet",',
        "7,",
        errors.RULES_TYPE,
        "    7,",
        'container[0].symbols."net/if.c"[2]`: expected a string or a table, found an integer',
    ),
    (
        "a symbol that is no identifier",
        '"ifnet",',
        '"if-net",',
        errors.RULES_TYPE,
        "if-net",
        "'if-net' is not a C identifier",
    ),
    (
        "a file outside the tree",
        '"net/if.c"',
        '"../net/if.c"',
        errors.RULES_TYPE,
        "../net/if.c",
        "is not a path relative",
    ),
    (
        "an absolute header",
        "net/two.h",
        "/net/two.h",
        errors.RULES_TYPE,
        "/net/two.h",
        "is not a path relative",
    ),
    (
        "a number out of range",
        "[build]",
        "[style]\ntab = 0\n[build]",
        errors.RULES_TYPE,
        "tab = 0",
        "is not a count of columns",
    ),
    (
        "a boolean for a number",
        "[build]",
        "[build]\ntimeout = true",
        errors.RULES_TYPE,
        "timeout",
        "expected an integer, found a boolean",
    ),
    (
        "an empty reason",
        '"because"',
        '" "',
        errors.RULES_TYPE,
        "reason =",
        "is not a text that is not empty",
    ),
    (
        "a container without header",
        'header = "net/two.h"\n',
        "",
        errors.RULES_INCOMPLETE,
        "[[container]]",
        "`header` in `container[1]`",
    ),
    (
        "a symbol without name",
        'name = "net_timeout", was',
        "was",
        errors.RULES_INCOMPLETE,
        'was = "timeout"',
        "`name`",
    ),
    (
        "an undefined subsystem",
        'subsystem = "net"\nheader = "net/two.h"',
        'subsystem = "nett"\nheader = "net/two.h"',
        errors.RULES_NAME,
        '"nett"',
        "did you mean `net`",
    ),
    (
        "an undefined symbol",
        'names = ["ifnet"]',
        'names = ["ifnett"]',
        errors.RULES_NAME,
        '"ifnett"',
        "did you mean `ifnet`",
    ),
    (
        "an undefined placeholder",
        "G_{name}",
        "{name}{nmae}",
        errors.RULES_NAME,
        "{nmae}",
        "did you mean `name`",
    ),
    (
        "an undefined container in an override",
        'form = "G_{name}"',
        'form = "G_{name}"\nmodules = [{ container = "vnet_tow", module = "T" }]',
        errors.RULES_NAME,
        "vnet_tow",
        "did you mean `vnet_two`",
    ),
    (
        "an undefined container in the order",
        'name = "toy"',
        'name = "toy"\norder = [\n  "vnet_two",\n  "vnet_nt"\n]',
        errors.RULES_NAME,
        '"vnet_nt"',
        "did you mean `vnet_net`",
    ),
    (
        "an undefined shared file",
        'name = "toy"',
        'name = "toy"\ninclude = ["bsd-macro"]',
        errors.RULES_NAME,
        "bsd-macro",
        "did you mean `bsd-macros`",
    ),
    (
        "an undefined container of an argument",
        'reason = "because"',
        'reason = "because"\n[[argument]]\nargument = "x"\ncontainers = ["vnet_tow"]',
        errors.RULES_NAME,
        "vnet_tow",
        "did you mean `vnet_two`",
    ),
    (
        "an undefined registration of an argument",
        'reason = "because"',
        'reason = "because"\n[[argument]]\nargument = "x"\nregistrations = ["timer"]',
        errors.RULES_NAME,
        "timer",
        "registration `timer`",
    ),
    (
        "an argument with an unknown placeholder",
        'reason = "because"',
        'reason = "because"\n[[argument]]\nargument = "{param}->vnet"',
        errors.RULES_NAME,
        "{param}",
        "did you mean `parameter`",
    ),
    (
        "a hosted container with a central header",
        'module = "VNET_MOD_TWO"',
        'module = "VNET_MOD_TWO"\nhost = true\ncentral = "net/if.h"',
        errors.RULES_TYPE,
        "central",
        "`host` and `central`",
    ),
    (
        "a template that names nothing",
        "G_{name}",
        "G_hostname",
        errors.RULES_TYPE,
        "G_hostname",
        "lacks `{name}`",
    ),
    (
        "a symbol listed twice",
        '"ifnet",',
        '"ifnet",\n    { name = "if_index", optional = true },',
        errors.RULES_DUPLICATE,
        "optional",
        "symbol `if_index`, first at",
    ),
    (
        "two containers claim a symbol",
        "[[override]]",
        '[container.symbols]\n"net/two.c" = ["x", "if_index"]\n[[override]]',
        errors.RULES_DUPLICATE,
        '"net/two.c"',
        "symbol `if_index`",
    ),
    (
        "two names for one variable",
        '"ifnet",',
        '"ifnet",\n    { name = "other", was = "timeout" },',
        errors.RULES_DUPLICATE,
        '"other"',
        "variable `timeout of net/if.c`",
    ),
    (
        "two containers with one name",
        'name = "vnet_two"',
        'name = "vnet_net"  # again',
        errors.RULES_DUPLICATE,
        "# again",
        "container `vnet_net`",
    ),
    (
        "two containers in one generated header",
        "net/two.h",
        "net/vnet.h",
        errors.RULES_DUPLICATE,
        "net/vnet.h",
        "generated header `net/vnet.h`",
    ),
    (
        "two subsystems with one name",
        "[build]",
        '[[subsystem]]\nname = "net" # 2\npaths = []\n[build]',
        errors.RULES_DUPLICATE,
        "# 2",
        "subsystem `net`",
    ),
    (
        "two option sets with one name",
        '{ name = "B" }',
        '{ name = "A" }',
        errors.RULES_DUPLICATE,
        "options =",
        "option set `A`",
    ),
    ("not TOML", '"ifnet",', '"ifnet" "x",', errors.RULES_SYNTAX, '"ifnet" "x"', ""),
    ("a key twice", "[build]", '[build]\ncc = "a"\ncc = "b"', errors.RULES_SYNTAX, '"b"', ""),
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


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("[container.symbols]", '[container.symbols]\n"a.c" = ["ifnet", "ifnet"]')
    error = failure(write(tmp_path, text.replace('names = ["ifnet"]', 'names = ["ifnett"]')))
    assert isinstance(error, VrefactorErrors)
    kinds = [vrefactor_error.kind for vrefactor_error in error.errors]
    assert kinds == [errors.RULES_DUPLICATE, errors.RULES_DUPLICATE, errors.RULES_NAME]


def test_a_section_stands_in_one_file(tmp_path: Path) -> None:
    write(tmp_path, BASE, "a.toml")
    write(tmp_path, "\n[ruleset]\nname = 'b'\n", "b.toml")
    error = failure(tmp_path)
    assert (error.kind, error.path, error.line) == (
        errors.RULES_DUPLICATE,
        str(tmp_path / "b.toml"),
        2,
    )
    assert f"first at {tmp_path / 'a.toml'}:1" in error.detail


def test_a_container_is_claimed_across_files(tmp_path: Path) -> None:
    write(tmp_path, BASE, "a.toml")
    write(tmp_path, SECOND + '[container.symbols]\n"x.c" = ["ifnet"]\n', "b.toml")
    error = failure(tmp_path)
    assert (error.kind, error.path, error.line) == (
        errors.RULES_DUPLICATE,
        str(tmp_path / "b.toml"),
        10,
    )


def test_a_set_has_a_name(tmp_path: Path) -> None:
    error = failure(write(tmp_path, "[style]\n"))
    assert error.kind is errors.RULES_INCOMPLETE
    assert "[ruleset]" in error.detail


def test_no_rule_set_at_the_path(tmp_path: Path) -> None:
    assert failure(tmp_path / "none").kind is errors.RULES_MISSING


def test_a_folder_without_rules(tmp_path: Path) -> None:
    error = failure(tmp_path)
    assert error.kind is errors.RULES_MISSING
    assert error.path == str(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").symlink_to(tmp_path / "gone")
    error = failure(tmp_path)
    assert error.kind is errors.RULES_UNREADABLE
    assert error.path == str(tmp_path / "a.toml")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"[ruleset]\nname = 'caf\xe9'\n")
    error = failure(path)
    assert (error.kind, error.line) == (errors.RULES_SYNTAX, 2)
    assert "0xe9" in error.detail


def test_an_array_that_never_ends(tmp_path: Path) -> None:
    error = failure(write(tmp_path, "[ruleset]\nname = 'x'\ninclude = [\n"))
    assert error.kind is errors.RULES_SYNTAX
    assert error.line == 4
