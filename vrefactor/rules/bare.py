"""Rules for a tree that has none yet."""

from __future__ import annotations

from vrefactor.rules.context import ContextRules
from vrefactor.rules.loader import DEFAULT_CONTEXT, DEFAULT_MACROS
from vrefactor.rules.parse import RuleFile, read_file
from vrefactor.rules.paths import SHARED, rules_root
from vrefactor.rules.types import MacroRules, RuleSet


def bare(name: str) -> RuleSet:
    """A rule set that knows what the shared files say, and neither subsystems nor symbols."""
    macros = _shared(DEFAULT_MACROS).document.macros
    context = _shared(DEFAULT_CONTEXT).document.context
    return RuleSet(name=name, macros=macros or MacroRules(), context=context or ContextRules())


def _shared(name: str) -> RuleFile:
    return read_file(rules_root() / SHARED / f"{name}.toml")
