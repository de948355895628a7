"""Rewriting what the C grammar can't take, in place and without moving a byte.

Each function takes the text of one chunk (a top-level construct of one variant) and
returns text of the same length in which one macro idiom has become plain C.  Bytes that
are identifiers of the program stay where they are, so that lookups by offset stay true.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import blank, matching, matching_before
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
_OPENING = re.compile(rb"[ \t]*\(")
_NEXT_STATEMENT = re.compile(rb"\s+[A-Za-z_*]")
_BARE_WORD = re.compile(
    rb"(?<=[;{}:)])(\s*\n)([ \t]+)([A-Za-z_]\w*)[ \t]*\r?(\n\s*)(?=[A-Za-z_*]|\+\+|--)"
)
_BARE_STATEMENT = re.compile(rb"([;{}:)]\s*\n[ \t]*)([A-Za-z_]\w*)[ \t]*\(")
_CALL_HEAD = re.compile(rb"(?<!\w)([A-Za-z_]\w*)\s*\(\Z")


def _put(text: bytes, start: int, end: int, replacement: bytes) -> bytes:
    """Replace a range by `replacement` padded with spaces; line ends in it are kept."""
    kept = blank(text[start:end])
    return text[:start] + replacement + kept[len(replacement) :] + text[end:]


def attributes(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank attribute-like macros, with their arguments if they have any."""
    found = list(macros.attribute.finditer(text))
    if b"__attribute" in text:
        found.extend(_ATTRIBUTE.finditer(text))
    for match in sorted(found, key=re.Match.start, reverse=True):
        end = match.end()
        follow = _OPENING.match(text, end)
        if follow:
            close = matching(text, follow.end() - 1)
            end = close + 1 if close >= 0 else end
        text = _put(text, match.start(), end, b"")
    return text


def prototypes(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `__P((args))` into ` (args) `."""
    for match in reversed(list(macros.prototype_call.finditer(text))):
        close = matching(text, match.end() - 1)
        if close >= 0:
            text = _put(text, close, close + 1, b" ")
            text = _put(text, match.start(), match.end(), b" ")
    return text


def specifiers(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `TAILQ_HEAD(name, type)` before a declarator into a struct specifier."""
    for match in reversed(list(macros.specifier_call.finditer(text))):
        close = matching(text, match.end() - 1)
        follow = re.compile(rb"\s*[A-Za-z_*;]").match(text, close + 1) if close >= 0 else None
        if follow and close + 1 - match.start() >= len(b"struct z"):
            text = _put(text, match.start(), close + 1, b"struct z")
    return text


def iterators(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `TAILQ_FOREACH(a, b, c)` into `while (a, b, c)`."""
    for match in reversed(list(macros.iterator_call.finditer(text))):
        if match.end() - match.start() > len(b"while("):
            text = _put(text, match.start(), match.end() - 1, b"while")
    return text


def statement_arguments(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `DEB(stmt;)` into `{ stmt; }`."""
    for match in reversed(list(_STATEMENT_ARGUMENT.finditer(text))):
        close = match.end() - 1
        opening = matching_before(text, close)
        head = _CALL_HEAD.search(text, max(0, opening - 64), opening + 1)
        if opening >= 0 and head and head[1] not in _KEYWORDS:
            text = _put(text, close, close + 1, b"}")
            text = _put(text, head.start(), opening + 1, b"{")
    return text


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
    at = body
    while match := _BARE_STATEMENT.search(text, at):
        at = match.end() - 1
        if match[2] in _KEYWORDS:
            continue
        close = matching(text, at)
        follow = (
            re.compile(rb"[ \t]*\r?\n\s*([A-Za-z_}*]|\+\+|--)").match(text, close + 1)
            if close >= 0
            else None
        )
        if follow and _indented_like(text, match.start(2), follow.start(1)):
            text = text[: close + 1] + b";" + text[close + 2 :]
        at = match.start(2) + 1
    return text


def known_statements(text: bytes, macros: MacroMatcher) -> bytes:
    """Put a `;` behind a known macro that is a statement, if nothing else stands there."""
    for match in macros.statement.finditer(text):
        call = _OPENING.match(text, match.end())
        end = matching(text, call.end() - 1) + 1 if call else match.end()
        before = text[: match.start()].rstrip()[-1:]
        if end and before and before in b";{}:)" and _NEXT_STATEMENT.match(text, end):
            text = text[:end] + b";" + text[end + 1 :]
    return text


def bare_words(text: bytes, macros: MacroMatcher) -> bytes:
    """Put a `;` behind a word that stands as a statement on a line of its own.

    The same misreading: `SPLNET` and an assignment on the next line would declare what is
    assigned to.  A type on a line of its own is not indented, or what it declares is deeper.
    """
    body = text.find(b"{")
    if body < 0:
        return text
    at = body
    while match := _BARE_WORD.search(text, at):
        at = match.end(3)
        if match[3] not in _KEYWORDS and _indented_like(text, match.start(3), match.end()):
            text = text[:at] + b";" + text[at + 1 :]
    return text


def typeofs(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `typeof(a->b)` into `enum{z=a->b}`, a type that holds the same expression.

    The grammar takes a name or a type in the parentheses, but no expression.
    """
    if b"typeof" not in text:
        return text
    for match in reversed(list(_TYPEOF.finditer(text))):
        close = matching(text, match.end() - 1)
        if close >= 0 and not _NAME_OR_TYPE.match(text, match.end(), close):
            text = _put(text, close, close + 1, b"}")
            text = _put(text, match.start(), match.end(), b"enum{z=")
    return text


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


def _indented_like(text: bytes, first: int, second: int) -> bool:
    """Say whether two tokens begin their lines with no deeper indent on the second."""
    return _column(text, second) <= _column(text, first)


def _column(text: bytes, at: int) -> int:
    return len(text[text.rfind(b"\n", 0, at) + 1 : at].expandtabs())


def kr_pointers(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank the `*` of a K&R definition that returns a pointer.

    The grammar reads such a definition as a declaration and loses the function without an
    error; the return type does not matter for binding.
    """
    body = text.find(b"{")
    while body >= 0:
        before = text[:body].rstrip()
        if before.endswith(b";"):
            head = max(text.rfind(b"}", 0, body), 0)
            match = _KR_NAME.search(text, head, body)
            if match:
                text = text[: match.start()] + blank(match[0]) + text[match.end() :]
        close = matching(text, body)
        body = text.find(b"{", close) if close >= 0 else -1
    return text


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
