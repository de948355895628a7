"""Step 2.2: the sysctls of variables that stay where they are take their plain form again.

A `SYSCTL_V_` form finds the variable in its container.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vrefactor.c.model import Role
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex, split_arguments
from vrefactor.c.query.invocations import enclosing
from vrefactor.generated.sysctl_forms import FORMS, POINTER
from vrefactor.index.index import Index
from vrefactor.plan.symbols import Virtualised
from vrefactor.source.edits import Edit

_PLAIN = {form: plain for plain, form in FORMS.items()}


def plain_sysctls(index: Index, staying: Collection[Virtualised], step: str) -> Iterator[Edit]:
    """Yield the edits that undo step 1.5.3 for the variables that stay.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    for known in sorted(staying, key=lambda virtualised: virtualised.macro):
        for path, token in index.tokens.get(known.variable.name, ()):
            form = token.calls[0].name if token.calls else ""
            if token.role is not Role.MACRO_ARGUMENT or form not in _PLAIN:
                continue
            if index.denotes(path, token.name) != known.variable:
                continue
            source = lex(path, index.tree.read(path))
            found = enclosing(source, parse_conditionals(source), form.encode(), token.start)
            if found is None:
                continue
            ranges = split_arguments(source.code, found.open, found.close)
            reason = f"{known.symbol.name} stays a variable of its own"
            plain = _PLAIN[form].encode()
            third = ranges[2][0]
            third += len(source.code[third:]) - len(source.code[third:].lstrip())
            yield Edit(path, found.start, third, plain + b"(", step, reason)
            if token.calls[0].argument == POINTER + 2:
                yield Edit(path, token.start, token.start, b"&", step, reason)
