"""Step 3, what stacks share by mistake: one object that each of them sets up.

A statement that runs for each stack, as it has to do with one, is a finding if it gives a
value to a variable that is not of a stack, or hands over its address: the last stack wins.  So
is a call in it that makes what there is one of in the machine.

    maxtcptw = V_tcp_tw_max;
    make_dev(&net_cdevsw, V_if_index, UID_ROOT, GID_WHEEL, 0600, "network");
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.steps.virtualize.machine_calls import MachineCalls, MachineCallSite

_SET = re.compile(rb"([A-Za-z_]\w*)\s*(?:(?:\.\s*\w+|\[[^\[\]]*\])\s*)*=(?!=)")
_ADDRESS = re.compile(rb"(?<=[(,])\s*(?:\([^()]*\)\s*)?&\s*([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class SharedCheck:
    """Reports what the statements of one function share that run for each stack.

    `uses` are the offsets of a stack's variables, `own` the names of locals and parameters.
    """

    draft: Draft
    machine: MachineCalls
    path: str
    uses: Collection[int]
    own: Collection[bytes]

    def check(self, body: FunctionBody, statements: Sequence[Statement]) -> None:
        """Report what some statements do to variables that are of no stack, each once."""
        known = {*self.own}
        for statement in statements:
            made = self._machine(body.function, statement)
            for at, name, what in _shared(body.function.text, statement):
                inside = any(self._covers(site, at) for site in made)
                if at not in self.uses and name not in known and not inside:
                    known.add(name)
                    what += " for each stack, but is one for all"
                    self.draft.find(self.path, at, name.decode(), what)

    def _machine(self, function: Function, statement: Statement) -> list[MachineCallSite]:
        """Report the calls in a statement that make what there is one of; return them."""
        sites = self.machine.within(function.text, statement.start, statement.end)
        found = [site for site in sites if not site.is_of_stack(self.uses, self.own)]
        for site in found:
            what = f"is done for each stack: again, it {site.rule.again}"
            self.draft.find(self.path, site.start, site.name, what)
        return found

    @staticmethod
    def _covers(site: MachineCallSite, at: int) -> bool:
        """Say whether what is shared is what a call makes, or what it is told."""
        start = site.start if site.made is None else min(site.start, site.made[0])
        return start <= at < site.end


def _shared(text: bytes, statement: Statement) -> Iterator[tuple[int, bytes, str]]:
    """Yield the names that a statement sets or hands over, with their offsets."""
    match = _SET.match(text, statement.start, statement.end)
    if match is not None:
        yield match.start(1), match[1], "is set"
    for match in _ADDRESS.finditer(text, statement.start, statement.end):
        yield match.start(1), match[1], "is handed over"
