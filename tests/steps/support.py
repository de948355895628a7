"""Planning step 1 on a small tree, and what must hold of every plan whatsoever."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.plainlexer import count, identifiers
from tests.source.helpers import lay_out
from vrefactor.c.parse.syntax import Syntax
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Plan, Verdict
from vrefactor.rules import Container, MacroRules, RuleSet, Subsystem, Symbol
from vrefactor.rules.loader import SHARED, read_files, rules_root
from vrefactor.source.diff import unified_diff
from vrefactor.source.edits import Edit
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series

QUICK = RunOptions(jobs=1, cache=False)
PARALLEL = RunOptions(jobs=2, cache=False)
CONTAINER = Container(
    name="vnet_net",
    subsystem="net",
    header="net/vnet.h",
    accessor="VNET_NET",
    init="INIT_VNET_NET",
    module="VNET_MOD_NET",
)


def known_macros() -> MacroRules:
    """Return the macros that are shipped for the BSD kernels."""
    (file,) = read_files(rules_root() / SHARED / "bsd-macros.toml")
    assert file.document.macros is not None
    return msgspec.convert(msgspec.to_builtins(file.document.macros), MacroRules)


MACROS = known_macros()


def rules_for(symbols: Mapping[str, str], **changes: object) -> RuleSet:
    """Return a rule set of one container with `symbols` (name to defining file)."""
    rules = RuleSet(
        name="toy",
        subsystems=(Subsystem(name="net", paths=("net",)),),
        containers=(CONTAINER,),
        symbols=tuple(
            Symbol(name=name, file=file, container="vnet_net", origin=("toy.toml", line))
            for line, (name, file) in enumerate(symbols.items(), 1)
        ),
        macros=MACROS,
    )
    return msgspec.structs.replace(rules, **changes)


def plan_step1(
    root: Path, files: Mapping[str, bytes], rules: RuleSet, *, parallel: bool = False
) -> Stage:
    """Lay out `files`, plan step 1 on them, and check all that must hold of the plan."""
    stage = run_step1(Tree.open(lay_out(root, files)), rules)
    check(stage, rules)
    if parallel:
        assert run_step1(stage.before, rules, PARALLEL).plan == stage.plan
    return stage


def run_step1(tree: Tree, rules: RuleSet, options: RunOptions = QUICK) -> Stage:
    """Plan step 1 on a tree, and check nothing."""
    return run_series(tree, rules, find("1"), (), options)[-1]


def check(stage: Stage, rules: RuleSet) -> None:
    """Check the invariants of one planned step."""
    check_edits(stage.before, stage.plan)
    check_totals(stage.before, stage.plan, rules)
    check_parse(stage)
    again = run_step1(stage.after, rules).plan
    assert (again.edits, again.new_files) == ((), ())
    check_patch(stage.before, stage.after)


def check_edits(tree: Tree, plan: Plan) -> None:
    """Edits lie in bounds, apart, and touch nothing but identifiers and line starts."""
    for path, edits in _by_path(plan.edits).items():
        data = tree.read(path)
        tokens = {at: at + len(word) for at, word in identifiers(data)}
        for edit in edits:
            assert 0 <= edit.start <= edit.end <= len(data), edit
            if edit.start == edit.end:
                starts_line = edit.start in (0, len(data)) or data[edit.start - 1] == 0x0A
                assert edit.start in tokens or starts_line, edit
            else:
                assert tokens.get(edit.start) == edit.end, edit
        assert all(
            other_edit.end <= other.start for other_edit, other in pairwise(sorted(edits))
        ), path


def _by_path(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    table: dict[str, list[Edit]] = {}
    for edit in edits:
        table.setdefault(edit.path, []).append(edit)
    return table


def check_totals(tree: Tree, plan: Plan, rules: RuleSet) -> None:
    """No candidate is lost: the verdicts are as many as a plain lexer counts tokens."""
    names = {symbol.name for symbol in rules.symbols}
    sources = [path for path in tree.paths if path.endswith(tuple(rules.tree.suffixes))]
    counted = {path: number for path in sources if (number := count(tree.read(path), names))}
    judged: dict[str, int] = {}
    for site in plan.sites:
        judged[site.path] = judged.get(site.path, 0) + 1
    assert judged == counted
    assert sum(plan.count(verdict) for verdict in Verdict) == len(plan.sites)
    assert len({(site.path, site.start) for site in plan.sites}) == len(plan.sites)


def check_parse(stage: Stage) -> None:
    """What is written parses as well as what was there."""
    for path in {edit.path for edit in stage.plan.edits}:
        before, after = stage.before.read(path), stage.after.read(path)
        assert len(Syntax(after).error_ranges()) == len(Syntax(before).error_ranges()), path


def check_patch(before: Tree, after: Tree) -> None:
    """`git apply` and `patch` take the difference of the trees."""
    diff = unified_diff(before, after)
    if not diff:
        return
    for command in (
        ("git", "apply", "-p1", "--check"),
        ("patch", "-p1", "--dry-run", "--force", "--silent"),
    ):
        if shutil.which(command[0]) is not None:
            done = subprocess.run(
                command, cwd=before.root, input=diff, capture_output=True, check=False
            )
            assert done.returncode == 0, (command, done, diff)
