"""A whole audit: every check that was asked for, on one tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vrefactor.audit.address_taken import AddressTaken
from vrefactor.audit.callouts import callout_findings
from vrefactor.audit.entries import entry_findings
from vrefactor.audit.facts import Facts, gather
from vrefactor.audit.indirect_calls import follow
from vrefactor.audit.links import link_findings
from vrefactor.audit.loops import loop_findings
from vrefactor.audit.model import Audit, JudgedPlace
from vrefactor.audit.pairing import pair_findings
from vrefactor.audit.search import Search
from vrefactor.audit.verdicts import candidates
from vrefactor.errors import RULES_INCOMPLETE, VrefactorError
from vrefactor.index.build import Indexer
from vrefactor.index.pool import RunOptions
from vrefactor.rules.types import RuleSet
from vrefactor.source.scope import files_in_scope, with_folders
from vrefactor.source.tree import Tree

CHECKS = ("context",)
"""Every check there is."""


def audit(tree: Tree, rules: RuleSet, subsystems: Collection[str], options: RunOptions) -> Audit:
    """Check on a whole tree whether a stack is set wherever one is needed.

    Findings are told of the named subsystems (or folders) only, of the whole tree if none is
    named.  Raises RULES_INCOMPLETE for rules that name no accessors, RULES_NAME for
    an unknown subsystem, TREE_EMPTY if there is no source, and VrefactorErrors for headers
    that can't be read.
    """
    if not rules.context.accessors:
        raise VrefactorError(
            RULES_INCOMPLETE, "`accessors` of [context]", path=rules.origin or None
        )
    rules = with_folders(tree, rules, subsystems)
    chosen = set(files_in_scope(tree, rules, subsystems)) if subsystems else None
    with Indexer(tree, rules, (), options) as indexer:
        facts = gather(indexer.index(tree))
        taken = follow(facts)
        search = Search(facts, facts.rules.accepted)
        judged = list(_judged(search, taken))
        placed = sorted(candidates(search, taken, judged))
    found = sorted({judged_place.finding for judged_place in judged})
    return Audit(
        tuple(finding for finding in found if chosen is None or finding.path in chosen),
        tuple(candidate for candidate in placed if chosen is None or candidate.path in chosen),
        len(facts.names),
        tuple(_notes(facts)),
    )


def _judged(search: Search, taken: list[AddressTaken]) -> Iterator[JudgedPlace]:
    yield from entry_findings(search, taken)
    yield from pair_findings(search.facts)
    yield from loop_findings(search.facts)
    yield from callout_findings(search.facts)
    yield from link_findings(search.facts)


def _notes(facts: Facts) -> Iterator[str]:
    if not facts.names and not any(
        file_context.settings for file_context in facts.contexts.values()
    ):
        accessors = ", ".join(facts.rules.accessors)
        yield f"no name of this tree stands for one of {accessors}, and nothing sets a stack"
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
