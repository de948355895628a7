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
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.query.object_types import ArrayType, RecordType, ScalarType, UnknownType
from vrefactor.rules.templates import fill
from vrefactor.steps.initializers.expansions import Form
from vrefactor.steps.initializers.initialisation import (
    UNDECIDED,
    FlexibleMember,
    Initialisation,
    Initialised,
    ScalarValue,
)
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.values import InitialValue, Unassignable

_FEW = 4
"""Up to so many elements of an array are assigned one by one."""
_HEAD_VALUE = re.compile(rb"(\w+)_HEAD_INITIALIZER\s*\(.*\)\Z", re.S)
_HEAD_TYPE = re.compile(rb"(?<!\w)(\w+)_HEAD\s*\(")
_TAG = re.compile(rb"(?<!\w)struct\s+(\w+)\s*(\{|\Z)")
_EMPTY = re.compile(rb"\[\s*\]")
_LITERALS = re.compile(rb'(?:"(?:[^"\\]|\\[abfnrtv\\\'"?])*"\s*)+\Z')
_LITERAL = re.compile(rb'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Statements:
    """The lines that set a variable; `bound` is what its empty brackets have to hold."""

    lines: tuple[bytes, ...]
    bound: bytes = b""


@dataclass(frozen=True, slots=True)
class StatementWriter:
    """Writes the statements for one value."""

    value: InitialValue

    def statements(self) -> Statements:
        """Return the statements.  Raises Unassignable."""
        self.value.check()
        head = self._head()
        if head is not None:
            return Statements((b"%s_INIT(&%s);" % (head, self.value.target),))
        match self.value.type.form:
            case ScalarType():
                return self._scalar()
            case ArrayType():
                return self._array()
            case RecordType():
                return self._list() if self.value.code.startswith(b"{") else self._copy()
            case UnknownType(reason):
                return self._unknown(reason)
        raise AssertionError(self.value.type)

    def _head(self) -> bytes | None:
        """Return the kind of list head that the variable is, if its value is an empty one."""
        if isinstance(self.value.type.form, ArrayType | ScalarType):
            return None
        match = _HEAD_VALUE.match(self.value.code)
        if match is not None:
            return match[1]
        if not self.value.code.startswith(b"{") or not self.value.is_zero:
            return None
        specifiers = self.value.specifiers()
        macro, tag = _HEAD_TYPE.match(specifiers), _TAG.match(specifiers)
        if macro is not None or tag is None:
            kind = macro[1] if macro is not None else None
        else:
            found = self.value.context.files.head(self.value.source.path, tag[1].decode())
            kind = found.encode() if found is not None else None
        return kind if kind is not None and self._clears(kind) else None

    def _clears(self, kind: bytes) -> bool:
        """Say whether the macro that makes a list empty does no more than to clear its head."""
        name = kind.decode() + "_INIT"
        found = self.value.context.files.definitions(self.value.source.path, name)
        return bool(found) and not any(b"&" in macro.body for macro in found)

    def _scalar(self) -> Statements:
        """Return the assignment of a scalar: without the braces that its value may be in."""
        code = self.value.code
        if not code.startswith(b"{"):
            if self.value.form in (Form.LIST, Form.UNKNOWN):
                return self._copy()
            return Statements((self._assignment(),))
        if not code.strip(b"{} \t\r\n"):
            return Statements((self.value.target + b" = 0;",))
        scalars = self._initialised().scalars
        if scalars is None or len(scalars) != 1:
            return self._copy()
        return Statements((self._set(scalars[0]),))

    def _assignment(self) -> bytes:
        """Return the value assigned as it stands, an `#if` in it on lines of its own."""
        text = self.value.text.strip(b" \t")
        gap = b"" if text.startswith((b"\n", b"\r")) else b" "
        end = b"\n    ;" if text.rpartition(b"\n")[2].startswith(b"#") else b";"
        return self.value.target + b" =" + gap + text + end

    def _set(self, scalar: ScalarValue) -> bytes:
        return b"%s = %s;" % (scalar.target, self.value.source.data[scalar.start : scalar.end])

    def _array(self) -> Statements:
        string = self._string_range()
        if string is not None:
            return self._string(*string)
        if self.value.code.startswith(b"{"):
            return self._list()
        if self.value.form is Form.EXPRESSION and not self.value.has_directives:
            raise Unassignable("an array can't have it: assign it by hand")
        return self._copy()

    def _string_range(self) -> Range | None:
        """Return where the string stands that initialises an array of characters, if one does."""
        value, kind = self.value, self.value.element.form
        if value.has_directives or not isinstance(kind, ScalarType) or not kind.characters:
            return None
        if not value.code.startswith(b"{"):
            return (value.start, value.end) if value.form is Form.STRING else None
        found = self._initialisation().string_of(value.type, value.start, value.end - 1)
        return None if found is None else (found.start, found.end)

    def _string(self, start: int, end: int) -> Statements:
        text = self.value.source.data[start:end]
        simple = _LITERALS.match(text) is not None and self._takes_strings()
        if self._unbounded():
            bound = b"sizeof(%s)" % text
            if _LITERAL.sub(b"", text).strip():
                bound += b" / sizeof(*(%s))" % text
            if simple:
                return Statements((self._call("string", text),), bound)
            return self._copy(bound)
        form = self.value.type.form
        bound = form.bound if isinstance(form, ArrayType) else b""
        room = self.value.context.types.number(self.value.source.path, bound)
        if not simple or room is None or _size(text) > room:
            return self._copy()
        return Statements((self._call("string", text),))

    def _takes_strings(self) -> bool:
        """Say whether an array of it is what functions on strings take."""
        kind = self.value.element
        return isinstance(kind.form, ScalarType) and kind.form.plain and not kind.volatile

    def _unbounded(self) -> bool:
        """Say whether the value makes the array as long as it is."""
        form, declarator = self.value.type.form, self.value.declarator
        if not isinstance(form, ArrayType) or form.bound:
            return False
        if _EMPTY.search(self.value.source.code, declarator.start, declarator.end) is None:
            raise Unassignable("its type has no length: give it one")
        return True

    def _initialisation(self) -> Initialisation:
        context = self.value.context
        return Initialisation(context.types, context.expansions, self.value.source)

    def _initialised(self) -> Initialised:
        value = self.value
        if value.has_directives:
            return UNDECIDED
        try:
            return self._initialisation().of_list(
                value.type, value.target, value.start, value.end - 1
            )
        except FlexibleMember:
            what = "its last member has no length: it can't be in a container"
            raise Unassignable(what) from None

    def _list(self) -> Statements:
        value, found = self.value, self._initialised()
        bound = self._length(found) if self._unbounded() else b""
        scalars = found.scalars if found.plain else None
        few = scalars is not None and len(scalars) <= _FEW
        if value.is_zero and not value.type.volatile and not (few and scalars):
            self._check_size(found)
            return Statements((self._call("zero"),), bound)
        if scalars and (few or not isinstance(value.type.form, ArrayType)):
            return self._each(scalars, bound)
        if found.scalars and (value.stack_addresses or value.type.volatile):
            return self._each(found.scalars, bound)
        return self._copy(bound, found)

    def _each(self, scalars: Sequence[ScalarValue], bound: bytes) -> Statements:
        return Statements(tuple(self._set(scalar) for scalar in scalars), bound)

    def _length(self, found: Initialised) -> bytes:
        """Return how many elements a list makes of an array without a bound."""
        if not found.length:
            raise self._without_length()
        return b"%d" % found.length

    def _without_length(self) -> Unassignable:
        name = self.value.declarator.name
        return Unassignable(f"how long {name} is can't be told: give it a bound")

    def _unknown(self, reason: str) -> Statements:
        """Return the statements for a type that is not known: only few can be right."""
        form = self.value.form
        if self.value.code.startswith(b"{"):
            if self.value.is_zero and b"{" not in self.value.code[1:]:
                return Statements((self._call("zero"),))
            if _HEAD_TYPE.match(self.value.specifiers()):
                return self._copy()
        elif form is Form.EXPRESSION or (form is Form.NAME and self._is_declared()):
            return Statements((self._assignment(),))
        raise Unassignable(f"{reason}: assign it by hand", InitializerRefusal.TYPE)

    def _is_declared(self) -> bool:
        """Say whether the name that is the value stands in the tree's files for something."""
        name = self.value.code.strip(b"() \t\r\n&")
        files, own = self.value.context.files, self.value.source.path
        return any(name in files.plain(path) for path in files.view(own) if path != own) or (
            files.plain(own).count(name) > 1
        )

    def _call(self, template: str, source: bytes = b"") -> bytes:
        """Return a call that sets the whole variable."""
        address = b"" if self.value.declarator.array else b"&"
        text = fill(
            getattr(self.value.context.files.index.rules.initializers, template),
            target=(address + self.value.target).decode("latin-1"),
            source=source.decode("latin-1"),
            size=f"sizeof({self.value.macro})",
        )
        return text.encode("latin-1") + b";"

    def _check_size(self, found: Initialised) -> None:
        """Refuse an object that may be larger than its type."""
        form = self.value.type.form
        if isinstance(form, RecordType) and form.open_ended and found.length is None:
            raise Unassignable("its last member may have no length: assign it by hand")

    def _copy(self, bound: bytes = b"", found: Initialised = UNDECIDED) -> Statements:
        """Return a block with a constant original, and its copy."""
        value = self.value
        if value.stack_addresses:
            names = ", ".join(value.stack_addresses)
            what = f"the address of {names} is no constant, and can't be copied"
            raise Unassignable(f"{what}: assign it by hand")
        if value.type.volatile:
            raise Unassignable("it is volatile, and can't be copied: assign it by hand")
        if not bound and self._unbounded():
            raise self._without_length()
        self._check_size(found)
        name = value.declarator.name.encode() + b"_initial"
        address = b"" if value.declarator.array else b"&"
        text = value.text.replace(b"\n", b"\n\t")
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
        specifiers, declarator = self.value.specifiers(), self.value.declarator
        attributes = self.value.context.files.macros.attribute
        words = re.findall(rb"\w+", specifiers)
        plain = re.search(rb"[({]", specifiers) is None and not declarator.function
        if not plain or any(attributes.fullmatch(word) for word in words):
            return b"__typeof(%s) %s" % (self.value.target, name)
        data = self.value.source.data
        behind = data[declarator.name_at + len(declarator.name) : declarator.end]
        behind = _EMPTY.sub(lambda _: b"[%s]" % bound, behind, count=1)
        return specifiers + b" " + data[declarator.start : declarator.name_at] + name + behind


def _size(text: bytes) -> int:
    """Return the size of string literals in a row, with the NUL."""
    literals = (match[1] for match in _LITERAL.finditer(text))
    return 1 + sum(len(re.sub(rb"\\.", b"x", literal)) for literal in literals)
