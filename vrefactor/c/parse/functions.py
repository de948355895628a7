"""Function definitions: where their bodies are, and what their parameters are.

Read by brackets from variants of the file, so that a head split over `#if`, a K&R head,
and a head made by a macro (`DB_SHOW_COMMAND(x, y)`) are all functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vrefactor.c.parse.toplevel import Block, blocks
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.lexer import find_names, split_arguments
from vrefactor.c.preprocess.variants import Prefer, Variant, choose

_KR_HEAD = re.compile(rb"([A-Za-z_]\w*)\s*\(([\w\s,]*)\)\s*(?=[A-Za-z_])")
_NAME = re.compile(rb"([A-Za-z_]\w*)\s*\Z")
_NAME_REACH = 256
_ATTRIBUTE = re.compile(rb"__\w+\Z")
_CALL = re.compile(rb"\s*\(")
WORDS = re.compile(rb"[A-Za-z_]\w*|\*")
_QUALIFIERS = frozenset((b"const", b"volatile", b"register"))
TYPES = frozenset(
    b"void char short int long float double signed unsigned struct union enum".split()
)
TAGGED = frozenset((b"struct", b"union", b"enum"))
_REACH = 16384


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its type with single blanks and no qualifiers, its name or nothing."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function definition as one variant shows it.

    `open` and `close` are the offsets of the braces of its body; `text` is the variant.
    """

    name: str
    name_at: int
    open: int
    close: int
    parameters: tuple[Parameter, ...]
    text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FoundFunctions:
    """The functions that hold wanted offsets (`owners`), by the offset of their body.

    `outside` are the wanted offsets in no function, `lost` those where no variant's
    braces balance.
    """

    functions: dict[int, Function]
    owners: dict[int, frozenset[int]]
    outside: frozenset[int]
    lost: frozenset[int]


def find_functions(
    code: bytes, conditionals: Conditionals, wanted: Sequence[int]
) -> FoundFunctions:
    """Return the function definitions around the `wanted` offsets, under every condition."""
    finder = _Finder(code, conditionals, {at: set() for at in wanted})
    finder.look(choose(code, conditionals, wanted), wanted)
    for prefer in (Prefer.LAST, Prefer.LEAST) if conditionals.groups else ():
        lost = [at for at in wanted if at not in finder.read]
        if lost:
            finder.look(choose(code, conditionals, lost, prefer), lost)
    return FoundFunctions(
        finder.functions,
        {at: frozenset(opens) for at, opens in finder.owners.items() if opens},
        frozenset(at for at in finder.read if not finder.owners[at]),
        frozenset(at for at in wanted if at not in finder.read),
    )


def body_offsets(code: bytes, names: frozenset[bytes]) -> list[int]:
    """Return offsets in what may be the bodies of functions of these names.

    `find_functions` tells whether they are.
    """
    found = []
    for at, name in find_names(code, names):
        brace = code.find(b"{", at)
        called = _CALL.match(code, at + len(name)) is not None
        if called and brace >= 0 and b"}" not in code[at:brace]:
            found.append(brace + 1)
    return found


@dataclass(slots=True)
class _Finder:
    code: bytes
    conditionals: Conditionals
    owners: dict[int, set[int]]
    functions: dict[int, Function] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)

    def look(self, variants: Iterable[Variant], wanted: Sequence[int]) -> None:
        for variant in variants:
            pairs = blocks(variant.text)
            if pairs is None:
                continue
            bodies = [block for block in pairs if block.function]
            shown = [at for at in wanted if variant.shows(self.conditionals, at)]
            self.read.update(shown)
            for at, block in _holders(sorted(shown), bodies):
                self.owners[at].add(block.open)
                if block.open not in self.functions:
                    self.functions[block.open] = function_of(variant.text, block)


def _holders(shown: Sequence[int], bodies: Sequence[Block]) -> Iterable[tuple[int, Block]]:
    index = 0
    for at in shown:
        while index < len(bodies) and bodies[index].close < at:
            index += 1
        if index < len(bodies) and bodies[index].open < at:
            yield at, bodies[index]


def function_of(text: bytes, block: Block) -> Function:
    """Return the function whose body is `block`; its name is empty if its head can't be read."""
    floor = max(0, block.open - _REACH)
    before = text[floor : block.open].rstrip()
    head = _ansi(before) if before.endswith(b")") else _kr(before)
    if head is None:
        return Function("", block.open, block.open, block.close, (), text)
    name, at, parameters = head
    return Function(name.decode(), floor + at, block.open, block.close, parameters, text)


_Head = tuple[bytes, int, tuple[Parameter, ...]]


def _ansi(before: bytes) -> _Head | None:
    """Read `name(parameters)` off the end of a text."""
    closing = len(before) - 1
    opening = _opening(before, closing)
    reach = max(0, opening - _NAME_REACH)
    match = _NAME.search(before, reach, opening) if opening >= 0 else None
    if match is None:
        return None
    if _ATTRIBUTE.match(match[1]):
        shorter = before[: match.start()].rstrip()
        return _ansi(shorter) if shorter.endswith(b")") else None
    parts = [before[start:end] for start, end in split_arguments(before, opening, closing)]
    read = (_parameter(part) for part in parts)
    return match[1], match.start(), tuple(parameter for parameter in read if parameter is not None)


def _opening(text: bytes, closing: int) -> int:
    """Return the offset of the `(` that the `)` at `closing` closes, or -1."""
    depth = 1
    at = closing
    while depth:
        opened, closed = text.rfind(b"(", 0, at), text.rfind(b")", 0, at)
        if opened < 0:
            return -1
        at = max(opened, closed)
        depth += 1 if closed > opened else -1
    return at


def _parameter(text: bytes) -> Parameter | None:
    words = [
        word
        for word in WORDS.findall(text.partition(b"[")[0])
        if word not in _QUALIFIERS and not _ATTRIBUTE.match(word)
    ]
    if words in ([], [b"void"]):
        return None
    name = b""
    named = len(words) > 1 and words[-1] != b"*" and words[-1] not in TYPES
    if named and not (len(words) == 2 and words[0] in TAGGED):
        name = words.pop()
    return Parameter(spell(words), name.decode())


def spell(words: Sequence[bytes]) -> str:
    """Return the words of a type as rules spell it: single blanks, `char **`."""
    return b" ".join(words).replace(b"* *", b"**").replace(b"* *", b"**").decode()


def _kr(before: bytes) -> _Head | None:
    """Read the last `name(a, b) type a; type b;` of a text."""
    # Behind the function before this one, if there is one: most text need not be searched.
    near = before.rfind(b"}") + 1
    heads = list(_KR_HEAD.finditer(before, near)) or list(_KR_HEAD.finditer(before))
    if not heads:
        return None
    head = heads[-1]
    declared: dict[str, Parameter] = {}
    for declaration in before[head.end() :].split(b";"):
        first, *others = declaration.split(b",")
        parameter = _parameter(first)
        if parameter is None:
            continue
        base = parameter.type.rstrip("* ")
        declared[parameter.name] = parameter
        for other in others:
            following = _parameter(base.encode() + b" " + other)
            if following is not None:
                declared[following.name] = following
    names = [word.decode() for word in WORDS.findall(head[2])]
    found = (declared.get(name, Parameter("int", name)) for name in names)
    return head[1], head.start(1), tuple(found)


def has_declaration(text: bytes, start: int, end: int) -> bool:
    """Say whether the first thing in a range of masked code looks like a declaration."""
    match = _FIRST.search(text, start, end)
    if match is None:
        return False
    word = match[1]
    if word in _STATEMENTS:
        return False
    return word in TYPES or word in _SPECIFIERS or _DECLARES.match(text, match.end(1)) is not None


_FIRST = re.compile(rb"([A-Za-z_]\w*|\S)")
_STATEMENTS = frozenset(b"if for while do switch return goto break continue".split())
_SPECIFIERS = frozenset(b"static extern register auto const volatile typedef inline".split())
_DECLARES = re.compile(
    rb"(?:\s+|\s*\*+\s*)[A-Za-z_]\w*\s*[;,=\[]|\s*\([\w\s,]*\)\s+\*?\w+\s*[;,=\[]"
)
