"""The one draft of a plan: all that a step writes goes through it.

A step asks for insertions, replacements, new files, sites and findings, in any order; `plan`
makes the frozen plan of them.  The draft alone knows

- line endings: a text is given with `\\n`, and is written as the lines around its place end;
- the end of a file that has no newline there: what is added behind it gets one in front, and
  none behind;
- the order of insertions at one place: as they come, those `ahead` in front of all others;
- conflicts: two edits that overlap are an error that names both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from vrefactor.c.model import TokenSite
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.files import Files
from vrefactor.edit.line_ends import newline_at, with_newlines, with_open_end
from vrefactor.index.index import Index, Variable
from vrefactor.plan.model import Evidence, Finding, Plan, Reason, Site, verdict_of
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.edits import Edit, NewFile, check_edits


@dataclass(slots=True)
class _Insertion:
    """What goes in at one place, in pieces, and why."""

    pieces: list[bytes] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, text: bytes, reason: str, *, ahead: bool) -> None:
        at = 0 if ahead else len(self.pieces)
        self.pieces.insert(at, text)
        self.reasons.insert(at, reason)


@dataclass(slots=True)
class Draft:
    """A plan while it is made, of the step named `step` on the tree of `index`.

    `title` says in one line what the step does.  `files` answers questions about the tree's
    files.  `needs` holds, by file and header, the offsets of the code that needs the header:
    `edit.includes` plans the `#include`s.
    """

    index: Index
    table: SymbolTable
    step: str
    title: str
    files: Files = field(init=False)
    macros: MacroMatcher = field(init=False)
    needs: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    _insertions: dict[tuple[str, int], _Insertion] = field(default_factory=dict)
    _replacements: list[Edit] = field(default_factory=list)
    _new_files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    _sites: list[Site] = field(default_factory=list)
    _findings: list[Finding] = field(default_factory=list)
    _notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.macros = MacroMatcher(self.index.rules.macros)
        self.files = Files(self.index, self.macros)

    def insert(self, path: str, at: int, text: bytes, reason: str, *, ahead: bool = False) -> None:
        """Insert `text` at an offset, behind what is inserted there already.

        With `ahead`, in front of it.
        """
        place = self._insertions.setdefault((path, at), _Insertion())
        place.add(text, reason, ahead=ahead)

    def replace(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        """Put `text` in place of a range, which no other edit may touch."""
        if start == end:
            self.insert(path, start, text, reason)
            return
        data = self.files.read(path)
        new = self._fitted(path, start, text)
        if new != data[start:end]:
            self._replacements.append(Edit(path, start, end, new, self.step, reason))

    def reword(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        """Put `text` in place of a range, and touch only what differs: one stretch of it."""
        data = self.files.read(path)
        old, new = data[start:end], self._fitted(path, start, text)
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        self.replace(path, start + head, end - tail, new[head : len(new) - tail], reason)

    def rename(self, path: str, at: int, old: str, new: str, reason: str) -> None:
        """Put a name in place of the one at an offset.

        That is an insertion where the old name begins or ends the new one.
        """
        end = at + len(old)
        if new.endswith(old):
            self.insert(path, at, new[: -len(old)].encode(), reason)
        elif new.startswith(old):
            self.insert(path, end, new[len(old) :].encode(), reason)
        else:
            self.replace(path, at, end, new.encode(), reason)

    def new_file(self, path: str, content: bytes, reason: str) -> None:
        """Add a file to the tree.  Raises ValueError if the draft adds another one there."""
        if path in self._new_files and self._new_files[path][0] != content:
            raise ValueError(f"{path}: two steps of one plan make it")
        self._new_files[path] = content, reason

    def site(
        self, path: str, at: int, name: str, reason: Reason = Evidence.BOUND, detail: str = ""
    ) -> None:
        """Record the verdict on a candidate at an offset: `reason` says which one it is."""
        line = self.files.open(path)[0].line(at)
        self._sites.append(Site(path, at, line, name, verdict_of(reason), reason, detail))

    def classify(self, path: str, token: TokenSite, reason: Reason, detail: str = "") -> None:
        """Record the verdict on a token that the index knows: `reason` says which one it is."""
        verdict = verdict_of(reason)
        self._sites.append(Site(path, token.start, token.line, token.name, verdict, reason, detail))

    def find(
        self, path: str, at: int | None, name: str, what: str, chain: tuple[str, ...] = ()
    ) -> None:
        """Record what a person must look at; without an offset it is about the whole file."""
        line = 1 if at is None else self.files.open(path)[0].line(at)
        self._findings.append(Finding(path, line, name, what, chain))

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Record findings that are made already."""
        self._findings.extend(findings)

    def note(self, text: str) -> None:
        """Record what a user may want to know: `path: what`."""
        self._notes.append(text)

    def need(self, path: str, header: str, at: int | None = None) -> None:
        """Record that the code at an offset needs a header.

        Without an offset the macros do that the file expands, wherever that is.
        """
        offsets = self.needs.setdefault(path, {}).setdefault(header, [])
        if at is not None:
            offsets.append(at)

    def texts(self, path: str) -> bytes:
        """Return what the draft writes into a file, so far and in no order."""
        inserted = (
            piece
            for (name, _), insertion in self._insertions.items()
            if name == path
            for piece in insertion.pieces
        )
        replaced = (edit.replacement for edit in self._replacements if edit.path == path)
        return b"\n".join((*inserted, *replaced))

    def plan(self, whole: frozenset[Variable] = frozenset()) -> Plan:
        """Return the plan: frozen, and in order.

        `whole` is as in `Plan`.  Raises EDIT_BOUNDS and EDIT_OVERLAP as `check_edits` does.
        """
        asked = sorted([*self._replacements, *self._inserting()])
        edits: list[Edit] = []
        for path, own in groupby(asked, key=attrgetter("path")):
            data = self.files.read(path)
            newline = self._newline(path, len(data))
            edits += with_open_end(data, newline, check_edits(len(data), list(own)))
        return Plan(
            self.step,
            self.title,
            tuple(edits),
            tuple(self._files_made()),
            tuple(sorted(self._sites)),
            tuple(self._notes),
            whole,
            tuple(sorted(self._findings)),
        )

    def _inserting(self) -> Iterable[Edit]:
        for (path, at), insertion in self._insertions.items():
            text = b"".join(insertion.pieces)
            if text:
                new = self._fitted(path, at, text)
                yield Edit(path, at, at, new, self.step, "; ".join(insertion.reasons))

    def _files_made(self) -> Iterable[NewFile]:
        for path, (content, reason) in sorted(self._new_files.items()):
            text = with_newlines(content, self._newline_near(path))
            yield NewFile(path, text, self.step, reason)

    def _fitted(self, path: str, at: int, text: bytes) -> bytes:
        """Return a text whose lines end as those around an offset do."""
        return with_newlines(text, self._newline(path, at)) if b"\n" in text else text

    def _newline(self, path: str, at: int) -> bytes:
        return newline_at(self.files.read(path), at) or self._newline_near(path)

    def _newline_near(self, path: str) -> bytes:
        """Return how the lines of all files end that are near one without any, else `\\n`.

        Near are the files of its folder, or those that the draft edits, or all.
        """
        folder, paths = path.rpartition("/")[0], self.index.tree.paths
        beside = [name for name in paths if name.rpartition("/")[0] == folder]
        edited = {edit.path for edit in self._replacements} | {at[0] for at in self._insertions}
        for near in (beside, edited, paths):
            found = {newline_at(self.files.read(name), 0) for name in near} - {None}
            if found:
                return b"\r\n" if found == {b"\r\n"} else b"\n"
        return b"\n"


def _common(text: bytes, other: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(text), len(other)))
