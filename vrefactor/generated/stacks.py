"""What step 3 gives a tree: many network stacks, and how one is selected.

With the option the header of the prefix declares the stacks, the macros that select one and
walk over all of them, and the registration of what each has; the generated source file makes and
destroys them; and a sysctl finds its variable in the stack that is selected.  Without the option
everything means what it meant after step 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence

from vrefactor.edit.draft import Draft
from vrefactor.edit.rule_lines import plan_lines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated import framework, null_macros
from vrefactor.generated.container_macros import give_selections
from vrefactor.generated.header import Header, add_block, inclusions
from vrefactor.generated.member_access import go_through_pointer
from vrefactor.generated.sysctl_forms import give_handlers
from vrefactor.generated.template import render
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.templates import fill
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary

_MAKES = "vnet_alloc"
"""The function that makes a stack: a source file that defines it is done."""
_REGISTERS = "vnet_mod_register"
"""The function of step 2.2's source file with which a container registers."""
_LEAST_MODULES = 64
_SPARE_MODULES = 32


def plan_stacks(
    draft: Draft, containers: Sequence[Container], stateless: Sequence[str] = ()
) -> None:
    """Plan the framework of step 3 on a tree after step 2.2.

    `containers` are those whose variables are in a structure.  `stateless` are the names,
    behind the common beginning of modules, of what else registers and has a number of its
    own.  Raises RULES_NAME if the rules have no `[framework]`, or if the tree lacks a header
    that it needs, or is not after step 2.2.
    """
    if not containers:
        return
    rules = draft.index.rules
    if rules.framework is None:
        detail = "a section [framework], which step 3 needs: it says where the stacks are made"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    _plan_header(draft, rules.framework, containers, stateless)
    give_selections(draft, {container.name for container in containers})
    give_handlers(draft)
    _plan_source(draft, rules.framework)
    plan_lines(draft, rules.framework.virtual.line)


def _missing(draft: Draft, path: str) -> VrefactorError:
    detail = f"{path} is not in the tree: step 2.2 does"
    return VrefactorError(RULES_NAME, detail, path=draft.index.rules.origin)


def _plan_header(
    draft: Draft, rules: FrameworkRules, moving: Sequence[Container], stateless: Sequence[str]
) -> None:
    """Plan the header of the prefix: all that does not depend on one container."""
    path, words = draft.index.rules.prefix.header, draft.index.rules.vocabulary
    if path not in draft.index.tree:
        raise _missing(draft, path)
    header = Header.open(draft, path)
    text = header_block(words, rules, _numbered(draft, moving), stateless)
    block = Header.read(path, text)
    go_through_pointer(draft, header)
    null_macros.leave_to_one_stack(draft, header, {body.name for body in block.bodies})
    framework.leave_to_one_stack(draft, header)
    if not header.named(_most(words)):
        framework.require(draft, (*rules.declarations, *rules.virtual.headers))
        add_block(draft, header, text, "many network stacks")


def _numbered(draft: Draft, moving: Sequence[Container]) -> list[Container]:
    names = {container.name for container in moving}
    return [
        container
        for container in draft.index.rules.containers
        if container.kept is None or container.name in names
    ]


def _plan_source(draft: Draft, rules: FrameworkRules) -> None:
    """Plan the source file that step 2.2 has made."""
    path = rules.source
    if path not in draft.index.tree:
        raise _missing(draft, path)
    if draft.files.functions(path, _MAKES):
        return
    framework.require(draft, (*framework.source_headers(rules), *rules.virtual.memory_headers))
    known = draft.files.functions(path, _REGISTERS)
    framework.leave_group(draft, path, known[0].name_at if known else 0)
    text = source_block(draft.index.rules.vocabulary, rules)
    draft.insert(path, len(draft.files.read(path)), text, "many network stacks")


def source_block(words: Vocabulary, rules: FrameworkRules) -> bytes:
    """Return what the generated source file gets for many stacks."""
    virtual = rules.virtual
    return render(
        "stacks/source",
        words,
        includes=inclusions(words, virtual.memory_headers),
        memory=virtual.memory and virtual.memory.rstrip() + "\n",
        curvnet=virtual.curvnet,
        storage=f"{virtual.storage} ".lstrip(),
        locks=rules.locks,
        lookup=rules.lookup,
        begin=virtual.begin,
        done=virtual.done,
        end=virtual.end,
        panic=virtual.panic,
        malloc_data=fill(virtual.malloc, size="vmi->vmi_size"),
        malloc_vnet=fill(virtual.malloc, size="sizeof(*vnet)"),
        malloc_vml=fill(virtual.malloc, size="sizeof(*vml)"),
        free_data=fill(virtual.free, address="data"),
        free_vnet=fill(virtual.free, address="vnet"),
        free_vml=fill(virtual.free, address="vml"),
    )


def header_block(
    words: Vocabulary,
    rules: FrameworkRules,
    containers: Sequence[Container],
    stateless: Sequence[str],
) -> bytes:
    """Return all that the header of the prefix gets for many stacks, and for one.

    `containers` are those with data in each stack, in the order of their numbers;
    `stateless` the names, behind the common beginning, of what registers besides them.
    """
    virtual = rules.virtual
    by_name = {f"V_MOD_{container.name}": container.module for container in containers}
    return render(
        "stacks/header",
        words,
        includes=inclusions(words, (*rules.declarations, *virtual.headers)),
        numbers=_aligned(words, _numbers(words, containers, stateless)),
        names=_aligned(words, by_name),
        curvnet=virtual.curvnet,
        storage=f"{virtual.storage} ".lstrip(),
        thread_stack=fill(virtual.thread, td="(td)"),
        locks=rules.locks,
        lookup=rules.lookup,
    )


def _most(words: Vocabulary) -> str:
    """Return the macro for how many modules there can be: a header that has it is done."""
    return f"{words.module}MAX"


def _numbers(
    words: Vocabulary, containers: Sequence[Container], stateless: Sequence[str]
) -> dict[str, str]:
    """Return the numbers of all that registers, and those that say where others begin."""
    names = [container.module for container in containers]
    others = [words.module + name for name in stateless]
    free = len(names) + len(others)
    numbers = {name: str(number) for number, name in enumerate(names)}
    numbers[f"{words.module}STATELESS"] = str(len(names))
    numbers |= {name: str(number) for number, name in enumerate(others, len(names))}
    numbers[f"{words.module}DYNAMIC"] = str(free)
    numbers[_most(words)] = str(max(_LEAST_MODULES, free + _SPARE_MODULES))
    numbers[f"{words.module}NONE"] = "((u_int)-1)"
    return numbers


def _aligned(words: Vocabulary, values: dict[str, str]) -> bytes:
    """Return `#define`s with their values in one column."""
    column = (max(map(len, values)) // 8 + 1) * 8
    return b"".join(
        render(
            "stacks/number",
            words,
            name=name,
            gap="\t" * -((len(name) - column) // 8),
            value=value,
        )
        for name, value in values.items()
    )
