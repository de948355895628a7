"""The macros by which a variable is reached: what names a member, and the accessors.

In step 2.2 those of containers that move get one meaning for each kind of kernel.  The
accessor of a container that stays, or that has no structure at all (`VCPU`), means the plain
variable.  In step 3 a member is reached by the pointer to its container.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from vrefactor.c.parse.macro_bodies import MacroBody
from vrefactor.c.preprocess.conditionals import Directive
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.header import Header
from vrefactor.generated.null_macros import take_out
from vrefactor.generated.prefix_header import reword_lead
from vrefactor.generated.stage import Stage, reword
from vrefactor.generated.template import render
from vrefactor.rules.vocabulary import Vocabulary

_PLAIN = re.compile(rb"\s*\(?\s*(\w+)\s*\)?\s*\Z")
_INSTANCE = b"_0._"


def meanings(words: Vocabulary) -> bytes:
    """Return the definition of what names a member for each kind of kernel of step 2.2."""
    return render("member/meanings", words, lead=_lead(words, Stage.MEMBERS))


def _lead(words: Vocabulary, stage: Stage) -> bytes:
    return render("member/lead", words, stacks=stage is Stage.STACKS)


def give_meanings(draft: Draft) -> None:
    """Plan what step 2.2 makes of the macro that names a member.

    Raises RULES_NAME if the rules' header of the prefix does not define it.
    """
    rules = draft.index.rules
    path, member = rules.prefix.header, rules.vocabulary.member
    header = Header.open(draft, path) if path in draft.index.tree else None
    found = header.named(member) if header is not None else []
    if header is None or not found:
        detail = f"{path} does not define {member}: step 1.5.2 does"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    if any(_INSTANCE in b"".join(macro.text.split()).replace(b"##", b"") for macro in found):
        return
    plain = _PLAIN.match(found[0].text)
    if len(found) > 1 or plain is None or plain[1] != (found[0].parameters or (b"",))[-1]:
        what = "it has another meaning: give it that of vnet_x_0._sym by hand"
        draft.find(path, found[0].name_at, member, what)
        return
    reword_lead(draft, header, Stage.MEMBERS)
    take_out(draft, header, found[0], meanings(rules.vocabulary))


def give_accessors(draft: Draft, path: str, moving: Collection[str]) -> None:
    """Let an accessor in a header mean a member if its container is `moving`, else a variable."""
    header, rules = Header.open(draft, path), draft.index.rules
    member = rules.vocabulary.member.encode()
    accessors = {
        container.accessor.encode(): container.name.encode()
        for container in rules.containers
        if container.name in moving
    }
    bases = set(accessors.values())
    through = re.compile(rb"%s\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)" % member)
    for body in header.bodies:
        access, plain = through.search(body.text), _PLAIN.match(body.text)
        if access is not None and access[1] not in bases and body.name != member:
            reason = f"{access[1].decode()} is no structure: its variables stay as they are"
            _put(draft, header, body, access, b"(" + access[2] + b")", reason)
        elif plain is not None and body.name in accessors and body.parameters:
            name = accessors[body.name]
            reason = f"{name.decode()} is a structure now"
            _put(draft, header, body, plain, b"%s(%s, %s)" % (member, name, plain[1]), reason)


def _put(
    draft: Draft, header: Header, body: MacroBody, match: re.Match[bytes], text: bytes, reason: str
) -> None:
    """Plan a text in place of a part of a body, without the blanks around it."""
    start = body.start + match.end() - len(match[0].lstrip())
    end = body.start + match.start() + len(match[0].rstrip())
    draft.replace(header.path, start, end, text, reason)


def go_through_pointer(draft: Draft, header: Header) -> None:
    """Let what names a member go through the pointer to its container, with the option.

    Raises RULES_NAME if the header does not define it.
    """
    rules, member = draft.index.rules, draft.index.rules.vocabulary.member
    found = header.named(member)
    if not found:
        detail = f"{header.path} does not define {member}: step 2.2 does"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    gap = _gap(header, found, rules.vocabulary.option)
    if gap is not None:
        start = FileLines(header.source).start(gap.start)
        end = FileLines(header.source).next(gap.end)
        text = render("member/pointer", rules.vocabulary)
        draft.replace(header.path, start, end, text, "a member by the pointer to its container")
        comment = header.comment(header.above(found))
        reword(draft, header, comment, _lead(rules.vocabulary, Stage.STACKS))
        reword_lead(draft, header, Stage.STACKS)
    elif not any(b"->" in macro.text for macro in found):
        what = (
            f"it has no meaning with option {rules.vocabulary.option}: "
            "give it that of (base)->_sym by hand"
        )
        draft.find(header.path, found[0].name_at, member, what)


def _gap(header: Header, bodies: list[MacroBody], option: str) -> Directive | None:
    """Return the `#error` that stands for a definition with the option, if there is one."""
    groups = {owner[0] for body in bodies if (owner := header.conditionals.owner(body.name_at))}
    wanted = (b"defined(%s)" % option.encode(), True)
    for directive in header.conditionals.directives:
        owner = header.conditionals.owner(directive.start)
        if directive.keyword == b"error" and owner is not None and owner[0] in groups:
            branch = header.conditionals.groups[owner[0]].branches[owner[1]]
            if wanted in branch.condition:
                return directive
    return None
