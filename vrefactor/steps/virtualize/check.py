"""Step 3, what a compiler with option VIMAGE will not take: uses that have no stack."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vrefactor.edit.container_uses import ContainerUse, File
from vrefactor.steps.virtualize.draft import VirtualizeDraft


def check_uses(draft: VirtualizeDraft, used: Mapping[str, File]) -> None:
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
