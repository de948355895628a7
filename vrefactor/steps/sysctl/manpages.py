"""The manual page on the forms of sysctl macros, and what refers to it.

Pages are written only where the tree holds `share/man/man9` itself: a patch can't reach
beside or above the tree that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vrefactor.edit.draft import Draft
from vrefactor.generated.sysctl_forms import Form
from vrefactor.generated.template import render
from vrefactor.rules.types import RuleSet
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.source.tree import Tree

_FOLDER = "share/man/man9"
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
    tree, rules = draft.index.tree, draft.index.rules
    folder, name = _folder(tree, rules.sysctl.header), page_name(rules.vocabulary)
    if folder is None:
        draft.note(f"no manual page on {rules.vocabulary.sysctl}: {_FOLDER} is not in the tree")
        return
    page, makefile = f"{folder}/{name}.9", f"{folder}/Makefile"
    if page in tree:
        return
    siblings = sorted(
        path for path in tree.paths if re.fullmatch(re.escape(folder) + r"/sysctl\w*\.9", path)
    )
    content = _page(rules, forms, containers, siblings)
    draft.new_file(page, content, "documents the forms for virtualised variables")
    for path in siblings:
        _refer(draft, path, name)
    if makefile in tree:
        _link(draft, makefile, name, forms)
    else:
        draft.note(f"no {makefile} to list {name}.9 in")


def page_name(words: Vocabulary) -> str:
    """Return the name of the page; its section is 9, the kernel's."""
    return words.sysctl.rstrip("_").lower()


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
    rules: RuleSet,
    forms: Sequence[Form],
    containers: Sequence[tuple[str, str]],
    siblings: Sequence[str],
) -> bytes:
    words = rules.vocabulary
    functions = (f".Fn {form.name} {' '.join(form.parameters)}\n" for form in forms)
    references = [f".Xr {path.rpartition('/')[2].removesuffix('.9')} 9" for path in siblings]
    return render(
        "man/sysctl",
        words,
        title=page_name(words).upper(),
        names=_listed([f".Nm {form.name}" for form in forms]),
        header="/".join(rules.sysctl.header.split("/")[-2:]),
        functions="".join(functions),
        subs=_listed(sorted({f".Dv {pair[0]}" for pair in containers}), " ."),
        mods=_listed(sorted({f".Vt {pair[1]}" for pair in containers}), " ."),
        mark=words.sysctl.removeprefix(words.sysctl_plain),
        sub=containers[0][0],
        mod=containers[0][1],
        prefix=rules.prefix.prefix,
        references=_listed(references),
    )


def _listed(calls: Sequence[str], end: str = "") -> str:
    """Return calls of macros as a list in the text, a line each; none for no calls."""
    return " ,\n".join(calls) + end + "\n" if calls else ""


def _link(draft: Draft, makefile: str, name: str, forms: Sequence[Form]) -> None:
    """List the page and its other names in the folder's Makefile."""
    data = draft.files.read(makefile)
    variable = _PAGES.search(data)
    pages = variable[1].decode() if variable else "MAN"
    lines = [f"{pages}+=\t{name}.9"] if variable else [f"{pages}=\t{name}.9"]
    lines += [f"MLINKS+={name}.9 {form.name}.9" for form in forms]
    text = "\n".join(lines).encode() + b"\n"
    links = list(_MLINKS.finditer(data))
    include = _INCLUDE.search(data)
    if links:
        at = links[-1].end()
    elif include:
        at, text = include.start(), text + b"\n"
    else:
        at = len(data)
    draft.insert(makefile, at, text, f"lists {name}.9")


def _refer(draft: Draft, path: str, name: str) -> None:
    """Have a page on sysctls refer to the new one, if it does not already."""
    data = draft.files.read(path)
    reason = f"refers to {name}(9)"
    if re.search(rb"^\.Xr " + name.encode() + rb" 9", data, re.M):
        return
    section = _SEE_ALSO.search(data)
    if section is None:
        behind = _BEHIND.search(data)
        at = behind.start() if behind else len(data)
        draft.insert(path, at, f".Sh SEE ALSO\n.Xr {name} 9\n".encode(), reason)
        return
    entries = list(_ENTRY.finditer(data, section.start(1), section.end(1)))
    later = [match for match in entries if _key(match) > (b"9", name.encode())]
    if later:
        draft.insert(path, later[0].start(), f".Xr {name} 9 ,\n".encode(), reason)
    else:
        comma = b"" if entries[-1][3] else b" ,"
        text = comma + f"\n.Xr {name} 9".encode()
        draft.insert(path, entries[-1].end(), text, reason)


def _key(entry: re.Match[bytes]) -> tuple[bytes, bytes]:
    return entry[2], entry[1].lower()
