"""What a step answers: a plan.  Steps plan; they never write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from vrefactor.index.index import Variable
from vrefactor.source.edits import Edit, NewFile


class Verdict(StrEnum):
    """What became of a candidate."""

    REWRITTEN = "rewritten"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Skip(StrEnum):
    """Why a candidate is not a site of the step: it is something else, or it must stay."""

    TAG = "tag"
    MEMBER = "member"
    LABEL = "label"
    LOCAL = "local"
    PARAMETER = "parameter"
    DECLARATION = "declaration"
    TYPE = "type"
    MACRO_NAME = "macro name"
    MACRO_PARAMETER = "macro parameter"
    DIRECTIVE = "directive"
    SYSCTL = "sysctl"
    TUNABLE = "tunable"
    ALIAS = "alias"
    FOREIGN = "another entity"
    KEPT = "kept by rule"
    EXCLUDED = "excluded by rule"
    PRESENT = "already there"
    FILE_SCOPE = "at file scope"
    DEAD = "compiled by no build"
    SHARED = "in a file of other systems too"


class Refusal(StrEnum):
    """Why a site can't be decided by machine."""

    PASTED = "operand of ##"
    STRINGISED = "operand of #"
    AMBIGUOUS = "its readings disagree"
    UNDECLARED = "no declaration in view"
    UNPARSED = "in a region that does not parse"
    UNKNOWN_MACRO = "argument of a macro that is not defined in the tree"
    TYPE = "stands where a type stands"
    ALIAS = "a macro's body that is used as a tag and as an expression"
    ENTRY = "an entry point that can't set its network stack by machine"
    NAME_TAKEN = "the new name means something else there"
    SYSCTL_KIND = "this kind of sysctl has no form for virtualised variables"
    SYSCTL_POINTER = "neither a virtualised variable nor a field of one"
    SYSCTL_SHAPE = "the invocation can't be taken apart"
    CUT = "an #if stands in its declaration"
    INITIALISED = "it has an initial value still"
    MACRO = "its name is a macro too"
    UNBOUND = "an array without a bound"
    TYPE_VARIES = "its definitions have several types"
    TYPE_HIDDEN = "its type is defined in a source file"
    PLAIN = "it is used by its plain name still"
    MIXED = "it is declared with others that stay"
    INLINE = "an inline function of a header that can't move along"
    NOWHERE = "no function is known that could set it"
    PLACE = "its init function has no place for it"
    CONST = "a constant can't be assigned to"
    VALUE = "its value can't be assigned by machine"
    UNSEEN = "its value uses what its init function can't see"
    EXPORT = "its init function can't be given access to it"
    TUNABLE = "its tunable has no form for functions"
    TOGETHER = "another definition of it is refused"


class Evidence(StrEnum):
    """How a rewritten site is known to denote the variable (design.md, section 3)."""

    BOUND = "bound"
    COMPILED = "compiled"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A candidate with its verdict.  `start` is a byte offset, `line` counts from 1.

    `configurations` are those in which a compiler's front end says the same of it.
    """

    path: str
    start: int
    line: int
    name: str
    verdict: Verdict
    reason: Skip | Refusal | Evidence
    detail: str = ""
    configurations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a person must look at though the step has done its work.

    `line` counts from 1.  `chain` is how it comes about, from the outermost cause to the place
    itself: one text a link.
    """

    path: str
    line: int
    name: str
    what: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole answer of one step on one tree; nothing has been written.

    `whole` are the variables of which every token is to be a site of the plan.
    """

    step: str
    title: str
    edits: tuple[Edit, ...]
    new_files: tuple[NewFile, ...]
    sites: tuple[Site, ...]
    notes: tuple[str, ...] = ()
    whole: frozenset[Variable] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> tuple[Site, ...]:
        """The sites that the step could not decide."""
        return tuple(site for site in self.sites if site.verdict is Verdict.REFUSED)

    def count(self, verdict: Verdict) -> int:
        """Return how many sites have this verdict."""
        return sum(site.verdict is verdict for site in self.sites)

    def skipped(self) -> Counter[str]:
        """Return how many candidates were skipped, by reason."""
        return Counter(str(site.reason) for site in self.sites if site.verdict is Verdict.SKIPPED)
