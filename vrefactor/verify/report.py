"""What a verification found, as data: nothing that was not compared counts as the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from vrefactor.errors import ExitCode


class ObjectVerdict(StrEnum):
    """What became of one object; a closed set, and only `SAME` is a proof."""

    SAME = "same"
    DIFFERENT = "different"
    BROKEN = "compiles only before"
    MENDED = "compiles only after"
    BROKEN_EARLIER = "broken by an earlier step"
    NOT_COVERED = "not covered"
    ADDED = "added"
    REMOVED = "removed"


FINDINGS = frozenset({ObjectVerdict.DIFFERENT, ObjectVerdict.BROKEN, ObjectVerdict.BROKEN_EARLIER})
"""The verdicts that make the exit status 1."""


class Cause(StrEnum):
    """Why two objects differ."""

    HEADER = "header"
    SECTION = "section"
    SYMBOL = "symbol"
    ORDER = "order"
    RELOCATION = "relocation"
    LINE = "line number"
    TIME = "time stamp"
    STRING = "string"
    CODE = "code"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Reason:
    """One difference: where it is (section, symbol; empty if none), and what it is."""

    cause: Cause
    section: str
    symbol: str
    detail: str

    def __str__(self) -> str:
        where = f"{self.symbol} in {self.section}" if self.symbol else self.section
        return f"{self.cause}: {where}: {self.detail}" if where else f"{self.cause}: {self.detail}"


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """The verdict on one object.

    `md5` is that of each side's stripped object, or empty; `reasons` say why they differ;
    `detail` is the first error of a side that did not compile.
    """

    name: str
    source: str
    configuration: str
    verdict: ObjectVerdict
    md5: tuple[str, str] = ("", "")
    reasons: tuple[Reason, ...] = ()
    detail: str = ""


class CodeCause(StrEnum):
    """Why a function or an initialised object is not proved the same; a closed set.

    REORDERED is a proof by itself, though not of the same bytes.  Those that follow, down to
    OTHERWISE, say that it is proved the same without the optimiser, and what the optimiser did
    otherwise.
    """

    REORDERED = "the same instructions in another order"
    SAME_REFERENCES = "same references, other registers, order or encoding"
    POINTED = "memory behind a pointer is read more often, or less"
    MOVED = "memory behind a pointer is used otherwise"
    NARROWED = "a static was narrower than its type"
    KNOWN_VALUE = "the value of a static was known"
    JOINED = "neighbouring fields at once"
    REREAD = "a field is read more often, or less"
    REPEATED = "the same references, more or less often"
    ADDRESSED = "an address in a register instead of an operand"
    BASED = "fields reached from an address of their container"
    INLINED = "a function inlined on one side"
    SPLIT = "a static was taken apart"
    OTHERWISE = "optimised otherwise"
    INITIAL_VALUE = "an initial value that the container has not"
    LAYOUT = "the container has another layout in this file"
    SOURCE = "its source is changed"
    ADDED = "its source is there after alone"
    REMOVED = "its source is there before alone"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class FunctionReport:
    """A function, or an initialised object, whose code is not proved to be the same.

    `evidence` is what the cause rests on; `before` and `after` are its lines side by side, as
    far as they differ.
    """

    object: str
    name: str
    detail: str
    cause: CodeCause
    evidence: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_function: bool = True


URGENT = frozenset(
    {CodeCause.INITIAL_VALUE, CodeCause.LAYOUT, CodeCause.SOURCE, CodeCause.UNEXPLAINED}
)
"""The causes that a person has to look at; they come first, with their code side by side."""

LONE_FINDINGS = frozenset({CodeCause.REMOVED, CodeCause.UNEXPLAINED})
"""Why a function or object of one side alone is a finding: what is added is no more one than a
new file is, until something uses it, and that is one then."""


@dataclass(frozen=True, slots=True)
class PlainName:
    """A virtualised variable's plain name that an object of the tree after still has."""

    object: str
    name: str
    defined: bool


@dataclass(frozen=True, slots=True)
class CodegenReport:
    """How many functions and initialised objects are proved the same, and the rest.

    `plain_names` are left in symbol tables; `unmoved` are the variables whose instance
    no object names, after it: they have not moved in this build, and count as any others.
    """

    functions: int
    objects: int
    unproved: tuple[FunctionReport, ...]
    only_before: tuple[FunctionReport, ...]
    only_after: tuple[FunctionReport, ...]
    plain_names: tuple[PlainName, ...] = ()
    unmoved: tuple[tuple[str, str], ...] = ()

    @property
    def causes(self) -> Counter[CodeCause]:
        """How many functions and objects are not proved the same for each cause."""
        return Counter(found.cause for found in self.unproved)

    @property
    def lone(self) -> tuple[FunctionReport, ...]:
        """The functions and objects of one side alone."""
        return (*self.only_before, *self.only_after)

    @property
    def compared(self) -> tuple[int, int]:
        """How many functions and how many initialised objects were compared."""
        unproved = sum(found.is_function for found in self.unproved)
        return self.functions + unproved, self.objects + len(self.unproved) - unproved

    @property
    def different(self) -> set[str]:
        """The objects in which there is a finding."""
        found = {report.object for report in self.unproved}
        found |= {plain_name.object for plain_name in self.plain_names}
        return found | {report.object for report in self.lone if report.cause in LONE_FINDINGS}


@dataclass(frozen=True, slots=True)
class SiteCoverage:
    """A site in the tree before, and the configurations that compiled its line (1-based)."""

    path: str
    line: int
    configurations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All that one `vrefactor verify` found.

    `skipped` are the sources that no plan builds, with the reason; `counterpatches` are the
    padding of the tree before and of the tree after, as patches; `seconds` is the wall time of
    the compilers and of everything else.  `left_out` counts the sources of the configurations
    that were not asked for.  `claimed` are the objects that were compiled, and compared with
    nothing, with the options that a step claims.  With `allow_uncovered`, sites that no
    configuration compiled are no finding.
    """

    objects: tuple[ObjectReport, ...]
    skipped: tuple[tuple[str, str], ...]
    coverage: tuple[SiteCoverage, ...]
    codegen: CodegenReport | None
    counterpatches: tuple[bytes, bytes]
    seconds: tuple[float, float]
    left_out: int = 0
    claimed: tuple[ObjectReport, ...] = ()
    allow_uncovered: bool = False

    @property
    def counts(self) -> Counter[ObjectVerdict]:
        """How many objects have each verdict."""
        return Counter(found.verdict for found in self.objects)

    @property
    def uncovered(self) -> tuple[SiteCoverage, ...]:
        """The sites that no configuration compiled."""
        return tuple(site for site in self.coverage if not site.configurations)

    @property
    def broken_claims(self) -> tuple[ObjectReport, ...]:
        """The objects that do not compile with an option that a step claims."""
        return tuple(found for found in self.claimed if found.verdict is ObjectVerdict.BROKEN)

    @property
    def exit_code(self) -> ExitCode:
        """OK if all that the change touches was compared, and is the same; else FINDINGS.

        So an object that differs or broke is a finding, a plain name that is left, a site that
        no configuration compiled, and that nothing at all could be compared.
        """
        found = any(report.verdict in FINDINGS for report in (*self.objects, *self.claimed))
        found |= self.codegen is not None and bool(self.codegen.plain_names)
        found |= bool(self.uncovered) and not self.allow_uncovered
        return ExitCode.FINDINGS if found or not self.counts[ObjectVerdict.SAME] else ExitCode.OK


def md5_lists(objects: tuple[ObjectReport, ...]) -> tuple[str, str]:
    """Return the MD5s of each side, sorted, as `md5` prints them: `diff -u` compares them."""
    lists = [
        sorted(f"MD5 ({found.name}) = {found.md5[side]}" for found in objects if found.md5[side])
        for side in (0, 1)
    ]
    before, after = ("".join(f"{line}\n" for line in lines) for lines in lists)
    return before, after
