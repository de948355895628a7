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
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.query.initializer_elements import entries
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.init_hooks import Hooks
from vrefactor.rules.types import MODULE_LEAD
from vrefactor.rules.virtualize import Attach
from vrefactor.steps.virtualize.undo import Undoing, Undone, undoing
from vrefactor.steps.virtualize.writing import function_named, rewritten, with_option

_STORAGE = re.compile(rb"\A(?:(?:static|extern)\s+)*")
_HANDLER = 3
"""The handler of a module has that many parameters: the module, the event, data."""

_PROTOTYPE = "static vnet_attach_fn vnet_{name}_{way};\n"
_DECLARED = "VNET_MOD_DECLARE_STATELESS(NONE, {name},{iattach},{idetach}, {depends});\n"
_COLUMNS = 80
_ATTACHED = """\

/* What {of} does, for one network stack. */
static int
vnet_{name}_{way}(const void *{arg})
{{

	{call}
}}
"""
_UNDONE = """\

/* What undoes {name}() in a network stack that goes. */
static int
vnet_{name}_idetach(const void *unused)
{{
{body}}}
"""
_EVENTS = """\
	int error;

	switch ({event}) {{
	case {load}:
		return (vnet_mod_register(&vnet_{name}_modinfo));
	case {unload}:
		return (vnet_mod_deregister(&vnet_{name}_modinfo));
	default: {{
		/* What is done once is done in the default stack. */
		CURVNET_SET_QUIET(vnet0);
		error = vnet_{name}({arguments});
		CURVNET_RESTORE();
		return (error);
	}}
	}}
"""


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
        if parts and not _is_done(draft, parts[0]):
            _register(draft, undoings, rule, parts)
            found += [(rule.path, part.function) for part in parts]
    return found


def tabled(draft: Draft, hooks: Hooks) -> set[tuple[str, str]]:
    """Return the functions, with their files, that attached functions call through tables."""
    wanted = {(table.table, table.member) for table in draft.index.rules.attaching.tables}
    tags = frozenset(tag.encode() for tag, _ in wanted)
    found: set[tuple[str, str]] = set()
    for path in draft.files.sources:
        if not any(tag in draft.files.read(path) for tag in tags):
            continue
        code = draft.files.plain(path)
        for entry in entries(code, tags):
            pairs = zip(hooks.names(path, entry), entry.elements, strict=False)
            names = [
                code[element.start : element.end].strip(b"& \t\r\n").decode("latin-1")
                for member, element in pairs
                if (entry.tag, member) in wanted
            ]
            found |= {(home, name) for name in names for home in _homes(draft, path, name)}
    return found


def _homes(draft: Draft, path: str, name: str) -> list[str]:
    """Return the files that a function's name in a table can be of."""
    if not name.isidentifier() or name.isupper():
        return []
    own = draft.files.functions(path, name)
    return [path] if own else draft.files.defining(name)


def _is_done(draft: Draft, part: _Part) -> bool:
    return f"&vnet_{part.rule.function}_modinfo".encode() in draft.files.read(part.rule.path)


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


def _register(draft: Draft, undoings: Undoing, rule: Attach, parts: list[_Part]) -> None:
    own = len(parts) > 1 or parts[0].handler
    undone = Undone() if own else undoings.of(rule.path, parts[0].function)
    first = min(other_part.lead for other_part in parts)
    idetach = own or bool(undone.lines)
    declared = declaration(rule.function, _depends(draft, rule), idetach=idetach)
    for part in parts:
        declared += _head(draft, part, prototype=True)
    reason = f"{rule.function} runs for each stack"
    draft.insert(rule.path, first, with_option(draft, declared) + b"\n", reason)
    for part in parts:
        _split(draft, part, undone, reason)
    report_rest(draft, rule.path, parts[0].function, undone)


def declaration(name: str, depends: str, *, iattach: bool = True, idetach: bool) -> bytes:
    """Return what declares a module of the network stacks without data, and its functions."""
    ways = {"iattach": iattach, "idetach": idetach}
    prototypes = "".join(_PROTOTYPE.format(name=name, way=way) for way, is_ in ways.items() if is_)
    names = {way: f" vnet_{name}_{way}" if is_ else " NULL" for way, is_ in ways.items()}
    text = _DECLARED.format(name=name, depends=depends, **names)
    parts = text.rstrip("\n").split(", ")
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) + 3 > _COLUMNS:
            lines[-1] += ","
            lines.append("    " + part)
        else:
            lines[-1] += ", " + part
    return (prototypes + "\n".join(lines) + "\n").encode()


def detaching(draft: Draft, name: str, undone: Undone) -> bytes:
    """Return the function that undoes what another one did for a stack."""
    return _UNDONE.format(name=name, body=undoing(draft, name, undone)).encode()


def report_rest(draft: Draft, path: str, function: Function, undone: Undone) -> None:
    """Report what a function leaves behind when a stack goes."""
    if undone.rest:
        what = f"a stack that goes leaves what these made: {', '.join(undone.rest)}"
        draft.find(path, function.name_at, function.name, what)


def _split(draft: Draft, part: _Part, undone: Undone, reason: str) -> None:
    """End the function behind what registers it, and begin the one for a stack."""
    path, function = part.rule.path, part.function
    head = _head(draft, part, prototype=False)
    text = b"\n#ifdef VIMAGE\n" + _registering(draft, part) + b"}\n\n" + head + b"{\n#endif"
    draft.insert(path, function.open + 1, text, reason)
    data = draft.files.read(path)
    at = data.find(b"\n", function.close) + 1 or len(data)
    attached = _attached(draft, part, part.way)
    if part.handler:
        attached += _attached(draft, part, "idetach")
    if undone.lines:
        attached += detaching(draft, function.name, undone)
    draft.insert(path, at, b"\n" + with_option(draft, attached.lstrip(b"\n")), reason)
    rewritten(draft, path, function.name_at, function.name, f"vnet_{part.rule.function}_{part.way}")


def _head(draft: Draft, part: _Part, *, prototype: bool) -> bytes:
    """Return the head of the function for a stack, or its prototype."""
    code = draft.files.open(part.rule.path)[0].code
    function = part.function
    before = _STORAGE.sub(b"", code[part.lead : function.name_at].strip())
    behind = code[function.name_at + len(function.name) : function.open].strip()
    if prototype and not behind.endswith(b")"):
        behind = b"()"
    name = b"vnet_" + function.name.encode()
    if prototype:
        return b"static " + before + b" " + name + behind + b";\n"
    return b"static " + before + b"\n" + name + behind + b"\n"


def _registering(draft: Draft, part: _Part) -> bytes:
    rule, names = part.rule, [parameter.name for parameter in part.function.parameters]
    rules = draft.index.rules
    verb = "register" if part.way == "iattach" else "deregister"
    if part.handler:
        events = _EVENTS.format(
            event=names[1], load=rules.initializers.load, unload=rules.attaching.unload,
            name=rule.function, arguments=", ".join(names),
        )  # fmt: skip
        return events.encode()
    modinfo = f"&vnet_{rule.function}_modinfo"
    if not part.told:
        return f"\n\tvnet_mod_{verb}({modinfo});\n".encode()
    last = f',\n\t    "{rule.function}"' if verb == "register" else ""
    return f"\n\tvnet_mod_{verb}_multi({modinfo}, {names[0]}{last});\n".encode()


def _attached(draft: Draft, part: _Part, way: str) -> bytes:
    """Return what a constructor or destructor of stacks calls."""
    rules, name = draft.index.rules, part.function.name
    arguments = ["(void *)(size_t)arg" if part.told else "NULL"] * len(part.function.parameters)
    of = f"{name}()"
    if part.handler:
        event = rules.initializers.load if way == "iattach" else rules.attaching.unload
        arguments = ["NULL", event, "NULL"]
        call = f"return (vnet_{name}({', '.join(arguments)}));"
        of = f"{name}() at {event}"
    else:
        call = f"vnet_{name}({', '.join(arguments)});\n\treturn (0);"
    arg = "arg" if "(void *)(size_t)arg" in arguments else "unused"
    text = _ATTACHED.format(of=of, name=part.rule.function, way=way, arg=arg, call=call)
    return text.encode()


def _depends(draft: Draft, rule: Attach) -> str:
    modules = {container.name: container.module for container in draft.index.rules.containers}
    return modules[rule.depends].removeprefix(MODULE_LEAD) if rule.depends is not None else "NONE"
