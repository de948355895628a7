"""Facts: what one file says of the names that were asked for.

Plain frozen data, cheap to send between processes and to keep in a cache.  Offsets are
bytes from the start of the file, lines are counted from 1.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

Range = tuple[int, int]
"""A range of bytes: the offset of the first, and that behind the last."""


class Role(IntEnum):
    """What an identifier token is, as far as its own file can tell."""

    USE = 0
    """An expression that denotes a file-scope (or still undeclared) identifier."""
    TAG = 1
    """The tag of a struct, union or enum."""
    MEMBER = 2
    """A member access, a designator, or a member's declaration."""
    LABEL = 3
    LOCAL = 4
    """A block-scope variable, typedef or enumerator: its declaration or a use of it."""
    PARAMETER = 5
    """A parameter of a function or of a prototype: its declaration or a use of it."""
    DECLARATION = 6
    """A declaration or definition at file scope, or `extern` in a block."""
    MACRO_NAME = 7
    """The name that a `#define` defines or an `#undef` removes."""
    MACRO_PARAMETER = 8
    """A parameter of a macro, in its list or in its body."""
    DIRECTIVE = 9
    """An operand of `#if`, `#ifdef`, `#error`, `#pragma` and the like."""
    MACRO_ARGUMENT = 10
    """An argument of a macro that stands where C allows no call: at file scope, or for a
    specifier.  `calls` names it; what the token is depends on the macro's definition."""
    PASTED = 11
    """An operand of `##` in a macro body."""
    STRINGISED = 12
    """An operand of `#` in a macro body."""
    ALIAS = 13
    """The whole body of an object-like macro: what it is depends on the macro's uses."""
    TYPE = 14
    """Stands where a type name stands."""
    AMBIGUOUS = 15
    """Readings of the file (variants, or conditions of a local) disagree; `detail` says how."""
    UNPARSED = 16
    """Lies in a region that no variant parses."""
    EXCLUDED = 17
    """Lies in a file that the rules exclude: counted, not read."""


class Access(IntEnum):
    """What an expression does with the object."""

    READ = 0
    WRITE = 1
    ADDRESS = 2


class DeclKind(IntEnum):
    """What kind of entity a file-scope declaration introduces."""

    VARIABLE = 0
    FUNCTION = 1
    TYPEDEF = 2
    ENUMERATOR = 3
    MACRO = 4


class Storage(IntEnum):
    """The storage-class specifier of a declaration, as written."""

    NONE = 0
    STATIC = 1
    EXTERN = 2


class EnclosingCall(Struct, frozen=True, array_like=True):
    """An enclosing call: the callee's name, which argument, and where in it the token is."""

    name: str
    argument: int
    first: bool = False
    """Whether the token is the argument's first one (of the innermost call only)."""
    last: bool = False

    @property
    def sole(self) -> bool:
        """Whether the token is the whole argument."""
        return self.first and self.last


class TokenSite(Struct, frozen=True, array_like=True):
    """One identifier token with a name that was asked for."""

    start: int
    line: int
    name: str
    role: Role
    access: Access = Access.READ
    function: str | None = None
    macro: str | None = None
    """The macro whose body holds the token."""
    calls: tuple[EnclosingCall, ...] = ()
    """The enclosing calls within the statement, outermost first."""
    detail: str = ""
    conditional: bool = False
    """Whether an `#if` other than the include guard governs the token."""


class FileDecl(Struct, frozen=True, array_like=True):
    """A file-scope declaration of a name that was asked for."""

    start: int
    line: int
    name: str
    kind: DeclKind
    storage: Storage = Storage.NONE
    has_initializer: bool = False
    conditional: bool = False
    """Whether an `#if` other than the include guard governs it."""

    @property
    def defines(self) -> bool:
        """Whether this is a definition or a tentative definition of a variable."""
        external = self.storage is Storage.EXTERN and not self.has_initializer
        return self.kind is DeclKind.VARIABLE and not external


class IncludeFact(Struct, frozen=True, array_like=True):
    """One `#include`: its name, its line's range, and whether a condition governs it."""

    name: str
    angled: bool
    start: int
    end: int
    conditional: bool


class MacroFact(Struct, frozen=True, array_like=True):
    """One macro definition; `parameters` is None for an object-like macro."""

    name: str
    parameters: tuple[str, ...] | None
    body: str
    """The replacement list: comments blanked, lines joined, Latin-1."""
    start: int


class ErrorRegion(Struct, frozen=True, array_like=True):
    """A part of one line that no variant parses: byte range, line, and where it lies."""

    start: int
    end: int
    line: int
    file_scope: bool
    """Whether it lies outside of every function body: it might hold a definition."""


class ParseCoverage(Struct, frozen=True, array_like=True):
    """How much of a file was parsed, and how much of that no variant parses (bytes)."""

    parsed: int = 0
    errors: int = 0
    regions: tuple[ErrorRegion, ...] = ()


class FileFacts(Struct, frozen=True, array_like=True):
    """All facts of one file."""

    path: str
    includes: tuple[IncludeFact, ...] = ()
    decls: tuple[FileDecl, ...] = ()
    sites: tuple[TokenSite, ...] = ()
    macros: tuple[MacroFact, ...] = ()
    macro_uses: tuple[str, ...] = ()
    """Names of macros asked for that the file's code (outside `#define`s) uses."""
    coverage: ParseCoverage = ParseCoverage()
