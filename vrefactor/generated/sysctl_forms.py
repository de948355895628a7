"""The `SYSCTL_V_` family: which plain macro has such a form, and its definition."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.index.index import Index
from vrefactor.rules.types import Style
from vrefactor.source.edits import Edit

STEP = "sysctl"

FORMS = {
    f"SYSCTL_{kind}": f"SYSCTL_V_{kind}"
    for kind in ("OID", "STRING", "INT", "UINT", "STRUCT", "PROC")
}
"""The form of each plain macro that has one."""

POINTER = 4
"""Which argument of a plain macro is the variable's address."""

_COMMENT = b"""\
/*
 * SYSCTL_V_x() is SYSCTL_x() for a virtualised variable.  sym is the variable,
 * or a member of it, without the '&'.  mod is the container that it belongs to,
 * subs says what there is one of these for each.
 */
"""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as the tree's header declares or will declare it."""

    name: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """The forms that the tree's header can have, and the edits that define what it lacks."""

    forms: tuple[Form, ...]
    edits: tuple[Edit, ...]


def family(index: Index, used: Collection[str]) -> Family:
    """Return the forms of the plain macros, to be defined beside them.

    A header that has some of the forms gets no more than those that are `used`.  Raises
    RULES_NAME if the rules' header is not in the tree or does not define what is used.
    """
    path = index.rules.sysctl.header
    if path not in index.tree:
        detail = f"the header {path} for the forms of sysctls"
        raise VrefactorError(RULES_NAME, detail, path=index.rules.origin)
    source = lex(path, index.tree.read(path))
    bodies = macro_definitions(source, parse_conditionals(source))
    names = {body.name.decode("latin-1") for body in bodies}
    for name in sorted(set(used) - names):
        detail = f"{path}, the header of sysctls, does not define {name}"
        raise VrefactorError(RULES_NAME, detail, path=index.rules.origin)
    there = names.intersection(FORMS.values())
    plain = {body: form for body in bodies if (form := _form(body)) is not None}
    lacking = {
        body: form
        for body, form in plain.items()
        if form.name not in there and (not there or body.name.decode("latin-1") in used)
    }
    edits = _definitions(source, lacking, index.rules.style, commented=bool(there))
    return Family(tuple(sorted(set(plain.values()), key=_rank)), tuple(edits))


def _rank(form: Form) -> int:
    return list(FORMS.values()).index(form.name)


def _form(body: MacroBody) -> Form | None:
    """Return the form of a plain macro; None if it has none, or takes no pointer."""
    name = FORMS.get(body.name.decode("latin-1"))
    parameters = [parameter.decode("latin-1") for parameter in body.parameters or ()]
    if name is None or len(parameters) <= POINTER:
        return None
    parameters[POINTER] = "sym"
    return Form(name, ("subs", "mod", *parameters))


def _definitions(
    source: Source, lacking: Mapping[MacroBody, Form], style: Style, *, commented: bool
) -> Iterator[Edit]:
    newline = b"\r\n" if b"\r\n" in source.data else b"\n"
    for body, form in lacking.items():
        text = _definition(body.name.decode("latin-1"), form, style)
        text = text if commented else _COMMENT + text
        commented = True
        end = source.data.find(b"\n", body.start + len(body.text))
        lead = b"\n" if end >= 0 else b"\n\n"
        at = end + 1 if end >= 0 else len(source.data)
        text = (lead + text).replace(b"\n", newline)
        reason = f"the form of {body.name.decode('latin-1')} for virtualised variables"
        yield Edit(source.path, at, at, text, STEP, reason)


def _definition(plain: str, form: Form, style: Style) -> bytes:
    """Return the definition of a form: the plain macro with the symbol's address."""
    arguments = ["&sym" if name == "sym" else name for name in form.parameters[2:]]
    lines = [
        *wrapped(f"#define\t{form.name}({', '.join(form.parameters)})", "\t    ", style),
        *wrapped(f"\t{plain}({', '.join(arguments)})", "\t    ", style),
    ]
    return " \\\n".join(lines).encode("latin-1") + b"\n"


def wrapped(text: str, indent: str, style: Style) -> list[str]:
    """Return a text broken at blanks so that every line leaves room for ` \\`."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if len(longer.expandtabs(style.tab)) > style.columns - 3 and lines[-1].strip():
            lines.append(indent + word)
        else:
            lines[-1] = longer
    return lines
