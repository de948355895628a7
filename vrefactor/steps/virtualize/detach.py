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
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.openings import opening
from vrefactor.steps.virtualize.attach import declaration, detaching, report_rest
from vrefactor.steps.virtualize.undo import Undoing
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import rewritten, with_option

_REGISTER = b"\tif (IS_DEFAULT_VNET(curvnet))\n\t\tvnet_mod_register(&vnet_%s_modinfo);\n"


def plan_detach(draft: Draft, undoings: Undoing, path: str, function: Function) -> None:
    """Plan what undoes a function in a stack that goes, and that it registers."""
    data, name = draft.files.read(path), function.name.encode()
    if b"vnet_%s_idetach" % name in data:
        return
    undone = undoings.of(path, function)
    report_rest(draft, path, function, undone)
    if not undone.lines:
        return
    at = _behind_locals(draft, path, function)
    if at is None:
        draft.find(path, function.name_at, function.name, "has no place to register what undoes it")
        return
    reason = f"what {function.name} makes is undone when a stack goes"
    declared = declaration(function.name, "NONE", iattach=False, idetach=True)
    draft.insert(
        path,
        function_start(draft.files, path, function.open),
        with_option(draft, declared) + b"\n",
        reason,
    )
    draft.insert(path, at, with_option(draft, _REGISTER % name), reason)
    end = data.find(b"\n", function.close) + 1 or len(data)
    text = detaching(draft, function.name, undone).lstrip(b"\n")
    draft.insert(path, end, b"\n" + with_option(draft, text), reason)
    rewritten(draft, path, function.name_at, function.name, f"vnet_{function.name}_idetach")


def _behind_locals(draft: Draft, path: str, function: Function) -> int | None:
    """Return the line behind the declarations and selections that a body begins with."""
    body = draft.files.body(path, function)
    top = opening(body.file, function)
    last, selects = None, Words(draft.index.rules).selects
    for statement in body.statements or ():
        if not statement.declaration and selects.match(function.text, statement.start) is None:
            break
        last = statement
    at = body.next_line(last.end - 1) if last is not None else top.at
    following = body.next_line(at)
    if not body.file.source.data[at:following].strip():
        at = following
    owner = body.file.conditionals.owner
    whole = last is None or body.is_whole(last)
    return at if whole and not top.inline and owner(at) == owner(function.open) else None
