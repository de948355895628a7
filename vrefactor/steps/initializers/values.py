"""One initial value: where it stands, what it is for, and what forbids that it is assigned."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from vrefactor.c.model import Storage
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.c.query.object_types import ArrayType, ObjectType, ScalarType, UnknownType
from vrefactor.edit.files import Files
from vrefactor.plan.model import Refusal
from vrefactor.steps.initializers.expansions import Expansions, Form
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.types import Types

_STORAGE = re.compile(rb"(?<!\w)(?:static|extern|register|const)(?!\w)[ \t]*")
_VOLATILE = re.compile(rb"(?<!\w)volatile(?!\w)[ \t]*")
_THREAD = re.compile(rb"(?<!\w)(?:__thread|_Thread_local|thread_local)(?!\w)")
_WEAK = re.compile(rb"(?<!\w)(?:__)?weak\w*")
_NOTHING = frozenset((b"0", b"NULL", b""))
_MOVING = frozenset(("__LINE__", "__COUNTER__", "__INCLUDE_LEVEL__", "__func__", "__FUNCTION__"))
"""What means another thing at another place."""


class Unassignable(Exception):
    """Why a value can't be assigned: the reason of the refusal, and what to do."""

    def __init__(self, detail: str, reason: Refusal = InitializerRefusal.VALUE) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ValueContext:
    """What all values of a tree are read with; `macros` are the `V_` names."""

    files: Files
    types: Types
    expansions: Expansions
    macros: frozenset[str]

    @classmethod
    def of(cls, files: Files, macros: frozenset[str]) -> ValueContext:
        """Return the context for a tree's files."""
        return cls(files, Types(files), Expansions(files), macros)


@dataclass(slots=True)
class InitialValue:
    """One value: where it stands, and what it is for.

    `start` to `end` is its text.
    """

    context: ValueContext
    source: Source
    declaration: Declaration
    declarator: Declarator
    macro: str
    start: int
    end: int
    names: frozenset[str] = field(init=False)
    """The identifiers in the value, and in the macros that it uses."""
    has_directives: bool = field(init=False)
    type: ObjectType = field(init=False)

    def __post_init__(self) -> None:
        conditionals = self.context.files.open(self.source.path)[1]
        self.has_directives = any(
            self.start <= directive.start < self.end for directive in conditionals.directives
        )
        self.names = self.context.expansions.reachable(self.source.path, self.code)
        self.type = self._read_type()

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
    def is_zero(self) -> bool:
        """Whether the value is zero, or a list of zeros."""
        return set(re.split(rb"[\s{},]+", self.code)) <= _NOTHING

    @property
    def form(self) -> Form:
        """What the value is, once its macros are expanded; an `#if` in it is not looked at."""
        if self.has_directives:
            return Form.LIST if self.code.startswith(b"{") else Form.EXPRESSION
        return self.context.expansions.form(self.source.path, self.code)

    @property
    def element(self) -> ObjectType:
        """The type of the elements of an array; of anything else, the type itself."""
        form = self.type.form
        if not isinstance(form, ArrayType):
            return self.type
        return self.context.types.resolve(self.source.path, form.element)

    @property
    def stack_addresses(self) -> list[str]:
        """What is virtualised and has its address in the value."""
        return sorted(self.names & self.context.macros)

    def _read_type(self) -> ObjectType:
        declarator = (self.declarator.start, self.declarator.end)
        declared = self.context.types.of(self.source.path, self.declaration.specifiers, declarator)
        if declared is not None:
            return declared.type
        if self.declarator.pointer and not self.declarator.array:
            return ObjectType(ScalarType())
        return ObjectType(UnknownType("its declaration is not understood"))

    def check(self) -> None:
        """Raise Unassignable for what no form of statement can set."""
        if self.declaration.const or self.type.const:
            raise Unassignable("drop the const, or take it off the rules", InitializerRefusal.CONST)
        if self.declaration.storage is Storage.EXTERN and len(self.declaration.declarators) > 1:
            raise Unassignable("write it in a declaration of its own, without `extern`")
        head = self.source.code[self.declaration.start : self.start]
        if _THREAD.search(head):
            raise Unassignable("each thread has its own: assign it where a thread begins")
        if _WEAK.search(head):
            raise Unassignable("its definition is weak: another one may be the one that counts")
        path, expansions = self.source.path, self.context.expansions
        if expansions.has_compound_literal(path, self.code):
            raise Unassignable("it holds statements or an unnamed object: assign it by hand")
        moving = sorted(self.names & _MOVING)
        if moving:
            raise Unassignable(f"{moving[0]} means another thing in a function: assign it by hand")

    def specifiers(self) -> bytes:
        """Return the type in front of the declarator, without storage class and qualifiers."""
        start, end = self.declaration.specifiers
        text = _STORAGE.sub(b"", self.source.code[start:end]).strip()
        return text if self.declarator.pointer else _VOLATILE.sub(b"", text).strip()
