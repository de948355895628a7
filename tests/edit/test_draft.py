"""The draft of a plan: what stays as it is, then insertions, line ends and conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.support import QUICK, rules_for
from vrefactor.edit.draft import Draft
from vrefactor.errors import EDIT_BOUNDS, EDIT_OVERLAP, ErrorKind, VrefactorError
from vrefactor.index.build import build_index
from vrefactor.plan.model import Evidence, Verdict
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.tree import Tree

A = "net/a.c"
Act = Callable[[Draft], None]


def draft_of(root: Path, files: Mapping[str, bytes]) -> Draft:
    tree = Tree.open(lay_out(root, files))
    index = build_index(tree, rules_for({}), frozenset(), QUICK)
    return Draft(index, SymbolTable({}), "toy", "Try the draft")


def result(draft: Draft) -> dict[str, bytes]:
    """Return the files of the tree with the draft's plan carried out."""
    plan = draft.plan()
    tree = draft.index.tree.with_plan(plan.edits, plan.new_files)
    return {path: tree.read(path) for path in tree.paths}


UNCHANGED: dict[str, Act] = {
    "nothing asked": lambda draft: None,
    "an empty insertion": lambda draft: draft.insert(A, 2, b"", "why"),
    "a range as it is": lambda draft: draft.replace(A, 0, 2, b"ab", "why"),
    "a name as it is": lambda draft: draft.rename(A, 0, "ab", "ab", "why"),
    "a text as it is": lambda draft: draft.reword(A, 0, 5, b"ab\ncd", "why"),
}


@pytest.mark.parametrize("act", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_no_edit(act: Act, tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n"})
    act(draft)
    plan = draft.plan()
    assert (plan.step, plan.title) == ("toy", "Try the draft")
    assert (plan.edits, plan.new_files) == ((), ())


def in_order(draft: Draft) -> None:
    draft.insert(A, 3, b"1\n", "first")
    draft.insert(A, 3, b"2\n", "second")
    draft.insert(A, 3, b"0\n", "before all", ahead=True)


def around(draft: Draft) -> None:
    draft.insert(A, 3, b"<", "in front")
    draft.replace(A, 3, 5, b"CD", "itself")
    draft.insert(A, 5, b">", "behind")


DONE: dict[str, tuple[Act, bytes]] = {
    "insertions at one place": (in_order, b"ab\n0\n1\n2\ncd\n"),
    "insertions around a replacement": (around, b"ab\n<CD>\n"),
    "a range without length": (lambda draft: draft.replace(A, 0, 0, b"x", "why"), b"xab\ncd\n"),
    "a longer name": (lambda draft: draft.rename(A, 0, "ab", "V_ab", "why"), b"V_ab\ncd\n"),
    "a name with an end": (lambda draft: draft.rename(A, 0, "ab", "ab6", "why"), b"ab6\ncd\n"),
    "another name": (lambda draft: draft.rename(A, 0, "ab", "f(ab)", "why"), b"f(ab)\ncd\n"),
    "another text": (lambda draft: draft.reword(A, 0, 5, b"ab\nxd", "why"), b"ab\nxd\n"),
}


@pytest.mark.parametrize(("act", "expected"), DONE.values(), ids=DONE.keys())
def test_what_is_asked_is_done(act: Act, expected: bytes, tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n"})
    act(draft)
    assert result(draft)[A] == expected


EDITS: dict[str, tuple[Act, tuple[int, int, bytes]]] = {
    "a name that ends the new one": (lambda d: d.rename(A, 0, "ab", "V_ab", "w"), (0, 0, b"V_")),
    "a name that begins the new one": (lambda d: d.rename(A, 0, "ab", "ab6", "w"), (2, 2, b"6")),
    "what differs of a text": (lambda d: d.reword(A, 0, 5, b"ab\nxd", "w"), (3, 4, b"x")),
    "what a text has more": (lambda d: d.reword(A, 0, 5, b"ab\nccd", "w"), (4, 4, b"c")),
}


@pytest.mark.parametrize(("act", "expected"), EDITS.values(), ids=EDITS.keys())
def test_what_stays_is_not_touched(
    act: Act, expected: tuple[int, int, bytes], tmp_path: Path
) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n"})
    act(draft)
    (edit,) = draft.plan().edits
    assert (edit.start, edit.end, edit.replacement) == expected


def twice(draft: Draft) -> None:
    draft.replace(A, 0, 2, b"x", "one reason")
    draft.replace(A, 0, 2, b"y", "another reason")


def across(draft: Draft) -> None:
    draft.replace(A, 0, 3, b"x", "one reason")
    draft.insert(A, 2, b"y", "another reason")


CONFLICTS: dict[str, tuple[Act, ErrorKind, tuple[str, ...]]] = {
    "one range twice": (twice, EDIT_OVERLAP, ("one reason", "another reason")),
    "an insertion in a replacement": (across, EDIT_OVERLAP, ("one reason", "another reason")),
    "behind the end": (lambda d: d.insert(A, 99, b"x", "one reason"), EDIT_BOUNDS, ("one reason",)),
}


@pytest.mark.parametrize(("act", "kind", "named"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_a_conflict_names_both(
    act: Act, kind: ErrorKind, named: tuple[str, ...], tmp_path: Path
) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n"})
    act(draft)
    with pytest.raises(VrefactorError) as caught:
        draft.plan()
    assert caught.value.kind is kind
    assert all(reason in str(caught.value) for reason in named)


def test_one_new_file_twice(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b""})
    draft.new_file("net/b.h", b"b\n", "why")
    draft.new_file("net/b.h", b"b\n", "why")
    assert result(draft)["net/b.h"] == b"b\n"
    with pytest.raises(ValueError, match=r"net/b\.h"):
        draft.new_file("net/b.h", b"other\n", "why")


def line(at: int) -> Act:
    return lambda draft: draft.insert(A, at, b"x\ny\n", "why")


def moved(draft: Draft) -> None:
    """Move the first line behind the last one, as it was read."""
    draft.replace(A, 0, 4, b"", "it goes")
    draft.insert(A, 8, draft.files.read(A)[:4], "it comes")


LINE_ENDS: dict[str, tuple[bytes, Act, bytes]] = {
    "in front of all lines": (b"ab\r\ncd\r\n", line(0), b"x\r\ny\r\nab\r\ncd\r\n"),
    "between lines": (b"ab\r\ncd\r\n", line(4), b"ab\r\nx\r\ny\r\ncd\r\n"),
    "where lines change": (b"ab\ncd\r\nef\n", line(7), b"ab\ncd\r\nx\r\ny\r\nef\n"),
    "text with its own line ends": (b"ab\r\ncd\r\n", moved, b"cd\r\nab\r\n"),
}


@pytest.mark.parametrize(("data", "act", "expected"), LINE_ENDS.values(), ids=LINE_ENDS.keys())
def test_lines_end_as_those_around(data: bytes, act: Act, expected: bytes, tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: data})
    act(draft)
    assert result(draft)[A] == expected


NEW_FILES: dict[str, tuple[dict[str, bytes], bytes]] = {
    "beside": ({"a.c": b"\n", "net/a.c": b"\r\n"}, b"b\r\n"),
    "beside, as those with line ends": ({"net/a.c": b"", "net/b.c": b"\r\n"}, b"b\r\n"),
    "beside, where they differ": ({"net/a.c": b"\r\n", "net/b.c": b"\n"}, b"b\n"),
    "in a new folder, as what is edited": ({"a/a.c": b"\n", "z.c": b"\r\n"}, b"b\r\n"),
    "in a new folder, as the tree": ({"a/a.c": b"\r\n", "z.c": b""}, b"b\r\n"),
    "where nothing has line ends": ({"z.c": b""}, b"b\n"),
}


@pytest.mark.parametrize(("files", "expected"), NEW_FILES.values(), ids=NEW_FILES.keys())
def test_a_new_file_is_as_its_neighbours(
    files: dict[str, bytes], expected: bytes, tmp_path: Path
) -> None:
    draft = draft_of(tmp_path, files)
    draft.new_file("net/new.h", b"b\n", "why")
    if "z.c" in files:
        draft.insert("z.c", 0, b"int z;", "why")
    assert result(draft)["net/new.h"] == expected


def without_last(draft: Draft) -> None:
    draft.replace(A, 3, 5, b"", "the last line goes")


def last_instead(draft: Draft) -> None:
    draft.replace(A, 3, 5, b"ef\ngh\n", "other lines")


def last_moved(draft: Draft) -> None:
    draft.insert(A, 0, b"cd\n", "it comes")
    draft.replace(A, 3, 5, b"", "it goes")


def both(draft: Draft) -> None:
    draft.replace(A, 0, 3, b"", "the first line goes")
    draft.replace(A, 3, 5, b"", "the last line goes")


def last_and_more(draft: Draft) -> None:
    draft.replace(A, 3, 5, b"", "the last line goes")
    draft.insert(A, 5, b"ef\n", "another comes")


OPEN_ENDED: dict[str, tuple[Act, bytes]] = {
    "lines behind the last": (lambda d: d.insert(A, 5, b"ef\ngh\n", "w"), b"ab\ncd\nef\ngh"),
    "lines and an empty one": (lambda d: d.insert(A, 5, b"ef\n\n", "w"), b"ab\ncd\nef\n"),
    "text on the last line": (lambda d: d.insert(A, 5, b" ef", "w"), b"ab\ncd ef"),
    "lines in front": (lambda d: d.insert(A, 3, b"ef\n", "w"), b"ab\nef\ncd"),
    "a word of the last line": (lambda d: d.replace(A, 4, 5, b"D", "w"), b"ab\ncD"),
    "the end of the last line": (lambda d: d.replace(A, 4, 5, b"", "w"), b"ab\nc"),
    "without the last line": (without_last, b"ab"),
    "other lines instead of the last": (last_instead, b"ab\nef\ngh"),
    "the last line moves": (last_moved, b"cd\nab"),
    "without any line": (both, b""),
    "another last line": (last_and_more, b"ab\nef"),
}


@pytest.mark.parametrize(("act", "expected"), OPEN_ENDED.values(), ids=OPEN_ENDED.keys())
def test_a_file_without_a_newline_at_its_end(act: Act, expected: bytes, tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd"})
    act(draft)
    assert result(draft)[A] == expected


def test_such_a_file_of_other_systems(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\r\ncd"})
    draft.insert(A, 6, b"ef\n", "why")
    assert result(draft)[A] == b"ab\r\ncd\r\nef"
    draft = draft_of(tmp_path, {A: b"ab\r\ncd"})
    draft.replace(A, 4, 6, b"", "why")
    assert result(draft)[A] == b"ab"


def test_an_empty_file_gets_whole_lines(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b""})
    draft.insert(A, 0, b"ab\n", "why")
    assert result(draft)[A] == b"ab\n"


def test_sites_and_findings_are_in_order_and_notes_as_they_come(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n"})
    draft.site(A, 3, "cd", CommonSkip.TAG, "why")
    draft.site(A, 0, "ab")
    draft.site(A, 4, "d", CommonRefusal.AMBIGUOUS)
    draft.find(A, 3, "cd", "look at it", ("a", "b"))
    draft.find(A, None, "", "look at all of it")
    draft.note("b: second")
    draft.note("a: first")
    plan = draft.plan()
    assert [(site.line, site.verdict, site.reason) for site in plan.sites] == [
        (1, Verdict.REWRITTEN, Evidence.BOUND),
        (2, Verdict.SKIPPED, CommonSkip.TAG),
        (2, Verdict.REFUSED, CommonRefusal.AMBIGUOUS),
    ]
    assert [(finding.line, finding.chain) for finding in plan.findings] == [
        (1, ()),
        (2, ("a", "b")),
    ]
    assert plan.notes == ("b: second", "a: first")


def test_what_is_written_into_a_file_can_be_asked(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, {A: b"ab\ncd\n", "net/b.c": b"x"})
    draft.insert(A, 0, b"one", "why")
    draft.replace(A, 3, 5, b"two", "why")
    draft.insert("net/b.c", 0, b"three", "why")
    assert draft.texts(A) == b"one\ntwo"
