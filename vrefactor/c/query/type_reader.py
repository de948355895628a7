"""Reading the types of objects off declarations, by their tokens.

Directives are blank in what is read.  What is not understood makes a type an unknown one, or
the declaration unreadable; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, matching
from vrefactor.c.query.object_types import (
    ArrayType,
    Member,
    NamedType,
    ObjectType,
    RecordType,
    ScalarType,
    UnknownType,
)


@dataclass(frozen=True, slots=True)
class DeclaredType:
    """A declared name with its type, and the text of the attributes in its declaration."""

    name: str
    type: ObjectType
    typedef: bool
    attributes: bytes


class Unreadable(Exception):
    """A declaration that is not understood."""


_TOKEN = re.compile(rb"[A-Za-z_]\w*|\.?\d[\w.]*|\"[^\"]*\"|'[^']*'|\.\.\.|\S")
_NUMERIC = frozenset(
    b"void char short int long float double signed unsigned _Bool _Complex __signed__ __signed"
    b" __int128 __complex__".split()
)
_STORAGE = frozenset(
    b"static extern register auto inline __inline __inline__ _Noreturn typedef __thread"
    b" _Thread_local thread_local __extension__".split()
)
_CONST = frozenset((b"const", b"__const", b"__const__"))
_VOLATILE = frozenset((b"volatile", b"__volatile", b"__volatile__"))
_OTHER_QUALIFIERS = frozenset((b"restrict", b"__restrict", b"__restrict__"))
_ATTRIBUTES = frozenset((b"__attribute__", b"__attribute", b"__declspec", b"_Alignas", b"__asm__"))
_TYPEOF = frozenset((b"typeof", b"__typeof", b"__typeof__", b"_Atomic"))
_RECORDS = frozenset((b"struct", b"union", b"enum"))
_OPEN_ENDED = re.compile(rb"\[\s*0?\s*\][^;,]*;")
_FLOATING = frozenset((b"float", b"double", b"_Complex", b"__complex__"))
_VECTOR = re.compile(rb"vector_size|(?<!\w)(?:__)?mode(?:__)?\s*\(")
_END = re.compile(rb"[;{]")
_WORD = re.compile(rb"[A-Za-z_]\w*\Z")


@dataclass(slots=True)
class TypeReader:
    """Reads declarations of one file.  `code` is its code with the directives blanked."""

    source: Source
    conditionals: Conditionals
    code: bytes
    macros: MacroMatcher

    def variable(self, specifiers: Range, declarator: Range) -> DeclaredType:
        """Return a declared variable, of which the two parts are given.  Raises Unreadable."""
        words = _Tokens(self, *specifiers)
        base = words.specifiers(implicit=True)
        if words.left:
            raise Unreadable
        tokens = _Tokens(self, *declarator, words.attributes)
        found = tokens.declarators(base, words.typedef)
        if tokens.left or len(found) != 1:
            raise Unreadable
        return found[0]

    def declaration(self, start: int) -> list[DeclaredType]:
        """Return what the declaration that begins at `start` declares.  Raises Unreadable."""
        end = self.end_of(start)
        if self.code[end - 1 : end] != b";" or self._is_cut(start, end):
            raise Unreadable
        tokens = _Tokens(self, start, end)
        base = tokens.specifiers()
        found = tokens.declarators(base, tokens.typedef)
        if tokens.left:
            raise Unreadable
        return found

    def _is_cut(self, start: int, end: int) -> bool:
        """Say whether an `#if` stands in a declaration, but for the bodies of its types."""
        opening = self.code.find(b"{", start, end)
        while opening >= 0:
            if self.conditionals.cuts(start, opening):
                return True
            start = matching(self.code, opening)
            opening = self.code.find(b"{", start, end)
        return self.conditionals.cuts(start, end)

    def end_of(self, start: int) -> int:
        """Return the offset behind the `;` of a declaration; of the file if there is none."""
        at = start
        while (match := _END.search(self.code, at)) is not None:
            at = match.end()
            if match[0] == b";":
                return at
            closing = matching(self.code, match.start())
            if closing < 0:
                break
            at = closing + 1
        return len(self.code)

    def specifiers(self, start: int, end: int) -> ObjectType:
        """Return the type of a range that holds nothing but specifiers.  Raises Unreadable."""
        tokens = _Tokens(self, start, end)
        found = tokens.specifiers()
        if tokens.left:
            raise Unreadable
        return found

    def record(self, keyword: bytes, opening: int) -> RecordType:
        """Return the structure or union whose `{` is at an offset."""
        closing = matching(self.code, opening)
        body = self.code[opening : closing + 1] if closing >= 0 else b""
        open_ended = _OPEN_ENDED.search(body) is not None or not body
        members: tuple[Member, ...] | None = None
        if body and not self.conditionals.cuts(opening, closing):
            try:
                members = tuple(self._members(opening + 1, closing))
            except Unreadable:
                members = None
        return RecordType(keyword == b"union", members, open_ended)

    def _members(self, start: int, end: int) -> Iterator[Member]:
        tokens = _Tokens(self, start, end)
        while tokens.left:
            base = tokens.specifiers()
            yield from tokens.members(base)


@dataclass(slots=True)
class _Tokens:
    """The tokens of a range, and how far they are read."""

    reader: TypeReader
    start: int
    end: int
    attributes: bytes = b""
    typedef: bool = False
    _tokens: Sequence[re.Match[bytes]] = field(init=False)
    _at: int = 0

    def __post_init__(self) -> None:
        self._tokens = list(_TOKEN.finditer(self.reader.code, self.start, self.end))

    @property
    def left(self) -> bool:
        """Whether there is more to read."""
        return self._at < len(self._tokens)

    def _next(self) -> bytes:
        return self._tokens[self._at][0] if self.left else b""

    def _take(self, *wanted: bytes) -> bool:
        if self._next() in wanted:
            self._at += 1
            return True
        return False

    def _skip_brackets(self) -> Range:
        """Read a pair of brackets; return the offsets between them.  Raises Unreadable."""
        if self._at >= len(self._tokens):
            raise Unreadable
        opening = self._tokens[self._at].start()
        closing = matching(self.reader.code, opening)
        if not 0 <= closing < self.end:
            raise Unreadable
        while self.left and self._tokens[self._at].start() <= closing:
            self._at += 1
        return opening + 1, closing

    def _skip_attribute(self) -> bool:
        """Read an attribute, if one follows."""
        word = self._next()
        if word not in _ATTRIBUTES and self.reader.macros.attribute.fullmatch(word) is None:
            return False
        first = self._tokens[self._at].start()
        self._at += 1
        if self._next() == b"(":
            self._skip_brackets()
        self.attributes += self.reader.code[first : self._tokens[self._at - 1].end()] + b" "
        return True

    def _qualifier(self) -> tuple[bool, bool] | None:
        """Read a qualifier, if one follows: const, volatile."""
        word = self._next()
        if word not in _CONST | _VOLATILE | _OTHER_QUALIFIERS:
            return None
        self._at += 1
        return word in _CONST, word in _VOLATILE

    def specifiers(self, *, implicit: bool = False) -> ObjectType:
        """Read specifiers; with `implicit` there may be no type: then it is `int`.

        Raises Unreadable.
        """
        words: list[bytes] = []
        form: ScalarType | RecordType | NamedType | UnknownType | None = None
        const = volatile = False
        while self.left:
            word = self._next()
            qualifier = self._qualifier()
            if qualifier is not None:
                const, volatile = const or qualifier[0], volatile or qualifier[1]
            elif word in _STORAGE:
                self.typedef = self.typedef or word == b"typedef"
                self._at += 1
            elif self._skip_attribute():
                continue
            elif word in _NUMERIC:
                words.append(word)
                self._at += 1
            elif form is None and not words and _WORD.match(word):
                form = self._named(word)
            else:
                break
        if form is None and words:
            form = _numeric(words)
        if form is None and implicit:
            form = ScalarType(characters=True)
        if form is None or (words and not isinstance(form, ScalarType)):
            raise Unreadable
        if _VECTOR.search(self.attributes):
            form = UnknownType("an attribute changes its type")
        return ObjectType(form, const, volatile)

    def _named(self, word: bytes) -> ScalarType | RecordType | NamedType | UnknownType:
        """Read a type that begins with a name or a keyword."""
        self._at += 1
        if word in _RECORDS:
            return self._tagged(word)
        if word in _TYPEOF:
            self._skip_brackets()
            return UnknownType("it is the type of an expression")
        if self._next() == b"(":
            if self.reader.macros.specifier_call.fullmatch(word + b"(") is None:
                raise Unreadable
            self._skip_brackets()
            return UnknownType(f"a macro stands for it: {word.decode()}")
        return NamedType("", word.decode())

    def _tagged(self, keyword: bytes) -> ScalarType | RecordType | NamedType:
        while self._skip_attribute():
            pass
        tag = b""
        if _WORD.match(self._next()):
            tag = self._next()
            self._at += 1
        if self._next() == b"{":
            opening = self._tokens[self._at].start()
            self._skip_brackets()
            if keyword == b"enum":
                return ScalarType(characters=True)
            return self.reader.record(keyword, opening)
        if not tag:
            raise Unreadable
        if keyword == b"enum":
            return ScalarType(characters=True)
        return NamedType(keyword.decode(), tag.decode())

    def declarators(self, base: ObjectType, typedef: bool) -> list[DeclaredType]:
        """Read declarators up to the end, or to a `;`.  Raises Unreadable."""
        found: list[DeclaredType] = []
        while self.left:
            own = len(self.attributes)
            name, kind = self._declarator(base)
            if not name:
                raise Unreadable
            if _VECTOR.search(self.attributes, own):
                kind = ObjectType(UnknownType("an attribute changes its type"))
            found.append(DeclaredType(name, kind, typedef, self.attributes))
            if not self._take(b","):
                break
        self._take(b";")
        return found

    def members(self, base: ObjectType) -> list[Member]:
        """Read the declarators of members, and their `;`.  Raises Unreadable."""
        found: list[Member] = []
        while self._skip_attribute():
            pass
        if self._take(b";"):
            if not isinstance(base.form, RecordType):
                raise Unreadable
            return [Member("", base)]
        while True:
            name, kind = self._declarator(base) if self._next() != b":" else ("", base)
            bits = self._take(b":")
            if bits:
                self._skip_expression()
            elif not name:
                raise Unreadable
            if name:
                found.append(Member(name, kind, bits))
            if self._take(b";"):
                return found
            if not self._take(b","):
                raise Unreadable

    def _skip_expression(self) -> None:
        while self.left and self._next() not in (b",", b";"):
            if self._next() == b"(":
                self._skip_brackets()
            elif not self._skip_attribute():
                self._at += 1

    def _declarator(self, base: ObjectType) -> tuple[str, ObjectType]:
        """Read one declarator with its attributes: return the name, and the type."""
        while self._skip_attribute():
            pass
        while self._take(b"*"):
            base = ObjectType(ScalarType())
            while (qualifier := self._qualifier()) is not None or self._skip_attribute():
                if qualifier is not None:
                    base = base.qualified(ObjectType(base.form, *qualifier))
        while self._skip_attribute():
            pass
        name, inner = "", None
        if self._next() == b"(":
            inner = self._skip_brackets()
        elif _WORD.match(self._next()):
            name = self._next().decode()
            self._at += 1
        base = self._suffixes(base)
        while self._skip_attribute():
            pass
        if inner is None:
            return name, base
        nested = _Tokens(self.reader, *inner)
        found = nested._declarator(base)
        if nested.left:
            raise Unreadable
        return found

    def _suffixes(self, base: ObjectType) -> ObjectType:
        bounds: list[bytes] = []
        while True:
            if self._skip_prototype_macro() or self._next() == b"(":
                self._skip_brackets()
                base = ObjectType(UnknownType("it is a function"))
            elif self._next() == b"[":
                bounds.append(self._bound(*self._skip_brackets()))
            else:
                break
        for bound in reversed(bounds):
            base = ObjectType(ArrayType(base, bound), base.const, base.volatile)
        return base

    def _skip_prototype_macro(self) -> bool:
        """Read the name of a macro around a list of parameters: `__P((int))`."""
        word = self._next()
        known = self.reader.macros.prototype_call.fullmatch(word + b"(")
        self._at += known is not None
        return known is not None

    def _bound(self, start: int, end: int) -> bytes:
        """Return what stands in brackets; characters are blank in the code."""
        code = self.reader.code[start:end]
        return (self.reader.source.data[start:end] if b"'" in code else code).strip()


def _numeric(words: Sequence[bytes]) -> ScalarType:
    characters = not _FLOATING.intersection(words) and b"void" not in words
    return ScalarType(characters, plain=list(words) == [b"char"])
