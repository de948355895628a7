"""Step 2.2, the fields: what each virtualised variable becomes in its container's struct.

    static TAILQ_HEAD(ipqhead, ipq) ipq[IPREASS_NHASH];    /* queues */
        TAILQ_HEAD(ipqhead, ipq) _ipq[IPREASS_NHASH];      /* queues */

The text of the type is that of the definition; the name gets a `_` in front.  A variable
that can't be a field is refused, and stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
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
from vrefactor.steps.containers.type_index import TypeIndex

_STORAGE = re.compile(rb"(?<!\w)(?:static|extern)(?!\w)[ \t]*")
_UNBOUND = re.compile(rb"\[\s*\]")
_TAGGED = re.compile(rb"((?<!\w)(?:struct|union|enum)\s+\w+)\s*\{")
_SPACE = re.compile(rb"\s+")
_REMARK = re.compile(rb"[ \t]*/\*[^\n]*?\*/(?=[ \t\r]*\n)|[ \t]*//[^\n]*(?=\n)")


@dataclass(frozen=True, slots=True)
class ContainerField:
    """One variable as a field, and where its type is read.

    `member` is its declaration in the struct, `remark` the comment behind it.  `path` is the
    file of its definition; `declaration` and `declarator` are its parts there.
    """

    known: Virtualised
    path: str
    member: bytes
    remark: bytes
    declaration: Declaration
    declarator: Declarator

    @property
    def text(self) -> bytes:
        """Its line in the struct, without the indent."""
        return self.member + b";" + self.remark


@dataclass(frozen=True, slots=True)
class RefusedVariable:
    """A variable that stays where it is: the place, the reason, what to do."""

    known: Virtualised
    path: str
    offset: int
    reason: Refusal
    detail: str


Fields = Mapping[Virtualised, ContainerField]


def fields(
    types: TypeIndex, files: Sequence[DeclaringFile], kept: Collection[str]
) -> tuple[dict[Virtualised, ContainerField], list[RefusedVariable]]:
    """Return the field of each variable that can have one, and why the others can't.

    `kept` are the containers whose variables stay by the rules.
    """
    found: dict[Virtualised, ContainerField] = {}
    refused: dict[Virtualised, RefusedVariable] = {}
    for file in files:
        for declared in file.declared:
            known = declared.known
            if not declared.fact.defines or known.container.name in kept:
                continue
            fault = _fault(types.index, file, declared)
            field = None if fault is not None else _field(types, file, declared)
            if field is not None and known in found:
                fault = _differs(file, declared, field, found[known])
            if fault is not None:
                refused.setdefault(known, fault)
            elif field is not None:
                found.setdefault(known, field)
    fitting = {known: field for known, field in found.items() if known not in refused}
    return fitting, list(refused.values())


def _fault(
    index: Index, file: DeclaringFile, declared: VariableDeclaration
) -> RefusedVariable | None:
    """Return why a definition makes no field, if it makes none."""
    whole, part, name = declared.declaration, declared.declarator, declared.known.variable.name
    reason: Refusal
    if whole is None or part is None:
        reason, detail = CommonRefusal.UNPARSED, "its definition"
    elif file.conditionals.cuts(whole.start, whole.end - 1):
        reason, detail = ContainerRefusal.CUT, "write the definition once for each branch"
    elif part.value is not None:
        reason, detail = ContainerRefusal.INITIALISED, "a field can't have an initial value"
    elif _is_macro(index, file.path, name):
        reason, detail = (
            ContainerRefusal.MACRO,
            f"{declared.known.macro} would paste what {name} means",
        )
    elif _UNBOUND.search(file.source.code, part.start, part.end):
        reason, detail = ContainerRefusal.UNBOUND, "give the array its bound"
    else:
        return None
    return _refused(file, declared, reason, detail)


def _is_macro(index: Index, path: str, name: str) -> bool:
    """Say whether a name is an object-like macro where a file defines a variable of that name."""
    return any(
        macro.name == name and macro.parameters is None
        for text in index.includes.closure(path)
        for macro in (index.facts[text].macros if text in index.facts else ())
    )


def _differs(
    file: DeclaringFile, declared: VariableDeclaration, field: ContainerField, other: ContainerField
) -> RefusedVariable | None:
    if _SPACE.sub(b" ", field.member) == _SPACE.sub(b" ", other.member):
        return None
    detail = f"elsewhere it is `{other.text.decode('latin-1')}`"
    return _refused(file, declared, ContainerRefusal.TYPE_VARIES, detail)


def _refused(
    file: DeclaringFile, declared: VariableDeclaration, reason: Refusal, detail: str
) -> RefusedVariable:
    return RefusedVariable(declared.known, file.path, declared.fact.start, reason, detail)


def _field(types: TypeIndex, file: DeclaringFile, declared: VariableDeclaration) -> ContainerField:
    whole, part = declared.declaration, declared.declarator
    assert whole is not None and part is not None
    data = file.source.data
    head = _STORAGE.sub(b"", _head(types, file, *whole.specifiers))
    first = whole.declarators[0].start
    gap = data[whole.specifiers[1] : first]
    gap = gap if gap in (b"\t", b" ") else b" "
    name = data[part.start : part.name_at] + b"_" + data[part.name_at : part.end]
    remark = _REMARK.match(data, whole.end) if part is whole.declarators[-1] else None
    text = remark[0] if remark else b""
    return ContainerField(declared.known, file.path, head + gap + name, text, whole, part)


def _head(types: TypeIndex, file: DeclaringFile, start: int, end: int) -> bytes:
    """Return specifiers as a field has them.

    Without the body of a struct that has a tag: that goes to a header.  Without a tag that a
    macro defines and nothing else names (`LIST_HEAD(foo, bar)`): the definition keeps it.
    """
    data, code = file.source.data, file.source.code
    for made in types.names(file.path).specifier_macros:
        tag = types.made_tag(file.path, made) if start <= made.start < end else None
        if tag is not None and types.lone_tag(file.path, tag):
            at = code.find(tag.encode("latin-1"), made.start)
            return data[start:at] + data[at + len(tag) : end]
    tagged = _TAGGED.search(code, start, end)
    if tagged is None:
        return data[start:end]
    close = matching(code, tagged.end() - 1)
    return data[start : tagged.end(1)] + data[close + 1 : end]


def of_container(container: Container, found: Fields) -> list[list[ContainerField]]:
    """Return the fields of a container, one list for each file that the rules name, in order.

    Within a file they stand as in the source.
    """
    groups: dict[str, list[ContainerField]] = {}
    for known, field in found.items():
        if known.container.name == container.name:
            groups.setdefault(known.symbol.file, []).append(field)
    ordered = sorted(groups.values(), key=lambda own: min(f.known.symbol.origin for f in own))
    return [sorted(own, key=lambda f: (f.path, f.declarator.name_at)) for own in ordered]
