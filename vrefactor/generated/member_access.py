"""Step 2.2, the macros by which a variable is reached: `VSYM`, the accessors, sysctls.

Those of containers that move get one meaning for each kind of kernel.  The accessor of a
container that stays, or that has no structure at all (`VCPU`), means the plain variable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.rule_lines import fitted_edit, rewording
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.container_macros import NULL_LEAD
from vrefactor.generated.framework_text import (
    ADDRESS,
    ADDRESS_MEANINGS,
    MEANINGS,
    NULL_LEAD_NOW,
    ONE_MEMBER,
    VSYM,
)
from vrefactor.generated.prefix_header import ONE_VARIABLE
from vrefactor.generated.sysctl_forms import FORMS, POINTER, wrapped
from vrefactor.index.index import Index
from vrefactor.plan.model import Finding
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Style
from vrefactor.source.edits import Edit

_PLAIN = re.compile(rb"\s*\(?\s*(\w+)\s*\)?\s*\Z")
_THROUGH = re.compile(rb"VSYM\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_INSTANCE = b"_0._"
_OPTION = b"VIMAGE_GLOBALS"
_FORMS = frozenset(name.encode() for name in FORMS.values())
_USE = re.compile(rb"(?<!\w)(SYSCTL_V_\w+)\s*\(\s*\w+\s*,\s*(\w+)\s*,")
_MOD, _SYM = 1, POINTER + 2
"""Which parameters of a form are the container and the symbol."""


@dataclass(frozen=True, slots=True)
class Header:
    """One header, lexed, with its `#define`s, in their order."""

    source: Source
    conditionals: Conditionals
    bodies: tuple[MacroBody, ...]

    def line(self, body: MacroBody) -> tuple[int, int]:
        """Return the range of the lines of a `#define`."""
        directive = self.conditionals.directive_at(body.name_at)
        start, end = (directive.start, directive.end) if directive else (body.name_at, body.start)
        newline = self.source.data.find(b"\n", end)
        return self.source.data.rfind(b"\n", 0, start + 1) + 1, newline + 1 or end

    def above(self, bodies: Sequence[MacroBody]) -> int:
        """Return the start of a line above all of some `#define`s that all of them can see."""
        chains = [self.conditionals.chain(macro.name_at) for macro in bodies]
        shared = set(chains[0]).intersection(*chains)
        own = [group for group, branch in chains[0] if (group, branch) not in shared]
        at = self.conditionals.groups[own[-1]].start if own else self.line(bodies[0])[0]
        return self.source.data.rfind(b"\n", 0, at) + 1


def read_header(index: Index, path: str) -> Header:
    """Return a header of the tree, lexed."""
    source = lex(path, index.tree.read(path))
    conditionals = parse_conditionals(source)
    return Header(source, conditionals, tuple(macro_definitions(source, conditionals)))


@dataclass(slots=True)
class MemberAccess:
    """The part of the plan that is about these macros, while it is made."""

    index: Index
    moving: Collection[str]
    """The names of the containers that move."""
    step: str
    edits: list[Edit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def plan(self) -> None:
        """Plan all of them.

        Raises RULES_NAME if the rules' header of the prefix does not define `VSYM`.
        """
        prefix = self.index.rules.prefix.header
        headers = {prefix, *(container.header for container in self.index.rules.containers)}
        for path in sorted(headers):
            if path in self.index.tree:
                self._accessors(read_header(self.index, path))
        self._vsym(prefix)
        if self.index.rules.sysctl.header in self.index.tree:
            self._addresses(read_header(self.index, self.index.rules.sysctl.header))
            self.findings.extend(_stranded(self.index, self.moving))

    def _edit(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        tree = self.index.tree
        self.edits.append(fitted_edit(tree, path, start, end, text, self.step, reason))

    def _reword(self, path: str, old: bytes, new: bytes, reason: str) -> bool:
        """Replace a comment of an earlier step; say whether it is there."""
        edit = rewording(self.index.tree, path, old, new, self.step, reason)
        self.edits += [edit] if edit is not None else []
        return edit is not None

    def _vsym(self, path: str) -> None:
        header = read_header(self.index, path) if path in self.index.tree else None
        found = [macro for macro in header.bodies if macro.name == VSYM] if header else []
        if header is None or not found:
            detail = f"{path} does not define {VSYM.decode()}: step 1.5.2 does"
            raise VrefactorError(RULES_NAME, detail, path=self.index.rules.origin)
        if any(_INSTANCE in b"".join(macro.text.split()).replace(b"##", b"") for macro in found):
            return
        plain = _PLAIN.match(found[0].text)
        if len(found) > 1 or plain is None or plain[1] != (found[0].parameters or (b"",))[-1]:
            line = header.source.line(found[0].name_at)
            what = "it has another meaning: give it that of vnet_x_0._sym by hand"
            self.findings.append(Finding(path, line, VSYM.decode(), what))
            return
        self._give_meanings(header, header.line(found[0]))

    def _give_meanings(self, header: Header, line: tuple[int, int]) -> None:
        """Put the three meanings above the null macros, or in place of the one there is."""
        path, reason = header.source.path, "a member of a container, or a variable"
        self._reword(path, ONE_VARIABLE.encode(), ONE_MEMBER, "what the macros are now")
        apart = self._reword(path, NULL_LEAD, MEANINGS + b"\n" + NULL_LEAD_NOW, reason)
        self._edit(path, *line, b"" if apart else MEANINGS, reason)

    def _accessors(self, header: Header) -> None:
        """Let what is defined through `VSYM` mean a member, and else the plain variable."""
        accessors = {
            container.accessor.encode(): container.name.encode()
            for container in self.index.rules.containers
            if container.name in self.moving
        }
        bases = set(accessors.values())
        for body in header.bodies:
            through, plain = _THROUGH.search(body.text), _PLAIN.match(body.text)
            if through is not None and through[1] not in bases and body.name != VSYM:
                text, match = b"(" + through[2] + b")", through
                reason = f"{through[1].decode()} is no structure: its variables stay as they are"
            elif plain is not None and body.name in accessors and body.parameters:
                text = b"VSYM(%s, %s)" % (accessors[body.name], plain[1])
                match, reason = plain, f"{accessors[body.name].decode()} is a structure now"
            else:
                continue
            start = body.start + match.start()
            start += len(match[0]) - len(match[0].lstrip())
            end = body.start + len(body.text[: match.end()].rstrip())
            self._edit(header.source.path, start, end, text, reason)

    def _addresses(self, header: Header) -> None:
        """Let the forms of sysctls take the address by a macro with one meaning a kernel."""
        path, changed = header.source.path, []
        for form in header.bodies:
            if form.name in _FORMS and len(form.parameters or ()) > _SYM:
                condition = header.conditionals.condition(form.name_at)
                edit = _address(header.source, form, self.index.rules.style)
                if edit is not None and not any(_OPTION in text for text, _ in condition):
                    changed.append(form)
                    self._edit(path, *edit, f"{form.name.decode()} may name a member")
        if changed and not any(macro.name == ADDRESS for macro in header.bodies):
            at = header.above(changed)
            self._edit(path, at, at, ADDRESS_MEANINGS, "where a sysctl finds its variable")


def _address(source: Source, form: MacroBody, style: Style) -> tuple[int, int, bytes] | None:
    """Return the change of a form from the line on that takes the address of its symbol."""
    parameters = form.parameters or ()
    taken = re.search(rb"&\s*%s(?!\w)" % re.escape(parameters[_SYM]), form.text)
    if taken is None:
        return None
    start = source.data.rfind(b"\n", 0, form.start + taken.start()) + 1
    end = form.start + len(form.text.rstrip())
    at = form.start + taken.start() - start
    address = b"%s(%s, %s)" % (ADDRESS, parameters[_MOD], parameters[_SYM])
    old = source.data[start:end].replace(b"\r\n", b"\n")
    text = old[:at] + address + old[at + len(taken[0]) :]
    first = text.partition(b"\n")[0]
    if len(first.expandtabs(style.tab)) > style.columns and b'"' not in text:
        code = re.sub(rb"\s*\\\n\s*", b" ", text).decode("latin-1")
        text = " \\\n".join(wrapped(code, "\t    ", style)).encode("latin-1")
    return start, end, text


def _stranded(index: Index, moving: Collection[str]) -> Iterator[Finding]:
    """Find the sysctls in `SYSCTL_V_` form whose container stays: they would not compile."""
    staying = {
        container.name.encode()
        for container in index.rules.containers
        if container.name not in moving
    }
    excluded = path_matcher([exclude.path for exclude in index.rules.tree.exclude])
    suffixes = tuple(index.rules.tree.suffixes)
    if not staying:
        return
    for path in index.tree.paths:
        if not path.endswith(suffixes) or excluded(path):
            continue
        data = index.tree.read(path)
        if b"SYSCTL_V_" in data:
            yield from _in_file(lex(path, data), staying)


def _in_file(source: Source, staying: Collection[bytes]) -> Iterable[Finding]:
    conditionals = parse_conditionals(source)
    for match in _USE.finditer(source.code):
        if match[2] in staying and not conditionals.is_dead(match.start()):
            what = f"{match[2].decode()} is no structure: give this sysctl its plain form"
            yield Finding(source.path, source.line(match.start()), match[1].decode(), what)
