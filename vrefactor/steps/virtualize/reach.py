"""Which functions lead to code of a network stack, and which statements do not.

By name: what calls a function that uses a `V_` name, or one that calls such a function, leads
there; so does what calls init functions through tables.  Names are taken together over files,
so that too much leads there rather than too little.  What walks over all stacks by itself
does not lead to one: it is the same for all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.facts.call_sites import CallsQuestion, FileCalls
from vrefactor.c.parse.functions import Function, find_functions
from vrefactor.c.parse.statements import Statement
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.files import Files
from vrefactor.index.index import Index
from vrefactor.rules.globs import Matcher, name_matcher

_CALL = re.compile(rb"(?<![\w.>])[A-Za-z_]\w*(?=\s*\()")
_INDIRECT = re.compile(rb"\)\s*\(|(?:->|\.)\s*\w+\s*\(")
_FLOW = re.compile(
    rb"(?<!\w)(?:return|goto|break|continue)(?!\w)|\A\w+\s*:(?!:)"
    rb"|(?<!\w)(?:INIT_V\w+|CURVNET_\w+|VNET_\w+|vnet_mod_\w+|IS_DEFAULT_VNET)(?!\w)"
)
_LEFT = re.compile(rb"if\s*\(\s*!\s*IS_DEFAULT_VNET\s*\([^()]*\)\s*\)\s*return\b")
_DONE = re.compile(rb"(?<!\w)(?:IS_DEFAULT_VNET|vnet_mod_\w+)\s*\(")
_WRITTEN = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*(?:[-+*/|&^]?=(?!=)|\+\+|--)|&\s*(\w+)")
_FILLED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*(?:->|\.|\[)[^;={}]*=(?!=)")
_COPIED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)*([A-Za-z_]\w*)\s*;")
_LED = re.compile(rb"(?:\A|[^\s\w*])\s*\*[\s*]*\Z")
_SET = re.compile(rb"\s*=(?!=)")
_WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Reach:
    """The names of functions that lead to a use, and what each function calls."""

    names: frozenset[bytes]
    calls: dict[str, dict[str, frozenset[str]]]
    """By file and function, the names of what it calls."""

    @property
    def defined(self) -> frozenset[str]:
        """The names of all functions of the files."""
        return frozenset().union(*self.calls.values())

    def within(self, roots: Iterable[tuple[str, str]], wanted: Matcher) -> set[tuple[str, str]]:
        """Return functions (file and name), and those of the wanted names that they call."""
        files: defaultdict[str, list[str]] = defaultdict(list)
        for path, functions in self.calls.items():
            for name in functions:
                files[name].append(path)
        pending, found = set(roots), set[tuple[str, str]]()
        while pending:
            path, name = pending.pop()
            found.add((path, name))
            for callee in self.calls.get(path, {}).get(name, ()):
                if wanted(callee):
                    homes = [path] if path in files[callee] else files[callee]
                    pending |= {(home, callee) for home in homes} - found
        return found


def reach(files: Files, finder: Finder, used: Iterable[File], paths: Sequence[str]) -> Reach:
    """Return what leads to a use of a virtualised variable, by the calls of `paths`."""
    rules = files.index.rules
    once = {
        name.encode() for entry in rules.entries if entry.vnet is None for name in entry.functions
    }
    known = {
        function.name.encode()
        for file in used
        for function in file.found.functions.values()
        if file.of(function)
    }
    known |= {table.function.encode() for table in rules.startup.tables}
    known |= _indirect(files, paths)
    single = name_matcher(rules.attaching.once)
    calls = _calls(files.index, paths)
    callers: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for own in calls.values():
        for name, callees in own.items():
            for callee in callees:
                callers[callee.encode()].add(name.encode())
    once |= {name for name in {*known, *callers} if single(name.decode())}
    known -= once
    pending = set(known)
    while pending:
        pending = {name for text in pending for name in callers[text]} - known - once
        known |= pending
    return Reach(frozenset(known), calls)


def _calls(index: Index, paths: Sequence[str]) -> dict[str, dict[str, frozenset[str]]]:
    reader = CallsQuestion(frozenset(), frozenset())
    key = b"vrefactor.c.facts.call_sites.CallsQuestion " + reader.key()
    answers = index.ask(paths, reader, FileCalls, key)
    calls: dict[str, dict[str, frozenset[str]]] = {}
    for path, answer in zip(paths, answers, strict=True):
        own = calls.setdefault(path, {})
        for function_calls in answer.functions:
            own[function_calls.name] = (
                own.get(function_calls.name, frozenset()) | function_calls.calls.keys()
            )
    return calls


def _indirect(files: Files, paths: Sequence[str]) -> set[bytes]:
    """Return the functions that call what tables hold for each stack (`(*pr->pr_init)()`)."""
    members = sorted({table.member.encode() for table in files.index.rules.attaching.tables})
    call = re.compile(rb"(?:->|\.)\s*(?:%s)\s*\)?\s*\(" % b"|".join(members))
    found: set[bytes] = set()
    for path in paths if members else ():
        if any(member in files.read(path) for member in members):
            source, conditionals = files.open(path)
            offsets = [match.start() for match in call.finditer(source.code)]
            functions = find_functions(source.code, conditionals, offsets).functions
            found |= {function.name.encode() for function in functions.values()}
    return found


def global_statements(
    body: FunctionBody,
    uses: Sequence[int],
    names: frozenset[bytes],
    own: frozenset[bytes],
    needed: frozenset[bytes] = frozenset(),
) -> list[Statement]:
    """Return the outermost statements of a body that have nothing to do with a stack.

    `uses` are the offsets of a stack's variables.  `own` are locals and parameters that may
    point to what belongs to one.  So may locals that get their value from these, or from a
    variable of a stack; and calls through pointers may lead to one.  What sets a local that a
    later statement of a stack needs, or one that is `needed` behind the body, is done for each.
    """
    found: list[Statement] = []
    held = set(own)
    for statement in body.statements or ():
        text = body.function.text[statement.start : statement.end]
        if _LEFT.match(text):
            break
        used = any(statement.start <= at < statement.end for at in uses) or _leads(text, names)
        used = used or not held.isdisjoint(_read(text))
        if used:
            held |= _writes(text)
        elif not statement.declaration:
            found.append(statement)
    return _not_needed(body, found, needed)


def rest_of(body: FunctionBody, plain: Sequence[Statement]) -> list[Statement]:
    """Return the other statements, but for declarations and what is done once already."""
    found: list[Statement] = []
    for statement in body.statements or ():
        text = body.function.text[statement.start : statement.end]
        if _LEFT.match(text):
            break
        if statement not in plain and not statement.declaration and not _DONE.search(text):
            found.append(statement)
    return found


def _not_needed(
    body: FunctionBody, plain: Sequence[Statement], behind: frozenset[bytes]
) -> list[Statement]:
    """Return those of the statements that set nothing which another later one reads.

    Nor what that leads to: `p->x = 1` belongs to a `p` that is needed, unless `p` is what the
    function is told or leads to a static object: these are the same for all stacks.
    """
    needed, alike = set(behind), _alike(body)
    found: list[Statement] = []
    for statement in reversed(body.statements or ()):
        text = body.function.text[statement.start : statement.end]
        filled = set(_FILLED.findall(text)) - alike
        if statement in plain and not (_writes(text) | filled) & needed:
            found.append(statement)
        else:
            needed -= _fresh(text)
            needed |= _read(text)
    return found[::-1]


def _alike(body: FunctionBody) -> set[bytes]:
    """Return the parameters, and the locals that are copies of them or of what is no local."""
    text = body.function.text[body.function.open : body.function.close]
    found = {parameter.name.encode() for parameter in body.function.parameters if parameter.name}
    other = locals_of(body) - found
    for match in _COPIED.finditer(text):
        again = len(re.findall(rb"(?<![\w.>])%s\s*=(?!=)" % match[1], text)) > 1
        if (match[2] in found or match[2] not in other) and not again:
            found.add(match[1])
    return found


def locals_of(body: FunctionBody) -> frozenset[bytes]:
    """Return the names in the declarations of a body's outermost block."""
    text = body.function.text
    held = [statement for statement in body.statements or () if statement.declaration]
    return frozenset(
        word for statement in held for word in _WORD.findall(text, statement.start, statement.end)
    )


def _read(text: bytes) -> set[bytes]:
    """Return the names in a statement, but for those that it sets before anything else."""
    return set(_WORD.findall(text)) - _fresh(text)


def _fresh(text: bytes) -> set[bytes]:
    """Return the names that a statement gives a value at their first mention, for itself.

    What a pointer leads to is another thing than the pointer.
    """
    first: dict[bytes, tuple[int, int]] = {}
    for match in _WORD.finditer(text):
        first.setdefault(match[0], match.span())
    return {
        name
        for name, (start, end) in first.items()
        if _SET.match(text, end) and not _LED.search(text, 0, start)
    }


def _leads(text: bytes, names: frozenset[bytes]) -> bool:
    if _INDIRECT.search(text) or _FLOW.search(text):
        return True
    return not names.isdisjoint(_CALL.findall(text))


def _writes(text: bytes) -> set[bytes]:
    return {name for pair in _WRITTEN.findall(text) for name in pair if name}


def is_void(function: Function, lead: int) -> bool:
    """Say whether a function returns nothing; `lead` is where its head begins."""
    head = function.text[lead : function.name_at]
    return re.search(rb"(?<!\w)void\s*\Z", head.rstrip()) is not None
