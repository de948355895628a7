"""A whole audit: every check that was asked for, on one tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vrefactor.audit.callouts import callout_findings
from vrefactor.audit.entries import entry_findings
from vrefactor.audit.facts import Facts, gather
from vrefactor.audit.handed import Handing, follow
from vrefactor.audit.links import link_findings
from vrefactor.audit.loops import loop_findings
from vrefactor.audit.model import Audit, Finding, Unknown
from vrefactor.audit.pairs import pair_findings
from vrefactor.index.build import Indexer, Options
from vrefactor.rules.types import RuleSet
from vrefactor.scan.scope import files_in_scope, with_folders
from vrefactor.source.tree import Tree

CHECKS = ("context",)
"""Every check there is."""


def audit(tree: Tree, rules: RuleSet, subsystems: Collection[str], options: Options) -> Audit:
    """Check on a whole tree whether a stack is set wherever one is needed.

    Findings are told of the named subsystems (or folders) only, of the whole tree if none is
    named.  Raises RULES_NAME for an unknown subsystem, TREE_EMPTY if there is no source, and
    VrefactorErrors for headers that can't be read.
    """
    rules = with_folders(tree, rules, subsystems)
    chosen = set(files_in_scope(tree, rules, subsystems)) if subsystems else None
    with Indexer(tree, rules, (), options) as indexer:
        facts = gather(indexer.index(tree))
        handed = follow(facts)
        found = sorted({*_findings(facts, handed)})
    return Audit(
        tuple(one for one in found if chosen is None or one.path in chosen),
        len(facts.names),
        sum(len(one.uses) for one in facts.contexts.values()),
        len({one.node for one in handed if one.way is not None}),
        tuple(_unknown(facts, handed)),
        tuple(_notes(facts)),
    )


def _findings(facts: Facts, handed: list[Handing]) -> Iterator[Finding]:
    yield from entry_findings(facts, handed)
    yield from pair_findings(facts)
    yield from loop_findings(facts)
    yield from callout_findings(facts)
    yield from link_findings(facts)


def _unknown(facts: Facts, handed: list[Handing]) -> Iterator[Unknown]:
    """Yield what is handed over in ways that no rule names, unless it is also in another."""
    known = {one.node for one in handed if one.way is not None}
    for one in handed:
        if one.way is None and one.node not in known:
            line = facts.line(one.path, one.start)
            yield Unknown(one.node.name, one.path, line, one.text)


def _notes(facts: Facts) -> Iterator[str]:
    for path, context in sorted(facts.contexts.items()):
        for opened in context.unclear:
            function = facts.function(path, opened + 1)
            name = function.name if function is not None else "a function"
            place = facts.place(path, opened)
            yield f"{place}: {name} does not parse: its SETs are taken as they come"
        if context.error:
            yield f"{path} can't be read, so what it needs is not known: {context.error}"
    for path, error in facts.graph.unread:
        if path not in facts.contexts or not facts.contexts[path].error:
            yield f"{path} can't be read, so what it calls is not known: {error}"
