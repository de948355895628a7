"""`NAME_if.h` of an interface description (*.m): what the kernel's makeobjops makes of it.

The format: https://man.freebsd.org/cgi/man.cgi?kobj(9).  The tree's own script, which makes the
header in a kernel build, is not run: it could do anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from string import Template

from vrefactor.build.freebsd.words import Line, decode
from vrefactor.build.model import Generated
from vrefactor.errors import GENERATOR_FAILED, VrefactorError

_INTERFACE = re.compile(r"INTERFACE\s+([a-z_][a-z0-9_]*)\s*;?")
_METHOD = re.compile(r"(STATIC)?METHOD\s+(\S.*?)\s+([a-z_]\w*)\s*\{(.*?)\}(.*)", re.DOTALL)
_BLOCK = re.compile(r"(CODE|HEADER|PROLOG|EPILOG)\s*\{")
_END = re.compile(r"\};?(?:\s*DEFAULT\s+\w+\s*;)?")


@cache
def template(name: str) -> Template:
    """Return a template of this folder: its slots are `${name}`."""
    return Template((files(__package__) / "templates" / f"{name}.in").read_text(encoding="utf-8"))


def interface_header(path: str, data: bytes) -> Generated:
    """Return the header of one interface description.

    Raises `GENERATOR_FAILED` at a line that is not understood.
    """
    name, parts = "", []
    for line, text in _statements(path, decode(data)):
        block = _BLOCK.match(text)
        interface = _INTERFACE.fullmatch(text)
        if interface is not None:
            name = interface[1]
        elif block is not None:
            parts += [text.partition("\n")[2]] if block[1] == "HEADER" else []
        elif name and (method := _METHOD.fullmatch(text)) is not None:
            parts.append(_method(name, method))
        else:
            raise not_understood(line)
    guard = f"_{name}_if_h_"
    content = "".join((f"#ifndef {guard}\n#define {guard}\n\n", *parts, f"#endif /* {guard} */\n"))
    file = path.rpartition("/")[2].removesuffix(".m")
    return Generated(f"{file}.h", content.encode("utf-8", "surrogateescape"))


def not_understood(line: Line) -> VrefactorError:
    """Return the error for a line of an input that our own reading of it does not take."""
    detail = f"is not understood: {' '.join(line.words)}"
    return VrefactorError(GENERATOR_FAILED, detail, path=line.path, line=line.number)


def _statements(path: str, text: str) -> Iterator[tuple[Line, str]]:
    """Yield the statements, each with its first line; comments are left out."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, raw in lines:
        line = raw if _BLOCK.match(raw) else raw.partition("#")[0].strip()
        if line.startswith("/*"):
            while "*/" not in line:
                _, line = next(lines, (0, "*/"))
            continue
        if not line:
            continue
        start = Line(path, number, (line,))
        if _BLOCK.match(line):
            body = []
            for _, inner in lines:
                if inner.startswith("}"):
                    break
                body.append(f"{inner}\n")
            yield start, line + "\n" + "".join(body)
            continue
        if line.startswith(("METHOD", "STATICMETHOD")):
            while not _END.search(line):
                _, more = next(lines, (0, None))
                if more is None:
                    raise not_understood(start)
                line = f"{line} {more.partition('#')[0].strip()}"
        yield start, line


def _method(interface: str, method: re.Match[str]) -> str:
    static, result, own_name, arguments, _ = method.groups()
    parameters = [" ".join(word.split()) for word in arguments.split(";") if word.strip()]
    names = [re.split(r"[*\s]+", parameter)[-1] for parameter in parameters]
    name = f"{interface}_{own_name}"
    first = names[0] if names else ""
    return template("interface_method").substitute(
        name=name,
        upper=name.upper(),
        result=result,
        parameters=", ".join(parameters),
        arguments=", ".join(names),
        object=first if static else f"((kobj_t){first})",
        statement="" if result == "void" else "return ",
    )
