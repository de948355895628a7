"""Step 3, what runs at start-up: a function that sets up the first stack only is a finding.

What a SYSINIT or the loading of a module calls has the first stack selected.  If it uses
variables of a stack, or calls an init function that does, and no rule attaches it, further
stacks lack what it does.

    SYSINIT(nd6, SI_SUB_PROTO_DOMAIN, SI_ORDER_ANY, ip6_init2, NULL);
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vrefactor.c.facts.registrations import RegistrationFinder
from vrefactor.edit.container_uses import File
from vrefactor.edit.init_hooks import Hooks
from vrefactor.rules.globs import name_matcher
from vrefactor.rules.types import Registration
from vrefactor.steps.virtualize.draft import VirtualizeDraft
from vrefactor.steps.virtualize.reach import Reach


def check_start_up(
    draft: VirtualizeDraft,
    hooks: Hooks,
    reach: Reach,
    used: Mapping[str, File],
    attached: Collection[tuple[str, str]],
) -> None:
    """Report what runs at start-up, uses variables of a stack, and is not attached."""
    once = name_matcher(draft.index.rules.attaching.once)
    entries = {name for entry in draft.index.rules.entries for name in entry.functions}
    wanted = name_matcher(draft.index.rules.attaching.functions)
    for path in draft.files.sources:
        for name in sorted(_started(draft, hooks, path)):
            if name in entries or once(name) or (path, name) in attached:
                continue
            if _registers(draft, path, name):
                continue
            callees = sorted(call for call in reach.calls[path].get(name, ()) if wanted(call))
            parts = [
                callee for callee in callees if callee.encode() in reach.names and not once(callee)
            ]
            for function in draft.files.functions(path, name):
                file = used.get(path)
                uses = [use.name for use in file.of(function)] if file is not None else []
                why = [f"uses {text}" for text in uses[:1]] + [
                    f"calls {part}()" for part in parts[:1]
                ]
                if why:
                    what = f"runs at start-up, for the first stack only, and {why[0]}"
                    draft.find(path, function.name_at, name, f"{what}: no [[attach]]")


def _registers(draft: VirtualizeDraft, path: str, name: str) -> bool:
    """Say whether a function is one that registers, or that it registers, in an earlier run."""
    modinfo = f"&vnet_{name.removeprefix('vnet_')}_modinfo".encode()
    return modinfo in draft.files.read(path)


def _started(draft: VirtualizeDraft, hooks: Hooks, path: str) -> set[str]:
    """Return the functions of a file that a SYSINIT or the loading of its module calls."""
    calls = draft.index.rules.initializers.calls
    data = draft.files.read(path)
    found: set[str] = set()
    if any(handed.call.encode() in data for handed in calls):
        seeker = RegistrationFinder([Registration(name="start", calls=calls)])
        found = {registered.function for registered in seeker.find(draft.files.plain(path))}
    if draft.index.rules.initializers.load.encode() in data:
        found |= hooks.loaded(path)
    return {name for name in found if draft.files.functions(path, name)}
