"""Headers of device identifiers: miidevs, pccarddevs, usbdevs and acpi_quirks.

The tree's own scripts, which make them in a kernel build, are not run: they could do anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vrefactor.build.freebsd.interfaces import not_understood
from vrefactor.build.freebsd.words import Line, decode
from vrefactor.build.model import Generated

_QUOTED = re.compile(r'"[^"]*"')
_OPERATORS = {
    "=": "OP_EQL",
    "!=": "OP_NEQ",
    "<=": "OP_LEQ",
    ">=": "OP_GEQ",
    ">": "OP_GTR",
    "<": "OP_LES",
}
_ANY = "0xffffffff"
_LEAST = {"oui": 3, "model": 4, "vendor": 3, "product": 4}
"""How many words a line has at least that starts with this one."""


def mii_header(path: str, data: bytes) -> Generated:
    """Return miidevs.h: the makers and models of network PHYs."""
    lines = []
    for words, line in _records(path, data):
        if words[:1] == ["oui"]:
            lines.append(f"#define\tMII_OUI_{words[1]}\t{words[2]}")
        elif words[:1] == ["model"]:
            name = f"{words[1]}_{words[2]}"
            lines.append(f"#define\tMII_MODEL_{name}\t{words[3]}")
            lines.append(f'#define\tMII_STR_{name}\t"{_described(words[4:])}"')
        else:
            lines.append(line)
    return _generated("miidevs.h", lines)


def pccard_header(path: str, data: bytes) -> Generated:
    """Return pccarddevs.h: the makers and products of PC cards."""
    lines = []
    for words, line in _records(path, data):
        if words[:1] == ["vendor"]:
            number = _ANY if words[2] == "-1" else words[2]
            lines.append(f"#define\tPCMCIA_VENDOR_{words[1]}\t{number}")
        elif words[:1] == ["product"]:
            lines += _pccard_product(words)
        else:
            lines.append(line)
    return _generated("pccarddevs.h", lines)


def _pccard_product(words: Sequence[str]) -> Iterator[str]:
    name = f"{words[1]}_{words[2] if words[2] != '-1' else _ANY}"
    number, cis, rest = words[3], "{ NULL, NULL, NULL, NULL }", words[4:]
    if number == "{":
        number = _ANY
        texts = [
            word.replace("&sp", " ").replace("&tab", "\t").replace("&nl", "\n")
            for word in words[4:8]
        ]
        texts += ["NULL,", "NULL,", "NULL,", "NULL"][len(texts) :]
        cis = " ".join(("{", *texts, *words[8:9]))
        rest = words[9:]
    yield f"#define\tPCMCIA_CIS_{name}\t{cis}"
    yield f"#define\tPCMCIA_PRODUCT_{name}\t{number}"
    yield f'#define\tPCMCIA_STR_{name}\t"{_described(rest)}"'


def usb_header(path: str, data: bytes) -> Generated:
    """Return usbdevs.h: the makers and products of USB devices."""
    lines = []
    for words, line in _records(path, data):
        if words[:1] == ["vendor"]:
            lines.append(f"#define\tUSB_VENDOR_{words[1]}\t{words[2]}")
        elif words[:1] == ["product"]:
            lines.append(f"#define\tUSB_PRODUCT_{words[1]}_{words[2]}\t{words[3]}")
        else:
            lines.append(line)
    return _generated("usbdevs.h", lines)


def usb_table(path: str, data: bytes) -> Generated:
    """Return usbdevs_data.h: the names of USB devices, as a table."""
    vendors: dict[str, str] = {}
    products: list[tuple[str, str, str]] = []
    for words, _ in _records(path, data):
        if words[:1] == ["vendor"]:
            vendors[words[1]] = _named(words[3:])
        elif words[:1] == ["product"]:
            products.append((words[1], words[2], _named(words[4:])))
    lines = ["const struct usb_knowndev usb_knowndevs[] = {"]
    for vendor, product, name in products:
        ids = f"USB_VENDOR_{vendor}, USB_PRODUCT_{vendor}_{product}"
        lines.append(f'\t{{ {ids}, 0, "{vendors.get(vendor, "")}", "{name}", }},')
    for vendor, name in vendors.items():
        lines.append(f'\t{{ USB_VENDOR_{vendor}, 0, USB_KNOWNDEV_NOPROD, "{name}", NULL, }},')
    lines += ["\t{ 0, 0, 0, NULL, NULL, }", "};"]
    return _generated("usbdevs_data.h", lines)


def acpi_header(path: str, data: bytes) -> Generated:
    """Return acpi_quirks.h: what to do about the faults of some ACPI tables."""
    lines: list[str] = []
    quirks: list[str] = []
    name = ""
    for number, line in enumerate(decode(data).splitlines(), 1):
        words = line.split()
        if not words or line.startswith(("#", "$")):
            continue
        if len(words) < 2:
            raise not_understood(Line(path, number, tuple(words)))
        if words[0] == "name:":
            name = words[1]
            lines.append(f"const struct acpi_q_rule {name}[] = {{")
        elif words[0] == "quirks:":
            lines.append('\t{ "" }\n};\n')
            quirks.append(f"\t{{ {name}, {line.partition(':')[2].strip()} }},")
        else:
            lines.append(_acpi_rule(words, line, Line(path, number, tuple(words))))
    lines.append("const struct acpi_q_entry acpi_quirks_table[] = {")
    lines += [*quirks, "\t{ NULL, 0 }", "};"]
    return _generated("acpi_quirks.h", lines)


def _acpi_rule(words: Sequence[str], line: str, at: Line) -> str:
    table, quoted = words[1], _QUOTED.findall(line)
    if words[0] == "oem:" and len(quoted) == 2:
        return f'\t{{ "{table}", OEM, {{{quoted[0]}}}, {{{quoted[1]}}} }},'
    if words[0] == "creator:" and quoted:
        return f'\t{{ "{table}", CREATOR, {{{quoted[0]}}} }},'
    revisions: Mapping[str, str] = {"oem_rev:": "OEM_REV", "creator_rev:": "CREATOR_REV"}
    if words[0] in revisions and len(words) == 4 and words[2] in _OPERATORS:
        compared = f"{{.op = {_OPERATORS[words[2]]}}}, {{.rev = {words[3]}}}"
        return f'\t{{ "{table}", {revisions[words[0]]}, {compared} }},'
    raise not_understood(at)


def _records(path: str, data: bytes) -> Iterator[tuple[list[str], str]]:
    """Yield the words of each line, and the line; the first line is the version's."""
    for number, line in enumerate(decode(data).splitlines()[1:], 2):
        words = line.split()
        if words and len(words) < _LEAST.get(words[0], 0):
            raise not_understood(Line(path, number, tuple(words)))
        yield words, line


def _described(words: Sequence[str]) -> str:
    """Return a description; what follows a `#` stands in parentheses."""
    text = " ".join(words)
    head, mark, rest = f" {text} ".partition(" # ")
    return f"{head} ({rest.strip()})".strip() if mark else text


def _named(words: Sequence[str]) -> str:
    """Return a name without the remark after a `#`."""
    return " ".join(words).partition(" #")[0].removeprefix("#")


def _generated(name: str, lines: Sequence[str]) -> Generated:
    text = "".join(f"{line}\n" for line in lines)
    return Generated(name, text.encode("utf-8", "surrogateescape"))
