"""The proposed rule set: step 1 takes it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scan.support import QUICK
from tests.source.helpers import lay_out
from tests.steps.support import CONTAINER, check, check_edits, check_patch, rules_for, run_step1
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Verdict
from vrefactor.rules import Override, RuleSet, Subsystem, load
from vrefactor.scan.emission import MARK, proposal
from vrefactor.scan.run import scan
from vrefactor.scan.scope import unruled
from vrefactor.source.tree import Tree


def emitted(
    root: Path,
    files: Mapping[str, str],
    rules: RuleSet | None = None,
    subsystems: tuple[str, ...] = (),
    options: RunOptions = QUICK,
) -> tuple[Tree, RuleSet, bytes]:
    """Scan `files`; return the tree, the loaded proposal, and its text."""
    data = {path: text.encode("latin-1") for path, text in files.items()}
    tree = Tree.open(lay_out(root / "tree", data))
    known = unruled(tree) if rules is None else rules
    found = scan(tree, known, subsystems, options)
    text = proposal(tree, known, subsystems, found, options)
    (root / "rules").mkdir(exist_ok=True)
    (root / "rules" / "proposed.toml").write_bytes(text)
    return tree, load(root / "rules"), text


def symbols(rules: RuleSet) -> list[tuple[str, str | None, str, str]]:
    """Return what the rules say of each symbol: name, old name, file, container."""
    return [(symbol.name, symbol.was, symbol.file, symbol.container) for symbol in rules.symbols]


STATIC = "static int {0};\nvoid f_{1}(void) {{ {0}++; }}\n"


def test_only_what_is_proposed_is_taken_in(tmp_path: Path) -> None:
    code = (
        "const int a = 1;\nstruct mtx b;\nstatic int c;\nu_long d;\n"
        "void d_init(void) { d = 1; c = 1; }\nvoid f(void) { c++; g(&b); }\n"
    )
    tree, rules, text = emitted(tmp_path, {"net/a.c": code})
    assert symbols(rules) == [("c", None, "net/a.c", "vnet_net")]
    assert text.startswith(MARK.encode())
    assert b"#   net/a.c: d: only d_init() sets it" in text
    stage = run_step1(tree, rules)
    assert stage.plan.count(Verdict.REWRITTEN) == 2
    check(stage, rules)


def test_nothing_to_propose_is_a_rule_set_too(tmp_path: Path) -> None:
    tree, rules, _ = emitted(tmp_path, {"net/a.c": "const int a = 1;\n"})
    assert (rules.symbols, rules.containers) == ((), ())
    assert run_step1(tree, rules).plan.edits == ()


def test_the_twin_of_ipv6_gets_a_six(tmp_path: Path) -> None:
    files = {
        "netinet/in_rmx.c": STATIC.format("timer", 4),
        "netinet6/in6_rmx.c": STATIC.format("timer", 6),
    }
    _, rules, _ = emitted(tmp_path, files)
    assert symbols(rules) == [
        ("timer", None, "netinet/in_rmx.c", "vnet_netinet"),
        ("timer6", "timer", "netinet6/in6_rmx.c", "vnet_netinet6"),
    ]


NAMES = {
    "another file's": (
        {"a/x.c": STATIC.format("n", 1), "b/y.c": STATIC.format("n", 2)},
        {"a/x.c": "n", "b/y.c": "y_n"},
    ),
    "files of one name": (
        {
            "a/x.c": STATIC.format("n", 1),
            "b/x.c": STATIC.format("n", 2),
            "c/x.c": STATIC.format("n", 3),
        },
        {"a/x.c": "n", "b/x.c": "x_n", "c/x.c": "c_x_n"},
    ),
    "the new name is taken": (
        {
            "a/x.c": STATIC.format("n", 1),
            "a6/y.c": STATIC.format("n", 2),
            "b/z.c": "int f(int n6) { return (n6); }\n",
        },
        {"a/x.c": "n", "a6/y.c": "y_n"},
    ),
    "the prefixed name means something else": (
        {"a/x.c": STATIC.format("n", 1), "b/z.c": "int f(int V_n) { return (V_n); }\n"},
        {"a/x.c": "x_n"},
    ),
    "the prefixed name is the variable's already": (
        {"a/x.c": STATIC.format("n", 1), "a/v.h": "#define V_n n\n"},
        {"a/x.c": "n"},
    ),
    "names that are no identifiers": (
        {"a/x.c": STATIC.format("n", 1), "b-1/2y.z.c": STATIC.format("n", 2)},
        {"a/x.c": "n", "b-1/2y.z.c": "_2y_z_n"},
    ),
}


@pytest.mark.parametrize(("files", "names"), NAMES.values(), ids=NAMES.keys())
def test_final_names_are_unique(
    tmp_path: Path, files: dict[str, str], names: dict[str, str]
) -> None:
    tree, rules, _ = emitted(tmp_path, files)
    assert {symbol.file: symbol.name for symbol in rules.symbols} == names
    stage = run_step1(tree, rules)
    check_edits(tree, stage.plan)
    check_patch(tree, stage.after)
    rewritten = [site for site in stage.plan.sites if site.verdict is Verdict.REWRITTEN]
    assert {site.path for site in rewritten} == set(names)


def test_a_file_that_cannot_be_read_is_excluded_with_the_reason(tmp_path: Path) -> None:
    files = {"net/a.c": STATIC.format("n", 1), "boot/b[1].c": "int n;\n#if X\n"}
    tree, rules, _ = emitted(tmp_path, files, subsystems=("net",))
    (excluded,) = rules.tree.exclude
    assert "line 2" in excluded.reason
    stage = run_step1(tree, rules)
    assert {site.path for site in stage.plan.sites} == {"net/a.c", "boot/b[1].c"}


def test_sources_at_the_root_are_a_subsystem_of_their_own(tmp_path: Path) -> None:
    files = {"main.c": STATIC.format("n", 1), "ppp/a.c": STATIC.format("m", 2)}
    tree, rules, _ = emitted(tmp_path, files)
    assert symbols(rules) == [
        ("n", None, "main.c", "vnet_tree"),
        ("m", None, "ppp/a.c", "vnet_ppp"),
    ]
    check(run_step1(tree, rules), rules)


def test_the_rules_of_a_tree_stay_but_for_their_symbols(tmp_path: Path) -> None:
    rules = replace(
        rules_for({"old": "net/gone.c", "n": "net/a.c"}),
        overrides=(
            Override(path="net/a.c", names=("n", "old"), form="keep", reason="r"),
            Override(path="net/b.c", names=("old",), form="keep", reason="r"),
            Override(path="net/c.c", form="keep", reason="r"),
        ),
    )
    files = {"net/a.c": STATIC.format("n", 1), "other/b.c": STATIC.format("m", 2)}
    tree, proposed, _ = emitted(tmp_path, files, rules, ("net", "other"))
    assert proposed.containers[0] == CONTAINER
    assert symbols(proposed) == [
        ("n", None, "net/a.c", "vnet_net"),
        ("m", None, "other/b.c", "vnet_other"),
    ]
    assert proposed.subsystems == (*rules.subsystems, Subsystem(name="other", paths=("other",)))
    assert [(override.path, override.names) for override in proposed.overrides] == [
        ("net/a.c", ("n",)),
        ("net/c.c", ()),
    ]
    assert run_step1(tree, proposed).plan.count(Verdict.REWRITTEN) == 1


def test_the_proposal_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    files = {f"net/{name}.c": STATIC.format("n", name) for name in "abcdef"}
    alone = emitted(tmp_path / "1", files)[2]
    assert alone == emitted(tmp_path / "2", files, options=RunOptions(jobs=2, cache=False))[2]
