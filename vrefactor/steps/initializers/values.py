"""How a value becomes one or more statements.

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

from vrefactor.c.model import Range
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.c.query.object_types import (
    ArrayType,
    DeclaredType,
    ObjectType,
    RecordType,
    ScalarType,
    UnknownType,
)
from vrefactor.edit.files import Files
from vrefactor.plan.model import Refusal
from vrefactor.rules.templates import fill
from vrefactor.steps.initializers.expansions import Expansions, Form
from vrefactor.steps.initializers.initialisation import (
    FlexibleMember,
    Initialisation,
    Initialised,
    ScalarValue,
)
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.types import Types

_FEW = 4
"""Up to so many elements of an array are assigned one by one."""
_HEAD_VALUE = re.compile(rb"(\w+)_HEAD_INITIALIZER\s*\(.*\)\Z", re.S)
_HEAD_TYPE = re.compile(rb"(?<!\w)(\w+)_HEAD\s*\(")
_TAG = re.compile(rb"(?<!\w)struct\s+(\w+)\s*(\{|\Z)")
_STORAGE = re.compile(rb"(?<!\w)(?:static|extern|register|const)(?!\w)[ \t]*")
_VOLATILE = re.compile(rb"(?<!\w)volatile(?!\w)[ \t]*")
_THREAD = re.compile(rb"(?<!\w)(?:__thread|_Thread_local|thread_local)(?!\w)")
_WEAK = re.compile(rb"(?<!\w)(?:__)?weak\w*")
_EMPTY = re.compile(rb"\[\s*\]")
_NOTHING = frozenset((b"0", b"NULL", b""))
_LITERALS = re.compile(rb'(?:"(?:[^"\\]|\\[abfnrtv\\\'"?])*"\s*)+\Z')
_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_MOVING = frozenset(("__LINE__", "__COUNTER__", "__INCLUDE_LEVEL__", "__func__", "__FUNCTION__"))
"""What means another thing at another place."""


class Unassignable(Exception):
    """Why a value can't be assigned: the reason of the refusal, and what to do."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def _refuse(detail: str, reason: Refusal = InitializerRefusal.VALUE) -> Unassignable:
    return Unassignable(reason, detail)


@dataclass(frozen=True, slots=True)
class Statements:
    """The lines that set a variable; `bound` is what its empty brackets have to hold."""

    lines: tuple[bytes, ...]
    bound: bytes = b""


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
    _directives: bool = field(init=False)
    _type: ObjectType = field(init=False)

    def __post_init__(self) -> None:
        conditionals = self.context.files.open(self.source.path)[1]
        self._directives = any(
            self.start <= directive.start < self.end for directive in conditionals.directives
        )
        self.names = self.context.expansions.reachable(self.source.path, self.code)
        self._type = self._read_type()

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

    def statements(self) -> Statements:
        """Return the statements.  Raises Unassignable."""
        self._check()
        head = self._head()
        if head is not None:
            return Statements((b"%s_INIT(&%s);" % (head, self.target),))
        match self._type.form:
            case ScalarType():
                return self._scalar()
            case ArrayType():
                return self._array()
            case RecordType():
                return self._list() if self.code.startswith(b"{") else self._copy()
            case UnknownType(reason):
                return self._unknown(reason)
        raise AssertionError(self._type)

    def _read_type(self) -> ObjectType:
        declared: DeclaredType | None = self.context.types.of(
            self.source.path,
            self.declaration.specifiers,
            (self.declarator.start, self.declarator.end),
        )
        if declared is not None:
            return declared.type
        if self.declarator.pointer and not self.declarator.array:
            return ObjectType(ScalarType())
        return ObjectType(UnknownType("its declaration is not understood"))

    def _check(self) -> None:
        """Refuse what no form of statement can set."""
        if self.declaration.const or self._type.const:
            raise _refuse("drop the const, or take it off the rules", InitializerRefusal.CONST)
        head = self.source.code[self.declaration.start : self.start]
        if _THREAD.search(head):
            raise _refuse("each thread has its own: assign it where a thread begins")
        if _WEAK.search(head):
            raise _refuse("its definition is weak: another one may be the one that counts")
        path, expansions = self.source.path, self.context.expansions
        if expansions.has_compound_literal(path, self.code):
            raise _refuse("it holds statements or an unnamed object: assign it by hand")
        moving = sorted(self.names & _MOVING)
        if moving:
            raise _refuse(f"{moving[0]} means another thing in a function: assign it by hand")

    def _head(self) -> bytes | None:
        """Return the kind of list head that the variable is, if its value is an empty one."""
        if isinstance(self._type.form, ArrayType | ScalarType):
            return None
        match = _HEAD_VALUE.match(self.code)
        if match is not None:
            return match[1]
        if not self.code.startswith(b"{") or not self.is_zero:
            return None
        specifiers = self._specifiers()
        macro, tag = _HEAD_TYPE.match(specifiers), _TAG.match(specifiers)
        if macro is not None or tag is None:
            kind = macro[1] if macro is not None else None
        else:
            found = self.context.files.head(self.source.path, tag[1].decode())
            kind = found.encode() if found is not None else None
        return kind if kind is not None and self._clears(kind) else None

    def _clears(self, kind: bytes) -> bool:
        """Say whether the macro that makes a list empty does no more than to clear its head."""
        name = kind.decode() + "_INIT"
        found = self.context.files.definitions(self.source.path, name)
        return bool(found) and not any(b"&" in macro.body for macro in found)

    def _scalar(self) -> Statements:
        """Return the assignment of a scalar: without the braces that its value may be in."""
        code = self.code
        if not code.startswith(b"{"):
            form = Form.EXPRESSION if self._directives else self._form()
            if form in (Form.LIST, Form.UNKNOWN):
                return self._copy()
            return Statements((self._assignment(),))
        if self._directives:
            return self._copy()
        if self.is_zero and not code.strip(b"{} \t\r\n"):
            return Statements((self.target + b" = 0;",))
        scalars = self._initialised().scalars
        if scalars is None or len(scalars) != 1:
            return self._copy()
        return Statements((self._set(scalars[0]),))

    def _form(self) -> Form:
        return self.context.expansions.form(self.source.path, self.code)

    def _assignment(self) -> bytes:
        """Return the value assigned as it stands, an `#if` in it on lines of its own."""
        text = self.text.strip(b" \t")
        gap = b"" if text.startswith((b"\n", b"\r")) else b" "
        end = b"\n    ;" if text.rpartition(b"\n")[2].startswith(b"#") else b";"
        return self.target + b" =" + gap + text + end

    def _set(self, scalar: ScalarValue) -> bytes:
        return b"%s = %s;" % (scalar.target, self.source.data[scalar.start : scalar.end])

    def _array(self) -> Statements:
        if self._directives:
            return self._list() if self.code.startswith(b"{") else self._copy()
        string = self._string_range()
        if string is not None:
            return self._string(*string)
        if self.code.startswith(b"{"):
            return self._list()
        if self._form() is Form.EXPRESSION:
            raise _refuse("an array can't have it: assign it by hand")
        return self._copy()

    def _string_range(self) -> Range | None:
        """Return where the string stands that initialises an array of characters, if one does."""
        form = self._type.form
        element = form.element if isinstance(form, ArrayType) else self._type
        kind = self.context.types.resolve(self.source.path, element).form
        if not isinstance(kind, ScalarType) or not kind.characters:
            return None
        if not self.code.startswith(b"{"):
            return (self.start, self.end) if self._form() is Form.STRING else None
        found = self._initialisation().string_of(self._type, self.start, self.end - 1)
        return None if found is None else (found.start, found.end)

    def _string(self, start: int, end: int) -> Statements:
        text = self.source.data[start:end]
        simple = _LITERALS.match(text) is not None and self._is_plain()
        if self._unbounded():
            wide = re.search(rb'(?<!\w)[LuU]"', text) or _LITERAL.sub(b"", text).strip()
            bound = b"sizeof(%s)" % text
            if wide:
                bound += b" / sizeof(*(%s))" % text
            if simple:
                return Statements((self._call("string", text),), bound)
            return self._copy(bound)
        form = self._type.form
        bound = form.bound if isinstance(form, ArrayType) else b""
        room = self.context.types.number(self.source.path, bound)
        if not simple or room is None or _size(text) > room:
            return self._copy()
        return Statements((self._call("string", text),))

    def _is_plain(self) -> bool:
        form = self._type.form
        element = form.element if isinstance(form, ArrayType) else self._type
        kind = self.context.types.resolve(self.source.path, element)
        return isinstance(kind.form, ScalarType) and kind.form.plain and not self._type.volatile

    def _unbounded(self) -> bool:
        """Say whether the value makes the array as long as it is."""
        form = self._type.form
        if not isinstance(form, ArrayType) or form.bound:
            return False
        if _EMPTY.search(self.source.code, self.declarator.start, self.declarator.end) is None:
            raise _refuse("its type has no length: give it one")
        return True

    def _initialisation(self) -> Initialisation:
        return Initialisation(self.context.types, self.context.expansions, self.source)

    def _initialised(self) -> Initialised:
        if self._directives:
            return Initialised(None, False, None)
        try:
            return self._initialisation().of_list(self._type, self.target, self.start, self.end - 1)
        except FlexibleMember:
            raise _refuse("its last member has no length: it can't be in a container") from None

    def _list(self) -> Statements:
        found = self._initialised()
        bound = self._length(found) if self._unbounded() else b""
        scalars = found.scalars if found.plain else None
        few = scalars is not None and len(scalars) <= _FEW
        if self.is_zero and not self._type.volatile and not (few and scalars):
            self._check_size()
            return Statements((self._call("zero"),), bound)
        if scalars and (few or not isinstance(self._type.form, ArrayType)):
            return self._each(scalars, bound)
        if found.scalars and (self._stack_addresses() or self._type.volatile):
            return self._each(found.scalars, bound)
        return self._copy(bound)

    def _each(self, scalars: Sequence[ScalarValue], bound: bytes) -> Statements:
        return Statements(tuple(self._set(scalar) for scalar in scalars), bound)

    def _length(self, found: Initialised) -> bytes:
        """Return how many elements a list makes of an array without a bound."""
        if not found.length:
            raise _refuse(f"how long {self.declarator.name} is can't be told: give it a bound")
        return b"%d" % found.length

    def _unknown(self, reason: str) -> Statements:
        """Return the statements for a type that is not known: only few can be right."""
        form = Form.EXPRESSION if self._directives else self._form()
        if self.code.startswith(b"{"):
            if self.is_zero and b"{" not in self.code[1:]:
                return Statements((self._call("zero"),))
            if _HEAD_TYPE.match(self._specifiers()):
                return self._copy()
        elif form is Form.EXPRESSION or (form is Form.NAME and self._is_declared()):
            return Statements((self._assignment(),))
        raise _refuse(f"{reason}: assign it by hand", InitializerRefusal.TYPE)

    def _is_declared(self) -> bool:
        """Say whether the name that is the value stands in the tree's files for something."""
        name = self.code.strip(b"() \t\r\n&")
        files, own = self.context.files, self.source.path
        return any(name in files.plain(path) for path in files.view(own) if path != own) or (
            files.plain(own).count(name) > 1
        )

    def _stack_addresses(self) -> list[str]:
        """Return what is virtualised and has its address in the value."""
        return sorted(self.names & self.context.macros)

    def _call(self, template: str, source: bytes = b"") -> bytes:
        """Return a call that sets the whole variable."""
        address = b"" if self.declarator.array else b"&"
        text = fill(
            getattr(self.context.files.index.rules.initializers, template),
            target=(address + self.target).decode("latin-1"),
            source=source.decode("latin-1"),
            size=f"sizeof({self.macro})",
        )
        return text.encode("latin-1") + b";"

    def _check_size(self) -> None:
        """Refuse an object that may be larger than its type."""
        form = self._type.form
        if isinstance(form, RecordType) and form.open_ended and form.members is None:
            raise _refuse("its last member may have no length: assign it by hand")

    def _copy(self, bound: bytes = b"") -> Statements:
        """Return a block with a constant original, and its copy."""
        names = self._stack_addresses()
        if names:
            raise _refuse(
                f"the address of {', '.join(names)} is no constant, and can't be copied:"
                " assign it by hand"
            )
        if self._type.volatile:
            raise _refuse("it is volatile, and can't be copied: assign it by hand")
        if not bound and self._unbounded():
            raise _refuse(f"how long {self.declarator.name} is can't be told: give it a bound")
        self._check_size()
        name = self.declarator.name.encode() + b"_initial"
        address = b"" if self.declarator.array else b"&"
        text = self.text.replace(b"\n", b"\n\t")
        lines = (
            b"{",
            b"\tstatic const %s = %s;" % (self._original(name, bound), text),
            b"",
            b"\t" + self._call("copy", address + name),
            b"}",
        )
        return Statements(lines, bound)

    def _original(self, name: bytes, bound: bytes) -> bytes:
        """Return the declaration of another object of the same type."""
        specifiers, declarator = self._specifiers(), self.declarator
        attributes = self.context.files.macros.attribute
        words = re.findall(rb"\w+", specifiers)
        if (
            re.search(rb"[({]", specifiers)
            or declarator.function
            or any(attributes.fullmatch(word) for word in words)
        ):
            return b"__typeof(%s) %s" % (self.target, name)
        data = self.source.data
        behind = data[declarator.name_at + len(declarator.name) : declarator.end]
        behind = _EMPTY.sub(b"[%s]" % bound.replace(b"\\", rb"\\"), behind, count=1)
        return specifiers + b" " + data[declarator.start : declarator.name_at] + name + behind

    def _specifiers(self) -> bytes:
        """Return the type in front of the declarator, without storage class and qualifiers."""
        start, end = self.declaration.specifiers
        text = _STORAGE.sub(b"", self.source.code[start:end]).strip()
        return text if self.declarator.pointer else _VOLATILE.sub(b"", text).strip()


def _size(text: bytes) -> int:
    """Return the size of string literals in a row, with the NUL."""
    literals = (match[1] for match in _LITERAL.finditer(text))
    return 1 + sum(len(re.sub(rb"\\.", b"x", literal)) for literal in literals)
