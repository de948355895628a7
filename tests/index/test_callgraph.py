"""The call graph: which calls lead to a function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.index.building import ALONE, index_of
from vrefactor.c.facts.call_sites import CallsQuestion
from vrefactor.index.callgraph import CallEdge, CallGraph, Node
from vrefactor.index.pool import RunOptions

WANTED = "void want(void) { foo = 1; }\n"
HEADER = "#ifndef H\n#define H\n#define CALL(x) want(x)\n#define AGAIN CALL\n"
INLINE = HEADER + "static inline void in(void) { want(); }\n#endif\n"


def graph_of(
    root: Path, files: Mapping[str, str], options: RunOptions = ALONE, path: str = "w.c"
) -> CallGraph:
    """Lay out the files and return the graph of what leads to `want`."""
    graph = CallGraph(index_of(root, files, options=options), CallsQuestion())
    graph.want([Node(path, "want")])
    return graph


def edges(graph: CallGraph) -> list[str]:
    return sorted(
        f"{node.path}:{node.name} {edge.callee.path}:{edge.callee.name}"
        for node in graph.nodes
        for edge in graph.calls(node)
    )


NOTHING: dict[str, dict[str, str]] = {
    "no caller": {"a.c": "void f(void) { other(); }"},
    "another's static": {"a.c": "static void want(void) {}\nvoid f(void) { want(); }"},
    "another's own": {"a.c": "void want(void) {}\nvoid f(void) { want(); }"},
    "a member": {"a.c": "void f(struct s *s) { s->want(); }"},
    "a prototype": {"a.c": "void want(void);\nvoid f(void) { }"},
    "dead": {"a.c": "void f(void) {\n#if 0\n want();\n#endif\n}"},
    "a macro out of view": {"h.h": HEADER + "#endif\n", "a.c": "void f(void) { CALL(1); }"},
    "excluded": {"contrib/a.c": "void f(void) { want(); }"},
    "unreadable": {"a.c": "void f(void) { want(); } /*"},
}
LEADING: dict[str, tuple[dict[str, str], list[str]]] = {
    "direct": ({"a.c": "void f(void) { want(); }"}, ["a.c:f w.c:want"]),
    "through another file": (
        {"a.c": "void f(void) { g(); }", "b.c": "void g(void) { want(); }"},
        ["a.c:f b.c:g", "b.c:g w.c:want"],
    ),
    "through a static": (
        {"a.c": "static void g(void) { want(); }\nvoid f(void) { g(); }", "b.c": "int h(){g();}"},
        ["a.c:f a.c:g", "a.c:g w.c:want"],
    ),
    "a cycle": (
        {"a.c": "void f(int n) { g(n); want(); }\nvoid g(int n) { f(n); }"},
        ["a.c:f a.c:g", "a.c:f w.c:want", "a.c:g a.c:f"],
    ),
    "a macro of the file": (
        {"a.c": "#define M(x) do { want(); } while (0)\nvoid f(void) { M(1); }"},
        ["a.c:M w.c:want", "a.c:f a.c:M"],
    ),
    "a header's macros": (
        {"h.h": HEADER + "#endif\n", "a.c": '#include "h.h"\nvoid f(void) { AGAIN(1); }'},
        ["a.c:f h.h:AGAIN", "h.h:AGAIN h.h:CALL", "h.h:CALL w.c:want"],
    ),
    "an inline function": (
        {"h.h": INLINE, "a.c": '#include "h.h"\nvoid f(void) { in(); }', "b.c": "int g(){in();}"},
        ["a.c:f h.h:in", "h.h:CALL w.c:want", "h.h:AGAIN h.h:CALL", "h.h:in w.c:want"],
    ),
    "two programs": (
        {"a.c": "int g() { want(); }", "b.c": "int g() { want(); }", "c.c": "int f() { g(); }"},
        ["a.c:g w.c:want", "b.c:g w.c:want", "c.c:f a.c:g", "c.c:f b.c:g"],
    ),
}


@pytest.mark.parametrize("files", NOTHING.values(), ids=NOTHING)
def test_nothing_leads_there(tmp_path: Path, files: dict[str, str]) -> None:
    graph = graph_of(tmp_path, {"w.c": WANTED, **files})
    assert [node for node in graph.nodes if not node.macro] == [Node("w.c", "want")]


@pytest.mark.parametrize(("files", "found"), LEADING.values(), ids=LEADING)
def test_what_leads_there(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    assert edges(graph_of(tmp_path, {"w.c": WANTED, **files})) == sorted(found)


def test_only_the_file_itself_calls_a_static(tmp_path: Path) -> None:
    files = {"w.c": "static " + WANTED + "void f(void) { want(); }", "a.c": "int g() { want(); }"}
    assert edges(graph_of(tmp_path, files)) == ["w.c:f w.c:want"]


def test_any_number_of_workers(tmp_path: Path) -> None:
    files = {"w.c": WANTED}
    for number, (more, _) in enumerate(LEADING.values()):
        files |= {f"{number}/{path}": text for path, text in more.items()}
    alone = graph_of(tmp_path, files)
    together = graph_of(tmp_path, files, RunOptions(jobs=2, cache=False))
    assert (alone.nodes, edges(alone)) == (together.nodes, edges(together))


def test_what_can_not_be_read_is_known(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, {"w.c": WANTED, "a.c": "void f(void) { want(); } /*"})
    ((path, error),) = graph.unread
    assert path == "a.c"
    assert "comment" in error


def test_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("vrefactor.index.cache._RACY_NANOSECONDS", -(10**12))
    files = {"w.c": WANTED, "a.c": "void f(void) { want(); }"}
    first = edges(graph_of(tmp_path / "t", files, RunOptions(jobs=1)))

    def fail(*arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr("vrefactor.index.worker.ask", fail)
    index = index_of(tmp_path / "t", {}, options=RunOptions(jobs=1))
    graph = CallGraph(index, CallsQuestion())
    graph.want([Node("w.c", "want")])
    assert edges(graph) == first == ["a.c:f w.c:want"]


def test_where_functions_are_handed_over(tmp_path: Path) -> None:
    files = {"w.c": WANTED, "a.c": "struct t t = { .go = want };", "b.c": "int f() { want(); }"}
    (taken,) = graph_of(tmp_path, files).address_taken(["want"])
    assert [taken.path, *((m.through, m.member) for m in taken.taken)] == [
        "a.c",
        ("t", "go"),
    ]


def test_calls_that_are_left_out(tmp_path: Path) -> None:
    text = "void f(void) { want(); }\nvoid g(void) { f(); want(); f(); }\n"
    index = index_of(tmp_path, {"w.c": WANTED, "a.c": text})
    first, second, third = (text.index(call) for call in ("want(); }\n", "f(); want", "want(); f"))
    graph = CallGraph(
        index, CallsQuestion(), ignored={"a.c": ((first, first + 4), (second, third))}
    )
    graph.want([Node("w.c", "want")])
    assert edges(graph) == ["a.c:g w.c:want"]
    again = graph.cleared({})
    again.want([Node("w.c", "want")])
    assert sorted(set(edges(again))) == ["a.c:f w.c:want", "a.c:g a.c:f", "a.c:g w.c:want"]


def test_calls_that_are_known_from_elsewhere(tmp_path: Path) -> None:
    files = {"w.c": WANTED, "a.c": "void f(void) { go(); }\nvoid g(void) { f(); }"}
    graph = graph_of(tmp_path, files)
    graph.add([(Node("a.c", "f"), CallEdge(15, Node("w.c", "want"), "through .go"))])
    assert edges(graph) == ["a.c:f w.c:want", "a.c:g a.c:f"]


OTHER = "#define SAY(x) other(x)\n"
SAYS = "#define SAY(x) want(x)\n"
TWICE = "#define TWICE(x) SAY(x); SAY(x)\n"
#: A header's macro that taken one of another file: who includes both tells what is meant.
MEETING: dict[str, tuple[dict[str, str], bool]] = {
    "no file sees both": (
        {"s.h": SAYS, "t.h": TWICE, "a.c": '#include "t.h"\nvoid f(void) { TWICE(1); }'},
        False,
    ),
    "a file sees both": (
        {
            "s.h": SAYS,
            "t.h": TWICE,
            "a.c": '#include "s.h"\n#include "t.h"\nvoid f(void) { TWICE(1); }',
        },
        True,
    ),
    "the file has one of its own": (
        {
            "s.h": SAYS,
            "t.h": TWICE,
            "a.c": '#include "s.h"\n#include "t.h"\n'
            + OTHER
            + "void f(void) { TWICE(1); want(); }",
        },
        False,
    ),
    "the header has one of its own": (
        {
            "s.h": SAYS,
            "t.h": OTHER + TWICE,
            "a.c": '#include "s.h"\n#include "t.h"\nvoid f(void) { TWICE(1); SAY(1); }',
        },
        False,
    ),
}


@pytest.mark.parametrize(("files", "meets"), MEETING.values(), ids=MEETING)
def test_which_macro_a_headers_macro_means(
    tmp_path: Path, files: dict[str, str], meets: bool
) -> None:
    graph = graph_of(tmp_path, {"w.c": WANTED, **files})
    assert ("t.h:TWICE s.h:SAY" in edges(graph)) == meets
