"""conf/options*: which header each kernel option goes to, and those headers."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from vrefactor.build.freebsd.kernconf import KernelConfig, Option
from vrefactor.build.freebsd.words import Line, logical_lines
from vrefactor.build.model import Generated, SourceFiles
from vrefactor.errors import KERNEL_OPTION, VrefactorError, VrefactorErrors

GLOBAL_HEADER = "opt_global.h"
"""The header that every file of the kernel includes (`-include` in conf/kern.pre.mk)."""

_INCLUDED = re.compile(rb'#[ \t]*include[ \t]*"(opt_\w+\.h)"')


def option_headers(tree: SourceFiles, arch: str) -> dict[str, str]:
    """Option name to header, from conf/options and conf/options.ARCH.

    Raises `KERNEL_CONF` for a line that has too many words, or for an option listed twice.
    """
    headers: dict[str, str] = {}
    for path in ("conf/options", f"conf/options.{arch}"):
        if path not in tree:
            continue
        for line in logical_lines(tree.read(path), path):
            name, header = _entry(line)
            if name in headers:
                raise line.error(f"option {name} is listed twice")
            headers[name] = header
    return headers


def _entry(line: Line) -> tuple[str, str]:
    words = line.words
    if len(words) == 3 and words[1] == "=":
        return words[0], f"={words[2]}"
    if len(words) > 2:
        raise line.error("expected: NAME [opt_header.h], or NAME = NEWNAME")
    return words[0], words[1] if len(words) == 2 else f"opt_{words[0].lower()}.h"


def make_option_headers(
    config: KernelConfig, headers: Mapping[str, str], macros: Mapping[str, str]
) -> tuple[Generated, ...]:
    """All `opt_*.h`, those of options that are not set being empty.

    `macros` are plain definitions of the caller; they go to `opt_global.h`.
    Raises `KERNEL_OPTION` for each option that no conf/options lists.
    """
    texts: dict[str, dict[str, str]] = {GLOBAL_HEADER: dict(macros)}
    for header in headers.values():
        if not header.startswith("="):
            texts.setdefault(header, {})
    unknown: list[VrefactorError] = []
    for option in _all_options(config, headers):
        name = _resolve(option.name, headers)
        if name is None:
            unknown.append(_unknown(option, headers))
        else:
            texts[headers[name]][name] = option.value
    if unknown:
        raise unknown[0] if len(unknown) == 1 else VrefactorErrors(unknown)
    return tuple(Generated(name, _text(texts[name])) for name in sorted(texts))


def unlisted_headers(tree: SourceFiles, known: Collection[str]) -> tuple[Generated, ...]:
    """Empty `opt_*.h` that files of the tree include and conf/options does not know.

    They belong to modules, whose Makefiles make them; files outside a configuration need them.
    """
    found: set[bytes] = set()
    for path in tree.paths:
        if path.endswith((".c", ".h")):
            found.update(_INCLUDED.findall(tree.read(path)))
    names = sorted(os.fsdecode(name) for name in found)
    return tuple(Generated(name, b"") for name in names if name not in known)


def _all_options(config: KernelConfig, headers: Mapping[str, str]) -> list[Option]:
    """The options set, with those that config(8) makes of devices, cpus and maxusers."""
    implied = {f"DEV_{name.upper()}": "1" for name in config.devices}
    implied |= dict.fromkeys(config.cpus, "1")
    implied["MAXUSERS"] = config.maxusers
    made = [Option(name, value) for name, value in implied.items() if name in headers]
    return [*made, *config.options.values()]


def _resolve(name: str, headers: Mapping[str, str]) -> str | None:
    """The option that a name stands for: renamed ones (`OLD = NEW`) are followed."""
    for _ in headers:
        if not headers.get(name, "").startswith("="):
            break
        name = headers[name][1:]
    return name if name in headers and not headers[name].startswith("=") else None


def _unknown(option: Option, headers: Mapping[str, str]) -> VrefactorError:
    near = get_close_matches(option.name, headers, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return VrefactorError(KERNEL_OPTION, option.name + hint, path=option.path, line=option.line)


def _text(options: Mapping[str, str]) -> bytes:
    lines = [f"#define {name} {options[name]}\n" for name in sorted(options)]
    return "".join(lines).encode("utf-8", "surrogateescape")
