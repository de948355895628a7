"""What a whole file says at file scope: its variables, exports and macro invocations.

Reads every branch of every `#if`.  For the uses of the variables, see `extract`.
"""

from __future__ import annotations

import re
from enum import IntEnum

from msgspec import Struct

from vrefactor.c.facts.parse_coverage import coverage_of
from vrefactor.c.model import ParseCoverage, Storage
from vrefactor.c.parse.declarators import DeclaredKind, DeclaredName, read_declarations
from vrefactor.c.parse.parsed_file import ParsedChunk, ParsedFile, ParsedVariant, parse_file
from vrefactor.c.parse.toplevel import Invocation
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import split_arguments
from vrefactor.c.preprocess.normalise import attributes

_SPACE = re.compile(r"\s+")
_BODY = re.compile(rb"\{.*\}", re.S)
_STORAGE = re.compile(rb"(?<!\w)(?:static|extern|register|auto|inline|__inline)(?!\w)")
_NAME = re.compile(rb"(?<!\w)[A-Za-z_]\w*")


class InitializerKind(IntEnum):
    """What a variable is initialised with."""

    NONE = 0
    ZERO = 1
    SCALAR = 2
    STRING = 3
    ADDRESS = 4
    """The address of an object or a function, or a null pointer that is spelt out."""
    LIST = 5
    """A list in braces."""
    CALL = 6
    """A macro with arguments: what is in it is not known here."""


class Definition(Struct, frozen=True, array_like=True):
    """A variable declared at file scope; a definition unless `storage` is EXTERN."""

    name: str
    start: int
    line: int
    storage: Storage
    type: str
    """The specifiers and the declarator without the name: `struct ifnet *[N]`."""
    base: str
    """The specifiers alone, without qualifiers: `struct ifnet`."""
    pointer: bool
    array: bool
    function: bool
    """Whether it points to a function, as its declarator shows."""
    const: bool
    initial: InitializerKind
    names: tuple[str, ...] = ()
    """The identifiers in the initialiser, sorted, each once."""
    conditional: bool = False


class FileScopeInvocation(Struct, frozen=True, array_like=True):
    """A macro invoked at file scope: `SYSCTL_INT(_net, OID_AUTO, x, CTLFLAG_RW, &x, 0, "")`.

    The arguments are verbatim, but for comments, and blanks are joined.
    """

    macro: str
    line: int
    arguments: tuple[str, ...]


class Survey(Struct, frozen=True, array_like=True):
    """All of one file at file scope, in source order."""

    path: str
    definitions: tuple[Definition, ...] = ()
    invocations: tuple[FileScopeInvocation, ...] = ()
    functions: tuple[str, ...] = ()
    """The functions that it defines or declares, sorted."""
    function_types: tuple[str, ...] = ()
    """Typedef names of functions, and of pointers to functions."""
    conditions: tuple[str, ...] = ()
    """The identifiers in its `#if`s, sorted, each once."""
    coverage: ParseCoverage = ParseCoverage()


def survey(path: str, data: bytes, macros: MacroMatcher) -> Survey:
    """Read the whole of a file.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    whole = parse_file(path, data, macros)
    coverage = coverage_of(whole)
    surveyor = _Surveyor(whole)
    for view in whole.views:
        for piece in view.pieces:
            surveyor.read(view, piece)
    return Survey(
        path,
        tuple(surveyor.definitions[at] for at in sorted(surveyor.definitions)),
        tuple(surveyor.invocations[at] for at in sorted(surveyor.invocations)),
        tuple(sorted(surveyor.functions)),
        tuple(sorted(surveyor.function_types)),
        _conditions(whole),
        coverage,
    )


def _conditions(whole: ParsedFile) -> tuple[str, ...]:
    code = whole.source.code
    names: set[bytes] = set()
    for directive in whole.conditionals.directives:
        if directive.keyword in (b"if", b"ifdef", b"ifndef", b"elif"):
            names.update(_NAME.findall(code, directive.operands, directive.end))
    return tuple(sorted(name.decode() for name in names - {b"defined"}))


class _Surveyor:
    """Collects what the pieces of one file declare; what several variants show counts once."""

    def __init__(self, whole: ParsedFile) -> None:
        self._whole = whole
        self._done: set[int] = set()
        self.definitions: dict[int, Definition] = {}
        self.invocations: dict[int, FileScopeInvocation] = {}
        self.functions: set[str] = set()
        self.function_types: set[str] = set()

    def read(self, view: ParsedVariant, piece: ParsedChunk) -> None:
        """Take what one piece declares."""
        if id(piece) in self._done:
            return
        self._done.add(id(piece))
        for found in piece.invocations:
            self.invocations.setdefault(found.start, _invoked(self._whole, view, found))
        offset = piece.chunk.start
        for declared in read_declarations(piece.syntax.top_level()):
            at = declared.start + offset
            if declared.what is not DeclaredKind.VARIABLE:
                names = (
                    self.functions
                    if declared.what is DeclaredKind.FUNCTION
                    else self.function_types
                )
                names.add(declared.name)
            elif at not in self.definitions and not self._whole.conditionals.is_dead(at):
                # What stands under `#if 0` defines nothing in any build.
                self.definitions[at] = self._definition(view, declared, offset)

    def _definition(self, view: ParsedVariant, declared: DeclaredName, offset: int) -> Definition:
        text = view.variant.text
        start = declared.start + offset
        first, declarator = declared.specifiers[0] + offset, declared.specifiers[1] + offset
        base = _base(self._whole.macros, text[first:declarator])
        shape = _joined(
            text[declared.declarator[0] + offset : start]
            + text[start + len(declared.name) : declared.declarator[1] + offset]
        )
        initialiser = declared.initialiser
        value = b""
        if initialiser is not None:
            value = text[initialiser[0] + offset : initialiser[1] + offset]
        return Definition(
            declared.name,
            start,
            self._whole.source.line(start),
            declared.storage,
            f"{base} {shape}".strip() if not shape.startswith("[") else base + shape,
            _unqualified(base),
            declared.pointer,
            declared.array,
            declared.function,
            declared.const,
            _initial(value),
            tuple(sorted({name.decode() for name in _NAME.findall(value)})),
            bool(self._whole.conditionals.condition(start)),
        )


def _invoked(whole: ParsedFile, view: ParsedVariant, found: Invocation) -> FileScopeInvocation:
    ranges = split_arguments(view.variant.text, found.open, found.close)
    data, code = whole.source.data, whole.source.code
    arguments = tuple(_joined(_without_comments(data, code, *item)) for item in ranges)
    return FileScopeInvocation(
        found.name.decode("latin-1"), whole.source.line(found.start), arguments
    )


def _without_comments(data: bytes, code: bytes, start: int, end: int) -> bytes:
    """Return the data with comments blanked: strings are blank in `code`, but quoted."""
    if b"/*" not in data[start:end] and b"//" not in data[start:end]:
        return data[start:end]
    return code[start:end]


def _base(macros: MacroMatcher, text: bytes) -> str:
    text = _BODY.sub(b"{...}", text)
    return _joined(_STORAGE.sub(b" ", attributes(text, macros)))


def _unqualified(base: str) -> str:
    return " ".join(word for word in base.split() if word not in ("const", "volatile"))


def _joined(text: bytes) -> str:
    return _SPACE.sub(" ", text.decode("latin-1")).strip()


def _initial(value: bytes) -> InitializerKind:
    """Return what kind of initialiser this text is (without the `=`)."""
    text = value.strip()
    if not text:
        return InitializerKind.NONE
    if text.startswith(b"{"):
        return InitializerKind.LIST
    if text.startswith((b'"', b'L"')):
        return InitializerKind.STRING
    if text.startswith(b"&") or text == b"NULL":
        return InitializerKind.ADDRESS
    if re.fullmatch(rb"[({]*\s*0+(?:x0+)?[uUlL]*\s*[)}]*|\(\s*[\w\s]+\*+\s*\)\s*0", text):
        return InitializerKind.ZERO
    return InitializerKind.CALL if re.match(rb"[A-Za-z_]\w*\s*\(", text) else InitializerKind.SCALAR
