"""The forms of sysctl macros for virtualised variables (`SYSCTL_V_INT` for `SYSCTL_INT`).

Step 1.5.3 defines them beside the plain macros.  In step 2.2 they take the address of their
variable by a macro with one meaning for each kind of kernel.  In step 3 they hold without its
option only: with it, the address of a variable is not known before a stack is selected.  So each
form defines a function that resolves it there and calls the plain handler with it, and a plain
sysctl with that function.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from vrefactor.c.parse.macro_bodies import MacroBody
from vrefactor.c.preprocess.lexer import argument_texts
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.header import Header, add_block, hold_without
from vrefactor.generated.template import render
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Style
from vrefactor.rules.vocabulary import Vocabulary

_KINDS = ("OID", "STRING", "INT", "UINT", "STRUCT", "PROC")
POINTER = 4
"""Which argument of a plain macro is the variable's address."""
_MOD, _SYM = 1, POINTER + 2
"""Which parameters of a form are the container and the symbol."""
HANDLER = POINTER + 4
"""Which argument of a form with a handler that is."""
_OID_PARAMETERS = 9
_INDENT = "\t    "


@cache
def forms(words: Vocabulary) -> Mapping[str, str]:
    """Return the form of each plain macro that has one."""
    return {f"{words.sysctl_plain}{kind}": f"{words.sysctl}{kind}" for kind in _KINDS}


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as the tree's header declares or will declare it."""

    name: str
    parameters: tuple[str, ...]


def plan_forms(draft: Draft, used: Collection[str]) -> tuple[Form, ...]:
    """Plan the forms of the plain macros, to be defined beside them; return all there will be.

    A header that has some of the forms gets no more than those that are `used`.  Raises
    RULES_NAME if the rules' header is not in the tree or does not define what is used.
    """
    rules = draft.index.rules
    path, names = rules.sysctl.header, forms(rules.vocabulary)
    if path not in draft.index.tree:
        detail = f"the header {path} for the forms of sysctls"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    header = Header.open(draft, path)
    defined = {body.name.decode("latin-1") for body in header.bodies}
    for name in sorted(set(used) - defined):
        detail = f"{path}, the header of sysctls, does not define {name}"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    there = defined.intersection(names.values())
    plain = {body: form for body in header.bodies if (form := _form(names, body)) is not None}
    lacking = {
        body: form
        for body, form in plain.items()
        if form.name not in there and (not there or body.name.decode("latin-1") in used)
    }
    _define(draft, header, lacking, commented=bool(there))
    order = list(names.values())
    return tuple(sorted(set(plain.values()), key=lambda form: order.index(form.name)))


def _form(names: Mapping[str, str], body: MacroBody) -> Form | None:
    """Return the form of a plain macro; None if it has none, or takes no pointer."""
    name = names.get(body.name.decode("latin-1"))
    parameters = [parameter.decode("latin-1") for parameter in body.parameters or ()]
    if name is None or len(parameters) <= POINTER:
        return None
    parameters[POINTER] = "sym"
    return Form(name, ("subs", "mod", *parameters))


def _define(
    draft: Draft, header: Header, lacking: Mapping[MacroBody, Form], *, commented: bool
) -> None:
    words = draft.index.rules.vocabulary
    for body, form in lacking.items():
        name = body.name.decode("latin-1")
        text = _definition(draft, name, form)
        text = text if commented else render("sysctl/lead", words) + text
        commented = True
        end = header.line(body)[1]
        reason = f"the form of {name} for virtualised variables"
        draft.insert(header.path, end, b"\n" + text, reason)


def _definition(draft: Draft, plain: str, form: Form) -> bytes:
    """Return the definition of a form: the plain macro with the symbol's address."""
    arguments = ["&sym" if name == "sym" else name for name in form.parameters[2:]]
    text = render(
        "sysctl/form",
        draft.index.rules.vocabulary,
        form=form.name,
        parameters=", ".join(form.parameters),
        plain=plain,
        arguments=", ".join(arguments),
    ).decode("latin-1")
    style = draft.index.rules.style
    lines = [part for line in text.splitlines() for part in _wrapped(line, style)]
    return " \\\n".join(lines).encode("latin-1") + b"\n"


def _wrapped(text: str, style: Style) -> list[str]:
    """Return a line broken at blanks so that every part leaves room for ` \\`."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if len(longer.expandtabs(style.tab)) > style.columns - 3 and lines[-1].strip():
            lines.append(_INDENT + word)
        else:
            lines[-1] = longer
    return lines


def give_addresses(draft: Draft, moving: Collection[str]) -> None:
    """Let the forms take the address by a macro with one meaning for each kind of kernel.

    A sysctl in such a form whose container is not `moving` is a finding: it would not compile.
    """
    rules, path = draft.index.rules, draft.index.rules.sysctl.header
    if path not in draft.index.tree:
        return
    header = Header.open(draft, path)
    changed = [
        form
        for form in _forms_of(header, rules.vocabulary)
        if not header.depends_on(rules.vocabulary.option_globals, form.name_at)
        and _take_by_macro(draft, header, form)
    ]
    if changed and not header.named(_address(rules.vocabulary)):
        at = header.above(changed)
        text = render("sysctl/address", rules.vocabulary)
        draft.insert(path, at, text, "where a sysctl finds its variable")
    _find_stranded(draft, moving)


def _address(words: Vocabulary) -> str:
    """Return the macro that gives the address of a sysctl's variable."""
    return f"{words.sysctl}ADDR"


def _forms_of(header: Header, words: Vocabulary) -> list[MacroBody]:
    names = {name.encode() for name in forms(words).values()}
    return [body for body in header.bodies if body.name in names]


def _take_by_macro(draft: Draft, header: Header, form: MacroBody) -> bool:
    """Plan the change of a form from the line on that takes the address of its symbol."""
    parameters, style = form.parameters or (), draft.index.rules.style
    if len(parameters) <= _SYM:
        return False
    taken = re.search(rb"&\s*%s(?!\w)" % re.escape(parameters[_SYM]), form.text)
    if taken is None:
        return False
    start = FileLines(header.source).start(form.start + taken.start())
    end = form.start + len(form.text.rstrip())
    at = form.start + taken.start() - start
    macro = _address(draft.index.rules.vocabulary).encode()
    address = b"%s(%s, %s)" % (macro, parameters[_MOD], parameters[_SYM])
    old = header.source.data[start:end].replace(b"\r\n", b"\n")
    text = old[:at] + address + old[at + len(taken[0]) :]
    first = text.partition(b"\n")[0]
    if len(first.expandtabs(style.tab)) > style.columns and b'"' not in text:
        code = re.sub(rb"\s*\\\n\s*", b" ", text).decode("latin-1")
        text = " \\\n".join(_wrapped(code, style)).encode("latin-1")
    draft.replace(header.path, start, end, text, f"{form.name.decode()} may name a member")
    return True


def _find_stranded(draft: Draft, moving: Collection[str]) -> None:
    """Find the sysctls in such a form whose container stays."""
    rules = draft.index.rules
    staying = {container.name for container in rules.containers if container.name not in moving}
    excluded = path_matcher([exclude.path for exclude in rules.tree.exclude])
    if not staying:
        return
    for path in draft.index.tree.paths:
        if path.endswith(tuple(rules.tree.suffixes)) and not excluded(path):
            for at, name, arguments in used_forms(draft, path):
                container = arguments[_MOD] if len(arguments) > _MOD else ""
                if container in staying and not draft.files.open(path)[1].is_dead(at):
                    what = f"{container} is no structure: give this sysctl its plain form"
                    draft.find(path, at, name, what)


def used_forms(draft: Draft, path: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield where a file uses which form, and its arguments."""
    form = draft.index.rules.vocabulary.sysctl.encode()
    if form not in draft.files.read(path):
        return
    code = draft.files.open(path)[0].code
    for match in re.finditer(rb"(?<!\w)(%s\w+)\s*(\()" % form, code):
        yield match.start(), match[1].decode(), argument_texts(code, match.start(2)) or ()


def give_handlers(draft: Draft) -> None:
    """Plan the forms for many stacks, in the rules' header of sysctls, if it has such forms.

    Raises RULES_NAME if that header does not define the macro of all plain ones, with nine
    parameters.
    """
    rules, path = draft.index.rules, draft.index.rules.sysctl.header
    if path not in draft.index.tree:
        return
    header, option = Header.open(draft, path), rules.vocabulary.option
    found = _forms_of(header, rules.vocabulary)
    single = [form for form in found if not header.depends_on(option, form.name_at)]
    if not single:
        return
    oid = f"{rules.vocabulary.sysctl_plain}OID"
    if not any(len(macro.parameters or ()) == _OID_PARAMETERS for macro in header.named(oid)):
        detail = f"{path} does not define {oid} with nine parameters"
        raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    reason = "the variable of the stack that is selected"
    if len(single) == len(found):
        text = render("sysctl/handlers", rules.vocabulary)
        draft.insert(path, header.above(single), text, reason)
    hold_without(draft, header, single, option, reason)


def forms_with_handler(words: Vocabulary) -> tuple[str, str]:
    """Return the forms that take the function that handles the sysctl."""
    return f"{words.sysctl}OID", f"{words.sysctl}PROC"


def _argument(words: Vocabulary) -> str:
    return f"{words.sysctl}ARG1"


def resolved_argument(words: Vocabulary) -> bytes:
    """Return the expression, in a handler, for the address of the variable."""
    return f"{_argument(words)}(oidp, arg1)".encode()


def give_argument(draft: Draft) -> None:
    """Plan the definition of what `resolved_argument` uses, if it is not there."""
    words, path = draft.index.rules.vocabulary, draft.index.rules.sysctl.header
    header = Header.open(draft, path)
    if not header.named(_argument(words)):
        add_block(draft, header, render("sysctl/arg1", words), "what arg1 of a handler is")
