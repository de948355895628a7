"""What a proposal has more for a program: what main() calls, and where made headers go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scan.support import QUICK
from tests.scan.test_emission import emitted
from tests.steps.support import rules_for
from vrefactor.rules import Init, RuleSet
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

STATE = "int {0} = 1;\nvoid f_{0}(void) {{ {0}++; }}\n"
MAIN = "int main(void)\n{\n\treturn (0);\n}\n"


def made(rules: RuleSet) -> list[tuple[str, str]]:
    """Return the functions that the rules have made, each with its file."""
    return [(init.function, init.path) for init in rules.inits]


KERNELS = {
    "no main()": {"a.c": STATE.format("n")},
    "a prototype": {"a.c": STATE.format("n") + "int main(void);\n"},
    "another function's name": {"a.c": STATE.format("n") + "int domain(void) { return 0; }\n"},
    "a member": {"a.c": STATE.format("n") + "int f(struct s *s) { return s->main; }\n"},
    "dead code": {"a.c": STATE.format("n") + "#if 0\n" + MAIN + "#endif\n"},
    "in a header": {"a.c": STATE.format("n"), "a.h": MAIN},
    "two programs": {"a.c": STATE.format("n") + MAIN, "b.c": MAIN},
}


@pytest.mark.parametrize("files", KERNELS.values(), ids=KERNELS)
def test_no_program(files: dict[str, str], tmp_path: Path) -> None:
    _, rules, _ = emitted(tmp_path, files)
    assert (rules.inits, rules.startup.functions) == ((), ())
    assert rules.prefix.header == "sys/vimage.h"


PROGRAMS = {
    "ANSI": MAIN,
    "K&R": "main(argc, argv)\n\tint argc;\n\tchar **argv;\n{\n\treturn (0);\n}\n",
    "in one branch": "#ifdef A\n" + MAIN + "#endif\n",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program(code: str, tmp_path: Path) -> None:
    files = {"a.c": STATE.format("n"), "b.c": STATE.format("m") + code, "c.c": "int k;\n"}
    _, rules, _ = emitted(tmp_path, files)
    assert rules.startup.functions == ("main",)
    assert made(rules) == [("a_vinit", "a.c"), ("b_vinit", "b.c")]
    assert {(init.called_by, init.header) for init in rules.inits} == {("main", "vtree.h")}


NAMES = {
    "one base name in two folders": (
        {"p/a.c": STATE.format("n"), "q/a.c": STATE.format("m")},
        [("a_vinit", "p/a.c"), ("q_a_vinit", "q/a.c")],
    ),
    "a name that is in use": (
        {"p/a.c": STATE.format("n"), "p/b.c": "int a_vinit(void);\n"},
        [("p_a_vinit", "p/a.c")],
    ),
    "all names but numbered ones": (
        {"p/a.c": STATE.format("n"), "p/b.c": "int a_vinit, p_a_vinit, p_a2_vinit;\n"},
        [("p_a3_vinit", "p/a.c")],
    ),
    "no initial value": ({"a.c": "int n;\nvoid f(void) { n++; }\n"}, []),
    "a value under a condition": (
        {"a.c": "#ifdef A\nint n = 1;\n#else\nint n;\n#endif\nvoid f(void) { n++; }\n"},
        [("a_vinit", "a.c")],
    ),
}


@pytest.mark.parametrize(("files", "names"), NAMES.values(), ids=NAMES)
def test_a_made_function_has_a_free_name(
    files: dict[str, str], names: list[tuple[str, str]], tmp_path: Path
) -> None:
    _, rules, _ = emitted(tmp_path, {**files, "z.c": MAIN})
    assert made(rules) == names


@pytest.mark.parametrize(
    ("more", "header", "guard"),
    [
        ({}, "vimage.h", "_VIMAGE_H_"),
        ({"sys/types.h": ""}, "sys/vimage.h", "_SYS_VIMAGE_H_"),
    ],
    ids=["no folder", "the folder of the default"],
)
def test_where_the_header_of_the_prefix_goes(
    more: dict[str, str], header: str, guard: str, tmp_path: Path
) -> None:
    _, rules, _ = emitted(tmp_path, {"a.c": STATE.format("n") + MAIN, **more})
    assert (rules.prefix.header, rules.prefix.guard) == (header, guard)


@pytest.mark.parametrize(
    ("code", "call"),
    [("", "strncpy"), ("unsigned long strlcpy();\n", "strlcpy")],
    ids=["without strlcpy", "with strlcpy"],
)
def test_how_strings_are_copied(code: str, call: str, tmp_path: Path) -> None:
    _, rules, _ = emitted(tmp_path, {"a.c": STATE.format("n") + code + MAIN})
    assert rules.initializers.string.startswith(f"{call}(")


def test_what_the_rules_of_a_tree_say_of_start_up_stays(tmp_path: Path) -> None:
    init = Init(function="f_n", path="net/a.c", files=("net/a.c",), reason="r", origin=("", 0))
    rules = rules_for({"n": "net/a.c"}, inits=(init,))
    files = {"net/a.c": STATE.format("n"), "net/b.c": STATE.format("m") + MAIN}
    _, proposed, _ = emitted(tmp_path, files, rules)
    assert (made(proposed), proposed.startup.functions) == ([("f_n", "net/a.c")], ())


def test_the_values_are_set_before_anything_else(tmp_path: Path) -> None:
    files = {
        "a.c": 'int n = 1;\nint *p = &n;\nchar s[9] = "x";\nvoid g(void) { n++; p = 0; s[0]++; }\n',
        "b.c": "extern int n;\nvoid g(void);\nint main(void)\n{\n\tg();\n\treturn (n);\n}\n",
    }
    tree, rules, _ = emitted(tmp_path, files)
    stages = run_series(tree, rules, find("1") + find("2"), (), QUICK)
    main = stages[-1].after.read("b.c").decode()
    assert "INIT_VNET_TREE(curvnet);\n\n\ta_vinit();\n\n\tg();\n" in main
    assert "#include <vtree.h>\n" in main
    made_init = stages[-1].after.read("a.c").decode()
    for value in ("V_n = 1;", "V_p = &V_n;", 'strncpy(V_s, "x", sizeof(V_s));'):
        assert f"\t{value}\n" in made_init
    assert [stage.plan.notes for stage in stages if stage.plan.notes] == []
