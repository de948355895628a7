"""The members of a structure, in order, as its definition in some file gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, matching
from vrefactor.c.preprocess.normalise import normalise

_TAG = re.compile(rb"struct\s+(\w+)\Z")


@dataclass(frozen=True, slots=True)
class StructMember:
    """One member; `tag` is that of its structure, if it is one and no pointer to one."""

    name: str
    tag: str
    array: bool
    const: bool


def struct_members(
    source: Source, conditionals: Conditionals, tag: bytes, macros: MacroMatcher
) -> tuple[StructMember, ...] | None:
    """Return the members of `struct tag`.

    None if the file does not define it, if an `#if` stands in it, or if it can't be read: it
    holds a structure without a tag, a bit field or what does not parse.
    """
    head = re.search(rb"(?<!\w)struct\s+%s\s*\{" % re.escape(tag), source.code)
    close = matching(source.code, head.end() - 1) if head is not None else -1
    if head is None or close < 0 or conditionals.cuts(head.start(), close):
        return None
    text = b"struct z " + source.code[head.end() - 1 : close + 1] + b";"
    syntax = Syntax(normalise(text, macros))
    if syntax.has_error():
        return None
    found: list[StructMember] = []
    for field in _fields(syntax.top_level()[0]):
        read = _read(field)
        if read is None:
            return None
        found += read
    return tuple(found)


def _fields(node: Node) -> list[Node]:
    body = node.child_by_field_name("body")
    if body is None and node.named_children:
        body = node.named_children[0].child_by_field_name("body")
    children = body.named_children if body is not None else []
    return [child for child in children if child.type != "comment"]


def _read(field: Node) -> list[StructMember] | None:
    """Return what one declaration of members declares; None if it is not understood."""
    kind = field.child_by_field_name("type")
    declarators = field.children_by_field_name("declarator")
    if field.type != "field_declaration" or kind is None or not declarators:
        return None
    if any(child.type == "bitfield_clause" for child in field.children):
        return None
    if kind.type in ("union_specifier", "struct_specifier") and kind.child_by_field_name("body"):
        return None
    match = _TAG.match(kind.text or b"")
    const = any(child.text == b"const" for child in field.children)
    return [_member(node, match[1].decode() if match else "", const) for node in declarators]


def _member(declarator: Node, tag: str, const: bool) -> StructMember:
    kinds: list[str] = []
    node: Node | None = declarator
    name = b""
    while node is not None:
        kinds.append(node.type)
        if node.type == "field_identifier":
            name = node.text or b""
            break
        inner = node.child_by_field_name("declarator")
        node = inner or (node.named_children[-1] if node.named_children else None)
    pointer = "pointer_declarator" in kinds
    # Of a pointer, the qualifier in front belongs to what it points to.
    own = b"const" in (declarator.text or b"").split(b"*")[-1].split()
    return StructMember(
        name.decode("latin-1"),
        "" if pointer else tag,
        "array_declarator" in kinds,
        own if pointer else const,
    )
