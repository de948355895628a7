"""Step 3, what each stack makes though there is one of it in the machine, in other functions.

What a function calls that runs for each stack does so too; and what is told a number that
each stack counts for itself is told the same one by two.

    make_dev(&net_cdevsw, ifp->if_index, UID_ROOT, GID_WHEEL, 0600, "%s", ifp->if_xname);
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.parse.functions import find_functions
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import File
from vrefactor.edit.draft import Draft
from vrefactor.rules.globs import name_matcher
from vrefactor.steps.virtualize.machine_calls import MachineCallSite
from vrefactor.steps.virtualize.per_stack import Classifier, locals_of
from vrefactor.steps.virtualize.reach import Reach

_Node = tuple[str, str]


@dataclass(slots=True)
class MachineChecks:
    """Reports the calls of one tree that make what there is one of in the machine."""

    draft: Draft
    used: Mapping[str, File]
    reach: Reach
    classifier: Classifier
    _found: set[tuple[str, int]] = field(default_factory=set)

    def check_called(self, starts: Mapping[_Node, Sequence[str]], own: Collection[_Node]) -> None:
        """Report these calls in what functions call, directly or not.

        `starts` are called by what runs for each stack, each with the chain that leads there;
        `own` are functions that are looked at for themselves.
        """
        entries = self.draft.index.rules.entries
        apart = {name for entry in entries if entry.vnet is None for name in entry.functions}
        single = name_matcher(self.draft.index.rules.attaching.once)
        chains = {node: tuple(chain) for node, chain in sorted(starts.items())}
        pending = list(chains)
        for path, name in pending:
            if (path, name) in own or name in apart or single(name):
                continue
            self._report(path, name, chains[path, name])
            for callee, at in sorted(self.reach.calls[path].get(name, {}).items()):
                link = f"calls {callee}, {self._place(path, at)}"
                for home in self.reach.homes(path, callee):
                    if (home, callee) not in chains:
                        chains[home, callee] = (*chains[path, name], link)
                        pending.append((home, callee))

    def check_numbers(self, paths: Sequence[str]) -> None:
        """Report these calls where they are told what each stack counts for itself."""
        names = self.draft.index.rules.attaching.numbers
        if not names:
            return
        members = re.compile(rb"(?:->|\.)\s*(%s)(?!\w)" % "|".join(map(re.escape, names)).encode())
        for path in paths:
            if not self.classifier.machine.may_be_in(self.draft.files.read(path)):
                continue
            for site, number in self._told(path, members):
                if not self._is_once(path, site.start):
                    what = f"is told {number}, which each stack counts for itself"
                    self._find(path, site, f"{what}: again, it {site.rule.again}")

    def _report(self, path: str, name: str, chain: tuple[str, ...]) -> None:
        for function in self.draft.files.functions(path, name):
            body = self.draft.files.body(path, function)
            for site in self._each_stack(path, body):
                what = f"is done for each stack: again, it {site.rule.again}"
                self._find(path, site, what, chain)

    def _each_stack(self, path: str, body: FunctionBody) -> Iterator[MachineCallSite]:
        """Yield the calls in a body that make what is of no stack, unless once."""
        function, file = body.function, self.used.get(path)
        uses = [use.start for use in file.of(function)] if file is not None else []
        own = locals_of(body) | {parameter.name.encode() for parameter in function.parameters}
        for start, end in self._parts(body):
            for site in self.classifier.machine.within(function.text, start, end):
                if not site.is_of_stack(uses, own):
                    yield site

    def _told(self, path: str, members: re.Pattern[bytes]) -> Iterator[tuple[MachineCallSite, str]]:
        """Yield the calls in a file that are never of a stack, and which number each is told."""
        code = self.draft.files.open(path)[0].code
        for site in self.classifier.machine.within(code, 0, len(code)):
            match = members.search(code, site.start, site.end)
            if site.made is None and match is not None:
                yield site, match[1].decode()

    def _is_once(self, path: str, at: int) -> bool:
        """Say whether a place in a function is for the first stack only, or in no function."""
        source, conditionals = self.draft.files.open(path)
        functions = find_functions(source.code, conditionals, [at]).functions
        bodies = (self.draft.files.body(path, function) for function in functions.values())
        return not any(start <= at < end for body in bodies for start, end in self._parts(body))

    def _parts(self, body: FunctionBody) -> list[tuple[int, int]]:
        """Return the ranges of what a body does for each stack: all of it if it does not parse."""
        if body.statements is None:
            return [(body.function.open, body.function.close)]
        every = self.classifier.rest_of(body, ())
        return [(statement.start, statement.end) for statement in every]

    def _find(
        self, path: str, site: MachineCallSite, what: str, chain: tuple[str, ...] = ()
    ) -> None:
        if (path, site.start) not in self._found:
            self._found.add((path, site.start))
            self.draft.find(path, site.start, site.name, what, chain)

    def _place(self, path: str, at: int) -> str:
        return f"{path}:{self.draft.files.open(path)[0].line(at)}"
