"""Step 3, where a stack is known: members of the objects that belong to one, and their values."""

from __future__ import annotations

import re

from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.openings import opening
from vrefactor.edit.rule_lines import whole_lines
from vrefactor.plan.model import Finding
from vrefactor.rules.framework import FrameworkLine
from vrefactor.rules.virtualize import FieldSet, StackField
from vrefactor.steps.virtualize.draft import VIMAGE, VirtualizeDraft

_MEMBER = re.compile(rb"(?:->|\.)\s*(\w+)\s*\Z")
_PRELUDE = re.compile(rb"(?:INIT_V|CURVNET_SET)\w*\s*\(")
_GUARD = re.compile(rb"if\s*\([^;{}]*\)\s*(?:return|goto)\b[^;{}]*;\Z|if\s*\([^;{}]*\)\s*\{")


def plan_fields(draft: VirtualizeDraft) -> None:
    """Plan the members of the rules' `[[field]]` tables, and where they are set."""
    for field in draft.index.rules.fields:
        if _declare(draft, field):
            for place in field.set:
                _set(draft, field, place)
        if not field.set and field.via is None:
            draft.findings.append(_unset(field))


def _unset(field: StackField) -> Finding:
    return Finding(field.path, 1, field.name, "no [[field.set]] says where it gets its value")


def _declare(draft: VirtualizeDraft, field: StackField) -> bool:
    """Plan the member at the end of its structure; a finding where there is no such."""
    if field.path not in draft.index.tree:
        what = f"a [[field]] of struct {field.struct}: there is no such file"
        draft.findings.append(Finding(field.path, 1, field.name, what))
        return False
    source = draft.files.open(field.path)[0]
    head = re.search(rb"(?<!\w)struct\s+%s\s*(\{)" % field.struct.encode(), source.code)
    close = matching(source.code, head.start(1)) if head is not None else -1
    if close < 0:
        draft.find(field.path, None, field.name, f"the file does not define struct {field.struct}")
        return False
    assert head is not None
    if re.search(rb"(?<!\w)%s(?!\w)" % field.name.encode(), source.code[head.end() : close]):
        return True
    at = source.data.rfind(b"\n", 0, close) + 1
    draft.insert(field.path, at, VIMAGE % _member(field), f"struct {field.struct} knows its stack")
    return True


def _member(field: StackField) -> bytes:
    if field.via is not None:
        return f"#define\t{field.name}\t{field.via}\n".encode()
    gap = "" if field.type.endswith("*") else " "
    kind = (
        field.type.rstrip("* ") + "\t" + "*" * field.type.count("*")
        if not gap
        else field.type + "\t"
    )
    return f"\t{kind}{field.name};\n".encode()


def _set(draft: VirtualizeDraft, field: StackField, place: FieldSet) -> None:
    """Plan the assignment, once the object is known."""
    function = draft.function(place.path, place.function)
    if function is None:
        return
    target = _target(field, place)
    text = VIMAGE % f"\t{target} = {place.value};\n".encode()
    code = draft.files.open(place.path)[0].code
    done = re.compile(rb"%s\s*=(?!=)" % re.escape(target.encode()))
    if done.search(code, function.open, function.close):
        return
    if place.after is not None:
        _set_behind_text(draft, field, place, target)
        return
    at = _known(draft, place)
    if at is None:
        what = f"{place.function}() has no place behind which {place.object} is known"
        draft.find(place.path, function.name_at, field.name, what)
        return
    draft.insert(place.path, at, text, f"{place.object} gets its stack")
    draft.note(place.path, at, field.name, f"{target} = {place.value}")


def _set_behind_text(
    draft: VirtualizeDraft, field: StackField, place: FieldSet, target: str
) -> None:
    data = draft.files.read(place.path)
    indent = _indent(data, place)
    text = VIMAGE % f"{indent}{target} = {place.value};\n".encode()
    rule = FrameworkLine(
        path=place.path, text=text.decode(), after=place.after, function=place.function,
        present=f"{target} =",
    )  # fmt: skip
    lines = whole_lines(draft.index.tree, (rule,), draft.step)
    draft.findings += lines.findings
    for edit in lines.edits:
        draft.edits.append(edit)
        draft.note(edit.path, edit.start, field.name, f"{target} = {place.value}")


def _target(field: StackField, place: FieldSet) -> str:
    """Return the field as it is set: of an object, or of what a pointer leads to."""
    gap = "" if place.object.endswith(".") else "->"
    return f"{place.object}{gap}{field.name}"


def _indent(data: bytes, place: FieldSet) -> str:
    """Return the white space before the line with a text, or a tab."""
    words = [re.escape(word) for word in (place.after or "").encode().split()]
    match = re.search(rb"^([ \t]+)[^\n]*" + rb"\s+".join(words), data, re.M)
    return match[1].decode() if match is not None else "\t"


def _known(draft: VirtualizeDraft, place: FieldSet) -> int | None:
    """Return the line from which on the object is known: behind the guards that leave without."""
    function = draft.files.functions(place.path, place.function)[0]
    body = draft.body(place.path, function)
    statements = body.statements
    if statements is None or opening(body.file, function).inline:
        return None
    setter = body.assigner(place.object)
    last = setter
    for statement in statements:
        text = function.text[statement.start : statement.end]
        if setter is not None and statement.start < setter.start:
            continue
        local = setter is None or setter.declaration
        local = local and (statement.declaration or _PRELUDE.match(text) is not None)
        guard = last is not None and not statement.declaration and _guards(text, place.object)
        guard = guard and body.is_whole(statement)
        if not (local or guard or statement is setter):
            break
        last = statement
    if last is None:
        return opening(body.file, function).at
    at = body.next_line(last.end - 1)
    if last.declaration or _PRELUDE.match(function.text, last.start):
        following = body.next_line(at)
        at = at if body.file.source.data[at:following].strip() else following
    return (
        at if body.file.conditionals.owner(at) == body.file.conditionals.owner(last.start) else None
    )


def _guards(text: bytes, name: str) -> bool:
    return _GUARD.match(text) is not None and name.encode() in text


def check_arguments(draft: VirtualizeDraft, paths: list[str]) -> None:
    """Report the selections that take their stack from a member which no rule declares."""
    kept = {container.init for container in draft.index.rules.containers if container.kept is None}
    names = "|".join(sorted(re.escape(name) for name in kept))
    selection = re.compile(rb"(?<!\w)(?:%s|CURVNET_SET(?:_QUIET)?)\s*(\()" % names.encode())
    known = {field.name.encode() for field in draft.index.rules.fields}
    leads = (b"CURVNET_SET", *(name.encode() for name in kept))
    for path in paths:
        if not any(lead in draft.files.read(path) for lead in leads):
            continue
        source = draft.files.open(path)[0]
        for match in selection.finditer(source.code):
            end = matching(source.code, match.start(1))
            member = _MEMBER.search(source.code[match.end() : end]) if end >= 0 else None
            if member is not None and member[1] not in known:
                what = "a stack is taken from it, but no [[field]] declares it"
                draft.find(path, match.start(), member[1].decode(), what)
