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

from collections.abc import Iterable

from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import include, insertion_point, missing, portability
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.generated.stacks import plan_stacks
from vrefactor.index.index import Index
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import name_matcher, path_matcher
from vrefactor.rules.types import Container
from vrefactor.steps.virtualize.attach import is_handler, plan_attaches, tabled
from vrefactor.steps.virtualize.callouts import plan_callouts
from vrefactor.steps.virtualize.checks import check_arguments, check_start_up, check_uses
from vrefactor.steps.virtualize.detach import plan_detach
from vrefactor.steps.virtualize.fields import plan_fields
from vrefactor.steps.virtualize.first_stack import InitSplit
from vrefactor.steps.virtualize.handlers import plan_handlers
from vrefactor.steps.virtualize.machine_calls import MachineCalls
from vrefactor.steps.virtualize.machine_checks import MachineChecks
from vrefactor.steps.virtualize.per_stack import Classifier, InitFunction
from vrefactor.steps.virtualize.reach import reach
from vrefactor.steps.virtualize.register import plan_registrations
from vrefactor.steps.virtualize.undo import Undoing
from vrefactor.steps.virtualize.words import Words

NAME = "virtualize"


def plan(draft: Draft) -> Plan:
    """Return the plan of step 3; see the module's docstring."""
    index, table = draft.index, draft.table
    finder = Finder(index, table)
    users = finder.files()
    paths = _subsystem_files(draft, [*users, *(attach.path for attach in index.rules.attaches)])
    used = {path: finder.read(path) for path in sorted(set(users) & set(paths))}
    sources = [path for path in paths if not path.endswith(".h")]
    containers = _containers(index, table)
    plan_stacks(draft, containers)
    plan_registrations(draft, containers)
    plan_fields(draft)
    check_arguments(draft, paths)
    _split(draft, finder, used, sources)
    plan_callouts(draft, sources)
    plan_handlers(draft, sources)
    check_uses(draft, used)
    include(draft, missing(draft, insertion_point))
    return draft.plan()


def _subsystem_files(draft: Draft, more: Iterable[str]) -> list[str]:
    """Return the sources that a stack is made of, and the files of `more` that are there."""
    excluded = path_matcher([exclude.path for exclude in draft.index.rules.tree.exclude])
    found = (path for path in more if path in draft.index.tree and not excluded(path))
    return sorted({*draft.files.sources, *found})


def _containers(index: Index, table: SymbolTable) -> list[Container]:
    """Return the containers of the run that have a structure, in the rules' order."""
    names = {known.container.name for known in table.by_variable.values()}
    return [
        container
        for container in index.rules.containers
        if container.name in names and container.kept is None
    ]


def _split(draft: Draft, finder: Finder, used: dict[str, File], sources: list[str]) -> None:
    """Plan what runs for each stack, and the conditions in it."""
    rules, registered = draft.index.rules, RegisteredFunctions(draft.files)
    known = reach(draft.files, finder, used.values(), sources)
    undoings = Undoing(draft, used, known)
    attached = plan_attaches(draft, undoings)
    roots = {(path, function.name) for path, function in attached}
    held = tabled(draft, registered)
    chosen = known.within({*roots, *held}, name_matcher(rules.attaching.functions))
    check_start_up(draft, registered, known, used, chosen)
    machine = MachineCalls(rules.attaching.machine)
    split = InitSplit(draft, known, Classifier(Words(rules), known.names, machine))
    called = {name for _, name in chosen}
    for path, name in sorted(chosen):
        if portability(rules.portability, path) is not None:
            continue
        file = used.get(path)
        root = (path, name) in roots
        places = 1 if root else held[path, name] + known.callers(name)
        for function in draft.files.functions(path, name):
            mine = root or not called.isdisjoint(known.calls[path].get(name, ()))
            init = InitFunction.of(path, function, file, attached=root, places=places)
            if root and is_handler(function):
                split.split_handler(init)
            elif mine or init.uses:
                split.split(init)
                if not root:
                    plan_detach(draft, undoings, path, function)
    checks = MachineChecks(draft, used, known, split.classifier)
    checks.check_called(split.called, chosen)
    checks.check_numbers(sources)
