"""What is the same for all containers: how they register, and the source file that knows them.

In every tree of step 2.2 the macros that reach a variable get their meanings (`member_access`).
Where the rules have a `[framework]`, there is more: the registration of containers with what
they tell of their members, in the header of the prefix; the source file that keeps the list and
answers `kldsym(2)`; and the lines that other files need for that, as the rules say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.edit.rule_lines import plan_lines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.header import (
    Header,
    add_block,
    closing,
    inclusions,
    is_without,
    opening,
    without,
)
from vrefactor.generated.member_access import give_accessors, give_meanings
from vrefactor.generated.registration import members, plan_call, symbol_map
from vrefactor.generated.sysctl_forms import give_addresses
from vrefactor.generated.template import render
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary


def plan_framework(draft: Draft, containers: Sequence[Container]) -> None:
    """Plan the framework of step 2.2: `containers` are those whose variables become members.

    Raises RULES_NAME if the tree lacks a header that the framework needs, or the macro that
    names a member, which step 1.5.2 defines.
    """
    if not containers:
        return
    rules = draft.index.rules
    moving = {container.name for container in containers}
    headers = {rules.prefix.header, *(container.header for container in rules.containers)}
    for path in sorted(headers):
        if path in draft.index.tree:
            give_accessors(draft, path, moving)
    give_meanings(draft)
    give_addresses(draft, moving)
    if rules.framework is not None:
        _plan_source(draft, rules.framework)
        _plan_header(draft, rules.framework)
        plan_lines(draft, rules.framework.line)
        for container in containers:
            if symbol_map(rules.vocabulary, container, members(draft.table, container)):
                plan_call(draft, container)
    _note_option(draft)


def _note_option(draft: Draft) -> None:
    path, option = draft.index.rules.prefix.header, draft.index.rules.vocabulary.option_globals
    if Header.open(draft, path).named(option):
        draft.note(f"{path}: defines {option}: the containers are not used as long as it does")


def source(words: Vocabulary, prefix: str, rules: FrameworkRules) -> bytes:
    """Return the generated source file; `prefix` is the header with the registration."""
    return render(
        "framework/source",
        words,
        includes=inclusions(words, (*source_headers(rules), prefix)),
        locks=rules.locks,
        lookup=rules.lookup,
    )


def source_headers(rules: FrameworkRules) -> tuple[str, ...]:
    """Return what the generated source file includes besides the header of the prefix."""
    lookup = ("sys/linker.h",) if rules.lookup else ()
    locks = ("sys/lock.h", "sys/mutex.h") if rules.locks else ()
    return (*rules.headers, *lookup, *locks)


def registration_block(words: Vocabulary, rules: FrameworkRules) -> bytes:
    """Return how containers register, for the header of the prefix."""
    return render(
        "framework/header",
        words,
        includes=inclusions(words, rules.declarations),
        lookup=rules.lookup,
    )


def _plan_source(draft: Draft, rules: FrameworkRules) -> None:
    if rules.source not in draft.index.tree:
        require(draft, source_headers(rules))
        content = source(draft.index.rules.vocabulary, draft.index.rules.prefix.header, rules)
        draft.new_file(rules.source, content, "the containers that have registered")


def _plan_header(draft: Draft, rules: FrameworkRules) -> None:
    """Plan the registration in the header of the prefix, if it is not there."""
    words = draft.index.rules.vocabulary
    header = Header.open(draft, draft.index.rules.prefix.header)
    if not header.named(words.declare_module):
        require(draft, rules.declarations)
        add_block(draft, header, registration_block(words, rules), "how containers register")


def require(draft: Draft, headers: Iterable[str]) -> None:
    """Raise RULES_NAME for the first of these headers that `#include` does not find.

    One between `<` and `>` is none of the tree.
    """
    tree, folders = draft.index.tree, draft.index.rules.tree.include_dirs
    for header in headers:
        if header.startswith("<"):
            continue
        found = (posixpath.normpath(posixpath.join(folder, header)) for folder in folders)
        if not any(path in tree or path in tree.links for path in found):
            detail = f"the header {header}, which the rules' [framework] needs"
            raise VrefactorError(RULES_NAME, detail, path=draft.index.rules.origin)


def leave_to_one_stack(draft: Draft, header: Header) -> None:
    """Let the registration of step 2.2 in the header of the prefix hold without the option only.

    Raises RULES_NAME if the header has none.
    """
    words = draft.index.rules.vocabulary
    found = header.named(words.declare_module)
    if not found:
        detail = f"{header.path} does not define {words.declare_module}: step 2.2 does"
        raise VrefactorError(RULES_NAME, detail, path=draft.index.rules.origin)
    if not any(header.depends_on(words.option, macro.name_at) for macro in found):
        leave_group(draft, header.path, found[0].name_at)


def leave_group(draft: Draft, path: str, offset: int) -> None:
    """Let the code of step 2.2 around a place hold without the option only.

    It is a finding if that is not under the condition that step 2.2 gives it.
    """
    words = draft.index.rules.vocabulary
    source, conditionals = draft.files.open(path)
    owner = conditionals.owner(offset)
    group = conditionals.groups[owner[0]] if owner is not None else None
    if group is None or not is_without(words.option_globals, group.branches[0].condition):
        what = (
            f"it is not under #ifndef {words.option_globals}: "
            f"let it be without option {words.option} by hand"
        )
        draft.find(path, offset, "framework", what)
        return
    reason = f"option {words.option} has another registration"
    condition = without(words.option, words.option_globals)
    draft.replace(path, *opening(source, group), condition, reason)
    start, end = closing(source, group)
    behind = FileLines(source).behind(end)
    if behind > end:
        text = render("framework/endif", words).rstrip(b"\n")
        draft.replace(path, start, behind, text, reason)
