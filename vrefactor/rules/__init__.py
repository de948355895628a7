"""Rule sets: the policy of a refactoring, as data.

The types (`RuleSet` and its parts), and what makes them: `load` a set from disk,
`choose` the one for a tree, `emit` one as TOML, list the `shipped` ones.
"""

from vrefactor.rules.basics import FunctionArgument
from vrefactor.rules.chooser import choose
from vrefactor.rules.context import (
    Accepted,
    CallbackCall,
    CallbackClass,
    CallbackTable,
    CalloutCall,
    ContextRules,
    LinkCall,
)
from vrefactor.rules.framework import FrameworkLine, FrameworkRules, VirtualRules
from vrefactor.rules.globs import name_matcher, path_matcher
from vrefactor.rules.initializers import Exported, HookTable, Init, InitRules
from vrefactor.rules.loader import bare, load, shipped
from vrefactor.rules.startup import (
    StartupMacro,
    StartupRules,
    StartupRun,
    StartupTable,
    UseBeforeInit,
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
    "CallbackCall",
    "CallbackClass",
    "CallbackTable",
    "CalloutCall",
    "Container",
    "Contains",
    "ContextRules",
    "Define",
    "Entry",
    "Exclude",
    "Exported",
    "Fingerprint",
    "FrameworkLine",
    "FrameworkRules",
    "FunctionArgument",
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
    "UseBeforeInit",
    "VirtualRules",
    "Vocabulary",
    "bare",
    "choose",
    "emit",
    "load",
    "name_matcher",
    "path_matcher",
    "shipped",
]
