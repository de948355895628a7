"""How a value becomes one or more assignments.

int x = 5;                              V_x = 5;
struct a y = { 1, { 2 } };              V_y.a = 1;
                                        V_y.b.c = 2;
LIST_HEAD(, a) z = { NULL };            LIST_INIT(&V_z);
char s[8] = "on";                       strlcpy(V_s, "on", sizeof(V_s));
int t[9] = { 1, 2, … };                 a copy of a static const original
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vrefactor.c.preprocess.lexer import Source, matching
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.c.query.initializer_elements import elements
from vrefactor.edit.files import Files
from vrefactor.plan.model import Refusal
from vrefactor.rules.templates import fill
from vrefactor.steps.initializers.reasons import InitializerRefusal

_FEW = 4
"""Up to so many elements of an array are assigned one by one."""
_HEAD_VALUE = re.compile(rb"(\w+)_HEAD_INITIALIZER\s*\(.*\)\Z", re.S)
_HEAD_TYPE = re.compile(rb"(?<!\w)(\w+)_HEAD\s*\(")
_TAG = re.compile(rb"(?<!\w)struct\s+(\w+)\s*(\{|\Z)")
_STORAGE = re.compile(rb"(?<!\w)(?:static|extern|register|const|volatile)(?!\w)[ \t]*")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_NOTHING = frozenset((b"0", b"NULL", b""))
_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_SIMPLE = re.compile(rb"\\([abfnrtv\\'\"?])")
_BOUND = re.compile(rb"\[([^\]]*)\]")


class Unassignable(Exception):
    """Why a value can't be assigned: the reason of the refusal, and what to do."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements that set a variable; `bound` is what its empty brackets have to hold."""

    lines: tuple[bytes, ...]
    bound: bytes = b""


class _Shape(NamedTuple):
    """What is assigned to: the tag of a structure, and whether it is an array."""

    tag: str
    array: bool


@dataclass(slots=True)
class InitialValue:
    """One value: where it stands, and what it is for.

    `start` to `end` is its text.
    """

    files: Files
    source: Source
    declaration: Declaration
    declarator: Declarator
    macro: str
    macros: frozenset[str]
    """The `V_` names."""
    start: int
    end: int
    _directives: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        conditionals = self.files.open(self.source.path)[1]
        self._directives = any(
            self.start <= directive.start < self.end for directive in conditionals.directives
        )

    @property
    def target(self) -> bytes:
        """The variable as it is used."""
        return self.macro.encode()

    @property
    def text(self) -> bytes:
        """The value, verbatim."""
        return self.source.data[self.start : self.end]

    @property
    def code(self) -> bytes:
        """The value with comments and literals blanked."""
        return self.source.code[self.start : self.end]

    @property
    def specifiers(self) -> bytes:
        """The type in front of the declarator, without storage class and qualifiers."""
        start, end = self.declaration.specifiers
        return _STORAGE.sub(b"", self.source.code[start:end]).strip()

    @property
    def names(self) -> set[str]:
        """The identifiers in the value."""
        return {word.decode("latin-1") for word in _WORD.findall(self.code)}

    def statements(self) -> Statements:
        """Return the statements.  Raises Unassignable."""
        if self.declaration.const:
            raise Unassignable(InitializerRefusal.CONST, "drop the const, or take it off the rules")
        if re.search(rb"\(\s*\{", self.code):
            raise Unassignable(InitializerRefusal.VALUE, "it holds statements: assign it by hand")
        head = self._head()
        if head is not None:
            return Statements((b"%s_INIT(&%s);" % (head, self.target),))
        if self.code.startswith(b"{"):
            return self._list()
        if self.declarator.array and self.text.startswith(b'"'):
            return self._string()
        if self._stands_for_list():
            return self._copy(b"")
        return Statements((self._assignment(),))

    def _assignment(self) -> bytes:
        """Return the value assigned as it stands, an `#if` in it on lines of its own."""
        text = self.text.strip(b" \t")
        gap = b"" if text.startswith((b"\n", b"\r")) else b" "
        end = b"\n    ;" if text.rpartition(b"\n")[2].startswith(b"#") else b";"
        return self.target + b" =" + gap + text + end

    def _head(self) -> bytes | None:
        """Return the kind of list head that the variable is, if its value is an empty one."""
        match = _HEAD_VALUE.match(self.code)
        if match is not None and not self.declarator.array:
            return match[1]
        plain = self.code.startswith(b"{") and not (
            self.declarator.array or self.declarator.pointer
        )
        if not plain or not self.is_zero:
            return None
        macro = _HEAD_TYPE.match(self.specifiers)
        tag = _TAG.match(self.specifiers)
        if macro is not None or tag is None:
            return macro[1] if macro is not None else None
        kind = self.files.head(self.source.path, tag[1].decode())
        return kind.encode() if kind is not None else None

    @property
    def is_zero(self) -> bool:
        """Whether the value is zero, or a list of zeros."""
        return set(re.split(rb"[\s{},]+", self.code)) <= _NOTHING

    def _stands_for_list(self) -> bool:
        """Say whether a structure or an array is initialised by a macro that is a list."""
        if self.declarator.pointer:
            return False
        name = _WORD.match(self.code)
        found = self.files.definitions(self.source.path, name[0].decode()) if name else []
        return any(re.sub(rb"\A\([^)]*\)\s*", b"", body).startswith(b"{") for _, body in found)

    def _list(self) -> Statements:
        closing = matching(self.source.code, self.start)
        if closing != self.end - 1:
            raise Unassignable(
                InitializerRefusal.VALUE, "its braces can't be told apart: assign it by hand"
            )
        bound = self._count(closing) if self._unbounded() else b""
        leaves = None if self._directives else self._leaves_of(closing)
        if self.is_zero and not self._directives and (leaves is None or len(leaves) > _FEW):
            return Statements((self._call("zero"),), bound)
        if leaves is not None and self._prefers(leaves):
            return Statements(tuple(b"%s = %s;" % pair for pair in leaves), bound)
        return self._copy(bound)

    def _prefers(self, leaves: Sequence[tuple[bytes, bytes]]) -> bool:
        """Say whether the elements are assigned one by one rather than copied."""
        return not self.declarator.array or len(leaves) <= _FEW or self._is_bound_to_stack()

    def _is_bound_to_stack(self) -> bool:
        """Say whether the value has the address of something virtualised in it."""
        return not self.names.isdisjoint(self.macros)

    def _leaves_of(self, closing: int) -> list[tuple[bytes, bytes]] | None:
        tag = _TAG.match(self.specifiers)
        pointer = self.declarator.pointer
        shape = _Shape(tag[1].decode() if tag and not pointer else "", self.declarator.array)
        brackets = self.source.code[self.declarator.start : self.declarator.end].count(b"[")
        if brackets > 1 or (not shape.array and not shape.tag):
            return self._sole(closing)
        return self._leaves(self.target, shape, self.start, closing)

    def _sole(self, closing: int) -> list[tuple[bytes, bytes]] | None:
        """Return the one value of a scalar in braces."""
        own = elements(self.source.code, self.start, closing)
        scalar = not self.declarator.array and len(own) == 1 and not own[0].member
        return [(self.target, self.source.data[own[0].start : own[0].end])] if scalar else None

    def _leaves(
        self, target: bytes, shape: _Shape, opening: int, closing: int
    ) -> list[tuple[bytes, bytes]] | None:
        """Return (what, value) for each scalar of a list; None if it is not plain enough."""
        found: list[tuple[bytes, bytes]] = []
        for position in self._positions(target, shape, opening, closing) or (None,):
            if position is None:
                return None
            inner, kind, start, end = position
            if self.source.code[start : start + 1] == b"{":
                nested = self._leaves(inner, kind, start, end - 1) if any(kind) else None
                if nested is None:
                    return None
                found += nested
            elif any(kind):
                return None
            else:
                found.append((inner, self.source.data[start:end]))
        return found

    def _positions(
        self, target: bytes, shape: _Shape, opening: int, closing: int
    ) -> list[tuple[bytes, _Shape, int, int] | None] | None:
        own = elements(self.source.code, opening, closing)
        if shape.array:
            indices = _indices([element.index for element in own])
            if indices is None or any(element.member for element in own):
                return [None]
            inner = _Shape(shape.tag, False)
            return [
                (b"%s[%d]" % (target, index), inner, element.start, element.end)
                for index, element in zip(indices, own, strict=True)
            ]
        members = self.files.members(self.source.path, shape.tag)
        if members is None or len(own) > len(members):
            return [None]
        named = {struct_member.name: number for number, struct_member in enumerate(members)}
        found: list[tuple[bytes, _Shape, int, int] | None] = []
        at = 0
        for element in own:
            at = named.get(element.member, -1) if element.member else at
            if element.index or not 0 <= at < len(members) or members[at].const:
                return [None]
            member = members[at]
            inner = _Shape(member.tag, member.array)
            found.append((target + b"." + member.name.encode(), inner, element.start, element.end))
            at += 1
        return found

    def _unbounded(self) -> bool:
        return re.search(rb"\[\s*\]", self._declarator_text()) is not None

    def _declarator_text(self) -> bytes:
        return self.source.code[self.declarator.start : self.declarator.end]

    def _count(self, closing: int) -> bytes:
        """Return how many elements a list makes of an array without a bound."""
        own = elements(self.source.code, self.start, closing)
        indices = None if self._directives else _indices([element.index for element in own])
        if indices is None:
            todo = f"how long {self.declarator.name} is can't be told: give it a bound"
            raise Unassignable(InitializerRefusal.VALUE, todo)
        return b"%d" % (max(indices, default=0) + 1)

    def _string(self) -> Statements:
        size = _string_size(self.text)
        if self._unbounded():
            return Statements((self._call("string", self.text),), b"sizeof(%s)" % self.text)
        bound = _BOUND.search(self._declarator_text())
        room = self._number(bound[1].strip()) if bound is not None else None
        if size is None or room is None or size > room:
            return self._copy(b"")
        return Statements((self._call("string", self.text),))

    def _number(self, text: bytes) -> int | None:
        if text.isdigit():
            return int(text)
        return self.files.number(self.source.path, text.decode("latin-1"))

    def _call(self, template: str, source: bytes = b"") -> bytes:
        """Return a call that sets the whole variable."""
        address = b"" if self.declarator.array else b"&"
        text = fill(
            getattr(self.files.index.rules.initializers, template),
            target=(address + self.target).decode("latin-1"),
            source=source.decode("latin-1"),
            size=f"sizeof({self.macro})",
        )
        return text.encode("latin-1") + b";"

    def _copy(self, bound: bytes) -> Statements:
        """Return a block with a constant original, and its copy."""
        if self._is_bound_to_stack():
            names = ", ".join(sorted(self.names & self.macros))
            todo = f"the address of {names} is no constant, and can't be copied: assign it by hand"
            raise Unassignable(InitializerRefusal.VALUE, todo)
        name = self.declarator.name.encode() + b"_initial"
        kind = b"__typeof(%s) %s" % (self.target, name)
        if b"{" not in self.specifiers and b"_HEAD" not in self.specifiers:
            data, declarator = self.source.data, self.declarator
            behind = data[declarator.name_at + len(declarator.name) : declarator.end]
            behind = re.sub(rb"\[\s*\]", b"[%s]" % bound, behind, count=1)
            kind = (
                self.specifiers + b" " + data[declarator.start : declarator.name_at] + name + behind
            )
        address = b"" if self.declarator.array else b"&"
        lines = (
            b"{",
            b"\tstatic const %s = %s;" % (kind, self.text.replace(b"\n", b"\n\t")),
            b"",
            b"\t" + self._call("copy", address + name),
            b"}",
        )
        return Statements(lines, bound)


def _indices(spelt: Sequence[bytes]) -> list[int] | None:
    """Return the index of each element; None if a designator is no number."""
    found: list[int] = []
    for text in spelt:
        if text and not text.isdigit():
            return None
        found.append(int(text) if text else (found[-1] + 1 if found else 0))
    return found


def _string_size(text: bytes) -> int | None:
    """Return the size of string literals in a row, with the NUL; None if that can't be told."""
    size = 1
    for literal in _STRING.findall(text):
        plain = _SIMPLE.sub(b"x", literal)
        if b"\\" in plain:
            return None
        size += len(plain)
    return None if _STRING.sub(b"", text).strip() else size
