"""The manual page of the `SYSCTL_V_` family, and what refers to it.

Pages are written only where the tree holds `share/man/man9` itself: a patch can't reach
beside or above the tree that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vrefactor.edit.draft import Draft
from vrefactor.generated.sysctl_forms import Form
from vrefactor.source.tree import Tree

PAGE = "sysctl_v"
"""The name of the page; its section is 9, the kernel's."""

_FOLDER = "share/man/man9"
_HEAD = """\
.\\" Written by vrefactor, step 1.5.3.
.Dd November 23, 2026
.Dt SYSCTL_V 9
.Os
.Sh NAME
{names}
.Nd sysctls on virtualised variables
.Sh SYNOPSIS
.In sys/types.h
.In {header}
{functions}
.Sh DESCRIPTION
Each of these macros declares at file scope a sysctl on a virtualised variable,
one that there is for each instance of a subsystem, such as a network stack.
They differ from the macros without the
.Ql V_
in three arguments:
.Bl -tag -width "subs"
.It Fa subs
What the variable exists once for:
{subs}.
.It Fa mod
The tag of the structure that holds the variables of its subsystem:
{mods}.
.It Fa sym
The variable itself, or a member of it, rather than its address.
It is neither an element of an array nor an expression.
.El
.Pp
The other arguments are those of the macros without the
.Ql V_ .
.Pp
For other types of variables use
.Fn SYSCTL_V_PROC
with a handler.
.Sh EXAMPLES
A limit of which every network stack has its own:
.Bd -literal -offset indent
static int maxqueries = 128;
#define V_maxqueries maxqueries

SYSCTL_V_INT({sub}, {mod}, _net_inet, OID_AUTO, maxqueries,
    CTLFLAG_RW, maxqueries, 0, "Limit on queries");
.Ed
"""
_MLINKS = re.compile(rb"^MLINKS\s*\+?=\s*sysctl(?:[^\\\n]|\\\r?\n|\\.)*(?:\n|\Z)", re.M)
_INCLUDE = re.compile(rb"^\.\s*include\b", re.M)
_PAGES = re.compile(rb"^(MAN9?)\s*\+?=", re.M)
_SEE_ALSO = re.compile(
    rb"^\.Sh SEE ALSO[ \t\r]*\n((?:\.Xr \S+ \d\w*(?: ,)?[ \t\r]*(?:\n|\Z))+)", re.M
)
_ENTRY = re.compile(rb"^\.Xr (\S+) (\d)\w*( ,)?", re.M)
_BEHIND = re.compile(rb"^\.Sh (?:STANDARDS|HISTORY|AUTHORS|CAVEATS|BUGS|SECURITY)\b", re.M)


def document(draft: Draft, forms: Sequence[Form], containers: Sequence[tuple[str, str]]) -> None:
    """Plan the page on `forms`, which the header of sysctls defines, and what makes it known.

    `containers` are the pairs of `subs` and `mod` that the tree's sysctls name.
    """
    tree, header = draft.index.tree, draft.index.rules.sysctl.header
    folder = _folder(tree, header)
    if folder is None:
        draft.note(f"no manual page on SYSCTL_V_: {_FOLDER} is not in the tree")
        return
    page, makefile = f"{folder}/{PAGE}.9", f"{folder}/Makefile"
    if page in tree:
        return
    siblings = sorted(
        path for path in tree.paths if re.fullmatch(re.escape(folder) + r"/sysctl\w*\.9", path)
    )
    content = _page(header, forms, containers, siblings)
    draft.new_file(page, content, "documents the forms for virtualised variables")
    for path in siblings:
        _refer(draft, path)
    if makefile in tree:
        _link(draft, makefile, forms)
    else:
        draft.note(f"no {makefile} to list {PAGE}.9 in")


def _folder(tree: Tree, header: str) -> str | None:
    """Return the folder of the kernel's manual pages, beside the header's or further up."""
    above = header.split("/")[:-1]
    while True:
        folder = "/".join((*above, _FOLDER))
        if any(path.startswith(folder + "/") for path in tree.paths):
            return folder
        if not above:
            return None
        above.pop()


def _page(
    header: str,
    forms: Sequence[Form],
    containers: Sequence[tuple[str, str]],
    siblings: Sequence[str],
) -> bytes:
    names = " ,\n".join(f".Nm {form.name}" for form in forms)
    functions = "\n".join(f".Fn {form.name} {' '.join(form.parameters)}" for form in forms)
    subs = sorted({pair[0] for pair in containers})
    mods = sorted({pair[1] for pair in containers})
    text = _HEAD.format(
        names=names,
        header="/".join(header.split("/")[-2:]),
        functions=functions,
        subs=_listed(".Dv", subs),
        mods=_listed(".Vt", mods),
        sub=containers[0][0],
        mod=containers[0][1],
    )
    # A list of macro calls ends with the macro's own full stop, not with text.
    text = re.sub(r"^(\.(?:Dv|Vt) \S+)\.$", r"\1 .", text, flags=re.M)
    others = [path.rpartition("/")[2].removesuffix(".9") for path in siblings]
    if others:
        text += ".Sh SEE ALSO\n" + " ,\n".join(f".Xr {name} 9" for name in others) + "\n"
    return text.encode()


def _listed(macro: str, names: Sequence[str]) -> str:
    return " ,\n".join(f"{macro} {name}" for name in names)


def _link(draft: Draft, makefile: str, forms: Sequence[Form]) -> None:
    """List the page and its other names in the folder's Makefile."""
    data = draft.files.read(makefile)
    variable = _PAGES.search(data)
    pages = variable[1].decode() if variable else "MAN"
    lines = [f"{pages}+=\t{PAGE}.9"] if variable else [f"{pages}=\t{PAGE}.9"]
    lines += [f"MLINKS+={PAGE}.9 {form.name}.9" for form in forms]
    text = "\n".join(lines).encode() + b"\n"
    links = list(_MLINKS.finditer(data))
    include = _INCLUDE.search(data)
    if links:
        at = links[-1].end()
    elif include:
        at, text = include.start(), text + b"\n"
    else:
        at = len(data)
    draft.insert(makefile, at, text, f"lists {PAGE}.9")


def _refer(draft: Draft, path: str) -> None:
    """Have a page on sysctls refer to the new one, if it does not already."""
    data = draft.files.read(path)
    reason = f"refers to {PAGE}(9)"
    if re.search(rb"^\.Xr " + PAGE.encode() + rb" 9", data, re.M):
        return
    section = _SEE_ALSO.search(data)
    if section is None:
        behind = _BEHIND.search(data)
        at = behind.start() if behind else len(data)
        draft.insert(path, at, f".Sh SEE ALSO\n.Xr {PAGE} 9\n".encode(), reason)
        return
    entries = list(_ENTRY.finditer(data, section.start(1), section.end(1)))
    later = [match for match in entries if _key(match) > (b"9", PAGE.encode())]
    if later:
        draft.insert(path, later[0].start(), f".Xr {PAGE} 9 ,\n".encode(), reason)
    else:
        comma = b"" if entries[-1][3] else b" ,"
        text = comma + f"\n.Xr {PAGE} 9".encode()
        draft.insert(path, entries[-1].end(), text, reason)


def _key(entry: re.Match[bytes]) -> tuple[bytes, bytes]:
    return entry[2], entry[1].lower()
