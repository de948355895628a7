"""Step 3, what is the same for all containers: many network stacks, and how one is selected.

With option VIMAGE the header of the prefix declares the stacks, the macros that select one and
walk over all of them, and the registration of what each has; the generated source file makes and
destroys them; and a sysctl finds its variable in the stack that is selected.  Without the option
everything means what it meant after step 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.rule_lines import fitted_edit, rewording, whole_lines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.container_macros import defines, selection
from vrefactor.generated.framework import Framework, require
from vrefactor.generated.framework_text import (
    MEMBER_LEAD,
    NULL_LEAD_NOW,
    ONE_MEMBER,
    SOURCE_GUARD,
    VSYM,
    source_headers,
)
from vrefactor.generated.member_access import Header, read_header
from vrefactor.generated.optional import optional, wrapping
from vrefactor.generated.prefix_header import additions
from vrefactor.generated.stack_header_text import (
    MARK,
    MEMBER_LEAD_THEN,
    NO_OPTION,
    NULL_LEAD_THEN,
    ONE_MEMBER_THEN,
    POINTED,
    REPLACED,
    header_block,
)
from vrefactor.generated.stack_source_text import MARK as SOURCE_MARK
from vrefactor.generated.stack_source_text import source_block
from vrefactor.generated.stack_sysctl import sysctl_handlers
from vrefactor.index.index import Index
from vrefactor.plan.model import Finding
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.step import merged

_GUARD = b"#if !defined(VIMAGE) && !defined(VIMAGE_GLOBALS)"
_GUARD_END = b"#endif /* !VIMAGE && !VIMAGE_GLOBALS */"
_OLD_END = re.compile(rb"#endif /\* !VIMAGE_GLOBALS \*/")
_COMMENTS = (
    (ONE_MEMBER, ONE_MEMBER_THEN),
    (MEMBER_LEAD, MEMBER_LEAD_THEN),
    (NULL_LEAD_NOW, NULL_LEAD_THEN),
)
_FROM_VNET = re.compile(rb"\s*INIT_FROM_VNET\b")


def framework3(
    index: Index,
    table: SymbolTable,
    containers: Sequence[Container],
    step: str,
    stateless: Sequence[str] = (),
) -> Framework:
    """Plan the framework of step 3 on a tree after step 2.2.

    `containers` are those whose variables are in a structure.  `stateless` are the names
    behind `VNET_MOD_` of what else registers and has a number of its own.  Raises RULES_NAME
    if the rules have no `[framework]`, or if the tree lacks a header that it needs, or is not
    after step 2.2.
    """
    if not containers:
        return Framework((), (), ())
    rules = index.rules.framework
    if rules is None:
        detail = "a section [framework], which step 3 needs: it says where the stacks are made"
        raise VrefactorError(RULES_NAME, detail, path=index.rules.origin)
    work = _Work(index, rules, step)
    work.prefix(containers, stateless)
    work.selections({container.name for container in containers})
    work.edits += sysctl_handlers(index, step)
    work.source()
    lines = whole_lines(index.tree, rules.virtual.line, step)
    edits = merged([*work.edits, *lines.edits])
    return Framework(edits, (), (), tuple(sorted([*work.findings, *lines.findings])))


@dataclass(slots=True)
class _Work:
    """The part of the plan for the header of the prefix and the source file, while it is made."""

    index: Index
    rules: FrameworkRules
    step: str
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def _edit(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        tree = self.index.tree
        self.edits.append(fitted_edit(tree, path, start, end, text, self.step, reason))

    def _reword(self, path: str, old: bytes, new: bytes, reason: str) -> bool:
        """Replace a text of an earlier step; say whether it is there."""
        edit = rewording(self.index.tree, path, old, new, self.step, reason)
        self.edits += [edit] if edit is not None else []
        return edit is not None

    def _missing(self, path: str, what: str) -> VrefactorError:
        detail = f"{path} {what}: step 2.2 does"
        return VrefactorError(RULES_NAME, detail, path=self.index.rules.origin)

    def prefix(self, moving: Sequence[Container], stateless: Sequence[str]) -> None:
        """Plan the header of the prefix: all that does not depend on one container."""
        path = self.index.rules.prefix.header
        if path not in self.index.tree:
            raise self._missing(path, "is not in the tree")
        header = read_header(self.index, path)
        self._pointed(header)
        single = [
            macro
            for macro in header.bodies
            if macro.name in REPLACED and not optional(header, macro.name_at)
        ]
        self.edits += wrapping(header, single, self.step, "with option VIMAGE it has a meaning")
        for old, new in _COMMENTS:
            self._reword(path, old, new, "what the macros are now")
        self._registration(header)
        if not defines(header.source.data, MARK):
            self._stacks(header, moving, stateless)

    def _pointed(self, header: Header) -> None:
        """Let `VSYM` go through the pointer that `INIT_FROM_VNET` declares."""
        path = header.source.path
        if self._reword(path, NO_OPTION, POINTED, "a member by the pointer to its container"):
            return
        found = [macro for macro in header.bodies if macro.name == VSYM]
        if not found:
            raise self._missing(path, "does not define VSYM")
        if not any(b"->" in macro.text for macro in found):
            what = "it has no meaning with option VIMAGE: give it that of (base)->_sym by hand"
            line = header.source.line(found[0].name_at)
            self.findings.append(Finding(path, line, VSYM.decode(), what))

    def _registration(self, header: Header) -> None:
        """Let the registration of step 2.2 hold without the option only."""
        found = [macro for macro in header.bodies if macro.name == b"VNET_MOD_DECLARE"]
        if not found:
            raise self._missing(header.source.path, "does not define VNET_MOD_DECLARE")
        if not any(optional(header, macro.name_at) for macro in found):
            owner = header.conditionals.owner(found[0].name_at)
            self._close(header.source, header.conditionals, owner, found[0].name_at)

    def _close(
        self,
        source: Source,
        conditionals: Conditionals,
        owner: tuple[int, int] | None,
        offset: int,
    ) -> None:
        """Let a group of step 2.2 be without option VIMAGE; it is a finding if it is another."""
        group = conditionals.groups[owner[0]] if owner is not None else None
        opening = conditionals.directive_at(group.start) if group is not None else None
        text = source.data[opening.start : opening.end] if opening is not None else b""
        if group is None or opening is None or text.strip() != SOURCE_GUARD:
            what = "it is not under #ifndef VIMAGE_GLOBALS: let it be without option VIMAGE by hand"
            line = source.line(offset)
            self.findings.append(Finding(source.path, line, "framework", what))
            return
        reason = "option VIMAGE has another registration"
        start = opening.start + len(text) - len(text.lstrip())
        self._edit(source.path, start, start + len(SOURCE_GUARD), _GUARD, reason)
        closing = conditionals.directive_at(group.end - 1)
        start, end = (closing.start, closing.end) if closing is not None else (0, 0)
        match = _OLD_END.search(source.data, start, end)
        if match is not None:
            self._edit(source.path, match.start(), match.end(), _GUARD_END, reason)

    def _stacks(
        self, header: Header, moving: Sequence[Container], stateless: Sequence[str]
    ) -> None:
        names = {container.name for container in moving}
        numbered = [
            container
            for container in self.index.rules.containers
            if container.kept is None or container.name in names
        ]
        require(self.index, (*self.rules.declarations, *self.rules.virtual.headers))
        text = header_block(self.rules, numbered, stateless).decode()
        for at, added in additions(header.source.data, {}, {}, (text,)).items():
            self._edit(header.source.path, at, at, added, "many network stacks")

    def selections(self, moving: Collection[str]) -> None:
        """Let the INIT macro of a container that stays select nothing."""
        for container in self.index.rules.containers:
            if container.header not in self.index.tree:
                continue
            header = read_header(self.index, container.header)
            for body in header.bodies:
                if body.name != container.init.encode():
                    continue
                empty = not body.text.strip()
                start, end = body.start, body.start + len(body.text.rstrip())
                if container.name in moving and empty:
                    reason = f"{container.name} is a structure now"
                    call = selection(container).partition(b"(vnet)")[2].partition(b"\n\n")[0]
                    self._edit(container.header, start, start, call, reason)
                elif container.name not in moving and _FROM_VNET.match(body.text):
                    reason = f"{container.name} is no structure: its variables stay as they are"
                    self._edit(container.header, start, end, b"", reason)

    def source(self) -> None:
        """Plan the source file that step 2.2 has made."""
        path = self.rules.source
        if path not in self.index.tree:
            raise self._missing(path, "is not in the tree")
        file = lex(path, self.index.tree.read(path))
        if SOURCE_MARK in file.code:
            return
        require(self.index, (*source_headers(self.rules), *self.rules.virtual.memory_headers))
        conditionals = parse_conditionals(file)
        at = file.code.find(b"vnet_modlist")
        self._close(file, conditionals, conditionals.owner(at) if at >= 0 else None, max(at, 0))
        end = len(file.data)
        self._edit(path, end, end, source_block(self.rules), "many network stacks")
