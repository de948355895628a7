"""What runs at start-up, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.index.building import ALONE, NAMES, rules_of
from tests.source.helpers import lay_out
from vrefactor.c.model import MacroFact
from vrefactor.index.build import Indexer
from vrefactor.index.callgraph import Node, PlannedCall
from vrefactor.index.expansion import expand
from vrefactor.index.startup import Startup, startup_graph
from vrefactor.rules import StartupMacro, StartupRules, StartupRun, StartupTable
from vrefactor.source.tree import Tree

HEADER = """
enum sub { S_TUNE = 0x10, S_MBUF, S_IF = 0x30, S_PROTO = 0x80 };
enum order { O_FIRST, O_SECOND, O_ANY = 0xff };
#define SYSINIT(uniq, sub, order, func, data) \\
    static struct sysinit uniq ## _init = { sub, order, func, data }
#define DECLARE_MODULE(name, data, sub, order) SYSINIT(name ## module, sub, order, register, &data)
#define ZONE(name) SYSINIT(name, S_MBUF, O_FIRST, zone_init, 0)
#define KNOB(path, var) static struct knob knob = { path, var }
#define DOMAIN_SET(name) SYSINIT(domain_ ## name, S_PROTO, O_SECOND, add_domain, & name ## domain)
"""
WANTED = "void want(void) { foo = 1; }\n"
RULES = StartupRules(
    header="k.h",
    macros=(
        StartupMacro(macro="SYSINIT", arguments=("-", "subsystem", "order", "function", "data")),
        StartupMacro(
            macro="KNOB", arguments=("-", "variable"), subsystem="S_TUNE", order="O_FIRST"
        ),
    ),
    tables=(
        StartupTable(
            function="register",
            runs=(StartupRun(tables=("module_t",), member="handler", position=1),),
        ),
        StartupTable(
            function="add_domain",
            runs=(
                StartupRun(tables=("domain",), member="dom_init"),
                StartupRun(tables=("protosw",), member="pr_init", through="dom_protosw"),
            ),
        ),
        StartupTable(
            function="attach_all",
            every=True,
            runs=(StartupRun(tables=("domain",), member="dom_attach"),),
        ),
    ),
)


def roots_of(
    root: Path,
    files: Mapping[str, str],
    planned: Sequence[PlannedCall] = (),
    startup: StartupRules = RULES,
) -> list[str]:
    """Return the events that lead to `want` or write `foo`."""
    texts = {"w.c": WANTED, "k.h": HEADER, **files}
    lay_out(root, {path: text.encode() for path, text in texts.items()})
    tree = Tree.open(root)
    rules = msgspec.structs.replace(rules_of(), startup=startup)
    with Indexer(tree, rules, NAMES, ALONE) as indexer:
        graph = startup_graph(indexer.index(tree), planned)
        graph.want([Node("w.c", "want"), *(call_graph_made.node for call_graph_made in planned)])
        known = Startup(graph)
        found = known.events({"foo"})
        return [root.text for root in found] + [f"unknown: {name}" for name in known.unknown]


INCLUDE = '#include "k.h"\n'
NOTHING = {
    "no start-up": "void f(void) { want(); }",
    "does not lead there": "SYSINIT(f, S_MBUF, O_FIRST, f, 0);\nvoid f(void) { other(); }",
    "a comment": "/* SYSINIT(f, S_MBUF, O_FIRST, f, 0); */\nvoid f(void) { want(); }",
    "dead": "void f(void) { want(); }\n#if 0\nSYSINIT(f, S_MBUF, O_FIRST, f, 0);\n#endif",
    "another knob": "KNOB(1, &bar);",
    "another member": "static module_t m = { want, other };\nDECLARE_MODULE(m, m, S_IF, O_ANY);",
}
FOUND = {
    "SYSINIT": (
        "SYSINIT(f, S_MBUF, O_FIRST, f, 0);\nvoid f(void) { want(); }",
        ["SYSINIT f (S_MBUF, O_FIRST)"],
    ),
    "no semicolon": (
        "static void f(void);\nSYSINIT(f, S_MBUF, O_FIRST, f, 0)\nstatic void f(void) { want(); }",
        ["SYSINIT f (S_MBUF, O_FIRST)"],
    ),
    "another file's function": (
        "SYSINIT(f, S_MBUF, O_FIRST, want, 0);",
        ["SYSINIT want (S_MBUF, O_FIRST)"],
    ),
    "casts": (
        "SYSINIT(f, S_MBUF, O_FIRST, (fn_t)(other_t) want, 0);",
        ["SYSINIT want (S_MBUF, O_FIRST)"],
    ),
    "in order": (
        "SYSINIT(a, S_IF, O_ANY, want, 0);\nSYSINIT(b, S_IF, O_ANY - 1, want, 0);\n"
        "SYSINIT(c, S_MBUF, O_ANY, want, 0);\n",
        [
            "SYSINIT want (S_MBUF, O_ANY)",
            "SYSINIT want (S_IF, O_ANY - 1)",
            "SYSINIT want (S_IF, O_ANY)",
        ],
    ),
    "a macro of the file": (
        "#define MINE(f) SYSINIT(f, S_IF, O_ANY, f, 0)\nMINE(want);",
        ["MINE want (S_IF, O_ANY)"],
    ),
    "a knob": ("KNOB(1, &foo);", ["KNOB foo (S_TUNE, O_FIRST)"]),
    "a module": (
        "static module_t m = { 0, want };\nDECLARE_MODULE(m, m, S_IF, O_ANY);",
        ["DECLARE_MODULE register (S_IF, O_ANY) runs want, .handler of m"],
    ),
    "a domain": (
        "struct protosw insw[] = { { .pr_init = f }, { .pr_in = x }, { .pr_init = want } };\n"
        "void f(void) { want(); }\n"
        "struct domain indomain = { .dom_protosw = insw, .dom_init = want };\nDOMAIN_SET(in);",
        [
            "DOMAIN_SET add_domain (S_PROTO, O_SECOND) runs want, .dom_init of indomain",
            "DOMAIN_SET add_domain (S_PROTO, O_SECOND) runs f, .pr_init of insw",
            "DOMAIN_SET add_domain (S_PROTO, O_SECOND) runs want, .pr_init of insw",
        ],
    ),
    "every table": (
        "struct domain d = { .dom_attach = want };\nvoid attach_all(void) { }\n"
        "SYSINIT(f, S_IF, O_ANY, attach_all, 0);",
        ["SYSINIT attach_all (S_IF, O_ANY)"],
    ),
    "when is not known": (
        "SYSINIT(f, S_NEW, O_ANY, want, 0);",
        ["unknown: a.c: SYSINIT want (S_NEW, O_ANY)"],
    ),
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_no_root(tmp_path: Path, text: str) -> None:
    assert roots_of(tmp_path, {"a.c": INCLUDE + text}) == []


@pytest.mark.parametrize(("text", "found"), FOUND.values(), ids=FOUND)
def test_roots(tmp_path: Path, text: str, found: list[str]) -> None:
    assert roots_of(tmp_path, {"a.c": INCLUDE + text}) == found


def test_where_times_are_equal_the_path_decides(tmp_path: Path) -> None:
    text = INCLUDE + "SYSINIT(f, S_IF, O_ANY, {0}, 0);\nvoid {0}(void) {{ want(); }}"
    files = {path: text.format(name) for path, name in (("b.c", "g"), ("a.c", "h"))}
    assert roots_of(tmp_path, files) == ["SYSINIT h (S_IF, O_ANY)", "SYSINIT g (S_IF, O_ANY)"]


def test_functions_that_run_first(tmp_path: Path) -> None:
    startup = msgspec.structs.replace(RULES, functions=("main", "other"))
    files = {
        "a.c": INCLUDE + "SYSINIT(want, S_TUNE, O_FIRST, want, 0);",
        "b.c": "int main(argc)\n\tint argc;\n{ return want(); }\nvoid other(void) { }",
    }
    assert roots_of(tmp_path, files, startup=startup) == [
        "main()",
        "SYSINIT want (S_TUNE, O_FIRST)",
    ]


def test_a_function_that_a_step_is_to_put_into_a_table(tmp_path: Path) -> None:
    text = (
        INCLUDE
        + "struct protosw insw[] = { { .pr_in = x } };\n"
        + "struct domain indomain = { .dom_protosw = insw };\nDOMAIN_SET(in);"
    )
    planned = PlannedCall(Node("w.c", "new_init"), "a.c", text.index(".pr_in"))
    assert roots_of(tmp_path, {"a.c": text}, [planned]) == [
        "DOMAIN_SET add_domain (S_PROTO, O_SECOND) runs new_init, .pr_init of insw"
    ]


@pytest.mark.parametrize(
    ("parameters", "body", "arguments", "text"),
    [
        (("a",), "x(a)", ("1",), "x(1)"),
        (("a",), "x ## a", ("1",), "x1"),
        (("a",), "#a", ("1",), '""'),
        (("a", "..."), "x(a, __VA_ARGS__)", ("1", "2", "3"), "x(1, 2, 3)"),
        (("a", "r..."), "x(r)", ("1", "2"), "x(2)"),
        (("a",), "ab.a", ("1",), "ab.1"),
    ],
)
def test_expansion(
    parameters: tuple[str, ...], body: str, arguments: tuple[str, ...], text: str
) -> None:
    assert expand(MacroFact("M", parameters, body, 0), arguments) == text
