"""Parsing one text, and looking tokens up in what the parser makes of it.

The only module that parses.
"""

from __future__ import annotations

import re

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Tree

from vrefactor.c.model import Role
from vrefactor.c.parse.tokens import UNPARSED, PathStep, Reading, next_step, read_token

_PARSER = Parser(Language(tree_sitter_c.language()))

_TOP_LEVEL = frozenset(
    (
        "function_definition",
        "declaration",
        "type_definition",
        "struct_specifier",
        "union_specifier",
        "enum_specifier",
        "linkage_specification",
    )
)
_WORD = re.compile(rb"\w+")


class Syntax:
    """One parsed text, and lookups of the tokens in it."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._tree: Tree = _PARSER.parse(text)
        self._cursor = self._tree.walk()
        self._path: list[PathStep] = []
        self._variables: dict[bytes, list[tuple[int, Reading]]] = {}

    def error_ranges(self) -> list[tuple[int, int]]:
        """Return the byte ranges of the outermost ERROR nodes, in order."""
        found: list[tuple[int, int]] = []
        pending = [self._tree.root_node]
        while pending:
            node = pending.pop()
            if node.is_error:
                found.append((node.start_byte, node.end_byte))
            elif node.has_error:
                pending.extend(node.children)
        return sorted(found)

    def has_error(self) -> bool:
        """Say whether anything in the text does not parse."""
        return self._tree.root_node.has_error

    def top_level(self) -> list[Node]:
        """Return the constructs at file scope, in order; those inside errors are left out."""
        return list(self._tree.root_node.named_children)

    def read(self, start: int, *, top_level: bool = True) -> Reading:
        """Return what the token that begins at `start` is.

        With `top_level` a token outside of any declaration or function counts as
        unparsed: a statement at file scope is a sign of a lost function head.
        """
        reading = self._read(start, top_level)
        type_at = reading.type_at
        if (
            reading.role is Role.LOCAL
            and type_at is not None
            and self._denotes_variable(type_at, top_level)
        ):
            # `a * x;`: were `a` a type, this would declare `x`.
            return Reading(Role.USE, function=reading.function)
        return reading

    def _read(self, start: int, top_level: bool) -> Reading:
        path = self._path_to(start)
        leaf = path[-1]
        if leaf.node.start_byte != start or leaf.lost:
            return UNPARSED
        if top_level and len(path) > 1 and path[1].type not in _TOP_LEVEL:
            return UNPARSED
        return read_token(path)

    def _denotes_variable(self, start: int, top_level: bool) -> bool:
        """Say whether what stands for a type was declared as a variable further up."""
        name = _WORD.match(self._text, start)
        assert name is not None
        declared = self._variables.get(name[0])
        if declared is None:
            found = (
                (match.start(), self._read(match.start(), top_level))
                for match in re.finditer(rb"(?<!\w)" + name[0] + rb"(?!\w)", self._text)
            )
            declared = [(at, reading) for at, reading in found if reading.declares_variable]
            self._variables[name[0]] = declared
        return any(at < start and reading.is_visible_at(start) for at, reading in declared)

    def _path_to(self, start: int) -> list[PathStep]:
        """Return the nodes around a byte, from the root on.

        The path to the byte before is taken as far as it goes: tokens are read in order, and
        the way from the root to each of them may be long.
        """
        cursor, path = self._cursor, self._path
        while len(path) > 1 and not path[-1].holds(start):
            path.pop()
            cursor.goto_parent()
        while not path or cursor.goto_first_child_for_byte(start) is not None:
            node = cursor.node
            assert node is not None
            path.append(next_step(path[-1] if path else None, node, cursor.field_name))
        return path
