"""The types of objects: what the rules of initialisation ask of them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A number or a pointer.  `characters`: a string may initialise an array of it.

    `plain` says that it is `char` itself.
    """

    characters: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An array; `bound` is what its brackets hold, without blanks around."""

    element: ObjectType
    bound: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure or union; without a name it is an anonymous one of these."""

    name: str
    type: ObjectType
    bits: bool = False


@dataclass(frozen=True, slots=True)
class RecordType:
    """A structure or a union.

    `members` is None if they can't be read, or depend on an `#if`.  `open_ended` says that an
    array without a length stands in it: its last member may be one.
    """

    union: bool
    members: tuple[Member, ...] | None
    open_ended: bool


@dataclass(frozen=True, slots=True)
class NamedType:
    """A name that a typedef or a macro defines, or the tag behind a `struct` or `union`."""

    keyword: str
    name: str


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A type that is not understood, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type with its qualifiers; those of an array are the ones of its elements too."""

    form: ScalarType | ArrayType | RecordType | NamedType | UnknownType
    const: bool = False
    volatile: bool = False

    def qualified(self, other: ObjectType) -> ObjectType:
        """Return this type with the qualifiers of another one as well."""
        const, volatile = self.const or other.const, self.volatile or other.volatile
        return replace(self, const=const, volatile=volatile)
