"""Modules of the network stacks that have no data: what they do as a stack comes and goes.

static vnet_attach_fn vnet_if_init_iattach;
VNET_MOD_DECLARE_STATELESS(NONE, if_init, vnet_if_init_iattach, NULL, NET);
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import argument_texts
from vrefactor.edit.files import Files
from vrefactor.generated.template import Value, render
from vrefactor.rules.types import RuleSet, Style


@dataclass(frozen=True, slots=True)
class StackModule:
    """One of these modules; `name` is that of the function whose work it does."""

    rules: RuleSet
    name: str

    def is_declared(self, files: Files, path: str) -> bool:
        """Say whether a file declares the module."""
        call = rb"(?<!\w)%s_STATELESS\s*(\()" % self.rules.vocabulary.declare_module.encode()
        code = files.plain(path)
        declared = (argument_texts(code, match.start(1)) or () for match in re.finditer(call, code))
        return any(arguments[1:2] == (self.name,) for arguments in declared)

    def declared(self, depends: str = "NONE", *, attach: bool, detach: bool) -> bytes:
        """Return what declares the module, and the functions that it has.

        `depends` is the module that comes first, without what the names of modules begin with.
        """
        functions = {
            way: f"vnet_{self.name}_i{way}" if there else None
            for way, there in (("attach", attach), ("detach", detach))
        }
        named = {way: function or "NULL" for way, function in functions.items()}
        line = self._render("declaration", name=self.name, depends=depends, **named)
        declaration = filled(line.decode(), self.rules.style)
        return self._render("declared", declaration=declaration, **functions)

    def attaches(self, way: str, of: str, call: str, *, told: bool, answers: bool) -> bytes:
        """Return the function of the module for `way` (`iattach`, `idetach`), which does a call.

        `of` says whose work that is; `told` whether it hands its parameter on; `answers`
        whether its value is an error number.
        """
        parameter = "arg" if told else "unused"
        return self._render(
            "attach", of=of, name=self.name, way=way, parameter=parameter, call=call,
            answers=answers,
        )  # fmt: skip

    def undoes(self, selections: Sequence[str], statements: Sequence[str]) -> bytes:
        """Return the function that undoes the work for a stack that goes, by statements."""
        style = self.rules.style
        lines = [filled(f"\t{line}", style) for text in statements for line in text.split("\n")]
        return self._render(
            "undo",
            name=self.name,
            selections="".join(f"\t{text}\n" for text in selections),
            statements="".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"),
        )

    def registers(self, way: str, each: str | None) -> bytes:
        """Return the statement by which the module comes or goes (`register`, `deregister`).

        With `each` it does so once for every value of that expression.
        """
        return self._render(way, name=self.name, each=each)

    def registers_first(self) -> bytes:
        """Return the statement by which the first stack has the module come."""
        return self._render("register_first", name=self.name)

    def events(self, event: str, arguments: str) -> bytes:
        """Return the body of the handler of a module of the kernel, without its braces."""
        return self._render(
            "events", event=event, load=self.rules.initializers.load,
            unload=self.rules.attaching.unload, name=self.name, arguments=arguments,
        )  # fmt: skip

    def split(self, registering: bytes, function: str, kind: bytes, parameters: bytes) -> bytes:
        """Return what follows the `{` of a function that runs for each stack.

        It ends the function behind what registers that, and begins the one for a stack, which
        returns a value of the type `kind`.
        """
        text = self._render(
            "split", registering=registering, function=function, type=kind, parameters=parameters
        )
        return text.removesuffix(b"\n")

    def _render(self, template: str, **values: Value) -> bytes:
        return render(f"module/{template}", self.rules.vocabulary, **values)


def filled(line: str, style: Style) -> str:
    """Return a line broken behind commas, so that no part of it is too long."""
    indent = line[: len(line) - len(line.lstrip("\t"))] + " " * style.continuation
    first, *parts = line.split(", ")
    lines = [first]
    for part in parts:
        longer = f"{lines[-1]}, {part}"
        # A part that is not the last one has a comma behind it.
        comma = 0 if part is parts[-1] else 1
        if len(longer.expandtabs(style.tab)) + comma > style.columns:
            lines[-1] += ","
            lines.append(indent + part)
        else:
            lines[-1] = longer
    return "\n".join(lines)
