"""The names that declarations rest on: what a file defines of them, and what it needs.

A structure that gathers variables needs their types: tags that must be complete, typedef
names, macros and enumerators in bounds of arrays.  A header needs such names too, and gives
others.  Inline functions of headers are read for the typedef names in them alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from enum import IntEnum

from tree_sitter import Node

from vrefactor.c.model import Range
from vrefactor.c.parse.macro_bodies import macro_definitions
from vrefactor.c.parse.parsed_file import ParsedChunk, ParsedFile, parse_file
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import matching, split_arguments

_TAGS = re.compile(rb"[()]|(?<!\w)(?:struct|union)\s+(\w+)")
_TAGGED = ("struct_specifier", "union_specifier", "enum_specifier")
_DECLARING = ("declaration", "field_declaration", "type_definition")
_GUARDED = re.compile(rb"defined\(_+\w+_H_*\)")


class Space(IntEnum):
    """In which way a name is a type's."""

    TAG = 0
    """The tag of a struct, union or enum; needed complete."""
    TYPEDEF = 1
    CONSTANT = 2
    """A macro or an enumerator."""
    KNOWN_TAG = 3
    """A tag that must have been declared: in a list of parameters it would be another one."""


@dataclass(frozen=True, slots=True, order=True)
class TypeName:
    """A name in its name space."""

    space: Space
    name: str


@dataclass(frozen=True, slots=True, order=True)
class SpecifierMacro:
    """A macro invocation that stands for a struct specifier: `LIST_HEAD(inpcbhead, inpcb)`."""

    start: int
    end: int
    macro: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class NamePlace:
    """Where a name is defined: the whole construct at file scope, and the type's own part.

    For a tag that part is the specifier with its body, which variables may follow; for any
    other name it is the construct.
    """

    construct: Range
    own: Range


@dataclass(slots=True)
class TypeNames:
    """What one file defines and needs, with the places; a need's place is the name's offset."""

    defined: dict[TypeName, list[NamePlace]] = field(default_factory=dict)
    needed: dict[TypeName, list[int]] = field(default_factory=dict)
    specifier_macros: list[SpecifierMacro] = field(default_factory=list)
    declared: dict[str, int] = field(default_factory=dict)
    """Tags that stand outside of lists of parameters, each with its first offset."""

    def needs_in(self, start: int, end: int) -> list[TypeName]:
        """Return what the declarations between two offsets need, sorted."""
        return sorted(
            name for name, places in self.needed.items() if any(start <= at < end for at in places)
        )


def type_names(path: str, data: bytes, macros: MacroMatcher) -> TypeNames:
    """Read a whole file under every condition; of a source the bodies of functions do not count.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    whole = parse_file(path, data, macros, bodies=not path.endswith(".c"))
    reader = _Reader(whole)
    for view in whole.views:
        for piece in view.pieces:
            reader.read(piece)
    for body in macro_definitions(whole.source, whole.conditionals):
        directive = whole.conditionals.directive_at(body.name_at)
        assert directive is not None
        name = TypeName(Space.CONSTANT, body.name.decode("latin-1"))
        line = (directive.start, directive.end)
        reader.define(name, NamePlace(line, line))
    _read_specifier_macros(whole, reader.found)
    if path.endswith(".h"):
        _read_tags(whole, reader.found)
    return reader.found


def _read_tags(whole: ParsedFile, found: TypeNames) -> None:
    """Note where a header names tags outside of parentheses, and those it does not before.

    By brackets alone: a prototype looks like a macro's call, which is no C to a parser.
    """
    code, depth, bodies = whole.source.code, 0, _function_bodies(whole)
    starts = [start for start, _ in bodies]
    for match in _TAGS.finditer(code):
        at = match.start()
        index = bisect_left(starts, at) - 1
        in_body = index >= 0 and at < bodies[index][1]
        if in_body or whole.conditionals.directive_at(at):
            continue
        if match[1] is None:
            depth = max(0, depth + (1 if match[0] == b"(" else -1))
            continue
        tag = match[1].decode("latin-1")
        if depth == 0:
            found.declared.setdefault(tag, at)
        elif tag not in found.declared:
            found.needed.setdefault(TypeName(Space.KNOWN_TAG, tag), []).append(at)


def _function_bodies(whole: ParsedFile) -> list[Range]:
    """Return where the bodies of functions are, in any variant: in order, without overlaps."""
    found: list[Range] = []
    pairs = {pair for view in whole.views for pair in view.pairs or () if pair.function}
    for start, end in sorted((pair.open, pair.close) for pair in pairs):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _read_specifier_macros(whole: ParsedFile, found: TypeNames) -> None:
    code = whole.source.code
    for match in whole.macros.specifier_call.finditer(code):
        closing = matching(code, match.end() - 1)
        if closing < 0 or whole.conditionals.directive_at(match.start()) is not None:
            continue
        macro = match[0].rstrip(b"( \t").decode("latin-1")
        ranges = split_arguments(code, match.end() - 1, closing)
        arguments = tuple(code[start:end].strip().decode("latin-1") for start, end in ranges)
        found.specifier_macros.append(SpecifierMacro(match.start(), closing + 1, macro, arguments))
        found.needed.setdefault(TypeName(Space.CONSTANT, macro), []).append(match.start())


@dataclass(slots=True)
class _Reader:
    """Takes the names off the syntax of the pieces; what several variants show counts once."""

    whole: ParsedFile
    found: TypeNames = field(default_factory=TypeNames)
    done: set[int] = field(default_factory=set)
    noted: set[tuple[TypeName, NamePlace | int]] = field(default_factory=set)

    def define(self, name: TypeName, place: NamePlace) -> None:
        """Note that a name is defined at a place, once."""
        if (name, place) not in self.noted:
            self.noted.add((name, place))
            self.found.defined.setdefault(name, []).append(place)

    def read(self, piece: ParsedChunk) -> None:
        if id(piece) in self.done:
            return
        self.done.add(id(piece))
        shift = piece.chunk.start
        for invocation in piece.invocations:
            name = invocation.name.decode("latin-1")
            self._need(Space.CONSTANT, name, invocation.start)
        for node in piece.syntax.top_level():
            end = node.end_byte
            if node.type in _TAGGED and piece.chunk.text[end + shift : end + shift + 1] == b";":
                end += 1
            self._walk(node, (node.start_byte + shift, end + shift), shift)

    def _walk(self, top: Node, construct: Range, shift: int) -> None:
        pending = [(top, False)]
        while pending:
            node, in_body = pending.pop()
            self._take(node, construct, shift)
            if node.type in _DECLARING and not in_body:
                self._take_tag(node, shift)
            inside = in_body or node.type == "compound_statement"
            pending.extend((child, inside) for child in node.named_children)

    def _take(self, node: Node, construct: Range, shift: int) -> None:
        if node.type in _TAGGED:
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                own = (node.start_byte + shift, node.end_byte + shift)
                self.define(TypeName(Space.TAG, _text(name)), NamePlace(construct, own))
        elif node.type == "enumerator":
            name = node.child_by_field_name("name")
            if name is not None:
                constant = TypeName(Space.CONSTANT, _text(name))
                self.define(constant, NamePlace(construct, construct))
        elif node.type == "type_identifier":
            self._take_type(node, construct, shift)
        elif node.type in ("array_declarator", "bitfield_clause"):
            self._take_bound(node, shift)

    def _take_type(self, node: Node, construct: Range, shift: int) -> None:
        parent = node.parent
        if parent is not None and parent.type in _TAGGED:
            return
        if _is_defined_here(node):
            typedef = TypeName(Space.TYPEDEF, _text(node))
            self.define(typedef, NamePlace(construct, construct))
        else:
            self._need(Space.TYPEDEF, _text(node), node.start_byte + shift)

    def _take_bound(self, node: Node, shift: int) -> None:
        """Note the names in a bound: constants, and what `sizeof` is asked of."""
        size = node.child_by_field_name("size")
        pending = [size] if size is not None else list(node.named_children)
        if node.type == "array_declarator" and size is None:
            return
        while pending:
            other_node = pending.pop()
            if other_node.type == "identifier":
                self._need(Space.CONSTANT, _text(other_node), other_node.start_byte + shift)
            elif other_node.type in _TAGGED and other_node.child_by_field_name("name") is not None:
                self._need_tag(other_node, shift)
            pending.extend(other_node.named_children)

    def _take_tag(self, node: Node, shift: int) -> None:
        """Note the tag of a declaration if something of that very type is declared."""
        kind = node.child_by_field_name("type")
        if kind is None or kind.type not in _TAGGED or kind.child_by_field_name("body"):
            return
        declarators = node.children_by_field_name("declarator")
        external = any(child.text == b"extern" for child in node.children)
        if node.type == "type_definition" or external:
            return
        if any(_holds(declarator) for declarator in declarators):
            self._need_tag(kind, shift)

    def _need_tag(self, node: Node, shift: int) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self._need(Space.TAG, _text(name), name.start_byte + shift)

    def _need(self, space: Space, name: str, at: int) -> None:
        spelling = name.encode("latin-1")
        if self.whole.source.code[at : at + len(spelling)] != spelling:
            return  # a normaliser's, in place of a macro
        condition = self.whole.conditionals.condition(at)
        if any(truth and _asks_for(text, spelling) for text, truth in condition):
            return
        need = TypeName(space, name)
        if (need, at) not in self.noted:
            self.noted.add((need, at))
            self.found.needed.setdefault(need, []).append(at)


def _asks_for(text: bytes, name: bytes) -> bool:
    """Say whether a condition asks for the definition of a name, or for a header's guard.

    What stands under it can do without.
    """
    return text == b"defined(%s)" % name or _GUARDED.fullmatch(text) is not None


def _text(node: Node) -> str:
    return "" if node.text is None else node.text.decode("latin-1")


def _is_defined_here(node: Node) -> bool:
    """Say whether a type's name is the one that a typedef defines."""
    child, parent = node, node.parent
    while parent is not None and parent.type.endswith("_declarator"):
        if parent.child_by_field_name("declarator") not in (None, child):
            return False
        child, parent = parent, parent.parent
    if parent is None or parent.type != "type_definition":
        return False
    return child in parent.children_by_field_name("declarator")


def _holds(declarator: Node) -> bool:
    """Say whether a declarator makes an object of the type itself, or an array of such."""
    node: Node | None = declarator
    while node is not None:
        if node.type in ("pointer_declarator", "function_declarator"):
            return False
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type == "parenthesized_declarator":
            inner = node.named_children[0] if node.named_children else None
        node = inner
    return True
