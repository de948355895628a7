"""Step 3, when a stack goes: functions that attached ones call register what undoes them.

    udp_init()                              udp_init()
    {                                       {
            INIT_VNET_INET(curvnet);                INIT_VNET_INET(curvnet);
                                            #ifdef VIMAGE
                                                    if (IS_DEFAULT_VNET(curvnet))
                                                            vnet_mod_register(
                                                                &vnet_udp_init_modinfo);
                                            #endif

The first stack registers it, before anything else of the function: so it is called when what
comes later is undone already.
"""

from __future__ import annotations

from vrefactor.c.parse.functions import Function
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.openings import opening
from vrefactor.generated.stack_module import StackModule
from vrefactor.steps.virtualize.undo import Undoing, report_rest
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import rewritten, with_option


def plan_detach(draft: Draft, undoings: Undoing, path: str, function: Function) -> None:
    """Plan what undoes a function in a stack that goes, and that it registers."""
    module = StackModule(draft.index.rules, function.name)
    if module.is_declared(draft.files, path):
        return
    undone = undoings.of(path, function)
    report_rest(draft, path, function, undone)
    if not undone.is_done:
        return
    body = draft.files.body(path, function)
    at = _behind_locals(draft, body)
    if at is None:
        draft.find(path, function.name_at, function.name, "has no place to register what undoes it")
        return
    reason = f"what {function.name} makes is undone when a stack goes"
    lead = function_start(draft.files, path, function.open)
    declared = module.declared(attach=False, detach=True)
    draft.insert(path, lead, with_option(draft, declared) + b"\n", reason)
    draft.insert(path, at, with_option(draft, module.registers_first()), reason)
    text = b"\n" + with_option(draft, module.undoes(undone.selections, undone.lines))
    draft.insert(path, body.lines.next(function.close), text, reason)
    rewritten(draft, path, function.name_at, function.name, f"vnet_{function.name}_idetach")


def _behind_locals(draft: Draft, body: FunctionBody) -> int | None:
    """Return the line behind the declarations and selections that a body begins with."""
    function = body.function
    top = opening(body.file, function)
    last, selects = None, Words(draft.index.rules).selects
    for statement in body.statements or ():
        if not statement.declaration and selects.match(function.text, statement.start) is None:
            break
        last = statement
    at = body.lines.next(last.end - 1) if last is not None else top.at
    following = body.lines.next(at)
    if not body.file.source.data[at:following].strip():
        at = following
    owner = body.file.conditionals.owner
    whole = last is None or body.is_whole(last)
    return at if whole and not top.inline and owner(at) == owner(function.open) else None
