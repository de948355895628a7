"""Whole declarations at file scope, taken apart by byte ranges, under every condition.

    static  TAILQ_HEAD(ipqhead, ipq) ipq[N], *last = NULL;   /* queues */
    ^start  ^specifiers              ^declarator     ^value  ^end

For steps that move a definition or a part of it.  What a variable is used for is not told
here: see `extract`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.model import Range, Storage
from vrefactor.c.parse.declarators import DeclaredKind, DeclaredName, read_declarations
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.parse.variant_readings import Chunk, chunks
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.preprocess.variants import choose


@dataclass(frozen=True, slots=True, order=True)
class Declarator:
    """One declared name: the offset of the name, and the ranges of its parts.

    `start` to `end` is the declarator alone; `value` the initialiser behind the `=`.
    """

    name_at: int
    name: str
    start: int
    end: int
    value: Range | None
    array: bool
    function: bool
    """Whether it is a pointer to a function, or an array of them."""
    pointer: bool

    @property
    def stop(self) -> int:
        """The end of the declarator with its initialiser."""
        return self.end if self.value is None else self.value[1]


@dataclass(frozen=True, slots=True, order=True)
class Declaration:
    """One declaration of variables, from its first specifier to behind its `;`.

    `specifiers` is the range in front of the first declarator, storage class and all, without
    the blanks at its end.
    """

    start: int
    end: int
    storage: Storage
    specifiers: Range
    const: bool
    declarators: tuple[Declarator, ...]

    def declarator(self, name_at: int) -> Declarator:
        """Return the declarator of the name at an offset; KeyError if it has none there."""
        for other_declarator in self.declarators:
            if other_declarator.name_at == name_at:
                return other_declarator
        raise KeyError(name_at)


def declarations_at(
    source: Source, conditionals: Conditionals, macros: MacroMatcher, wanted: Sequence[int]
) -> dict[int, tuple[Declaration, ...]]:
    """Return, for each wanted offset of a declared name, its declaration.

    Where several branches of an `#if` share a part of it, variants see different ones: then
    all are returned.  An offset that no variant shows as a declared variable is left out.
    """
    found: dict[int, dict[Declaration, None]] = {}
    done: set[tuple[int, bytes]] = set()
    for variant in choose(source.code, conditionals, wanted):
        shown = [at for at in wanted if variant.shows(conditionals, at)]
        pairs = blocks(variant.text)
        for start, end, offsets in chunks(variant.text, pairs, shown):
            key = (start, variant.text[start:end])
            if key in done:
                continue
            done.add(key)
            own = set(offsets)
            for declaration in _of_chunk(Chunk(variant.text, start, end, pairs), macros):
                for declarator in declaration.declarators:
                    if declarator.name_at in own:
                        found.setdefault(declarator.name_at, {})[declaration] = None
    return {at: tuple(sorted(ones)) for at, ones in sorted(found.items())}


def _of_chunk(chunk: Chunk, macros: MacroMatcher) -> Iterator[Declaration]:
    syntax = Syntax(chunk.normalised(chunk.invocations(macros), macros))
    together: dict[int, list[DeclaredName]] = {}
    for declared in read_declarations(syntax.top_level()):
        if declared.what is DeclaredKind.VARIABLE:
            together.setdefault(declared.specifiers[0], []).append(declared)
    for group in together.values():
        declaration = _declaration(chunk, group)
        if declaration is not None:
            yield declaration


def _declaration(chunk: Chunk, group: Sequence[DeclaredName]) -> Declaration | None:
    shift = chunk.start
    declarators = tuple(_declarator(declared, shift) for declared in group)
    semicolon = chunk.text.find(b";", declarators[-1].stop)
    if semicolon < 0:
        return None
    start, behind = (offset + shift for offset in group[0].specifiers)
    specifiers = (start, start + len(chunk.text[start:behind].rstrip()))
    const = any(declared.const for declared in group)
    return Declaration(start, semicolon + 1, group[0].storage, specifiers, const, declarators)


def _declarator(declared: DeclaredName, shift: int) -> Declarator:
    value = declared.initialiser
    return Declarator(
        declared.start + shift,
        declared.name,
        declared.declarator[0] + shift,
        declared.declarator[1] + shift,
        None if value is None else (value[0] + shift, value[1] + shift),
        declared.array,
        declared.function,
        declared.pointer,
    )
