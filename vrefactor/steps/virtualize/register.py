"""Step 3, the containers register: from then on every stack has their data.

They do so before anything uses them, as the one instance of step 2.2 is there from the
start.  It is zero at first, as that was.

    #ifdef VIMAGE
    VNET_MOD_DECLARE(INET, inet, NULL, NULL, NONE, NULL);

    static void
    vnet_inet_register(void *unused)
    {

            vnet_mod_register(&vnet_inet_modinfo);
    }
    SYSINIT(vnet_inet, SI_SUB_VIMAGE, SI_ORDER_ANY, vnet_inet_register, NULL);
    #endif
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vrefactor.edit.draft import Draft
from vrefactor.generated.container_struct import instance_at
from vrefactor.generated.header import without
from vrefactor.generated.registration import (
    behind_conditions,
    declared_in,
    guarded_calls,
    is_registered,
    registers,
)
from vrefactor.rules.templates import fill
from vrefactor.rules.types import Container
from vrefactor.steps.virtualize.writing import rewritten


def plan_registrations(draft: Draft, containers: Sequence[Container]) -> None:
    """Plan the registration of every container, in the file of its instance of step 2.2."""
    homes = _homes(draft, containers)
    for container in containers:
        home = homes.get(container.name)
        if home is None:
            what = f"no file defines {container.name}_0: register it by hand"
            header = container.header if container.header in draft.index.tree else ""
            draft.find(header or draft.index.rules.prefix.header, None, container.name, what)
        else:
            _register(draft, container, *home)


def _homes(draft: Draft, containers: Sequence[Container]) -> Mapping[str, tuple[str, int]]:
    """Return the file that defines the instance of each container, and where it does."""
    found: dict[str, tuple[str, int]] = {}
    for path in draft.files.sources:
        for container in containers:
            at = instance_at(draft, path, container)
            if at is not None:
                found.setdefault(container.name, (path, at))
    return found


def _register(draft: Draft, container: Container, path: str, at: int) -> None:
    if is_registered(draft, path, container):
        return
    words, attaching = draft.index.rules.vocabulary, draft.index.rules.attaching
    if attaching.sysinit is None:
        what = "[attaching] `sysinit` does not say when it registers: do it by hand"
        draft.find(path, at, container.name, what)
        return
    when = fill(attaching.sysinit, module=container.module)
    declared = declared_in(draft, path, container)
    start, behind = declared or (at, behind_conditions(draft, path, at))
    text = registers(
        words, container, when, declared=declared is not None, leaves=bool(attaching.sysuninit)
    )
    draft.insert(path, behind, text, f"each stack has its {container.name}")
    rewritten(draft, path, start, container.name, "registers with the network stacks")
    _drop_call(draft, container)


def _drop_call(draft: Draft, container: Container) -> None:
    """Leave the call of step 2.2, which registered a symbol map, to kernels with one stack."""
    words = draft.index.rules.vocabulary
    for path in draft.files.sources:
        for place in guarded_calls(draft, path, container):
            condition = without(words.option, words.option_globals)
            draft.replace(path, *place, condition, "it has registered before")
