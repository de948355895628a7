"""Memory of one stack that is linked into a list of all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.audit.facts import Facts
from vrefactor.audit.model import AuditFinding, FindingKind, JudgedPlace
from vrefactor.audit.stack_use import FileContext
from vrefactor.c.facts.call_sites import FunctionCalls
from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.calls import NamedCall
from vrefactor.rules.context import LinkCall

_HEAD = re.compile(r"\(*\s*&\s*\(?\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?\)*\Z")
_ELEMENT = re.compile(r"\(*\s*(&?)\s*([A-Za-z_]\w*)")


def link_findings(facts: Facts) -> Iterator[JudgedPlace]:
    """Yield the calls that link an object of one stack into a list at file scope that is no
    stack's own.

    Where only the first stack comes by (`default` of the rules), there is nothing to find.
    """
    for path, context in sorted(facts.contexts.items()):
        for link in context.links:
            function = facts.function(path, link.start)
            rule = _rule(facts, link)
            if function is None or rule is None or _is_cut(context, function, link):
                continue
            head = _HEAD.match(link.arguments[rule.head])
            if head is None or head[1] in facts.names:
                continue
            text = lex(path, facts.index.tree.read(path)).code[function.start : function.close]
            owner = _owner(facts, link.arguments[rule.element], text)
            if owner and not _is_local(text, head[1]):
                what = f"links memory of one stack ({owner}) into {head[1]}, a list of all"
                line = facts.line(path, link.start)
                finding = AuditFinding(path, line, FindingKind.LINK, function.name, what)
                yield JudgedPlace(finding, ((path, link.start),))


def _rule(facts: Facts, link: NamedCall) -> LinkCall | None:
    for link_call in facts.rules.links:
        fits = glob_call([link_call.call]).match(f"{link.name}(".encode())
        if fits and max(link_call.head, link_call.element) < len(link.arguments):
            return link_call
    return None


def _is_cut(context: FileContext, function: FunctionCalls, link: NamedCall) -> bool:
    return any(function.open < at < link.start for at in context.defaults)


def _owner(facts: Facts, element: str, text: bytes) -> str:
    """Return the V_ name by which an element is one stack's, or nothing."""
    match = _ELEMENT.match(element)
    if match is None:
        return ""
    if match[2] in facts.names:
        return match[2]
    given = re.compile(
        rb"(?<![\w.>])" + match[2].encode() + rb"\s*=\s*(?:\([^()]*\)\s*)?"
        rb"(?:" + glob_call(facts.rules.allocators).pattern + rb"\s*)?"
        rb"&?\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?[;,]"
    )
    for other_match in given.finditer(text):
        if other_match[1].decode() in facts.names:
            return other_match[1].decode()
    return ""


def _is_local(text: bytes, name: str) -> bool:
    """Say whether a function declares a name, as a local or a parameter."""
    declared = rb"(?<!return)(?<!goto)(?<!else)[\w*)]\s+\**\s*" + name.encode() + rb"\s*[;,=\[)]"
    return re.search(declared, text) is not None
