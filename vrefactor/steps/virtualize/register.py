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

import re
from collections.abc import Mapping, Sequence

from vrefactor.edit.draft import Draft
from vrefactor.generated.framework_text import registering
from vrefactor.rules.templates import fill
from vrefactor.rules.types import MODULE_LEAD, NAME_LEAD, Container
from vrefactor.steps.virtualize.writing import rewritten

_GUARD = rb"^#[ \t]*ifndef[ \t]+VIMAGE_GLOBALS[ \t]*\r?\n"
_SINGLE = b"#if !defined(VIMAGE) && !defined(VIMAGE_GLOBALS)\n"

_REGISTER = """
static void
{name}_register(void *unused)
{{

	vnet_mod_register(&{name}_modinfo);
}}
SYSINIT({name}, {when},
    {name}_register, NULL);
"""
_UNREGISTER = """
static void
{name}_deregister(void *unused)
{{

	vnet_mod_deregister(&{name}_modinfo);
}}
SYSUNINIT({name}, {when},
    {name}_deregister, NULL);
"""


def plan_registrations(draft: Draft, containers: Sequence[Container]) -> None:
    """Plan the registration of every container, in the file of its instance of step 2.2."""
    homes = _homes(draft, containers)
    for container in containers:
        path = homes.get(container.name)
        if path is None:
            what = f"no file defines {container.name}_0: register it by hand"
            header = container.header if container.header in draft.index.tree else ""
            draft.find(header or draft.index.rules.prefix.header, None, container.name, what)
        else:
            _register(draft, container, path)


def _homes(draft: Draft, containers: Sequence[Container]) -> Mapping[str, str]:
    """Return the file that defines the instance of each container."""
    found: dict[str, str] = {}
    for path in draft.files.sources:
        data = draft.files.read(path)
        for container in containers:
            name = container.name.encode()
            if b"%s_0;" % name in data and re.search(
                rb"^struct %s %s_0;" % (name, name), data, re.M
            ):
                found.setdefault(container.name, path)
    return found


def _register(draft: Draft, container: Container, path: str) -> None:
    data = draft.files.read(path)
    name = container.name.encode()
    if re.search(rb"(?<!\w)%s_register\s*\(" % name, data):
        return
    match = re.search(rb"^struct %s %s_0;\r?\n(?:#endif[^\n]*\n)*" % (name, name), data, re.M)
    declared = re.search(rb"^VNET_MOD_DECLARE\w*\([^;]*%s[^;]*;\r?\n#endif\r?\n" % name, data, re.M)
    place = declared or match
    when = draft.index.rules.attaching.sysinit
    if place is None or when is None:
        what = "[attaching] `sysinit` does not say when it registers: do it by hand"
        draft.find(path, match.start() if match is not None else None, container.name, what)
        return
    when = fill(when, module=container.module)
    text = "" if declared is not None else _declaration(container)
    text += _REGISTER.format(name=container.name, when=when)
    if draft.index.rules.attaching.sysuninit:
        text += _UNREGISTER.format(name=container.name, when=when)
    block = b"\n#ifdef VIMAGE\n" + text.lstrip("\n").encode() + b"#endif\n"
    draft.insert(path, place.end(), block, f"each stack has its {container.name}")
    rewritten(draft, path, place.start(), container.name, "registers with the network stacks")
    _drop_call(draft, container)


def _declaration(container: Container) -> str:
    if container.name.startswith(NAME_LEAD) and container.module.startswith(MODULE_LEAD):
        upper, lower = container.module[len(MODULE_LEAD) :], container.name[len(NAME_LEAD) :]
        return f"VNET_MOD_DECLARE({upper}, {lower}, NULL, NULL, NONE, NULL);\n"
    name, module = container.name, container.module
    return f"VNET_MOD_DECLARE_STRUCT({module}, {name}, NULL, NULL, NONE, NULL);\n"


def _drop_call(draft: Draft, container: Container) -> None:
    """Leave the call of step 2.2, which registered a symbol map, to kernels with one stack."""
    call = registering(container)
    guarded = re.compile(_GUARD + rb"(?=[ \t]*%s)" % re.escape(call), re.M)
    for path in draft.files.sources:
        data = draft.files.read(path)
        for match in guarded.finditer(data) if call in data else ():
            reason = "it has registered before"
            draft.replace(path, match.start(), match.end(), _SINGLE, reason)
