"""Reading the variables off one declaration of the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from tree_sitter import Node

from vrefactor.c.model import Range, Storage

_STORAGE = {b"static": Storage.STATIC, b"extern": Storage.EXTERN}
_NAMES = ("identifier", "type_identifier")


class DeclaredKind(Enum):
    """What a declarator at file scope introduces."""

    VARIABLE = auto()
    FUNCTION = auto()
    FUNCTION_TYPE = auto()
    """A typedef of a function or of a pointer to one."""


@dataclass(frozen=True, slots=True)
class DeclaredName:
    """One variable, function or type of functions that is declared or defined.

    All offsets count from the start of the parsed text.
    """

    name: str
    start: int
    storage: Storage
    specifiers: Range
    declarator: Range
    initialiser: Range | None
    pointer: bool
    array: bool
    function: bool
    const: bool
    what: DeclaredKind


@dataclass(slots=True)
class _Shape:
    """What the declarators around a name make of it, from the outermost to the name."""

    name: Node | None = None
    pointer: bool = False
    array: bool = False
    calls: int = 0
    last: str = ""
    """The declarator next to the name, parentheses aside."""
    const: bool | None = None
    """Whether the innermost pointer is const; None if there is no pointer."""


def read_declarations(nodes: Sequence[Node]) -> Iterator[DeclaredName]:
    """Yield what the nodes at file scope declare; other typedefs are left out.

    Left out are declarations with an error in front of an initialiser, and those between
    the head of a function and its body, where the head does not parse: its parameters.
    """
    for node in _outside_functions(nodes):
        if node.type in ("linkage_specification", "declaration_list"):
            yield from read_declarations(node.named_children)
        elif node.type in ("declaration", "type_definition", "function_definition"):
            yield from _read_declaration(node)


def _outside_functions(nodes: Sequence[Node]) -> list[Node]:
    outside: list[Node] = []
    head = 0
    for node in nodes:
        if node.type == "compound_statement":
            del outside[head:]
        outside.append(node)
        if node.is_error or node.type not in ("declaration", "type_definition"):
            head = len(outside)
    return outside


def _read_declaration(node: Node) -> Iterator[DeclaredName]:
    declarators = node.children_by_field_name("declarator")
    storage = _storage(node)
    const = any(
        child.type == "type_qualifier" and child.text == b"const" for child in node.children
    )
    for declarator in declarators:
        shape = _shape(declarator)
        if shape.name is None or shape.name.text is None:
            continue
        what = _what(node, shape)
        if what is None:
            continue
        outer, value = _parts(declarator)
        if outer.has_error or any(child.is_error for child in node.children):
            continue
        yield DeclaredName(
            shape.name.text.decode("latin-1"),
            shape.name.start_byte,
            storage,
            (node.start_byte, declarators[0].start_byte),
            (outer.start_byte, outer.end_byte),
            None if value is None else (value.start_byte, value.end_byte),
            shape.pointer,
            shape.array,
            shape.calls > 0,
            const if shape.const is None else shape.const,
            what,
        )


def _what(node: Node, shape: _Shape) -> DeclaredKind | None:
    if node.type == "type_definition":
        return DeclaredKind.FUNCTION_TYPE if shape.calls else None
    return DeclaredKind.FUNCTION if shape.last == "function_declarator" else DeclaredKind.VARIABLE


def _storage(node: Node) -> Storage:
    for child in node.children:
        if child.type == "storage_class_specifier" and child.text in _STORAGE:
            return _STORAGE[child.text]
    return Storage.NONE


def _parts(declarator: Node) -> tuple[Node, Node | None]:
    """Split an init-declarator into the declarator and the initialiser."""
    if declarator.type != "init_declarator":
        return declarator, None
    inner = declarator.child_by_field_name("declarator")
    return inner or declarator, declarator.child_by_field_name("value")


def _shape(declarator: Node) -> _Shape:
    shape = _Shape()
    node: Node | None = declarator
    while node is not None:
        if node.type in _NAMES:
            shape.name = node
            return shape
        _note(shape, node)
        inner = node.child_by_field_name("declarator")
        if inner is None and node.named_children:
            inner = node.named_children[-1 if node.type == "parenthesized_declarator" else 0]
        node = inner
    return shape


def _note(shape: _Shape, node: Node) -> None:
    """Take what one declarator around the name says."""
    if node.type == "pointer_declarator":
        shape.pointer = True
        shape.const = any(
            child.type == "type_qualifier" and child.text == b"const" for child in node.children
        )
    elif node.type == "array_declarator":
        shape.array = True
    elif node.type == "function_declarator":
        shape.calls += 1
    if node.type not in ("init_declarator", "parenthesized_declarator", "attributed_declarator"):
        shape.last = node.type
