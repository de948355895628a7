"""vrefactor: static source rewriting that virtualises the globals of a C network stack.

The names below are the library (`vrefactor.api`).  They are loaded when they are first used:
the command line does without most of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from vrefactor.version import __version__

if TYPE_CHECKING:
    from vrefactor.api import (
        Audit,
        BuildOptions,
        Plan,
        RuleSet,
        RunOptions,
        Scan,
        Site,
        Stage,
        Tree,
        Verdict,
        VerifyOptions,
        VerifyReport,
        VrefactorError,
        audit_tree,
        diff_trees,
        load_rules,
        open_tree,
        plan_steps,
        scan_tree,
        verify_trees,
        write_tree,
    )

__all__ = [
    "Audit",
    "BuildOptions",
    "Plan",
    "RuleSet",
    "RunOptions",
    "Scan",
    "Site",
    "Stage",
    "Tree",
    "Verdict",
    "VerifyOptions",
    "VerifyReport",
    "VrefactorError",
    "__version__",
    "audit_tree",
    "diff_trees",
    "load_rules",
    "open_tree",
    "plan_steps",
    "scan_tree",
    "verify_trees",
    "write_tree",
]


if not TYPE_CHECKING:  # a checker knows all the names

    def __getattr__(name: str) -> object:
        """Return a name of the library, which is loaded now."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("vrefactor.api"), name)

    def __dir__() -> list[str]:
        """Return all names, those of the library too."""
        return sorted({*globals(), *__all__})
