"""Step 3, where a stack is known: members of the objects that belong to one, and their values."""

from __future__ import annotations

import re

from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.draft import Draft
from vrefactor.edit.openings import opening
from vrefactor.edit.rule_lines import plan_lines
from vrefactor.plan.model import Finding
from vrefactor.rules.framework import FrameworkLine
from vrefactor.rules.virtualize import FieldSet, StackField
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import function_named, rewritten, with_option

_MEMBER = re.compile(rb"(?:->|\.)\s*(\w+)\s*\Z")
_GUARD = re.compile(rb"if\s*\([^;{}]*\)\s*(?:return|goto)\b[^;{}]*;\Z|if\s*\([^;{}]*\)\s*\{")


def plan_fields(draft: Draft) -> None:
    """Plan the members of the rules' `[[field]]` tables, and where they are set."""
    for field in draft.index.rules.fields:
        if _declare(draft, field):
            for place in field.set:
                _set(draft, field, place)
        if not field.set and field.via is None:
            draft.add_findings([_unset(field)])


def _unset(field: StackField) -> Finding:
    return Finding(field.path, 1, field.name, "no [[field.set]] says where it gets its value")


def _declare(draft: Draft, field: StackField) -> bool:
    """Plan the member at the end of its structure; a finding where there is no such."""
    if field.path not in draft.index.tree:
        what = f"a [[field]] of struct {field.struct}: there is no such file"
        draft.find(field.path, None, field.name, what)
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
    draft.insert(
        field.path, at, with_option(draft, _member(field)), f"struct {field.struct} knows its stack"
    )
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


def _set(draft: Draft, field: StackField, place: FieldSet) -> None:
    """Plan the assignment, once the object is known."""
    function = function_named(draft, place.path, place.function)
    if function is None:
        return
    target = _target(field, place)
    text = with_option(draft, f"\t{target} = {place.value};\n".encode())
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
    rewritten(draft, place.path, at, field.name, f"{target} = {place.value}")


def _set_behind_text(draft: Draft, field: StackField, place: FieldSet, target: str) -> None:
    data = draft.files.read(place.path)
    indent = _indent(data, place)
    text = with_option(draft, f"{indent}{target} = {place.value};\n".encode())
    rule = FrameworkLine(
        path=place.path, text=text.decode(), after=place.after, function=place.function,
        present=f"{target} =",
    )  # fmt: skip
    for path, at in plan_lines(draft, (rule,)):
        rewritten(draft, path, at, field.name, f"{target} = {place.value}")


def _target(field: StackField, place: FieldSet) -> str:
    """Return the field as it is set: of an object, or of what a pointer leads to."""
    gap = "" if place.object.endswith(".") else "->"
    return f"{place.object}{gap}{field.name}"


def _indent(data: bytes, place: FieldSet) -> str:
    """Return the white space before the line with a text, or a tab."""
    words = [re.escape(word) for word in (place.after or "").encode().split()]
    match = re.search(rb"^([ \t]+)[^\n]*" + rb"\s+".join(words), data, re.M)
    return match[1].decode() if match is not None else "\t"


def _known(draft: Draft, place: FieldSet) -> int | None:
    """Return the line from which on the object is known: behind the guards that leave without."""
    function = draft.files.functions(place.path, place.function)[0]
    body = draft.files.body(place.path, function)
    statements = body.statements
    if statements is None or opening(body.file, function).inline:
        return None
    setter, selects = body.assigner(place.object), Words(draft.index.rules).selects
    last = setter
    for statement in statements:
        text = function.text[statement.start : statement.end]
        if setter is not None and statement.start < setter.start:
            continue
        local = setter is None or setter.declaration
        local = local and (statement.declaration or selects.match(text) is not None)
        guard = last is not None and not statement.declaration and _guards(text, place.object)
        guard = guard and body.is_whole(statement)
        if not (local or guard or statement is setter):
            break
        last = statement
    if last is None:
        return opening(body.file, function).at
    at = body.lines.next(last.end - 1)
    if last.declaration or selects.match(function.text, last.start):
        following = body.lines.next(at)
        at = at if body.file.source.data[at:following].strip() else following
    return (
        at if body.file.conditionals.owner(at) == body.file.conditionals.owner(last.start) else None
    )


def _guards(text: bytes, name: str) -> bool:
    return _GUARD.match(text) is not None and name.encode() in text
