"""Step 2.2, the fields: what each virtualised variable becomes in its container's struct.

    static TAILQ_HEAD(ipqhead, ipq) ipq[IPREASS_NHASH];    /* queues */
        TAILQ_HEAD(ipqhead, ipq) _ipq[IPREASS_NHASH];      /* queues */

The text of the type is that of the definition; the name gets a `_` in front.  A variable
that can't be a field is refused, and stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vrefactor.c.preprocess.lexer import matching
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.attributes import attributes_behind
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.plan.model import Refusal
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.containers.field_checks import DROPPED, Fault, FieldChecks
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.type_index import TypeIndex

_STORAGE = re.compile(rb"(?<!\w)(?:static|extern)(?!\w)[ \t]*")
_TAGGED = re.compile(rb"((?<!\w)(?:struct|union|enum)\s+\w+)\s*\{")
_SPACE = re.compile(rb"\s+")
_REMARK = re.compile(rb"[ \t]*/\*[^\n]*?\*/(?=[ \t\r]*\n)|[ \t]*//[^\n]*(?=\n)")


@dataclass(frozen=True, slots=True)
class ContainerField:
    """One variable as a field, and where its type is read.

    `member` is its declaration in the struct, `remark` the comment behind it.  Where a macro
    defines the tag of its type, `tagged` has the tag in place of the macro: once is enough.
    `path` is the file of its definition; `declaration` and `declarator` are its parts there.
    """

    known: Virtualised
    path: str
    member: bytes
    tagged: bytes
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
    checks: FieldChecks, files: Sequence[DeclaringFile], kept: Collection[str]
) -> tuple[dict[Virtualised, ContainerField], list[RefusedVariable]]:
    """Return the field of each variable that can have one, and why the others can't.

    `kept` are the containers whose variables stay by the rules.
    """
    found: dict[Virtualised, ContainerField] = {}
    refused: dict[Virtualised, RefusedVariable] = {}
    for file in files:
        for declared in file.declared:
            known = declared.known
            if known.container.name in kept:
                continue
            fault = checks.fault(file, declared)
            if fault is None and declared.fact.defines:
                field = _field(checks.types, file, declared)
                fault = _differs(field, found.setdefault(known, field))
            if fault is not None:
                at = declared.fact.start
                refused.setdefault(known, RefusedVariable(known, file.path, at, *fault))
    fitting = {known: field for known, field in found.items() if known not in refused}
    return fitting, list(refused.values())


def _differs(field: ContainerField, other: ContainerField) -> Fault | None:
    if _SPACE.sub(b" ", field.member) == _SPACE.sub(b" ", other.member):
        return None
    return ContainerRefusal.TYPE_VARIES, f"elsewhere it is `{other.text.decode('latin-1')}`"


def _field(types: TypeIndex, file: DeclaringFile, declared: VariableDeclaration) -> ContainerField:
    whole, part = declared.declaration, declared.declarator
    assert whole is not None and part is not None
    data = file.source.data
    head, tagged = (_STORAGE.sub(b"", text) for text in _heads(types, file, whole))
    first = whole.declarators[0].start
    gap = data[whole.specifiers[1] : first]
    gap = gap if gap in (b"\t", b" ") else b" "
    name = data[part.start : part.name_at] + b"_" + data[part.name_at : part.end]
    name = gap + name + _attributes(types, file, whole, part)
    found = _REMARK.match(data, whole.end) if part is whole.declarators[-1] else None
    remark = found[0] if found else b""
    second = tagged + name if tagged else b""
    return ContainerField(declared.known, file.path, head + name, second, remark, whole, part)


def _attributes(
    types: TypeIndex, file: DeclaringFile, whole: Declaration, part: Declarator
) -> bytes:
    """Return the attributes that a field has as well, as they stand behind its name."""
    found = attributes_behind(file.source, types.files.macros, whole, part) or ()
    kept = dict.fromkeys(attribute.range for attribute in found if attribute.name not in DROPPED)
    return b"".join(b" " + file.source.data[slice(*place)] for place in kept)


def _heads(types: TypeIndex, file: DeclaringFile, whole: Declaration) -> tuple[bytes, bytes]:
    """Return specifiers as a field has them, and with a tag for a macro that defines it.

    Without the body of a struct that has a tag: that goes to a header.  Without a tag that a
    macro defines and nothing else names (`LIST_HEAD(foo, bar)`): the definition keeps it.
    """
    data, code = file.source.data, file.source.code
    start, end = whole.specifiers
    made = types.made_in(file.path, whole)
    if made is not None and made.shared:
        first, last = made.range
        return data[start:end], data[start:first] + made.type + data[last:end]
    if made is not None:
        at = code.find(made.tag, made.range[0])
        return data[start:at] + data[at + len(made.tag) : end], b""
    tagged = _TAGGED.search(code, start, end)
    if tagged is None:
        return data[start:end], b""
    close = matching(code, tagged.end() - 1)
    return data[start : tagged.end(1)] + data[close + 1 : end], b""


def of_container(container: Container, found: Fields) -> list[list[ContainerField]]:
    """Return the fields of a container, one list for each file that the rules name, in order.

    Within a file they stand as in the source.
    """
    groups: dict[str, list[ContainerField]] = {}
    for known, field in found.items():
        if known.container.name == container.name:
            groups.setdefault(known.symbol.file, []).append(field)
    ordered = sorted(groups.values(), key=lambda own: min(f.known.symbol.origin for f in own))
    return [_tagged_once(sorted(own, key=_place)) for own in ordered]


def _place(field: ContainerField) -> tuple[str, int]:
    return field.path, field.declarator.name_at


def _tagged_once(fields: Iterable[ContainerField]) -> list[ContainerField]:
    """Return fields, those of one declaration with the tag behind the one that defines it."""
    found: list[ContainerField] = []
    for field in fields:
        again = found and found[-1].declaration == field.declaration and field.tagged
        found.append(replace(field, member=field.tagged) if again else field)
    return found
