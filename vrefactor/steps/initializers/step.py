"""Step 2.1: initial values of virtualised variables are assigned in init functions.

A member of a structure that is allocated at run time has no initialiser.  Each one becomes
an assignment in the function that initialises the variable's file, or that the rules name.

    int     ip_defttl = 64; /* hops */      int     ip_defttl;

    void                                    void
    ip_init(void)                           ip_init(void)
    {                                       {
            INIT_VNET_INET(curvnet);                INIT_VNET_INET(curvnet);

                                                    V_ip_defttl = 64;       /* hops */

            in_init();                              in_init();
    }                                       }

Left alone: variables without an initialiser, and those that are not virtualised.

    int     ip_id;
    static int ip_nosourceroute = 1;
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vrefactor.c.preprocess.conditionals import ALWAYS, Condition
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import call_lines, render
from vrefactor.generated.container_headers import plan_container_headers
from vrefactor.plan.model import Evidence, Plan
from vrefactor.steps.initializers.assigning_functions import AssigningFunction
from vrefactor.steps.initializers.assignments import Assignment, strip_value
from vrefactor.steps.initializers.candidates import InitializedDefinition
from vrefactor.steps.initializers.existing_functions import REASON
from vrefactor.steps.initializers.new_functions import dummy
from vrefactor.steps.initializers.paragraphs import Item, ordered, paragraphs
from vrefactor.steps.initializers.selection import Selection
from vrefactor.steps.initializers.tunables import Tunable
from vrefactor.steps.initializers.uses_before_init import AssignedVariable, find_uses_before_init

_Groups = Mapping[AssigningFunction, Sequence[Assignment]]


def plan(draft: Draft) -> Plan:
    """Return the plan of step 2.1; see the module's docstring."""
    selection = Selection(draft)
    selection.decide()
    for assignment in selection.assignments:
        strip_value(draft, assignment)
        if selection.exports.is_needed(assignment):
            selection.exports.add(assignment)
    _move_macros(selection)
    _remove_tunables(selection)
    groups = selection.by_function()
    _declare(selection, groups)
    _write_functions(selection, groups)
    _include(selection, groups)
    for candidate in selection.candidates:
        _record(draft, candidate)
    uses = find_uses_before_init(draft.index, draft.table, selection.assigned())
    draft.add_findings(uses.findings)
    for text in (*selection.notes(), *uses.notes):
        draft.note(text)
    return draft.plan()


def assigned(draft: Draft) -> tuple[AssignedVariable, ...]:
    """Return the variables whose values the step moves, in the order of their files."""
    selection = Selection(draft)
    selection.decide()
    return selection.assigned()


def _move_macros(selection: Selection) -> None:
    """Plan that macros which only moved values use go along with them."""
    draft = selection.draft
    for leaving in selection.macro_moves.leaving(selection.assignments):
        source = draft.files.open(leaving.path)[0]
        target = selection.targets[leaving.function]
        path = leaving.function.path
        if isinstance(target, int):
            at = target
        else:
            at = function_start(draft.files, path, target.body.function.open)
        texts = [source.data[start:end] for start, end in leaving.lines]
        draft.insert(path, at, b"\n".join(texts) + b"\n", REASON)
        reason = f"only values that {leaving.function.name} sets use it"
        for start, end in leaving.lines:
            draft.replace(
                leaving.path, start, FileLines(source).with_blank(start, end), b"", reason
            )


def _declare(selection: Selection, groups: _Groups) -> None:
    """Plan declarations of what functions assign that stand above the definitions."""
    for function, assignments in groups.items():
        target = selection.targets[function]
        at = target if isinstance(target, int) else target.body.function.open
        needing = [value for value in assignments if selection.forward.is_needed(value, at)]
        if needing:
            start = at
            if not isinstance(target, int):
                start = function_start(selection.draft.files, function.path, at)
            selection.forward.plan(function.path, start, needing)


def _remove_tunables(selection: Selection) -> None:
    found = {
        (tunable.path, tunable.found.start): tunable
        for tunables in selection.fetched.values()
        for tunable in tunables
    }
    for _, tunable in sorted(found.items()):
        selection.tunables.remove(tunable)


def _write_functions(selection: Selection, groups: _Groups) -> None:
    calls_of = _calls_of_new(selection, groups)
    for function in sorted({*groups, *calls_of}, key=lambda function: function.key):
        own = groups.get(function, ())
        target = selection.targets[function]
        known: Condition = ALWAYS if isinstance(target, int) else target.known
        items = [*calls_of.get(function, ()), *_items(selection, own, function.path, known)]
        if not isinstance(target, int):
            selection.existing.fill(target, items, own)
            continue
        needs = selection.existing.needs(own, known, function.path, dummy(function.name))
        selections = render(call_lines([need for _, need in needs]), b"\t")
        body = paragraphs(items, b"\t").removesuffix(b"\n")
        selection.new.make(function, target, selections, body)


def _calls_of_new(
    selection: Selection, functions: Iterable[AssigningFunction]
) -> dict[AssigningFunction, list[Item]]:
    """Return the calls of functions that are made, by the function that calls them."""
    found: dict[AssigningFunction, list[Item]] = {}
    for function in functions:
        caller = selection.new.caller(function.rule) if function.rule is not None else None
        if caller is not None:
            selection.targets.setdefault(caller, selection.existing.place(caller, ()))
            call = (f"{function.name}();".encode(),)
            source, conditionals = selection.draft.files.open(function.path)
            item = Item("", 0, (), ALWAYS, call, source, conditionals)
            found.setdefault(caller, []).append(item)
    return found


def _items(
    selection: Selection, assignments: Sequence[Assignment], path: str, known: Condition
) -> list[Item]:
    """Return the values as items, each file's with its tunables behind them."""
    items = ordered(assignments, path, known)
    found: dict[tuple[str, int], tuple[Assignment, Tunable]] = {}
    for value in assignments:
        for tunable in selection.fetched.get(value, ()):
            found.setdefault((tunable.path, tunable.found.start), (value, tunable))
    for _, (value, tunable) in sorted(found.items(), key=lambda pair: pair[0]):
        last = max(n for n, item in enumerate(items) if item.path == value.path)
        item = selection.tunables.item(tunable, value.path, value.at, known)
        items.insert(last + 1, item)
    return items


def _include(selection: Selection, groups: _Groups) -> None:
    """Plan the headers that the assignments, and the calls of new functions, need."""
    draft = selection.draft
    rules = draft.index.rules
    for function, assignments in groups.items():
        target = selection.targets[function]
        at = target if isinstance(target, int) else target.place.at
        names = frozenset[str]().union(*(value.containers for value in assignments))
        headers = {container.header for container in rules.containers if container.name in names}
        for header in sorted({rules.prefix.header, *headers} - draft.files.closure(function.path)):
            draft.need(function.path, header, at)
        if function.rule is not None:
            for path, header, use in selection.new.prototype_users(function.rule):
                draft.need(path, header, use)
    plan_container_headers(draft)


def _record(draft: Draft, candidate: InitializedDefinition) -> None:
    fact, answer = candidate.declared.fact, candidate.answer
    if isinstance(answer, Assignment):
        detail = f"{answer.function.path}: {answer.function.name}"
        draft.site(candidate.file.path, fact.start, fact.name, Evidence.BOUND, detail)
    else:
        draft.site(candidate.file.path, fact.start, fact.name, answer, candidate.detail)
