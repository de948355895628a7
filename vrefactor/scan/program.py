"""What the rules of a program need that those of a kernel do not.

A kernel has hooks that initialise its files, and headers of its own for all that it calls.
A program has `main`: whatever must happen before anything else, main can call.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from vrefactor.c.facts.definitions import InitializerKind
from vrefactor.c.parse.functions import body_offsets, find_functions
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import find_names, lex
from vrefactor.errors import VrefactorError
from vrefactor.rules.initializers import Init
from vrefactor.rules.types import PrefixRules, RuleSet
from vrefactor.scan.model import ScanRow
from vrefactor.scan.scope import identifier
from vrefactor.source.scope import files_in_scope
from vrefactor.source.tree import Tree

MAIN = "main"
"""The function that the C standard has a program begin with."""
_LIMITED = "strncpy({target}, {source}, {size})"
"""How every C library copies a string into an array, filling it up with zeros."""


def for_program(
    tree: Tree, rules: RuleSet, subsystems: Iterable[str], rows: Sequence[ScanRow]
) -> RuleSet:
    """Return the rules, completed for a program if the tree is one and they say nothing else.

    `rows` are the variables that the rules' containers hold.  Each file with initial values
    gets a function that sets them, which main() calls first of all.
    """
    if rules.inits or rules.startup.macros or rules.startup.functions:
        return rules
    defining = _defining(tree, files_in_scope(tree, rules, tuple(subsystems)))
    if len(defining) != 1:
        return rules
    initializers = rules.initializers
    if not _names(tree, rules, b"strlcpy"):
        initializers = replace(initializers, string=_LIMITED)
    return replace(
        rules,
        prefix=_prefix(tree, rules.prefix),
        startup=replace(rules.startup, functions=(MAIN,)),
        initializers=initializers,
        inits=tuple(_inits(tree, rules, rows)),
    )


def _defining(tree: Tree, paths: Iterable[str]) -> list[str]:
    """Return the sources that define main()."""
    found = []
    for path in paths:
        data = tree.read(path)
        if path.endswith(".h") or MAIN.encode() not in data:
            continue
        try:
            source = lex(path, data)
            conditionals = parse_conditionals(source)
        except VrefactorError:
            continue  # a proposal excludes such a file
        if _defines_main(source.code, conditionals):
            found.append(path)
    return found


def _defines_main(code: bytes, conditionals: Conditionals) -> bool:
    bodies = sorted(set(body_offsets(code, frozenset((MAIN.encode(),)))))
    alive = [at for at in bodies if not conditionals.is_dead(at)]
    functions = find_functions(code, conditionals, alive).functions
    return any(function.name == MAIN for function in functions.values())


def _names(tree: Tree, rules: RuleSet, name: bytes) -> bool:
    suffixes = tuple(rules.tree.suffixes)
    paths = (path for path in tree.paths if path.endswith(suffixes))
    return any(name in data and find_names(data, [name]) for data in map(tree.read, paths))


def _prefix(tree: Tree, prefix: PrefixRules) -> PrefixRules:
    """Put the header of step 1 at the root where the tree lacks the folder of the default."""
    folder, _, name = prefix.header.rpartition("/")
    if not folder or any(path.startswith(folder + "/") for path in tree.paths):
        return prefix
    guard = "_" + re.sub(r"\W", "_", name).upper() + "_"
    return replace(prefix, header=name, guard=guard)


def _inits(tree: Tree, rules: RuleSet, rows: Sequence[ScanRow]) -> Iterable[Init]:
    """Yield a rule for each file with initial values; names that are in use are passed over."""
    containers = {container.name: container for container in rules.containers}
    homes = {symbol.file: containers[symbol.container].header for symbol in rules.symbols}
    valued = {
        row.variable.path
        for row in rows
        if row.variable.definition.initial is not InitializerKind.NONE
    }
    taken: set[str] = set()
    for path in sorted(valued & homes.keys()):
        name = _free(tree, rules, path, taken)
        taken.add(name)
        yield Init(
            function=name,
            path=path,
            files=(path,),
            called_by=MAIN,
            header=homes[path],
            reason="its initial values, before anything else happens",
            origin=("", 0),
        )


def _free(tree: Tree, rules: RuleSet, path: str, taken: set[str]) -> str:
    whole = posixpath.splitext(path)[0]
    names = [identifier(posixpath.basename(whole)), identifier(whole)]
    names += [f"{names[1]}{number}" for number in range(2, 100)]
    for name in (f"{text}_vinit" for text in names):
        if name not in taken and not _names(tree, rules, name.encode()):
            return name
    raise AssertionError("a hundred names are taken")
