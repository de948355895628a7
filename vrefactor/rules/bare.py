"""Rules for a tree that has none yet."""

from __future__ import annotations

from vrefactor.rules.loader import DEFAULT_MACROS
from vrefactor.rules.parse import read_file
from vrefactor.rules.paths import SHARED, rules_root
from vrefactor.rules.types import MacroRules, RuleSet


def bare(name: str) -> RuleSet:
    """A rule set that knows the shared macros, and neither subsystems nor symbols."""
    shared = read_file(rules_root() / SHARED / f"{DEFAULT_MACROS}.toml")
    return RuleSet(name=name, macros=shared.document.macros or MacroRules())
