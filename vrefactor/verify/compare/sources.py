"""Which functions have another source in two trees, and which are in one of them alone.

What a step inserts into a function is a change that no proof of sameness can cover: a person
reads it.  So it is told apart from code that differs though its source does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from vrefactor.c.parse.functions import body_offsets, find_functions
from vrefactor.c.preprocess.blanking import blank_ranges, directive_ranges
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex, words
from vrefactor.errors import VrefactorError
from vrefactor.source.tree import Tree
from vrefactor.verify.object.dwarf import DebugDefinition

_TOKEN = re.compile(rb"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\w+|\S", re.S)

Tokens = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FunctionSources:
    """The two trees that were compiled, padded as they were."""

    before: Tree
    after: Tree

    def change(self, path: str, name: str) -> str:
        """Return how many tokens of the function `name` of a file have come and gone, in words.

        Comments, directives and blanks do not count, and all branches of an `#if` do.  Empty if
        nothing has changed, or if that cannot be told: no such function can be read there.
        """
        if path not in self.before or path not in self.after:
            return ""
        old, new = (_definitions(tree, path, name) for tree in (self.before, self.after))
        if not old or not new or old == new:
            return ""
        pair = [[token for item in sorted(side) for token in item] for side in (old, new)]
        common = SequenceMatcher(a=pair[0], b=pair[1], autojunk=False).get_matching_blocks()
        same = sum(block.size for block in common)
        return f"in {path}, +{len(pair[1]) - same} -{len(pair[0]) - same} tokens"

    def added(self, name: str, at: DebugDefinition) -> bool:
        """Say whether what is defined `at` a line of the tree after is not in that before."""
        return _is_alone(name, at, self.after, self.before)

    def removed(self, name: str, at: DebugDefinition) -> bool:
        """Say whether what is defined `at` a line of the tree before is not in that after."""
        return _is_alone(name, at, self.before, self.after)


def _is_alone(name: str, at: DebugDefinition, tree: Tree, other: Tree) -> bool:
    """Say whether neither the name nor the line that defines it is in the other tree's file."""
    if at.path not in tree:
        return False
    lines = tree.read(at.path).split(b"\n")
    line = b"".join(lines[at.line - 1].split()) if 0 < at.line <= len(lines) else b""
    if not line or at.path not in other:
        return bool(line)
    text = other.read(at.path)
    known = {b"".join(piece.split()) for piece in text.split(b"\n")}
    return line not in known and name.encode("utf-8", "surrogateescape") not in words(text)


def _definitions(tree: Tree, path: str, name: str) -> set[Tokens]:
    """Return the tokens of each definition of a function; none if they cannot be read."""
    try:
        source = lex(path, tree.read(path))
        conditionals = parse_conditionals(source)
    except VrefactorError:
        return set()  # not C that can be read, though it was compiled: nothing is claimed of it
    wanted = body_offsets(source.code, frozenset({name.encode("utf-8", "surrogateescape")}))
    found = find_functions(source.code, conditionals, wanted)
    if found.lost:
        return set()
    text = _bare(source, conditionals)
    return {
        tuple(_TOKEN.findall(text, function.name_at, function.close + 1))
        for function in found.functions.values()
        if function.name == name
    }


def _bare(source: Source, conditionals: Conditionals) -> bytes:
    """Return a file with its comments and directives blanked, its literals left."""
    return blank_ranges(source.data, [*source.comments, *directive_ranges(conditionals)])
