"""Step 2.2, the fields: what each virtualised variable becomes in its container's struct.

    static TAILQ_HEAD(ipqhead, ipq) ipq[IPREASS_NHASH];    /* queues */
        TAILQ_HEAD(ipqhead, ipq) _ipq[IPREASS_NHASH];      /* queues */

The text of the type is that of the definition; the name gets a `_` in front.  A variable
that can't be a field is refused, and stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import matching
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.index.index import Index
from vrefactor.plan.model import Refusal
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.type_headers import HeaderBook

_STORAGE = re.compile(rb"(?<!\w)(?:static|extern)(?!\w)[ \t]*")
_UNBOUND = re.compile(rb"\[\s*\]")
_TAGGED = re.compile(rb"((?<!\w)(?:struct|union|enum)\s+\w+)\s*\{")
_SPACE = re.compile(rb"\s+")
_REMARK = re.compile(rb"[ \t]*/\*[^\n]*?\*/(?=[ \t\r]*\n)|[ \t]*//[^\n]*(?=\n)")


@dataclass(frozen=True, slots=True)
class ContainerField:
    """One variable as a field: its line without the indent, and where its type is read.

    `path` is the file of its definition; `declaration` and `declarator` are its parts there.
    """

    known: Virtualised
    path: str
    text: bytes
    declaration: Declaration
    declarator: Declarator


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a variable stays where it is: the place, the reason, what to do."""

    known: Virtualised
    path: str
    offset: int
    line: int
    reason: Refusal
    detail: str


def fields(
    book: HeaderBook, files: Sequence[DeclaringFile], kept: frozenset[str]
) -> tuple[dict[Virtualised, ContainerField], list[Unfit]]:
    """Return the field of each variable that can have one, and why the others can't.

    `kept` are the containers whose variables stay by the rules.
    """
    found: dict[Virtualised, ContainerField] = {}
    unfit: dict[Virtualised, Unfit] = {}
    for file in files:
        for declared in file.declared:
            if not declared.fact.defines or declared.known.container.name in kept:
                continue
            fault = _fault(book.index, file, declared)
            field = None if fault is not None else _field(book, file, declared)
            if field is not None and declared.known in found:
                fault = _differs(file, declared, field, found[declared.known])
            if fault is not None:
                unfit.setdefault(declared.known, fault)
            elif field is not None:
                found.setdefault(declared.known, field)
    return {
        known: container_field for known, container_field in found.items() if known not in unfit
    }, list(unfit.values())


def _fault(index: Index, file: DeclaringFile, declared: VariableDeclaration) -> Unfit | None:
    whole, part = declared.declaration, declared.declarator
    if whole is None or part is None:
        return _unfit(file, declared, CommonRefusal.UNPARSED, "its definition")
    if file.conditionals.cuts(whole.start, whole.end - 1):
        return _unfit(
            file, declared, ContainerRefusal.CUT, "write the definition once for each branch"
        )
    if part.value is not None:
        return _unfit(
            file, declared, ContainerRefusal.INITIALISED, "a field can't have an initial value"
        )
    name = declared.known.variable.name
    if _is_macro(index, file.path, name):
        return _unfit(
            file,
            declared,
            ContainerRefusal.MACRO,
            f"{declared.known.macro} would paste what {name} means",
        )
    if _UNBOUND.search(file.source.code, part.start, part.end):
        return _unfit(file, declared, ContainerRefusal.UNBOUND, "give the array its bound")
    return None


def _is_macro(index: Index, path: str, name: str) -> bool:
    """Say whether a name is an object-like macro where a file defines a variable of that name."""
    return any(
        macro.name == name and macro.parameters is None
        for text in index.includes.closure(path)
        for macro in (index.facts[text].macros if text in index.facts else ())
    )


def _differs(
    file: DeclaringFile, declared: VariableDeclaration, field: ContainerField, other: ContainerField
) -> Unfit | None:
    if _bare(field) == _bare(other):
        return None
    detail = f"elsewhere it is `{other.text.decode('latin-1')}`"
    return _unfit(file, declared, ContainerRefusal.TYPE_VARIES, detail)


def _bare(field: ContainerField) -> bytes:
    """Return a field's text without its remark, blanks joined."""
    return _SPACE.sub(b" ", field.text.partition(b";")[0])


def _unfit(
    file: DeclaringFile, declared: VariableDeclaration, reason: Refusal, detail: str
) -> Unfit:
    fact = declared.fact
    return Unfit(declared.known, file.path, fact.start, fact.line, reason, detail)


def _field(book: HeaderBook, file: DeclaringFile, declared: VariableDeclaration) -> ContainerField:
    whole, part = declared.declaration, declared.declarator
    assert whole is not None and part is not None
    data = file.source.data
    head = _STORAGE.sub(b"", _head(book, file, *whole.specifiers))
    first = whole.declarators[0].start
    gap = data[whole.specifiers[1] : first]
    gap = gap if gap in (b"\t", b" ") else b" "
    name = data[part.start : part.name_at] + b"_" + data[part.name_at : part.end]
    remark = _REMARK.match(data, whole.end) if part is whole.declarators[-1] else None
    text = head + gap + name + b";" + (remark[0] if remark else b"")
    return ContainerField(declared.known, file.path, text, whole, part)


def _head(book: HeaderBook, file: DeclaringFile, start: int, end: int) -> bytes:
    """Return specifiers as a field has them.

    Without the body of a struct that has a tag: that goes to a header.  Without a tag that a
    macro defines and nothing else names (`LIST_HEAD(foo, bar)`): the definition keeps it.
    """
    data, code = file.source.data, file.source.code
    for made in book.names(file.path).made:
        tag = book.made_tag(file.path, made) if start <= made.start < end else None
        if tag is not None and book.lone_tag(file.path, tag):
            at = code.find(tag.encode("latin-1"), made.start)
            return data[start:at] + data[at + len(tag) : end]
    tagged = _TAGGED.search(code, start, end)
    if tagged is None:
        return data[start:end]
    close = matching(code, tagged.end() - 1)
    return data[start : tagged.end(1)] + data[close + 1 : end]


def of_container(
    container: Container, found: Mapping[Virtualised, ContainerField]
) -> Iterator[tuple[str, list[ContainerField]]]:
    """Yield the fields of a container by the file of their definition, in source order.

    The files come in the order of the rules.
    """
    groups: dict[str, list[ContainerField]] = {}
    for known, field in found.items():
        if known.container.name == container.name:
            groups.setdefault(known.symbol.file, []).append(field)
    for path in sorted(
        groups,
        key=lambda path: min(
            container_field.known.symbol.origin for container_field in groups[path]
        ),
    ):
        yield (
            path,
            sorted(
                groups[path],
                key=lambda container_field: (
                    container_field.path,
                    container_field.declarator.name_at,
                ),
            ),
        )
