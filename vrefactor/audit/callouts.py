"""Callouts of one stack that are armed without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.audit.facts import Facts
from vrefactor.audit.model import AuditFinding, FindingKind, JudgedPlace
from vrefactor.c.query.calls import NamedCall
from vrefactor.rules.context import CalloutCall

_WORD = re.compile(r"[A-Za-z_]\w*")
_CAST = re.compile(r"\(\s*[A-Za-z_][\w\s]*\*?\s*\)\s*")
_NOTHING = re.compile(r"(?:NULL|0|\(?\s*(?:void\s*\*|caddr_t)\s*\)\s*(?:0|NULL))\)?\Z")


def callout_findings(facts: Facts) -> Iterator[JudgedPlace]:
    """Yield the calls that arm a callout of one stack with nothing that tells the stack.

    A callout is one stack's if it is a variable of the stack, or if its handler takes its
    argument for one.
    """
    calls = {callout.call: callout for callout in facts.rules.callouts}
    taking = _Taking(facts)
    for path, context in sorted(facts.contexts.items()):
        for arm in context.arms:
            rule = calls[arm.name]
            if not _NOTHING.match(arm.argument(rule.data)):
                continue
            handler = _CAST.sub("", arm.argument(rule.function)).strip("&() ")
            function = facts.function(path, arm.start)
            why = _own(facts, arm, rule) or taking.why(path, handler)
            if why and function is not None:
                what = f"arms {handler} without its stack: {why}"
                line = facts.line(path, arm.start)
                finding = AuditFinding(path, line, FindingKind.CALLOUT, function.name, what)
                yield JudgedPlace(finding, ((path, arm.start),))


def _own(facts: Facts, arm: NamedCall, rule: CalloutCall) -> str:
    """Say why a callout is one stack's, by its variable; nothing if it is not."""
    if rule.object is None:
        return ""
    found = [word for word in _WORD.findall(arm.argument(rule.object)) if word in facts.names]
    return f"{found[0]} is the callout of one stack" if found else ""


class _Taking:
    """Knows the functions that take their argument for a stack."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        kind = re.escape(facts.index.rules.vocabulary.pointer).replace(r"\ ", r"\s*")
        takes = re.compile(rf"\(\s*{kind}\s*\)\s*\(?\s*[A-Za-z_]\w*")
        self._places: dict[str, list[str]] = {}
        for path, context in sorted(facts.contexts.items()):
            for setting in context.settings:
                function = facts.function(path, setting.start)
                if function is not None and takes.match(setting.argument(0)):
                    self._places.setdefault(function.name, []).append(path)

    def why(self, path: str, handler: str) -> str:
        """Say why a callout is one stack's, by its handler; nothing if it is not."""
        places = self._places.get(handler, ())
        own = any(calls.name == handler for calls in self._facts.graph.files[path].functions)
        taken = path in places if own else bool(places)
        return "the handler takes its argument for the stack" if taken else ""
