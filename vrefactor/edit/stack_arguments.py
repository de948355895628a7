"""Which expression gives the vnet in a function: the rules' `[[argument]]` tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vrefactor.c.facts.registrations import RegistrationFinder
from vrefactor.c.parse.functions import Function, Parameter
from vrefactor.rules.globs import Matcher, name_matcher, path_matcher
from vrefactor.rules.templates import fill
from vrefactor.rules.types import RuleSet, StubArgument


@dataclass(frozen=True, slots=True)
class _Case:
    """One `[[argument]]` table with its globs compiled."""

    rule: StubArgument
    path: Matcher
    function: Matcher

    def fits(self, path: str, function: Function, container: str, ways: frozenset[str]) -> bool:
        rule = self.rule
        first = function.parameters[0] if function.parameters else Parameter("", "")
        return (
            (not rule.containers or container in rule.containers)
            and (rule.parameter is None or rule.parameter == first.type)
            and (not rule.registrations or not ways.isdisjoint(rule.registrations))
            and self.function(function.name)
            and self.path(path)
            and _is_known(render(rule.argument, function.parameters), function)
        )


_ROOT = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)(?=\s*->)")


def _is_known(argument: str, function: Function) -> bool:
    """Say whether the objects of an expression are the function's, or named in its body."""
    parameters = {parameter.name for parameter in function.parameters}
    body = function.text[function.open : function.close]
    return not argument.startswith("->") and all(
        name in parameters or re.search(rb"(?<![\w.>])%s\b" % name.encode(), body)
        for name in _ROOT.findall(argument)
    )


class StackArguments:
    """Answers for one tree; told of every file before the first question."""

    def __init__(self, rules: RuleSet) -> None:
        self._default = rules.stubs.argument
        self._ways: dict[str, set[str]] = {}
        self._cases = [
            _Case(rule, path_matcher([rule.path]), name_matcher([rule.function]))
            for rule in rules.arguments
        ]
        asked = {name for rule in rules.arguments for name in rule.registrations}
        self._seeker = RegistrationFinder(
            [registration for registration in rules.registrations if registration.name in asked]
        )

    def read(self, code: bytes) -> None:
        """Take in which functions the code of a file hands over, and how."""
        for registered in self._seeker.find(code):
            self._ways.setdefault(registered.function, set()).add(registered.way)

    def of(self, path: str, function: Function, container: str) -> str:
        """Return the argument of a container's INIT call in a function."""
        ways_in = frozenset(self._ways.get(function.name, ()))
        for case in self._cases:
            if case.fits(path, function, container, ways_in):
                return render(case.rule.argument, function.parameters)
        return self._default


def render(template: str, parameters: tuple[Parameter, ...]) -> str:
    """Return the template with the name of the first parameter in place of `{parameter}`."""
    return fill(template, parameter=parameters[0].name if parameters else "")
