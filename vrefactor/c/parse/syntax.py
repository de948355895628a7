"""Parsing one text, and looking tokens up in what the parser makes of it.

The only module that parses.
"""

from __future__ import annotations

import re

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Tree

from vrefactor.c.model import Role
from vrefactor.c.parse.tokens import UNPARSED, PathStep, Reading, is_lost, read_token

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
        path = self._path(start)
        leaf = path[-1]
        if leaf.node.start_byte != start or self._doubtful(path, top_level):
            return UNPARSED
        return read_token(path)

    def _denotes_variable(self, start: int, top_level: bool) -> bool:
        """Say whether what stands for a type was declared as a variable further up."""
        name = _WORD.match(self._text, start)
        assert name is not None
        earlier = re.finditer(rb"(?<!\w)" + name[0] + rb"(?!\w)", self._text[:start])
        found = (self._read(match.start(), top_level) for match in earlier)
        return any(reading.is_variable_at(start) for reading in found)

    def _path(self, start: int) -> list[PathStep]:
        cursor = self._tree.walk()
        path: list[PathStep] = []
        while True:
            node = cursor.node
            assert node is not None
            path.append(PathStep(node, node.type, cursor.field_name))
            if cursor.goto_first_child_for_byte(start) is None:
                return path

    def _doubtful(self, path: list[PathStep], top_level: bool) -> bool:
        if any(step.node.is_error for step in path):
            return True
        if top_level and len(path) > 1 and path[1].type not in _TOP_LEVEL:
            return True
        return any(is_lost(step) for step in path)
