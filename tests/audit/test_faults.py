"""SETs and RESTOREs, loops, callouts and lists: what is wrong within a function."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.planting import CONTAINERS, VNET, audit_of, told


def function(body: str) -> str:
    return f"void f(void *a)\n{{\n{body}\n}}"


#: What is wrong, the same mended, and what is found.
PLANTED: dict[str, tuple[str, str, str]] = {
    "a return": (
        function("CURVNET_SET(a); if (a->n) return; x(); CURVNET_RESTORE();"),
        function("CURVNET_SET(a); if (a->n) { CURVNET_RESTORE(); return; } CURVNET_RESTORE();"),
        "kept f",
    ),
    "a goto": (
        function("CURVNET_SET(a); if (a->n) goto out; CURVNET_RESTORE(); out: x();"),
        function("CURVNET_SET(a); if (a->n) goto out; x(); out: CURVNET_RESTORE();"),
        "kept f",
    ),
    "a goto back": (
        function("again: x(); CURVNET_SET(a); if (a->n) goto again; CURVNET_RESTORE();"),
        function("CURVNET_SET(a); again: x(); if (a->n) goto again; CURVNET_RESTORE();"),
        "kept f",
    ),
    "the end": (
        function("CURVNET_SET(a); x();"),
        function("CURVNET_SET(a); x(); CURVNET_RESTORE();"),
        "kept f",
    ),
    "a case": (
        function(
            "CURVNET_SET(a); switch (a->n) { case 1: return; default: x(); } CURVNET_RESTORE();"
        ),
        function(
            "CURVNET_SET(a); switch (a->n) { case 1: break; default: x(); } CURVNET_RESTORE();"
        ),
        "kept f",
    ),
    "a continue in a loop": (
        function("VNET_FOREACH(v) { CURVNET_SET(v); if (a->n) continue; x(); CURVNET_RESTORE(); }"),
        function("VNET_FOREACH(v) { if (a->n) continue; CURVNET_SET(v); x(); CURVNET_RESTORE(); }"),
        "kept f",
    ),
    "a return in one branch of an #if": (
        function("CURVNET_SET(a);\n#ifdef MAC\nif (a->n) return;\n#endif\nCURVNET_RESTORE();"),
        function("CURVNET_SET(a);\n#ifdef MAC\nif (a->n) x();\n#endif\nCURVNET_RESTORE();"),
        "kept f",
    ),
    "a RESTORE under another condition than the SET": (
        function("#ifdef A\nCURVNET_SET(a);\n#endif\nx();\n#ifdef B\nCURVNET_RESTORE();\n#endif"),
        function("#ifdef A\nCURVNET_SET(a);\n#endif\nx();\n#ifdef A\nCURVNET_RESTORE();\n#endif"),
        "kept f",
    ),
    "a RESTORE alone": (
        function("x(); CURVNET_RESTORE();"),
        function("x();"),
        "unset f",
    ),
    "two RESTOREs": (
        function("CURVNET_SET(a); CURVNET_RESTORE(); x(); CURVNET_RESTORE();"),
        function("CURVNET_SET(a); CURVNET_SET_QUIET(b); CURVNET_RESTORE(); CURVNET_RESTORE();"),
        "unset f",
    ),
    "a jump to a RESTORE": (
        function("if (a->n) goto out; CURVNET_SET(a); x(); out: CURVNET_RESTORE();"),
        function("if (a->n) goto out; CURVNET_SET(a); x(); CURVNET_RESTORE(); out: x();"),
        "unset f",
    ),
    "a SET without braces": (
        function("if (a) CURVNET_SET(a); x(); CURVNET_RESTORE();"),
        function("CURVNET_SET(a); x(); CURVNET_RESTORE();"),
        "split f",
    ),
    "a SET and its RESTORE under the same test": (
        function("if (a) CURVNET_SET(a); x(); if (a) CURVNET_RESTORE();"),
        function("if (a) { CURVNET_SET(a); x(); CURVNET_RESTORE(); }"),
        "split f",
    ),
    "a SET in an inner block": (
        function("if (a) { CURVNET_SET(a); x(); } CURVNET_RESTORE();"),
        function("if (a) { CURVNET_SET(a); x(); CURVNET_RESTORE(); }"),
        "split f",
    ),
    "a RESTORE in an inner block": (
        function("CURVNET_SET(a); if (a->n) { CURVNET_RESTORE(); } x();"),
        function("CURVNET_SET(a); if (a->n) { CURVNET_RESTORE(); return; } CURVNET_RESTORE();"),
        "split f",
    ),
    "a SET in both branches": (
        function("if (a) { CURVNET_SET(a); } else { CURVNET_SET(b); } x(); CURVNET_RESTORE();"),
        function("CURVNET_SET(a ? a : b); x(); CURVNET_RESTORE();"),
        "split f",
    ),
    "a loop in a loop": (
        function("VNET_FOREACH(v) { VNET_FOREACH(w) { x(v, w); } }"),
        function("VNET_FOREACH(v) { x(v); } VNET_FOREACH(w) { x(w); }"),
        "loop f",
    ),
    "a loop in a call": (
        "void g(void) { VNET_FOREACH(w) { x(w); } }\n" + function("VNET_FOREACH(v) { g(); }"),
        "void g(void) { VNET_FOREACH(w) { x(w); } }\n" + function("VNET_FOREACH(v) { x(v); } g();"),
        "loop f",
    ),
    "a loop far off": (
        "void g(void) { VNET_FOREACH(w) { x(w); } }\nvoid h(void) { g(); }\n"
        + function("VNET_FOREACH(v) { CURVNET_SET(v); h(); CURVNET_RESTORE(); }"),
        "void g(void) { VNET_FOREACH(w) { x(w); } }\nvoid h(void) { g(); }\n"
        + function("VNET_FOREACH(v) { CURVNET_SET(v); x(); CURVNET_RESTORE(); } h();"),
        "loop f",
    ),
    "the callout of a stack": (
        function("callout_reset(&V_timer, hz, tick, NULL);"),
        function("callout_reset(&V_timer, hz, tick, curvnet);"),
        "callout f",
    ),
    "the callout of a stack, with a cast of nothing": (
        function("callout_reset(&V_timer, hz, tick, (void *)0);"),
        function("callout_reset(&V_timer, hz, tick, a->vnet);"),
        "callout f",
    ),
    "a handler that takes a stack": (
        "static void tick(void *arg) { CURVNET_SET((struct vnet *) arg); CURVNET_RESTORE(); }\n"
        + function("callout_reset(&timer, hz, tick, NULL);"),
        "static void tick(void *arg) { CURVNET_SET((struct vnet *) arg); CURVNET_RESTORE(); }\n"
        + function("callout_reset(&timer, hz, tick, curvnet);"),
        "callout f",
    ),
    "an object of a stack in a list of all": (
        "LIST_HEAD(, item) items;\n" + function("LIST_INSERT_HEAD(&items, &V_first, link);"),
        "LIST_HEAD(, item) items;\n" + function("LIST_INSERT_HEAD(&V_items, &V_first, link);"),
        "link f",
    ),
    "an object by its pointer": (
        "TAILQ_HEAD(, item) items;\n"
        + function("struct item *p; p = &V_first; TAILQ_INSERT_TAIL(&items, p, link);"),
        "TAILQ_HEAD(, item) items;\n"
        + function("struct item *p; p = &first; TAILQ_INSERT_TAIL(&items, p, link);"),
        "link f",
    ),
    "an object out of the zone of a stack": (
        "LIST_HEAD(, item) items[8];\n"
        + function("struct item *p = uma_zalloc(V_zone, M_OK); LIST_INSERT_HEAD(&items[1], p, l);"),
        function(
            "LIST_HEAD(, item) items; struct item *p = uma_zalloc(V_zone, M_OK);"
            " LIST_INSERT_HEAD(&items, p, l);"
        ),
        "link f",
    ),
    "an object of any stack, not of the first only": (
        "LIST_HEAD(, item) items;\n" + function("LIST_INSERT_HEAD(&items, &V_first, link);"),
        "LIST_HEAD(, item) items;\n"
        + function("if (!IS_DEFAULT_VNET(curvnet)) return; LIST_INSERT_HEAD(&items, &V_first, l);"),
        "link f",
    ),
}
SAME = [(name, header) for name in PLANTED for header in (VNET, CONTAINERS)]
IDS = [f"{name}, {'vnet' if header is VNET else 'containers'}" for name, header in SAME]


@pytest.mark.parametrize(("name", "header"), SAME, ids=IDS)
def test_what_is_planted_is_found(tmp_path: Path, name: str, header: str) -> None:
    text, _, found = PLANTED[name]
    assert found in told(audit_of(tmp_path, text, header))


@pytest.mark.parametrize(("name", "header"), SAME, ids=IDS)
def test_what_is_mended_is_not(tmp_path: Path, name: str, header: str) -> None:
    assert told(audit_of(tmp_path, PLANTED[name][1], header)) == []


def test_dead_code_is_no_code(tmp_path: Path) -> None:
    text = function("#if 0\nCURVNET_SET(a);\n#endif\nx();")
    assert told(audit_of(tmp_path, text)) == []


def test_of_a_split_pair_nothing_more_is_told(tmp_path: Path) -> None:
    text = function("if (a) CURVNET_SET(a); V_count++; if (b) return; CURVNET_RESTORE();")
    assert told(audit_of(tmp_path, text)) == ["split f"]


def test_where_and_what(tmp_path: Path) -> None:
    text = function("CURVNET_SET(a);\nif (a->n)\nreturn;\nCURVNET_RESTORE();")
    (finding,) = audit_of(tmp_path, text).findings
    assert (finding.path, finding.line) == ("toy.c", 6)
    assert finding.what == "leaves the block here with the stack still set that line 4 set"


def test_a_function_that_does_not_parse_is_taken_as_it_comes(tmp_path: Path) -> None:
    text = function("CURVNET_SET(a); if (a->n) return; ) ( V_count++; CURVNET_RESTORE();")
    found = audit_of(tmp_path, "void arm(void) { callout_reset(&c, 1, f, x); }\n" + text)
    assert told(found) == []
    assert [note.partition(": ")[2] for note in found.notes] == [
        "f does not parse: its SETs are taken as they come"
    ]
