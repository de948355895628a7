"""Init functions that are made: their text, their prototype, and who calls them."""

from __future__ import annotations

from dataclasses import dataclass, field

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.variants import choose
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.header_places import end_of_kernel_code, first_prototype
from vrefactor.edit.registered_functions import RegisteredFunctions, TableFunction
from vrefactor.generated.template import render
from vrefactor.rules.initializers import Init
from vrefactor.steps.initializers.assigning_functions import AssigningFunction
from vrefactor.steps.initializers.existing_functions import ExistingFunctions
from vrefactor.steps.initializers.places import NoPlace

REASON = "initial values"


@dataclass(slots=True)
class NewFunctions:
    """The functions that are made in a tree, and who calls them."""

    draft: Draft
    registered: RegisteredFunctions
    existing: ExistingFunctions
    _slots: dict[tuple[str | None, str], TableFunction] = field(default_factory=dict)

    def place(self, function: AssigningFunction, last: int) -> int:
        """Return where a function goes: before the first one behind the offset `last`.

        Raises NoPlace if none follows that is under no `#if`, or if nobody can call it.
        """
        self._check(_rule(function))
        path = function.path
        source, conditionals = self.draft.files.open(path)
        variant = choose(source.code, conditionals, [last])[0]
        for block in blocks(variant.text) or ():
            at = function_start(self.draft.files, path, block.open)
            guarded = any(
                not conditionals.groups[number].guard for number, _ in conditionals.chain(at)
            )
            if block.function and at > last and not guarded:
                return at
        raise NoPlace(last, "no function follows its variables, before which it could be made")

    def make(self, function: AssigningFunction, at: int, selections: bytes, body: bytes) -> None:
        """Plan the function at a place, with these INIT calls and this body, and its calls."""
        rule = _rule(function)
        text = render(
            "initializers/function",
            self.draft.index.rules.vocabulary,
            static=self._is_static(rule),
            function=rule.function,
            parameters="void *dummy" if rule.sysinit else "void",
            selections=selections,
            assignments=body,
            order=rule.sysinit,
        )
        self.draft.insert(function.path, at, text, REASON)
        self._register(rule)

    def caller(self, rule: Init) -> AssigningFunction | None:
        """Return the function that is to call a made one, if a function is.  Raises NoPlace."""
        if rule.called_by is None:
            return None
        paths = self.draft.files.defining(rule.called_by)
        if len(paths) != 1:
            raise NoPlace(0, f"{_where(rule)}: {len(paths)} files define {rule.called_by}")
        return AssigningFunction(paths[0], rule.called_by)

    def called(self, rule: Init) -> tuple[str, int] | None:
        """Return where a made function will be called: in a table's row or a function's body."""
        if rule.beside is not None:
            slot = self._slot(rule)
            return slot.path, slot.entry.open + 1
        caller = self.caller(rule)
        return None if caller is None else (caller.path, self.existing.place(caller, ()).place.at)

    def prototype_users(self, rule: Init) -> list[tuple[str, str, int]]:
        """Return the file that has to see the prototype of a made function, and does not.

        With the header of the prototype, and the offset of the use.
        """
        place = None if self._is_static(rule) else self.called(rule)
        if place is None or rule.header is None:
            return []
        path, at = place
        return [] if rule.header in self.draft.files.closure(path) else [(path, rule.header, at)]

    def _check(self, rule: Init) -> None:
        if rule.beside is not None:
            self._slot(rule)
        if not self._is_static(rule):
            self._prototype(rule)

    def _slot(self, rule: Init) -> TableFunction:
        """Return the entry of a table that a made function belongs into.  Raises NoPlace."""
        key = (rule.beside, rule.function)
        if key not in self._slots:
            found = [
                entered for entered in self.registered.in_tables if entered.function == rule.beside
            ]
            free = [entered for entered in found if self.registered.is_free(entered)]
            if not free:
                what = "has an init function already" if found else "is in no table"
                raise NoPlace(0, f"{_where(rule)}: {rule.beside} {what}")
            self._slots[key] = free[0]
        return self._slots[key]

    def _is_static(self, rule: Init) -> bool:
        if rule.beside is not None:
            return self._slot(rule).path == rule.path
        caller = self.caller(rule)
        return caller is None or caller.path == rule.path

    def _register(self, rule: Init) -> None:
        """Plan the prototype of a function, and its entry in a table."""
        if not self._is_static(rule):
            self.draft.insert(*self._prototype(rule), REASON)
        if rule.beside is None:
            return
        slot = self._slot(rule)
        self._enter(slot, rule.function.encode())
        if slot.path == rule.path:
            text = b"static void %s(void);\n\n" % rule.function.encode()
            self.draft.insert(slot.path, self._table_start(slot), text, REASON)

    def _table_start(self, slot: TableFunction) -> int:
        """Return the line where the definition of a table begins, with the comment above it."""
        source = self.draft.files.open(slot.path)[0]
        start = source.data.rfind(b"\n", 0, slot.entry.table) + 1
        for first, end in source.comments:
            if source.data[end:start] in (b"\n", b"\r\n"):
                return source.data.rfind(b"\n", 0, first) + 1
        return start

    def _prototype(self, rule: Init) -> tuple[str, int, bytes]:
        """Return the header, the place and the text of a prototype.  Raises NoPlace.

        It goes before the first prototype of another function of the file; in a header without
        one to the end of its code.
        """
        index = self.draft.index
        if rule.header is None:
            what = f"{rule.function} is called from another file: say `header`"
            raise NoPlace(0, f"{_where(rule)}: {what}")
        if rule.header not in index.tree:
            raise NoPlace(0, f"{_where(rule)}: there is no {rule.header}")
        match = first_prototype(self.draft.files, rule.header, rule.path)
        name = rule.function.encode()
        if match is None:
            at = end_of_kernel_code(index, rule.header, self.draft.files.read(rule.header))
            return rule.header, at, b"void\t" + name + b"(void);\n"
        head = b"extern void " if match["extern"] else b"void\t"
        parameters = b" __P((void))" if match["old"] else b"(void)"
        return rule.header, match.start(), head + name + parameters + b";\n"

    def _enter(self, slot: TableFunction, function: bytes) -> None:
        """Plan the entry of a table: put a function in its slot, or add the member."""
        source = self.draft.files.open(slot.path)[0]
        element = self.registered.slot(slot.path, slot.entry)
        tab = self.draft.index.rules.style.tab
        if element is not None:
            end, text = _aligned(source.data, element.start, element.end, function, tab)
            self.draft.replace(slot.path, element.start, end, text, "initialises it")
            return
        member = self.registered.member(slot.entry.tag)
        order = self.draft.files.members(slot.path, slot.entry.tag) or ()
        elements = slot.entry.elements
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
        self.draft.insert(slot.path, start, head + function + b",\n", REASON)


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


def _rule(function: AssigningFunction) -> Init:
    if function.rule is None:
        raise ValueError(f"{function.name} is there")
    return function.rule


def _where(rule: Init) -> str:
    return f"{rule.origin[0]}:{rule.origin[1]}"


def _rank(order: tuple[str, ...], member: str) -> int:
    return order.index(member) if member in order else -1


def dummy(name: str) -> Function:
    """Return a function that is not there yet, for what asks for its parameters."""
    return Function(name, 0, 0, 0, (), b"")
