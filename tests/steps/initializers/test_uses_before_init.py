"""Uses that may run before an initial value is assigned: each is found, with its chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.index.test_startup import HEADER, RULES
from tests.source.helpers import lay_out
from tests.steps.support import QUICK, rules_for
from vrefactor.c.model import DeclKind
from vrefactor.index.build import Indexer
from vrefactor.index.index import Index, Variable
from vrefactor.index.pool import RunOptions
from vrefactor.plan.symbols import SymbolTable, resolve, vocabulary
from vrefactor.rules import RuleSet, UseBeforeInit, load
from vrefactor.source.tree import Tree
from vrefactor.steps.initializers.uses_before_init import (
    AssignedVariable,
    FoundUses,
    find_uses_before_init,
)
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

MINIKERN = Path(__file__).parents[3] / "examples" / "minikern"
SYMBOLS = {"limit": "net/ip.c", "zero": "net/ip.c"}
IP = """\
#include "k.h"
#include "v.h"
int limit = 16;
int zero = 0;
"""
INIT = """\
void
ip_init(void)
{
	int n = 1;

	later();
}
SYSINIT(ip, S_PROTO, O_FIRST, ip_init, 0);
"""
V = "#define V_limit limit\n#define V_zero zero\n#define LIMITED(n) ((n) < V_limit)\n"
X = '#include "k.h"\n#include "v.h"\nextern int limit, zero;\n'
EARLY = "SYSINIT(f, S_MBUF, O_FIRST, f, 0);\n"


def moved_to(index: Index, table: SymbolTable, path: str, function: str) -> list[AssignedVariable]:
    """Return every initialised variable of the table, moved to one function."""
    found: list[AssignedVariable] = []
    for variable, known in table.by_variable.items():
        decls = index.declarations[variable.name].get(known.symbol.file, [])
        if any(decl.kind is DeclKind.VARIABLE and decl.has_initializer for decl in decls):
            zero = variable.name == "zero"
            found.append(
                AssignedVariable(known.macro, variable.name, variable, path, function, zero)
            )
    return found


def early(
    root: Path,
    files: Mapping[str, str],
    accepted: Iterable[UseBeforeInit] = (),
    options: RunOptions = QUICK,
    fetched: bool = False,
    at: int | None = None,
) -> FoundUses:
    """Lay out the files, and move the variables of `net/ip.c` to `ip_init`."""
    texts = {"k.h": HEADER, "v.h": V, "net/ip.c": IP + INIT, **files}
    lay_out(root, {path: text.encode() for path, text in texts.items()})
    rules = rules_for(SYMBOLS, startup=RULES, uses_before_init=tuple(accepted))
    tree = Tree.open(root)
    with Indexer(tree, rules, vocabulary(rules, rules.symbols), options) as indexer:
        index = indexer.index(tree)
        table = resolve(index, rules, rules.symbols)
        moved = moved_to(index, table, "net/ip.c", "ip_init")
        assert {found.name for found in moved} == {"limit", "zero"}
        return find_uses_before_init(
            index,
            table,
            [replace(found, fetched=fetched, at=at) for found in moved],
        )


NOTHING = {
    "nothing at start-up": "int f(void) { return V_limit; }",
    "a later subsystem": "SYSINIT(f, S_PROTO + 1, O_FIRST, f, 0);\nint f(void) { return V_limit; }",
    "a later order": "SYSINIT(f, S_PROTO, O_SECOND, f, 0);\nint f(void) { return V_limit; }",
    "after the assignment": "int later(void) { return V_limit; }",
    "a zero that is read": EARLY + "int f(void) { return V_zero; }",
    "a local of that name": EARLY + "int f(void) { int limit = 1; return limit; }",
    "a member of that name": EARLY + "int f(struct s *s) { return s->limit; }",
    "a destructor": "__attribute__((destructor)) void f(void) { V_limit = 3; }",
    "a function beside a constructor": (
        "__attribute__((constructor)) void g(void) { } int f(void) { return V_limit; }"
    ),
    "dead": EARLY + "int f(void) {\n#if 0\n return V_limit;\n#endif\n}",
    "its sysctl": "SYSCTL_INT(_net, OID_AUTO, limit, CTLFLAG_RW, &limit, 0, 1);",
    "another event of a module": (
        "static module_t m = { 0, handler };\nDECLARE_MODULE(m, m, S_IF, O_ANY);\n"
        "int handler(int what) { switch (what) { case LOAD: return 0;\n"
        "case UNLOAD: V_limit = 1; break; default: V_limit = 2; } }"
    ),
}
CHAIN = ["SYSINIT f (S_MBUF, O_FIRST), net/x.c:4", "reads V_limit, net/x.c:5"]
FOUND: dict[str, tuple[str, list[list[str]]]] = {
    "read": (EARLY + "int f(void) { return V_limit; }", [CHAIN]),
    "by its own name": (EARLY + "int f(void) { return limit; }", [CHAIN]),
    "an earlier order": (
        "SYSINIT(f, S_PROTO, O_FIRST - 1, f, 0);\nint f(void) { return V_limit; }",
        [["SYSINIT f (S_PROTO, O_FIRST - 1), net/x.c:4", CHAIN[1]]],
    ),
    "written": (
        EARLY + "void f(void) { V_limit = 3; }",
        [[CHAIN[0], "writes V_limit, net/x.c:5"]],
    ),
    "a zero that is written": (
        EARLY + "void f(void) { V_zero = 3; }",
        [[CHAIN[0], "writes V_zero, net/x.c:5"]],
    ),
    "its address": (
        EARLY + "void f(void) { g(&V_limit); }",
        [[CHAIN[0], "takes the address of V_limit, net/x.c:5"]],
    ),
    "a constructor": (
        "static void __attribute__((constructor)) f(void)\n{ V_limit = 3; }",
        [["constructor f(), net/x.c:4", "writes V_limit, net/x.c:5"]],
    ),
    "a constructor by its prototype": (
        "int f(int) __attribute__((__constructor__(101)));\nint f(int n) { return V_limit; }",
        [["constructor f(), net/x.c:5", CHAIN[1]]],
    ),
    "through calls": (
        EARLY + "void f(void) { g(); }\nstatic int h(void) { return V_limit; }\nint g() { h(); }",
        [
            [
                CHAIN[0],
                "calls g, net/x.c:5",
                "calls h, net/x.c:7",
                "reads V_limit, net/x.c:6",
            ]
        ],
    ),
    "the shortest chain": (
        EARLY + "void f(void) { g(); h(); }\nint g() { h(); }\nint h(void) { return V_limit; }",
        [[CHAIN[0], "calls h, net/x.c:5", "reads V_limit, net/x.c:7"]],
    ),
    "through a macro": (
        EARLY + "int f(void) { return LIMITED(3); }",
        [[CHAIN[0], "expands LIMITED, net/x.c:5", "reads V_limit, v.h:3"]],
    ),
    "through a macro without parameters": (
        "#define FULL (V_limit == 0)\n" + EARLY + "int f(void) { return FULL; }",
        [["SYSINIT f (S_MBUF, O_FIRST), net/x.c:5", "reads V_limit, net/x.c:6"]],
    ),
    "in the first subsystem that comes there": (
        EARLY + "int f(void) { return V_limit; }\nSYSINIT(g, S_TUNE, O_ANY, g, 0);\nint g() {f();}",
        [["SYSINIT g (S_TUNE, O_ANY), net/x.c:6", "calls f, net/x.c:7", CHAIN[1]]],
    ),
    "a knob": ("KNOB(1, &limit);", [["KNOB limit (S_TUNE, O_FIRST), net/x.c:4"]]),
    "a static initialiser": ("int *table[] = { &V_limit };", [[]]),
    "the wanted event of a module": (
        "static module_t m = { 0, handler };\nDECLARE_MODULE(m, m, S_IF, O_ANY);\n"
        "int handler(int what) { switch (what) { case UNLOAD: break; case LOAD: V_limit = 1; } }",
        [
            [
                "DECLARE_MODULE register (S_IF, O_ANY) runs handler, .handler of m, net/x.c:5",
                "writes V_limit, net/x.c:6",
            ]
        ],
    ),
}


@pytest.fixture(autouse=True)
def event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the modules of these tests be called for LOAD."""
    tables = list(RULES.tables)
    run = msgspec.structs.replace(tables[0].runs[0], case="LOAD")
    tables[0] = msgspec.structs.replace(tables[0], runs=(run,))
    changed = msgspec.structs.replace(RULES, tables=tuple(tables))
    monkeypatch.setattr("tests.steps.initializers.test_uses_before_init.RULES", changed)


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_nothing_is_early(tmp_path: Path, text: str) -> None:
    assert early(tmp_path, {"net/x.c": X + text}) == FoundUses((), ())


@pytest.mark.parametrize(("text", "chains"), FOUND.values(), ids=FOUND)
def test_what_is_early(tmp_path: Path, text: str, chains: list[list[str]]) -> None:
    found = early(tmp_path, {"net/x.c": X + text})
    assert [list(finding.chain) for finding in found.findings] == chains


INSIDE = {
    "a local's initialiser": ("	int n = V_limit;\n\n	go();\n", ["reads V_limit, net/ip.c:8"]),
    "a call in one": ("	int n = go();\n\n	go();\n", ["calls go, net/ip.c:8"]),
    "a statement": ("	int n;\n\n	n = V_limit;\n", []),
    "a call in one statement": ("	int n;\n\n	n = go();\n", []),
}


@pytest.mark.parametrize(("body", "chain"), INSIDE.values(), ids=INSIDE)
def test_the_assigning_function_itself(tmp_path: Path, body: str, chain: list[str]) -> None:
    text = IP + INIT.replace("	int n = 1;\n\n	later();\n", body)
    files = {"net/ip.c": text, "net/x.c": X + "int go(void) { return V_limit; }"}
    found = early(tmp_path, files).findings
    assert [list(finding.chain[1:2]) for finding in found] == ([chain] if chain else [])


def test_a_place_further_down(tmp_path: Path) -> None:
    text = IP + INIT.replace("	later();\n", "	n = V_limit;\n	later();\n")
    files = {"net/ip.c": text, "net/x.c": X + "int later(void) { return V_limit; }"}
    assert early(tmp_path / "a", files).findings == ()
    (finding,) = early(tmp_path / "b", files, at=text.index("later()")).findings
    assert finding.chain[1:] == ("reads V_limit, net/ip.c:10",)


def test_an_earlier_call_of_the_caller(tmp_path: Path) -> None:
    init = INIT.replace("SYSINIT(ip, S_PROTO, O_FIRST, ip_init, 0);", "")
    boot = "SYSINIT(b, S_IF, O_FIRST, b, 0);\nvoid b(void) { early(); ip_init(); late(); }\n"
    uses = "int early(void) { return V_limit; }\nint late(void) { return 1 + V_limit; }"
    (finding,) = early(tmp_path, {"net/ip.c": IP + init, "net/x.c": X + boot + uses}).findings
    assert (finding.path, finding.line, finding.name) == ("net/x.c", 6, "V_limit")
    assert finding.what == "is read before ip_init() assigns its initial value"


@pytest.mark.parametrize("path", ["net/a.c", "net/x.c"])
def test_equal_times_have_no_order(tmp_path: Path, path: str) -> None:
    text = "SYSINIT(f, S_PROTO, O_FIRST, f, 0);\nint f(void) { return V_limit; }"
    (finding,) = early(tmp_path, {path: X + text}).findings
    assert finding.chain == (f"SYSINIT f (S_PROTO, O_FIRST), {path}:4", f"reads V_limit, {path}:5")


def test_an_earlier_row_of_the_table(tmp_path: Path) -> None:
    init = INIT.replace("SYSINIT(ip, S_PROTO, O_FIRST, ip_init, 0);", "")
    text = (
        "int a(void) { return V_limit; }\nint z(void) { return 2 * V_limit; }\n"
        "struct protosw insw[] = { { .pr_init = a }, { .pr_init = ip_init }, { .pr_init = z } };\n"
        "struct domain indomain = { .dom_protosw = insw };\nDOMAIN_SET(in);"
    )
    (finding,) = early(tmp_path, {"net/ip.c": IP + init, "net/x.c": X + text}).findings
    assert finding.line == 4


def test_one_finding_a_variable_and_root(tmp_path: Path) -> None:
    uses = "void f(void) { g(V_limit); h(V_limit); V_zero = 1; }"
    found = early(tmp_path, {"net/x.c": X + EARLY + uses}).findings
    assert [finding.name for finding in found] == ["V_limit", "V_zero"]
    assert found[0].what.endswith("(and 1 more use from there)")


def test_a_function_that_nothing_calls(tmp_path: Path) -> None:
    init = INIT.replace("SYSINIT(ip, S_PROTO, O_FIRST, ip_init, 0);", "")
    files = {"net/ip.c": IP + init, "net/x.c": X + EARLY + "int f(void) { return V_limit; }"}
    (finding,) = early(tmp_path, files).findings
    assert (finding.path, finding.line, finding.name) == ("net/ip.c", 6, "ip_init")
    assert "V_limit, V_zero" in finding.what


ACCEPTED = {
    "all": (UseBeforeInit(reason="r"), True),
    "by variable": (UseBeforeInit(symbols=("limit",), reason="r"), True),
    "another variable": (UseBeforeInit(symbols=("zero",), reason="r"), False),
    "by function": (UseBeforeInit(functions=("g",), reason="r"), True),
    "another function": (UseBeforeInit(functions=("f",), reason="r"), False),
    "by path": (UseBeforeInit(path="net/*.c", reason="r"), True),
    "another path": (UseBeforeInit(path="kern/*.c", reason="r"), False),
    "by call": (UseBeforeInit(calls=("g",), reason="r"), True),
    "another function's call": (UseBeforeInit(functions=("h",), calls=("g",), reason="r"), False),
}


@pytest.mark.parametrize(("rule", "accepted"), ACCEPTED.values(), ids=ACCEPTED)
def test_rules_accept(tmp_path: Path, rule: UseBeforeInit, accepted: bool) -> None:
    text = X + EARLY + "void f(void) { g(); }\nint g(void) { return V_limit; }"
    found = early(tmp_path, {"net/x.c": text}, [rule])
    assert (found.findings == ()) == accepted
    uses = accepted and not rule.calls
    assert found.notes == (("1 early use is accepted by rules",) if uses else ())


def test_any_number_of_workers(tmp_path: Path) -> None:
    texts = [text for text, _ in FOUND.values()]
    files = {f"net/x{at}.c": X + text for at, text in enumerate(texts)}
    alone = early(tmp_path, files)
    assert early(tmp_path, files, options=RunOptions(jobs=2, cache=False)) == alone
    assert alone.findings


def test_a_knob_that_is_fetched_behind_the_assignment(tmp_path: Path) -> None:
    files = {"net/x.c": X + "KNOB(1, &limit);"}
    assert early(tmp_path / "a", files).findings
    assert early(tmp_path / "b", files, fetched=True).findings == ()


def test_nothing_moved(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a.c": b"int a;\n"})
    rules = RuleSet(name="toy")
    tree = Tree.open(tmp_path)
    with Indexer(tree, rules, (), QUICK) as indexer:
        assert find_uses_before_init(indexer.index(tree), SymbolTable({}), ()) == FoundUses((), ())


def on_minikern(rules: RuleSet) -> FoundUses:
    """Do the earlier steps on the example kernel, and move all of netinet to `ip_init`."""
    tree = run_series(Tree.open(MINIKERN), rules, find("1.5.3"), (), QUICK)[-1].after
    with Indexer(tree, rules, vocabulary(rules, rules.symbols), QUICK) as indexer:
        index = indexer.index(tree)
        table = resolve(index, rules, rules.symbols)
        moved = [
            found
            for found in moved_to(index, table, "netinet/ip_input.c", "ip_init")
            if found.variable in (Variable(found.name), Variable(found.name, "netinet/ip_input.c"))
            and table.by_variable[found.variable].symbol.file == "netinet/ip_input.c"
        ]
        return find_uses_before_init(index, table, moved)


def test_the_example_kernel() -> None:
    rules = load(MINIKERN / "vrefactor.toml")
    (finding,) = on_minikern(rules).findings
    assert (finding.path, finding.name) == ("netinet/ip_input.c", "V_maxnipq")
    assert finding.chain[0].startswith("SYSINIT ip_sizing (SI_SUB_MBUF, SI_ORDER_FIRST), netinet/")
    accepted = UseBeforeInit(symbols=("maxnipq",), functions=("ip_sizing",), reason="known")
    again = on_minikern(msgspec.structs.replace(rules, uses_before_init=(accepted,)))
    assert again == FoundUses((), ("2 early uses are accepted by rules",))
