"""Rule sets: the policy of a refactoring, as data.

The types (`RuleSet` and its parts), and what makes them: `load` a set from disk,
`choose` the one for a tree, `emit` one as TOML, list the `shipped` ones.
"""

from vrefactor.rules.basics import Handed
from vrefactor.rules.chooser import choose
from vrefactor.rules.context import (
    Accepted,
    CalloutCall,
    ContextRules,
    HandedCall,
    HandedClass,
    HandedTable,
    LinkCall,
)
from vrefactor.rules.framework import FrameworkLine, FrameworkRules, VirtualRules
from vrefactor.rules.globs import name_matcher, path_matcher
from vrefactor.rules.initializers import Exported, HookTable, Init, InitRules
from vrefactor.rules.loader import load
from vrefactor.rules.paths import shipped
from vrefactor.rules.startup import (
    Early,
    StartupMacro,
    StartupRules,
    StartupRun,
    StartupTable,
)
from vrefactor.rules.types import (
    Assertion,
    BuildRules,
    Container,
    Contains,
    Define,
    Entry,
    Exclude,
    Fingerprint,
    MacroRules,
    ModuleName,
    Move,
    OptionSet,
    Override,
    Portability,
    PrefixRules,
    Registration,
    RuleSet,
    StubArgument,
    StubRules,
    Style,
    Subsystem,
    Symbol,
    SysctlRules,
    TreeRules,
)
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.rules.writer import emit

__all__ = [
    "Accepted",
    "Assertion",
    "BuildRules",
    "CalloutCall",
    "Container",
    "Contains",
    "ContextRules",
    "Define",
    "Early",
    "Entry",
    "Exclude",
    "Exported",
    "Fingerprint",
    "FrameworkLine",
    "FrameworkRules",
    "Handed",
    "HandedCall",
    "HandedClass",
    "HandedTable",
    "HookTable",
    "Init",
    "InitRules",
    "LinkCall",
    "MacroRules",
    "ModuleName",
    "Move",
    "OptionSet",
    "Override",
    "Portability",
    "PrefixRules",
    "Registration",
    "RuleSet",
    "StartupMacro",
    "StartupRules",
    "StartupRun",
    "StartupTable",
    "StubArgument",
    "StubRules",
    "Style",
    "Subsystem",
    "Symbol",
    "SysctlRules",
    "TreeRules",
    "VirtualRules",
    "Vocabulary",
    "choose",
    "emit",
    "load",
    "name_matcher",
    "path_matcher",
    "shipped",
]
