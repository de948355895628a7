"""Init functions that are made: their text, their prototype, and who calls them."""

from __future__ import annotations

from dataclasses import dataclass, field

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.variants import choose
from vrefactor.edit.files import Files
from vrefactor.edit.first_statement import NoPlace
from vrefactor.edit.function_start import function_start
from vrefactor.edit.header_places import end_of_kernel_code, first_prototype
from vrefactor.edit.init_destinations import Destination
from vrefactor.edit.init_hooks import Hooks, TableHook
from vrefactor.edit.openings import render
from vrefactor.rules.initializers import Init
from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.functions import Functions


@dataclass(slots=True)
class Making:
    """The functions that are made in a tree, and their wiring."""

    files: Files
    hooks: Hooks
    functions: Functions
    step: str
    edits: list[Edit] = field(default_factory=list)

    def place(self, destination: Destination, last: int) -> int:
        """Return where a function goes: before the first one behind the offset `last`.

        Raises NoPlace if none follows that is under no `#if`, or if nobody can call it.
        """
        rule = _rule(destination)
        self._check(rule)
        path = destination.path
        source, conditionals = self.files.open(path)
        variant = choose(source.code, conditionals, [last])[0]
        for block in blocks(variant.text) or ():
            at = function_start(self.files, path, block.open)
            guarded = any(
                not conditionals.groups[number].guard for number, _ in conditionals.chain(at)
            )
            if block.function and at > last and not guarded:
                return at
        raise NoPlace(last, "no function follows its variables, before which it could be made")

    def make(self, destination: Destination, at: int, inits: list[bytes], body: bytes) -> None:
        """Plan the function at a place, with these INIT calls and this body, and its wiring."""
        rule = _rule(destination)
        parameters = b"void *dummy" if rule.sysinit else b"void"
        storage = b"static void\n" if self._is_static(rule) else b"void\n"
        calls = render(inits, b"\t")
        name = rule.function.encode()
        text = storage + name + b"(" + parameters + b")\n{\n" + calls + b"\n" + body + b"}\n"
        if rule.sysinit is not None:
            text += b"SYSINIT(%s, %s, %s, NULL);\n" % (name, rule.sysinit.encode(), name)
        self.functions.insert(destination.path, at, text + b"\n")
        self._wire(rule)

    def caller(self, rule: Init) -> Destination | None:
        """Return the function that is to call a made one, if a function is."""
        if rule.called_by is None:
            return None
        paths = self.files.defining(rule.called_by)
        if len(paths) != 1:
            where = f"{rule.origin[0]}:{rule.origin[1]}"
            raise NoPlace(0, f"{where}: {len(paths)} files define {rule.called_by}")
        return Destination(paths[0], rule.called_by)

    def called(self, rule: Init) -> tuple[str, int] | None:
        """Return where a made function will be called: in a table's row or a function's body."""
        if rule.beside is not None:
            held = self._held(rule)
            return held.path, held.entry.open + 1
        caller = self.caller(rule)
        return None if caller is None else (caller.path, self.functions.site(caller, ()).place.at)

    def prototype_users(self, rule: Init) -> list[tuple[str, str, int]]:
        """Return the file that has to see the prototype of a made function, and does not.

        With the header of the prototype, and the offset of the use.
        """
        place = None if self._is_static(rule) else self.called(rule)
        if place is None or rule.header is None:
            return []
        path, at = place
        return [] if rule.header in self.files.closure(path) else [(path, rule.header, at)]

    def _check(self, rule: Init) -> None:
        if rule.beside is not None:
            self._held(rule)
        if not self._is_static(rule):
            self._header_line(rule)

    def _held(self, rule: Init) -> TableHook:
        """Return the entry that a made function belongs into.  Raises NoPlace."""
        found = [hook for hook in self.hooks.held if hook.function == rule.beside]
        free = [hook for hook in found if self.hooks.is_free(hook)]
        if not free:
            what = "has an init function already" if found else "is in no table"
            where = f"{rule.origin[0]}:{rule.origin[1]}"
            raise NoPlace(0, f"{where}: {rule.beside} {what}")
        return free[0]

    def _is_static(self, rule: Init) -> bool:
        if rule.beside is not None:
            return self._held(rule).path == rule.path
        caller = self.caller(rule)
        return caller is None or caller.path == rule.path

    def _wire(self, rule: Init) -> None:
        if not self._is_static(rule):
            path, at, text = self._header_line(rule)
            self.functions.insert(path, at, text)
        if rule.beside is None:
            return
        held = self._held(rule)
        self._enter(held, rule.function.encode())
        if held.path == rule.path:
            at = self._table_lead(held)
            text = b"static void %s(void);\n\n" % rule.function.encode()
            self.functions.insert(held.path, at, text)

    def _table_lead(self, held: TableHook) -> int:
        """Return the line where the definition of a table begins, with the comment above it."""
        source = self.files.open(held.path)[0]
        start = source.data.rfind(b"\n", 0, held.entry.table) + 1
        for first, end in source.comments:
            if source.data[end:start] in (b"\n", b"\r\n"):
                return source.data.rfind(b"\n", 0, first) + 1
        return start

    def _header_line(self, rule: Init) -> tuple[str, int, bytes]:
        """Return the header, the place and the text of a prototype.  Raises NoPlace.

        It goes before the first prototype of another function of the file; in a header without
        one to the end of its code.
        """
        where = f"{rule.origin[0]}:{rule.origin[1]}"
        if rule.header is None:
            raise NoPlace(0, f"{where}: {rule.function} is called from another file: say `header`")
        if rule.header not in self.files.index.tree:
            raise NoPlace(0, f"{where}: there is no {rule.header}")
        match = first_prototype(self.files, rule.header, rule.path)
        name = rule.function.encode()
        if match is None:
            index = self.files.index
            at = end_of_kernel_code(index, rule.header, index.tree.read(rule.header))
            return rule.header, at, b"void\t" + name + b"(void);\n"
        extern = b"extern " if match["extern"] else b""
        gap = b" " if extern else b"\t"
        old = b" __P((void))" if match["old"] else b"(void)"
        return rule.header, match.start(), extern + b"void" + gap + name + old + b";\n"

    def _enter(self, held: TableHook, function: bytes) -> None:
        """Plan the entry of a table: put a function in its slot, or add the member."""
        source = self.files.open(held.path)[0]
        slot = self.hooks.slot(held.path, held.entry)
        reason = "initialises it"
        tab = self.files.index.rules.style.tab
        if slot is not None:
            end, text = _aligned(source.data, slot.start, slot.end, function, tab)
            self.edits.append(Edit(held.path, slot.start, end, text, self.step, reason))
            return
        member = self.hooks.member(held.entry.tag)
        order = [
            struct_member.name
            for struct_member in self.files.members(held.path, held.entry.tag) or ()
        ]
        elements = held.entry.elements
        behind = [
            element for element in elements if _rank(order, element.member) > _rank(order, member)
        ]
        anchor = behind[0] if behind else elements[-1]
        start = source.data.rfind(b"\n", 0, anchor.start) + 1
        line = source.data[start : anchor.start]
        head = line[: len(line) - len(line.lstrip())] + b"." + member.encode() + b" ="
        column = len(line.expandtabs(tab))
        while len(head.expandtabs(tab)) < column:
            head += b"\t"
        self.functions.insert(held.path, start, head + function + b",\n")


def _aligned(data: bytes, start: int, end: int, text: bytes, tab: int) -> tuple[int, bytes]:
    """Return the text in place of the range, and of the tabs behind its comma, and their end.

    What follows stays in its column, if the text leaves room for that.
    """
    comma = data[end : end + 1] == b","
    behind = end + 1 + len(data[end + 1 :]) - len(data[end + 1 :].lstrip(b"\t"))
    if not comma or behind == end + 1:
        return end, text
    first = data.rfind(b"\n", 0, start) + 1
    column = len(data[first:behind].expandtabs(tab))
    row = data[first:start] + text + b",\t"
    while len(row.expandtabs(tab)) < column:
        row += b"\t"
    return behind, row[start - first :]


def _rule(destination: Destination) -> Init:
    if destination.made is None:
        raise ValueError(f"{destination.function} is there")
    return destination.made


def _rank(order: list[str], member: str) -> int:
    return order.index(member) if member in order else -1


def dummy(name: str) -> Function:
    """Return a function that is not there yet, for what asks for its parameters."""
    return Function(name, 0, 0, 0, (), b"")
