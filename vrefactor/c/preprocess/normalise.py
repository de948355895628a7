"""Rewriting what the C grammar can't take, in place and without moving a byte.

Each function takes the text of one chunk (a top-level construct of one variant) and
returns text of the same length in which one macro idiom has become plain C.  Bytes that
are identifiers of the program stay where they are, so that lookups by offset stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Buffer, blank, matching, matching_before
from vrefactor.c.preprocess.unwrap import (
    added_parameters,
    leading_words,
    made_heads,
    member_wrappers,
)

Normaliser = Callable[[bytes, MacroMatcher], bytes]

_KEYWORDS = frozenset(
    b"if while for switch return sizeof do else case goto typeof __typeof __typeof__ asm __asm"
    b" __asm__ defined void int char long short unsigned signed float double struct union"
    b" enum static extern register auto const volatile inline __inline typedef break continue"
    b" __extension__ restrict __restrict".split()
)
_RANGE = re.compile(rb"(?<=[\w)\]])(\s*)\.\.\.(?=\s*[\w(+-])")
_COMPUTED_GOTO = re.compile(rb"(?<!\w)goto(?=\s*\*)")
_ATTRIBUTE = re.compile(rb"(?<!\w)__attribute(?:__)?(?=\s*\()")
_KR_NAME = re.compile(rb"\*[\s*]*(?=\w+\s*\([\w\s,]*\)\s*[A-Za-z_])")
_TYPE_ARGUMENT = re.compile(
    rb"((?:,|(?<=\w)\()\s*)((?:(?:const|volatile)\s+)*(?:struct|union|enum)\s+\w+(?:\s+const)?[\s*]*|"
    rb"(?:(?:const|volatile|unsigned|signed|int|char|long|short|float|double|void)\b\s*)+[\s*]*)"
    rb"(?=[,)])"
)
_POINTER_ARGUMENT = re.compile(rb"(,\s*\w+\s*)(\*[\s*]*)(?=[,)])")
_EMPTY_ARGUMENT = re.compile(rb"([(,])(\s+)(?=,)|(,)(\s+)(?=\))")
_ADJACENT_COMMAS = re.compile(rb"(?<=[(,]),")
_STATEMENT_ARGUMENT = re.compile(rb";\s*\)")
_TYPEOF = re.compile(rb"(?<!\w)(?:typeof|__typeof|__typeof__)\s*\(")
_NAME_OR_TYPE = re.compile(
    rb"\s*(?:[A-Za-z_]\w*[\s*]*\Z|(?:const|volatile|struct|union|enum|unsigned|signed|int|char"
    rb"|long|short|float|double|void)(?!\w))"
)
_ASSEMBLY = re.compile(
    rb"(?<!\w)(?:__asm(?:__)?|asm)\s+(?:__volatile(?:__)?|volatile)(?!\w)|(?<!\w)__asm(?:__)?(?!\w)"
)
_SIZEOF = re.compile(rb"(?<!\w)sizeof(?=\s*\(\s*\()")
_DECLARATOR = re.compile(rb"\s*[A-Za-z_*;]")
_NEXT_LINE = re.compile(rb"[ \t]*\r?\n\s*([A-Za-z_}*]|\+\+|--)")
_NEAR = 64
_OPENING = re.compile(rb"[ \t]*\(")
_NEXT_STATEMENT = re.compile(rb"\s+[A-Za-z_*]")
_BARE_WORD = re.compile(
    rb"(?<=[;{}:)])(\s*\n)([ \t]+)([A-Za-z_]\w*)[ \t]*\r?(\n\s*)(?=[A-Za-z_*]|\+\+|--)"
)
_BARE_STATEMENT = re.compile(rb"([;{}:)]\s*\n[ \t]*)([A-Za-z_]\w*)[ \t]*\(")
_CALL_HEAD = re.compile(rb"(?<!\w)([A-Za-z_]\w*)\s*\(\Z")


def _put(text: bytearray, start: int, end: int, replacement: bytes) -> None:
    """Replace a range by `replacement` padded with spaces; line ends in it are kept."""
    text[start:end] = replacement + blank(bytes(text[start:end]))[len(replacement) :]


def _last_before(text: Buffer, at: int) -> Buffer:
    """Return the last byte before an offset that is no blank; nothing if there is none."""
    return text[max(0, at - _NEAR) : at].rstrip()[-1:] or text[:at].rstrip()[-1:]


def attributes(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank attribute-like macros, with their arguments if they have any."""
    found = list(macros.attribute.finditer(text))
    if b"__attribute" in text:
        found.extend(_ATTRIBUTE.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in sorted(found, key=re.Match.start, reverse=True):
        end = match.end()
        follow = _OPENING.match(new, end)
        if follow:
            close = matching(new, follow.end() - 1)
            end = close + 1 if close >= 0 else end
        _put(new, match.start(), end, b"")
    return bytes(new)


def prototypes(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `__P((args))` into ` (args) `."""
    found = list(macros.prototype_call.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in reversed(found):
        close = matching(new, match.end() - 1)
        if close >= 0:
            _put(new, close, close + 1, b" ")
            _put(new, match.start(), match.end(), b" ")
    return bytes(new)


def specifiers(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `TAILQ_HEAD(name, type)` before a declarator into a struct specifier."""
    found = list(macros.specifier_call.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in reversed(found):
        close = matching(new, match.end() - 1)
        follow = _DECLARATOR.match(new, close + 1) if close >= 0 else None
        if follow and close + 1 - match.start() >= len(b"struct z"):
            _put(new, match.start(), close + 1, b"struct z")
    return bytes(new)


def iterators(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `TAILQ_FOREACH(a, b, c)` into `while (a, b, c)`."""
    found = list(macros.iterator_call.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in found:
        if match.end() - match.start() > len(b"while("):
            _put(new, match.start(), match.end() - 1, b"while")
    return bytes(new)


def statement_arguments(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `DEB(stmt;)` into `{ stmt; }`."""
    found = list(_STATEMENT_ARGUMENT.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in reversed(found):
        close = match.end() - 1
        opening = matching_before(new, close)
        head = _CALL_HEAD.search(new, max(0, opening - 64), opening + 1)
        if opening >= 0 and head and head[1] not in _KEYWORDS:
            _put(new, close, close + 1, b"}")
            _put(new, head.start(), opening + 1, b"{")
    return bytes(new)


def type_arguments(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn a type given as a macro argument into one identifier (`mtod(m, struct ip *)`)."""
    text = _TYPE_ARGUMENT.sub(_name_for_type, text)
    return _POINTER_ARGUMENT.sub(lambda m: m[1] + b" " * len(m[2]), text)


def _name_for_type(match: re.Match[bytes]) -> bytes:
    before = match.string[max(0, match.start() - 64) : match.start() + 1]
    head = _CALL_HEAD.search(before) if before.endswith(b"(") else None
    if before.endswith(b"(") and (head is None or head[1] in _KEYWORDS):
        return match[0]
    if match[2].strip() == b"void":
        return match[0]
    return match[1] + b"z" + blank(match[2])[1:]


def empty_arguments(text: bytes, macros: MacroMatcher) -> bytes:
    """Fill an empty macro argument with `0`; two commas without a blank become one."""
    text = _EMPTY_ARGUMENT.sub(lambda m: (m[1] or m[3]) + b"0" + (m[2] or m[4])[1:], text)
    return _ADJACENT_COMMAS.sub(b" ", text)


def bare_statements(text: bytes, macros: MacroMatcher) -> bytes:
    """Put a `;` behind a macro call that stands as a statement on lines of its own.

    Without it, the next statement would be taken for a declarator of a type named by the
    macro: a misreading that leaves no error behind.
    """
    body = text.find(b"{")
    if body < 0:
        return text
    new, at = bytearray(text), body
    while match := _BARE_STATEMENT.search(new, at):
        at = match.end() - 1
        if match[2] in _KEYWORDS:
            continue
        close = matching(new, at)
        follow = _NEXT_LINE.match(new, close + 1) if close >= 0 else None
        if follow and _indented_like(new, match.start(2), follow.start(1)):
            new[close + 1 : close + 2] = b";"
        at = match.start(2) + 1
    return bytes(new)


def known_statements(text: bytes, macros: MacroMatcher) -> bytes:
    """Put a `;` behind a known macro that is a statement, if nothing else stands there."""
    found = list(macros.statement.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in found:
        call = _OPENING.match(new, match.end())
        end = matching(new, call.end() - 1) + 1 if call else match.end()
        before = _last_before(new, match.start())
        if end and before and before in b";{}:)" and _NEXT_STATEMENT.match(new, end):
            new[end : end + 1] = b";"
    return bytes(new)


def bare_words(text: bytes, macros: MacroMatcher) -> bytes:
    """Put a `;` behind a word that stands as a statement on a line of its own.

    The same misreading: `SPLNET` and an assignment on the next line would declare what is
    assigned to.  A type on a line of its own is not indented, or what it declares is deeper.
    """
    body = text.find(b"{")
    if body < 0:
        return text
    new, at = bytearray(text), body
    while match := _BARE_WORD.search(new, at):
        at = match.end(3)
        if match[3] not in _KEYWORDS and _indented_like(new, match.start(3), match.end()):
            new[at : at + 1] = b";"
    return bytes(new)


def typeofs(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `typeof(a->b)` into `enum{z=a->b}`, a type that holds the same expression.

    The grammar takes a name or a type in the parentheses, but no expression.
    """
    if b"typeof" not in text:
        return text
    found = list(_TYPEOF.finditer(text))
    if not found:
        return text
    new = bytearray(text)
    for match in reversed(found):
        close = matching(new, match.end() - 1)
        if close >= 0 and not _NAME_OR_TYPE.match(new, match.end(), close):
            _put(new, close, close + 1, b"}")
            _put(new, match.start(), match.end(), b"enum{z=")
    return bytes(new)


def assembly(text: bytes, macros: MacroMatcher) -> bytes:
    """Spell `__asm __volatile (…)` as the grammar knows it."""
    if b"asm" not in text:
        return text
    return _ASSEMBLY.sub(lambda match: match[0].replace(b"_", b" "), text)


def sizes(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn the `sizeof` of `sizeof((x))` into another unary operator.

    In `M(sizeof((x * y)));` the grammar may take `sizeof` for a type that `M` is given.
    """
    return _SIZEOF.sub(b"-     ", text) if b"sizeof" in text else text


def computed_gotos(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `goto *x;` into the expression `*x;`."""
    return _COMPUTED_GOTO.sub(b"    ", text) if b"goto" in text else text


def ranges(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn the range `a ... b` of a case or of a designator into `a  +  b`."""
    return _RANGE.sub(rb"\1 + ", text) if b"..." in text else text


def _indented_like(text: Buffer, first: int, second: int) -> bool:
    """Say whether two tokens begin their lines with no deeper indent on the second."""
    return _column(text, second) <= _column(text, first)


def _column(text: Buffer, at: int) -> int:
    return len(text[text.rfind(b"\n", 0, at) + 1 : at].expandtabs())


def kr_pointers(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank the `*` of a K&R definition that returns a pointer.

    The grammar reads such a definition as a declaration and loses the function without an
    error; the return type does not matter for binding.
    """
    new = bytearray(text)
    body = new.find(b"{")
    while body >= 0:
        if _last_before(new, body) == b";":
            head = max(new.rfind(b"}", 0, body), 0)
            match = _KR_NAME.search(new, head, body)
            if match:
                _put(new, match.start(), match.end(), b"")
        close = matching(new, body)
        body = new.find(b"{", close) if close >= 0 else -1
    return bytes(new)


NORMALISERS: tuple[Normaliser, ...] = (
    attributes,
    prototypes,
    specifiers,
    iterators,
    type_arguments,
    empty_arguments,
    statement_arguments,
    known_statements,
    bare_statements,
    bare_words,
    typeofs,
    assembly,
    sizes,
    computed_gotos,
    ranges,
    leading_words,
    made_heads,
    member_wrappers,
    added_parameters,
    kr_pointers,
)
"""All of them, in the order in which they run."""


def normalise(text: bytes, macros: MacroMatcher) -> bytes:
    """Apply every normaliser to the text of one chunk; the length does not change."""
    for rewrite in NORMALISERS:
        text = rewrite(text, macros)
    return text
