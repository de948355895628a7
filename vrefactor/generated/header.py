"""A header as the constructs in it are recognised: its `#define`s, its conditions, its comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.conditionals import (
    Condition,
    Conditionals,
    Group,
    Literal,
    parse_conditionals,
)
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import directive
from vrefactor.generated.template import render
from vrefactor.rules.vocabulary import Vocabulary

_RIGHTS = re.compile(rb"copyright|licen[cs]e|SPDX", re.I)


@dataclass(frozen=True, slots=True)
class Header:
    """One header, lexed, with its `#define`s, in their order."""

    source: Source
    conditionals: Conditionals
    bodies: tuple[MacroBody, ...]

    @classmethod
    def of(cls, source: Source, conditionals: Conditionals) -> Header:
        """Return a file that is lexed already as a header."""
        return cls(source, conditionals, tuple(macro_definitions(source, conditionals)))

    @classmethod
    def open(cls, draft: Draft, path: str) -> Header:
        """Return a header of the tree.  Raises the errors of `lex` and `parse_conditionals`."""
        return cls.of(*draft.files.open(path))

    @classmethod
    def read(cls, path: str, data: bytes) -> Header:
        """Return a text as a header.  Raises the errors of `lex` and `parse_conditionals`."""
        source = lex(path, data)
        return cls.of(source, parse_conditionals(source))

    @property
    def path(self) -> str:
        """Its path in the tree."""
        return self.source.path

    def named(self, name: str) -> list[MacroBody]:
        """Return the `#define`s of a name: one, or one a branch."""
        return [body for body in self.bodies if body.name == name.encode()]

    def line(self, body: MacroBody) -> tuple[int, int]:
        """Return the range of the lines of a `#define`."""
        at = self.conditionals.directive_at(body.name_at)
        start, end = (at.start, at.end) if at else (body.name_at, body.start)
        lines = FileLines(self.source)
        return lines.start(start), lines.next(end)

    def above(self, bodies: Sequence[MacroBody]) -> int:
        """Return the start of a line above all of some `#define`s that all of them can see."""
        chains = [self.conditionals.chain(macro.name_at) for macro in bodies]
        shared = set(chains[0]).intersection(*chains)
        own = [group for group, branch in chains[0] if (group, branch) not in shared]
        at = self.conditionals.groups[own[-1]].start if own else self.line(bodies[0])[0]
        return FileLines(self.source).start(at)

    @property
    def end(self) -> int:
        """The line of the `#endif` of the include guard, or the end of a file without one."""
        guard = self._include_guard()
        return len(self.source.data) if guard is None else guard.branches[-1].end

    def _include_guard(self) -> Group | None:
        """Return the group around a header's code: the one that the file ends with.

        Code may stand in front of it (`__FBSDID("…");`); it still says which lines are read once.
        """
        code = self.source.code
        for group in self.conditionals.groups:
            outermost = group.parent is None and len(group.branches) == 1
            if group.guard or (outermost and not code[group.end :].strip()):
                return group if group.guard or self._defines_its_name(group) else None
        return None

    def _defines_its_name(self, group: Group) -> bool:
        """Say whether a group begins with the `#define` of the name that it asks for."""
        start = group.branches[0].start
        first = self.conditionals.directive_at(group.start)
        inside = (one for one in self.conditionals.directives if one.start >= start)
        second = next(inside, None)
        if first is None or second is None or self.source.code[start : second.start].strip():
            return False
        names = [self.source.code[one.operands : one.end].split()[:1] for one in (first, second)]
        return (first.keyword, second.keyword) == (b"ifndef", b"define") and names[0] == names[1]

    def depends_on(self, option: str, offset: int) -> bool:
        """Say whether an option is in the condition of a place."""
        word = re.compile(rb"(?<!\w)%s(?!\w)" % option.encode())
        return any(word.search(text) for text, _ in self.conditionals.condition(offset))

    def comment(self, at: int) -> tuple[int, int] | None:
        """Return the lines of the comment right above a line.

        None if there is no such comment; or if it names who has rights in the file, as such
        a comment is about more than that line.
        """
        start = FileLines(self.source).above(at)
        if start == at or _RIGHTS.search(self.source.data, start, at):
            return None
        return start, at

    def lead(self) -> tuple[int, int] | None:
        """Return the lines of the comment above the include guard, as `comment` does."""
        guard = self._include_guard()
        if guard is None:
            return None
        lines = FileLines(self.source)
        start = lines.start(guard.start)
        above = lines.start(start - 1) if start else 0
        return self.comment(above if lines.is_blank(above, start) else start)


def without(*options: str) -> bytes:
    """Return the `#if` line of what is there if none of some options is."""
    return directive(tuple(_unset(option) for option in options))


def is_without(option: str, condition: Condition) -> bool:
    """Say whether a condition is that one option is not set, and no more."""
    return condition == {_unset(option)}


def opening(source: Source, group: Group) -> tuple[int, int]:
    """Return the range of a group's first directive, without the blanks and comments around."""
    text = source.code[group.start : group.branches[0].start]
    return group.start + len(text) - len(text.lstrip()), group.start + len(text.rstrip())


def closing(source: Source, group: Group) -> tuple[int, int]:
    """Return the range of a group's `#endif`, without the blanks and comments around."""
    start = group.branches[-1].end
    text = source.code[start : group.end]
    return start + len(text) - len(text.lstrip()), start + len(text.rstrip())


def _unset(option: str) -> Literal:
    return b"defined(%s)" % option.encode(), False


def inclusions(words: Vocabulary, headers: Iterable[str]) -> bytes:
    """Return the `#include` lines of some headers; `<x.h>` is as good as `x.h`."""
    return b"".join(render("include", words, header=header.strip("<>")) for header in headers)


def add_lines(
    draft: Draft,
    header: Header,
    present: Mapping[str, int],
    lines: Mapping[str, bytes],
    reason: str,
) -> None:
    """Plan more `#define`s in a header, `lines` by their names, in the order of the alphabet.

    `present` gives the offsets of some that are there: a new one goes in front of the first of
    them that follows it, or behind the last.
    """
    file, ordered = FileLines(header.source), sorted(present.items())
    behind = file.next(ordered[-1][1]) if ordered else header.end
    for macro in sorted(lines):
        after = [offset for name, offset in ordered if name > macro]
        at = file.start(after[0]) if after else behind
        draft.insert(header.path, at, lines[macro], reason)


def add_block(draft: Draft, header: Header, text: bytes, reason: str) -> None:
    """Plan lines at the end of a header, inside its include guard, with an empty one around."""
    block = text.strip(b"\n") + b"\n"
    guarded = header.end < len(header.source.data)
    draft.insert(header.path, header.end, block + b"\n" if guarded else b"\n" + block, reason)


def body_of(define: bytes) -> bytes:
    """Return what a text that is one `#define` has behind its head."""
    body = Header.read("", define).bodies[0]
    return define[body.start :].rstrip(b"\n")


def hold_without(
    draft: Draft, header: Header, bodies: Sequence[MacroBody], option: str, reason: str
) -> None:
    """Plan that some definitions hold without an option only; neighbours go together."""
    opening = without(option) + b"\n"
    for start, end in _runs([header.line(macro) for macro in bodies]):
        draft.insert(header.path, start, opening, reason)
        draft.insert(header.path, end, b"#endif\n", reason)


def _runs(lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for start, end in sorted(lines):
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
