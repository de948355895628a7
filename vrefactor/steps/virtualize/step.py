"""Step 3: as many network stacks as one wants, with option VIMAGE.

`V_x` becomes a member of what the current stack has for its container.  Objects that belong
to a stack know it, callouts carry it, and what set up the one stack runs for each.  Without
the option, the object code is that of step 2.

    struct ifnet {                          struct ifnet {
            int     if_mtu;                         int     if_mtu;
    };                                      #ifdef VIMAGE
                                                    struct vnet     *if_vnet;
                                            #endif
                                            };

Left alone: functions that are no init functions, and init functions that do nothing for all
stacks together.

    udp_init()
    {
            in_pcbinfo_init(&V_udbinfo, &V_udb);
    }
"""

from __future__ import annotations

from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import portability
from vrefactor.edit.init_hooks import Hooks
from vrefactor.edit.macro_reach import Carried
from vrefactor.edit.new_functions import Making
from vrefactor.edit.stack_arguments import Arguments
from vrefactor.generated.stack_framework import framework3
from vrefactor.index.index import Index
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import name_matcher
from vrefactor.rules.types import Container
from vrefactor.steps.containers.step import merged
from vrefactor.steps.initializers.functions import Functions
from vrefactor.steps.virtualize.attach import is_handler, plan_attaches, tabled
from vrefactor.steps.virtualize.boot import check_start_up
from vrefactor.steps.virtualize.callouts import plan_callouts
from vrefactor.steps.virtualize.check import check_uses
from vrefactor.steps.virtualize.detach import plan_detach
from vrefactor.steps.virtualize.draft import VirtualizeDraft
from vrefactor.steps.virtualize.fields import check_arguments, plan_fields
from vrefactor.steps.virtualize.first_stack import Once
from vrefactor.steps.virtualize.handlers import plan_handlers
from vrefactor.steps.virtualize.reach import reach
from vrefactor.steps.virtualize.register import plan_registrations
from vrefactor.steps.virtualize.undo import Undoing

NAME = "virtualize"


def plan(draft: Draft) -> Plan:
    """Return the plan of step 3; see the module's docstring."""
    index, table = draft.index, draft.table
    work = VirtualizeDraft(index, table, NAME)
    finder = Finder(index, table, Carried(index, table))
    users = finder.files()
    paths = work.subsystem_files([*users, *(attach.path for attach in index.rules.attaches)])
    used = {path: finder.read(path) for path in sorted(set(users) & set(paths))}
    sources = [path for path in paths if not path.endswith(".h")]
    containers = _containers(index, table)
    same = framework3(index, table, containers, NAME)
    plan_registrations(work, containers)
    plan_fields(work)
    check_arguments(work, paths)
    _split(work, finder, used, sources)
    plan_callouts(work, sources)
    plan_handlers(work, sources)
    check_uses(work, used)
    work.include()
    return Plan(
        NAME,
        draft.title,
        merged([*same.edits, *work.edits]),
        same.new_files,
        tuple(sorted(work.sites)),
        same.notes,
        findings=tuple(sorted([*same.findings, *work.findings])),
    )


def _containers(index: Index, table: SymbolTable) -> list[Container]:
    """Return the containers of the run that have a structure, in the rules' order."""
    names = {known.container.name for known in table.by_variable.values()}
    return [
        container
        for container in index.rules.containers
        if container.name in names and container.kept is None
    ]


def _split(
    draft: VirtualizeDraft, finder: Finder, used: dict[str, File], sources: list[str]
) -> None:
    """Plan what runs for each stack, and the conditions in it."""
    hooks = Hooks(draft.files)
    functions = Functions(draft.files, Arguments(draft.index.rules))
    making = Making(draft.files, hooks, functions, NAME)
    known = reach(draft.files, finder, used.values(), sources)
    undoings = Undoing(draft, used, known)
    attached = plan_attaches(draft, making, undoings)
    wanted = name_matcher(draft.index.rules.attaching.functions)
    roots = {(path, other_function.name) for path, other_function in attached}
    chosen = known.within(roots | tabled(draft, hooks), wanted)
    check_start_up(draft, hooks, known, used, chosen)
    once = Once(draft, making, known)
    called = {name for _, name in chosen}
    for path, name in sorted(chosen):
        if portability(draft.index.rules.portability, path) is not None:
            continue
        file = used.get(path)
        for function in draft.files.functions(path, name):
            root = (path, name) in roots
            mine = root or not called.isdisjoint(known.calls[path].get(name, ()))
            if root and is_handler(function):
                once.cut_handler(path, function, file)
            elif mine or (file is not None and file.of(function)):
                once.cut(path, function, file, attached=root)
                if not root:
                    plan_detach(draft, making, undoings, path, function)
