"""What each value of a list in braces initialises: section 6.7.9 of C11, and what GNU C adds.

The values are taken in their order, each for the next subobject, or for the one that its
designators name; an aggregate that is not in braces of its own takes as many as it has room
for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from vrefactor.c.preprocess.lexer import Source, matching
from vrefactor.c.query.initializer_elements import Designator, Element, elements
from vrefactor.c.query.object_types import (
    ArrayType,
    Member,
    ObjectType,
    RecordType,
    ScalarType,
    UnknownType,
)
from vrefactor.steps.initializers.expansions import Expansions, Form
from vrefactor.steps.initializers.types import Types

_NO_BOUND = (b"", b"0")


@dataclass(frozen=True, slots=True)
class ScalarValue:
    """A scalar that gets a value: how it is written, and the range of the value."""

    target: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Initialised:
    """What a list initialises.

    `scalars` are all that get a value, in order; None if assignments to them would not do the
    same, or if it is not known which they are.  `plain` says that each aggregate has braces of
    its own, and none is a union, an array of arrays, or holds bit fields or unnamed members.
    `length` is that of the outermost array, 0 of anything else; None if it can't be told what the
    values are for.
    """

    scalars: tuple[ScalarValue, ...] | None
    plain: bool
    length: int | None


UNDECIDED = Initialised(None, False, None)
"""What is known of a list that can't be taken apart."""


class FlexibleMember(Exception):
    """A member without a length gets a value: the object is larger than its type."""


class _Undecided(Exception):
    """It can't be told what a value initialises."""


_Queue = deque[Element]


@dataclass(slots=True)
class Initialisation:
    """Takes one list of one file apart."""

    types: Types
    expansions: Expansions
    source: Source
    _scalars: list[ScalarValue] = field(default_factory=list)
    _plain: bool = True
    _exact: bool = True

    def of_list(self, kind: ObjectType, target: bytes, opening: int, closing: int) -> Initialised:
        """Return what the list between two braces initialises, of `target`, a resolved type.

        Raises FlexibleMember.
        """
        try:
            length = self._list(kind, target, opening, closing)
        except _Undecided:
            return UNDECIDED
        scalars = tuple(self._scalars) if self._exact else None
        return Initialised(scalars, self._plain, length)

    def string_of(self, kind: ObjectType, opening: int, closing: int) -> Element | None:
        """Return the string in braces that initialises an array of characters, if it does."""
        own = elements(self.source.code, opening, closing)
        sole = len(own) == 1 and not own[0].designators
        return own[0] if sole and self._is_string(kind, own[0]) else None

    def _list(self, kind: ObjectType, target: bytes, opening: int, closing: int) -> int:
        """Take a list in braces; return how many elements an array has by it."""
        if matching(self.source.code, opening) != closing:
            raise _Undecided
        if isinstance(kind.form, UnknownType):
            self._exact = False
            return 0
        if self.string_of(kind, opening, closing) is not None:
            self._exact = False
            return 0
        queue = deque(elements(self.source.code, opening, closing))
        if isinstance(kind.form, ScalarType):
            length = 0
            if queue:
                self._value(kind, target, queue)
        else:
            length = self._aggregate(kind, target, queue, braced=True)
        if queue:
            raise _Undecided
        return length

    def _aggregate(
        self,
        kind: ObjectType,
        target: bytes,
        queue: _Queue,
        *,
        braced: bool,
        first: tuple[Designator, ...] = (),
    ) -> int:
        """Take the values for an array, structure or union; `first` designates the first one.

        Return how many elements an array has by them.
        """
        count = self._count(kind)
        if count is None and not braced and not first:
            raise _Undecided
        done: set[int] = set()
        index = length = 0
        while queue and (braced or first or not queue[0].designators):
            designators = first or queue[0].designators
            rest: tuple[Designator, ...] = ()
            last = index
            if designators:
                index, last, rest = self._designated(kind, designators)
                first = ()
                queue[0] = replace(queue[0], designators=())
            if count is not None and index >= count:
                break
            self._exact = self._exact and last == index and index not in done
            done.update(range(index, last + 1))
            part, name = self._part(kind, target, index)
            if rest:
                self._plain = False
                self._aggregate(part, name, queue, braced=False, first=rest)
            else:
                self._value(part, name, queue)
            index = last + 1
            length = max(length, index)
            if isinstance(kind.form, RecordType) and kind.form.union:
                if done != {last}:
                    self._exact = False
                if not braced:
                    break
                index = count or 0
        return length

    def _value(self, kind: ObjectType, target: bytes, queue: _Queue) -> None:
        """Take the value, or the values, for one object."""
        element = queue[0]
        if element.designators or element.start >= element.end:
            raise _Undecided
        if self.source.code[element.start : element.start + 1] == b"{":
            queue.popleft()
            self._list(kind, target, element.start, element.end - 1)
        elif self._form(element) is Form.LIST:
            queue.popleft()
            self._exact = False
        elif isinstance(kind.form, ScalarType):
            if not self.expansions.is_one(self.source.path, self._code(element)):
                raise _Undecided
            queue.popleft()
            self._exact = self._exact and not kind.const
            self._scalars.append(ScalarValue(target, element.start, element.end))
        elif isinstance(kind.form, UnknownType):
            raise _Undecided
        elif self._is_string(kind, element):
            queue.popleft()
            self._exact = False
        else:
            self._plain = False
            before = len(queue)
            self._aggregate(kind, target, queue, braced=False)
            if len(queue) == before:
                raise _Undecided

    def _code(self, element: Element) -> bytes:
        return self.source.code[element.start : element.end]

    def _form(self, element: Element) -> Form:
        return self.expansions.form(self.source.path, self._code(element))

    def _is_string(self, kind: ObjectType, element: Element) -> bool:
        form = kind.form
        if not isinstance(form, ArrayType):
            return False
        inner = self._resolved(form.element).form
        characters = isinstance(inner, ScalarType) and inner.characters
        return characters and self._form(element) is Form.STRING

    def _resolved(self, kind: ObjectType) -> ObjectType:
        return self.types.resolve(self.source.path, kind)

    def _members(self, kind: ObjectType) -> tuple[Member, ...]:
        members = kind.form.members if isinstance(kind.form, RecordType) else None
        if members is None:
            raise _Undecided
        return members

    def _count(self, kind: ObjectType) -> int | None:
        """Return how many subobjects there are; None if any number may be."""
        if not isinstance(kind.form, ArrayType):
            return len(self._members(kind))
        bound = kind.form.bound
        return self.types.number(self.source.path, bound) if bound else None

    def _part(self, kind: ObjectType, target: bytes, index: int) -> tuple[ObjectType, bytes]:
        """Return a subobject: its type, and how it is written."""
        if isinstance(kind.form, ArrayType):
            part = self._resolved(kind.form.element)
            self._plain = self._plain and not isinstance(part.form, ArrayType)
            return part, b"%s[%d]" % (target, index)
        members = self._members(kind)
        member = members[index]
        part = self._resolved(member.type).qualified(ObjectType(ScalarType(), kind.const))
        if isinstance(part.form, ArrayType) and part.form.bound in _NO_BOUND:
            raise FlexibleMember
        union = isinstance(kind.form, RecordType) and kind.form.union
        if union or member.bits or not all(other.name for other in members):
            self._plain = False
        if any(other.bits for other in members):
            self._plain = False
        return part, target + b"." + member.name.encode() if member.name else target

    def _designated(
        self, kind: ObjectType, designators: tuple[Designator, ...]
    ) -> tuple[int, int, tuple[Designator, ...]]:
        """Return what the first designator names, from and to, and what designates inside it."""
        designator, rest = designators[0], designators[1:]
        if isinstance(kind.form, ArrayType):
            if designator.member:
                raise _Undecided
            return (*self._indices(designator), rest)
        for index, member in enumerate(self._members(kind)):
            if member.name == designator.member:
                return index, index, rest
            if not member.name and self._has(member.type, designator.member):
                return index, index, designators
        raise _Undecided

    def _has(self, kind: ObjectType, name: str) -> bool:
        """Say whether an unnamed member has a member of this name."""
        return any(
            member.name == name or (not member.name and self._has(member.type, name))
            for member in self._members(self._resolved(kind))
        )

    def _indices(self, designator: Designator) -> tuple[int, int]:
        text = self.source.data[designator.start : designator.end]
        found = [self.types.number(self.source.path, part) for part in text.split(b"...")]
        first, last = found[0], found[-1]
        if first is None or last is None or not 0 <= first <= last or len(found) > 2:
            raise _Undecided
        return first, last
