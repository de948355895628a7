from __future__ import annotations

import pytest

from tests.build.freebsd.minitree import Files
from vrefactor.build.model import CompileCommand
from vrefactor.build.table import table_plan
from vrefactor.errors import BUILD_EMPTY, COMPILER_MISSING, VrefactorError
from vrefactor.rules.types import BuildRules, OptionSet

TREE = Files(dict.fromkeys(["net/a.c", "net/a.h", "net/sub/b.c", "kern/c.c", "README"], ""))
FILES = {
    "one": (("net/a.c",), (), ["net/a.c"]),
    "a folder": (("net",), (), ["net/a.c", "net/sub/b.c"]),
    "one level": (("net/*.c",), (), ["net/a.c"]),
    "all": (("**/*.c",), (), ["kern/c.c", "net/a.c", "net/sub/b.c"]),
    "exclude": (("**/*.c",), ("net/sub",), ["kern/c.c", "net/a.c"]),
}


@pytest.mark.parametrize(("files", "exclude", "expected"), FILES.values(), ids=FILES)
def test_files(files: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]) -> None:
    plan = table_plan(TREE, BuildRules(cc="true", files=files, exclude=exclude))
    assert [command.source for command in plan.commands] == expected


def test_excluded_files_are_listed() -> None:
    plan = table_plan(TREE, BuildRules(cc="true", files=("**/*.c",), exclude=("kern",)))
    assert plan.skipped == (("kern/c.c", "excluded by the rules"),)


def test_the_common_flags_are_a_configuration() -> None:
    rules = BuildRules(cc="true -m32", flags=("-I{tree}/net",), files=("net/a.c",), timeout=7)
    (command,) = table_plan(TREE, rules).commands
    assert command == CompileCommand("net/a.c", ("true", "-m32", "-I{tree}/net"), "default", 7)


def test_each_option_set_is_another() -> None:
    sets = (OptionSet(name="PLAIN"), OptionSet(name="INET6", flags=("-DINET6",)))
    rules = BuildRules(cc="true", flags=("-O2",), files=("net/a.c",), options=sets)
    found = [(item.configuration, item.argv) for item in table_plan(TREE, rules).commands]
    assert found == [
        ("default", ("true", "-O2")),
        ("PLAIN", ("true", "-O2")),
        ("INET6", ("true", "-O2", "-DINET6")),
    ]


def test_the_users_compiler_wins() -> None:
    rules = BuildRules(cc="no-such-cc", files=("net/a.c",))
    assert table_plan(TREE, rules, cc="true").commands[0].argv == ("true",)
    with pytest.raises(VrefactorError) as caught:
        table_plan(TREE, rules)
    assert (caught.value.kind, caught.value.detail) == (COMPILER_MISSING, "no-such-cc")


@pytest.mark.parametrize("files", [("none/*.c",), ("README",), ("net/a.h",)])
def test_nothing_to_build(files: tuple[str, ...]) -> None:
    with pytest.raises(VrefactorError) as caught:
        table_plan(TREE, BuildRules(cc="true", files=files))
    assert caught.value.kind is BUILD_EMPTY
    assert files[0] in caught.value.detail
