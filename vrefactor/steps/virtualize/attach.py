"""Step 3, what runs for each stack: the function that did it registers it instead.

The body of the function becomes a function of its own, which the constructor of a stack
calls.  All of it is seen with option VIMAGE only; the text of the body stays where it is.

    static void                             static void
    if_init(void *dummy)                    if_init(void *dummy)
    {                                       {
                                            #ifdef VIMAGE
                                                    vnet_mod_register_multi(&vnet_if_init_modinfo,
                                                        dummy, "if_init");
                                            }

                                            static void
                                            vnet_if_init(void *dummy)
                                            {
                                            #endif
            TAILQ_INIT(&V_ifnet);                   TAILQ_INIT(&V_ifnet);
    }                                       }
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.query.initializer_elements import table_entries
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.generated.stack_module import StackModule
from vrefactor.rules.virtualize import Attach
from vrefactor.steps.virtualize.undo import Undoing, Undone, report_rest
from vrefactor.steps.virtualize.writing import function_named, rewritten, with_option

_STORAGE = re.compile(rb"\A(?:(?:static|extern)\s+)*")
_HANDLER = 3
"""The handler of a module has that many parameters: the module, the event, data."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the two functions of a registration: `way` is `iattach` or `idetach`."""

    rule: Attach
    function: Function
    lead: int
    way: str

    @property
    def told(self) -> bool:
        """Whether it does something with its one parameter: then there is one for each value."""
        names = [parameter.name.encode() for parameter in self.function.parameters]
        body = self.function.text[self.function.open : self.function.close]
        return len(names) == 1 and re.search(rb"(?<!\w)%s(?!\w)" % names[0], body) is not None

    @property
    def handler(self) -> bool:
        """Whether it is the handler of a module."""
        return is_handler(self.function)


def is_handler(function: Function) -> bool:
    """Say whether a function is the handler of a module."""
    return len(function.parameters) == _HANDLER


def plan_attaches(draft: Draft, undoings: Undoing) -> list[tuple[str, Function]]:
    """Plan the rules' `[[attach]]` tables; return the functions that run for each stack."""
    found: list[tuple[str, Function]] = []
    for rule in draft.index.rules.attaches:
        parts = _parts(draft, rule)
        module = StackModule(draft.index.rules, rule.function)
        if parts and not module.is_declared(draft.files, rule.path):
            _register(draft, undoings, module, parts)
            found += [(rule.path, part.function) for part in parts]
    return found


def tabled(draft: Draft, registered: RegisteredFunctions) -> Counter[tuple[str, str]]:
    """Return the functions, with their files, that attached functions call through tables.

    With how many entries hold each of them.
    """
    wanted = {(table.table, table.member) for table in draft.index.rules.attaching.tables}
    tags = frozenset(tag.encode() for tag, _ in wanted)
    found: Counter[tuple[str, str]] = Counter()
    for path in draft.files.sources:
        if not any(tag in draft.files.read(path) for tag in tags):
            continue
        code = draft.files.plain(path)
        for entry in table_entries(code, tags):
            pairs = zip(registered.names(path, entry), entry.elements, strict=False)
            names = [
                code[element.start : element.end].strip(b"& \t\r\n").decode("latin-1")
                for member, element in pairs
                if (entry.tag, member) in wanted
            ]
            found.update((home, name) for name in names for home in _homes(draft, path, name))
    return found


def _homes(draft: Draft, path: str, name: str) -> list[str]:
    """Return the files that a function's name in a table can be of."""
    if not name.isidentifier() or name.isupper():
        return []
    own = draft.files.functions(path, name)
    return [path] if own else draft.files.defining(name)


def _parts(draft: Draft, rule: Attach) -> list[_Part]:
    """Return the functions of a rule; none, and a finding, if they can't be split."""
    parts: list[_Part] = []
    for way, name in (("iattach", rule.function), ("idetach", rule.detach)):
        function = function_named(draft, rule.path, name) if name is not None else None
        if name is None:
            continue
        if function is None:
            return []
        lead = function_start(draft.files, rule.path, function.open)
        conditionals = draft.files.open(rule.path)[1]
        typed = draft.files.open(rule.path)[0].code[lead : function.name_at]
        shape = len(function.parameters) in (0, 1, _HANDLER) and _STORAGE.sub(b"", typed.strip())
        if not shape or any(
            lead <= directive.start < function.open for directive in conditionals.directives
        ):
            what = "runs for each stack, but its head has no form that can be registered"
            draft.find(rule.path, function.name_at, name, what)
            return []
        parts.append(_Part(rule, function, lead, way))
    return parts


def _register(draft: Draft, undoings: Undoing, module: StackModule, parts: Sequence[_Part]) -> None:
    rule, function = parts[0].rule, parts[0].function
    own = len(parts) > 1 or parts[0].handler
    undone = Undone() if own else undoings.of(rule.path, function)
    declared = module.declared(_depends(draft, rule), attach=True, detach=own or undone.is_done)
    for part in parts:
        declared += _prototype(draft, part)
    reason = f"{rule.function} runs for each stack"
    lead = min(part.lead for part in parts)
    draft.insert(rule.path, lead, with_option(draft, declared) + b"\n", reason)
    for part in parts:
        _split(draft, module, part, reason)
        _add(draft, module, part, undone, reason)
    report_rest(draft, rule.path, function, undone)


def _split(draft: Draft, module: StackModule, part: _Part, reason: str) -> None:
    """End the function behind what registers it, and begin the one for a stack."""
    function, path = part.function, part.rule.path
    names = [parameter.name for parameter in function.parameters]
    if part.handler:
        registering = module.events(names[1], ", ".join(names))
    else:
        way = "register" if part.way == "iattach" else "deregister"
        registering = module.registers(way, names[0] if part.told else None)
    text = module.split(registering, function.name, *_head(draft, part))
    draft.insert(path, function.open + 1, text, reason)
    rewritten(draft, path, function.name_at, function.name, f"vnet_{part.rule.function}_{part.way}")


def _add(draft: Draft, module: StackModule, part: _Part, undone: Undone, reason: str) -> None:
    """Add behind a function what the module calls: for it, and for what undoes it."""
    path, function = part.rule.path, part.function
    ways = ("iattach", "idetach") if part.handler else (part.way,)
    texts = [_attaches(draft, module, part, way) for way in ways]
    if undone.is_done:
        texts.append(module.undoes(undone.selections, undone.lines))
    at = draft.files.body(path, function).lines.next(function.close)
    draft.insert(path, at, b"\n" + with_option(draft, b"\n".join(texts)), reason)


def _head(draft: Draft, part: _Part) -> tuple[bytes, bytes]:
    """Return the head of a function before its name, without its storage, and behind it."""
    code, function = draft.files.open(part.rule.path)[0].code, part.function
    kind = _STORAGE.sub(b"", code[part.lead : function.name_at].strip())
    return kind, code[function.name_at + len(function.name) : function.open].strip()


def _prototype(draft: Draft, part: _Part) -> bytes:
    """Return the prototype of the function for a stack."""
    kind, parameters = _head(draft, part)
    if not parameters.endswith(b")"):
        parameters = b"()"
    return b"static %s vnet_%s%s;\n" % (kind, part.function.name.encode(), parameters)


def _attaches(draft: Draft, module: StackModule, part: _Part, way: str) -> bytes:
    """Return what a constructor or destructor of stacks calls."""
    rules, name = draft.index.rules, part.function.name
    if part.handler:
        event = rules.initializers.load if way == "iattach" else rules.attaching.unload
        call = f"vnet_{name}(NULL, {event}, NULL)"
        return module.attaches(way, f"{name}() at {event}", call, told=False, answers=True)
    value = "(void *)(size_t)arg" if part.told else "NULL"
    call = f"vnet_{name}({', '.join([value] * len(part.function.parameters))})"
    return module.attaches(way, f"{name}()", call, told=part.told, answers=False)


def _depends(draft: Draft, rule: Attach) -> str:
    if rule.depends is None:
        return "NONE"
    modules = {container.name: container.module for container in draft.index.rules.containers}
    return modules[rule.depends].removeprefix(draft.index.rules.vocabulary.module)
