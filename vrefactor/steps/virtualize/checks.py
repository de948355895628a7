"""Step 3, what a person must look at: uses that have no stack, start-up of the first stack alone.

What a SYSINIT or the loading of a module calls has the first stack selected.  If it uses
variables of a stack, or calls an init function that does, and no rule attaches it, further
stacks lack what it does.

    SYSINIT(nd6, SI_SUB_PROTO_DOMAIN, SI_ORDER_ANY, ip6_init2, NULL);
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from vrefactor.c.facts.registrations import RegistrationFinder
from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.container_uses import ContainerUse, File
from vrefactor.edit.draft import Draft
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.generated.stack_module import StackModule
from vrefactor.rules.globs import name_matcher
from vrefactor.rules.types import Registration
from vrefactor.steps.virtualize.reach import Reach

_MEMBER = re.compile(rb"(?:->|\.)\s*(\w+)\s*\Z")


def check_uses(draft: Draft, used: Mapping[str, File]) -> None:
    """Report uses at file scope, and in functions that lack their INIT call."""
    inits = {container.name: container.init for container in draft.index.rules.containers}
    for path, file in sorted(used.items()):
        for use in file.uses:
            if use.start in file.found.outside and use.name not in file.fixed and not use.dead:
                what = "is used at file scope: there is no stack that it could be of"
                draft.find(path, use.start, use.name, what)
        for _, function in sorted(file.found.functions.items()):
            code = file.source.code[function.open : function.close]
            dead = ContainerUse(function.open, "", frozenset(), file.literals(function.open)).dead
            live = [use for use in file.of(function) if not (use.dead or dead)]
            for name in sorted({name for use in live for name in use.containers}):
                if not re.search(rb"(?<!\w)%s\s*\(" % inits[name].encode(), code):
                    first = next(use for use in live if name in use.containers)
                    what = f"uses {first.name}, but has no {inits[name]}()"
                    draft.find(path, first.start, function.name, what)


def check_arguments(draft: Draft, paths: list[str]) -> None:
    """Report the selections that take their stack from a member which no rule declares."""
    kept = {container.init for container in draft.index.rules.containers if container.kept is None}
    words = draft.index.rules.vocabulary
    names = sorted({*kept, words.set, words.set_quiet})
    pattern = "|".join(re.escape(name) for name in names).encode()
    selection = re.compile(rb"(?<!\w)(?:%s)\s*(\()" % pattern)
    known = {field.name.encode() for field in draft.index.rules.fields}
    leads = [name.encode() for name in names]
    for path in paths:
        if not any(lead in draft.files.read(path) for lead in leads):
            continue
        source = draft.files.open(path)[0]
        for match in selection.finditer(source.code):
            end = matching(source.code, match.start(1))
            member = _MEMBER.search(source.code[match.end() : end]) if end >= 0 else None
            if member is not None and member[1] not in known:
                what = "a stack is taken from it, but no [[field]] declares it"
                draft.find(path, match.start(), member[1].decode(), what)


def check_start_up(
    draft: Draft,
    registered: RegisteredFunctions,
    reach: Reach,
    used: Mapping[str, File],
    attached: Collection[tuple[str, str]],
) -> None:
    """Report what runs at start-up, uses variables of a stack, and is not attached."""
    once = name_matcher(draft.index.rules.attaching.once)
    entries = {name for entry in draft.index.rules.entries for name in entry.functions}
    wanted = name_matcher(draft.index.rules.attaching.functions)
    for path in draft.files.sources:
        for name in sorted(_started(draft, registered, path)):
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


def _registers(draft: Draft, path: str, name: str) -> bool:
    """Say whether a function is one that registers, or that it registers, in an earlier run."""
    module = StackModule(draft.index.rules, name.removeprefix("vnet_"))
    return module.is_declared(draft.files, path)


def _started(draft: Draft, registered: RegisteredFunctions, path: str) -> set[str]:
    """Return the functions of a file that a SYSINIT or the loading of its module calls."""
    calls = draft.index.rules.initializers.calls
    data = draft.files.read(path)
    found: set[str] = set()
    if any(handed.call.encode() in data for handed in calls):
        finder = RegistrationFinder([Registration(name="start", calls=calls)])
        found = {start.function for start in finder.find(draft.files.plain(path))}
    if draft.index.rules.initializers.load.encode() in data:
        found |= registered.loaded(path)
    return {name for name in found if draft.files.functions(path, name)}
