"""Why functions are not proved the same: the rules, and compiled code of both kinds."""

from __future__ import annotations

import platform
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.verify.building import FLAGS, builds_of, make_tree, verdicts
from vrefactor.errors import ExitCode
from vrefactor.verify.compare.causes import (
    SourceChange,
    Statics,
    evidence,
    optimiser_cause,
    statics,
)
from vrefactor.verify.object.containers import FieldNames, MovedVariables
from vrefactor.verify.object.references import POINTED, OperandAccess, Reference
from vrefactor.verify.report import URGENT, CodeCause, CodegenReport, VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

C = "vnet_net_0"
LOAD, STORE, UPDATE, ADDRESS, CALL = OperandAccess


def ref(access: OperandAccess, offset: int = 0, width: int = 4, name: str = C) -> Reference:
    return Reference(name, offset, 0 if access in (ADDRESS, CALL) else width, access)


Side = list[Reference]
ONE, TWO = ref(LOAD, 8), ref(STORE, 12)
STATIC, NARROW = ref(LOAD, 40), ref(LOAD, 44)
BEHIND = ref(LOAD, 24, 8, POINTED)

# The references before, those after, and the cause.
RULES: list[tuple[str, Side, Side, CodeCause]] = [
    ("nothing", [], [], CodeCause.SAME_REFERENCES),
    ("another order", [ONE, TWO], [TWO, ONE], CodeCause.SAME_REFERENCES),
    ("pointer again", [BEHIND], [BEHIND, BEHIND], CodeCause.POINTED),
    ("pointer not again", [BEHIND, BEHIND], [BEHIND], CodeCause.POINTED),
    ("pointer elsewhere", [BEHIND], [ref(LOAD, 0, 8, POINTED)], CodeCause.MOVED),
    ("pointer written", [BEHIND], [BEHIND, ref(STORE, 24, 8, POINTED)], CodeCause.MOVED),
    ("field again", [ONE], [ONE, ONE], CodeCause.REREAD),
    ("field not again", [ONE, ONE], [ONE], CodeCause.REREAD),
    ("store again", [TWO], [TWO, TWO], CodeCause.REPEATED),
    ("call again", [ref(CALL, name="g")], [ref(CALL, name="g")] * 2, CodeCause.REPEATED),
    ("narrowed", [ref(LOAD, 44, 1)], [NARROW], CodeCause.NARROWED),
    ("known", [ONE], [ONE, STATIC], CodeCause.KNOWN_VALUE),
    ("stored at once", [ref(STORE, 8), ref(STORE, 12)], [ref(STORE, 8, 8)], CodeCause.JOINED),
    ("no more at once", [ref(STORE, 8, 8)], [ref(STORE, 8), ref(STORE, 12)], CodeCause.JOINED),
    ("address first", [ref(STORE, 8)], [ref(ADDRESS, 8)], CodeCause.ADDRESSED),
    ("base", [ref(LOAD, 8), ref(LOAD, 20)], [ref(ADDRESS, 0)], CodeCause.BASED),
    ("inlined", [ref(CALL, name="own")], [ref(LOAD, name="other")], CodeCause.INLINED),
    ("another width", [ref(STORE, 8, 8)], [ref(STORE, 8, 4)], CodeCause.OTHERWISE),
    ("a wider one alone", [ref(STORE, 8, 4)], [ref(STORE, 8, 8)], CodeCause.OTHERWISE),
    ("not a static", [ONE], [ONE, ref(LOAD, 60)], CodeCause.OTHERWISE),
    ("another call", [ref(CALL, name="a")], [ref(CALL, name="b")], CodeCause.OTHERWISE),
]


def change(before: Side, after: Side) -> SourceChange:
    known = Statics(frozenset({(C, 40), (C, 44)}), frozenset({(C, 44)}))
    sides = Counter(before), Counter(after)
    return SourceChange.of(sides, known, frozenset({C}), frozenset({"own"}))


@pytest.mark.parametrize(
    ("before", "after", "cause"), [row[1:] for row in RULES], ids=[row[0] for row in RULES]
)
def test_rule(before: Side, after: Side, cause: CodeCause) -> None:
    assert optimiser_cause(change(before, after))[0] is cause


def test_every_cause_of_the_optimiser_has_a_row() -> None:
    lone = {CodeCause.ADDED, CodeCause.REMOVED, CodeCause.SPLIT}
    assert {row[3] for row in RULES} == set(CodeCause) - URGENT - lone - {CodeCause.REORDERED}


def test_evidence_in_words() -> None:
    assert evidence(change([ONE], [ONE])) == ""
    found = evidence(change([ONE, BEHIND], [TWO, TWO]))
    assert found == (
        "only before: load 0x18(pointer) (8), load vnet_net_0+0x8 (4); "
        "only after: store vnet_net_0+0xc (4) x2"
    )
    many = evidence(change([], [ref(ADDRESS, at) for at in range(6)]))
    assert many.endswith("address vnet_net_0+0x3, and 2 more")


def test_statics_are_those_that_move() -> None:
    places = {"a": (C, 0), "b": (C, 4), "gone": (C, 8), "global": (C, 12)}
    plain, optimised = {"a": 4, "b": 4, "gone": 4, "other": 4}, {"a": 1, "b": 4, "other": 1}
    found = statics(places, plain, optimised)
    assert found.places == {(C, 0), (C, 4), (C, 8)}
    assert found.narrowed == {(C, 0)}


# --- compiled code --------------------------------------------------------------------------

compiled = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "amd64", "i386", "i686"),
    reason="the proof knows the relocations of x86 only",
)

NAMES = ("count", "limit", "only")
FIELDS: FieldNames = {name: (C, f"_{name}") for name in NAMES}
OLD = "int count, limit; static int only;\n#define V_count count\n#define V_limit limit\n"
OLD += "#define V_only only\n"
NEW = "struct vnet_net { char pad[64]; int _count, _limit, _only; } vnet_net_0;\n"
NEW += "".join(f"#define V_{name} vnet_net_0._{name}\n" for name in NAMES)
QUIET = "__attribute__((noinline)) static"


def verify(folder: Path, before: str, after: str, flags: tuple[str, ...] = ()) -> VerifyReport:
    trees = make_tree(folder / "a", {"x.c": before}), make_tree(folder / "b", {"x.c": after})
    options = VerifyOptions(jobs=2, moved=MovedVariables(FIELDS, dict.fromkeys(NAMES, "x.c")))
    return build_and_compare(*trees, builds_of(*trees, flags=(*FLAGS, *flags)), options)


def code(report: VerifyReport) -> CodegenReport:
    assert report.codegen is not None
    return report.codegen


@compiled
def test_a_static_whose_value_was_known(tmp_path: Path) -> None:
    body = "int f(int x) { return (x + V_only + V_count); }\nint g(void) { return (V_limit); }\n"
    report = verify(tmp_path, OLD + body, NEW + body, ("-O2",))
    assert [
        (function_report.name, function_report.cause) for function_report in code(report).unproved
    ] == [("f", CodeCause.KNOWN_VALUE)]
    assert "load vnet_net_0+0x48 (4)" in code(report).unproved[0].evidence
    assert (code(report).functions, report.exit_code) == (1, ExitCode.FINDINGS)


@compiled
def test_another_meaning_is_never_explained(tmp_path: Path) -> None:
    """As many references, to the same places: what the source says differs all the same."""
    body = "int f(void) { return (LESS(V_count, V_limit)); }\n"
    before, after = "#define LESS(a, b) (a - b)\n", "#define LESS(a, b) (b - a)\n"
    found = code(verify(tmp_path, OLD + before + body, NEW + after + body)).unproved
    assert [(report.name, report.cause) for report in found] == [("f", CodeCause.UNEXPLAINED)]
    assert found[0].evidence.startswith("without the optimiser: +0x")


@compiled
def test_what_a_function_may_have_inlined_counts_too(tmp_path: Path) -> None:
    text = "static int g(int x) { return (x SIGN V_count); }\nint f(int x) { return (g(x)); }\n"
    before, after = (f"#define SIGN {sign}\n{text}" for sign in "+-")
    found = code(verify(tmp_path, OLD + before, NEW + after, ("-O2",)))
    assert [(report.name, report.cause) for report in found.unproved] == [
        ("f", CodeCause.UNEXPLAINED)
    ]
    assert "something that it refers to" in found.unproved[0].evidence


@compiled
def test_an_initial_value_that_is_lost(tmp_path: Path) -> None:
    old = OLD.replace("int count", "int count = 3")
    found = code(verify(tmp_path, old, NEW)).unproved
    assert [(report.name, report.cause) for report in found] == [("count", CodeCause.INITIAL_VALUE)]


@compiled
def test_a_function_of_one_side_is_explained_if_the_source_of_both_has_it(tmp_path: Path) -> None:
    body = "int f(int x) { return (g(x) + V_count); }\n"
    other = f"{QUIET} int h(int x) {{ return (x); }}\nint k(int x) {{ return (h(x)); }}\n"
    inlined = "static int g(int x) { return (x * 3); }\n" + body
    kept = f"{QUIET} int g(int x) {{ return (x * 3); }}\n" + body + other
    found = code(verify(tmp_path, OLD + inlined, NEW + kept, ("-O2",)))
    assert {report.name: report.cause for report in found.only_after} == {
        "g": CodeCause.INLINED,
        "h": CodeCause.ADDED,
        "k": CodeCause.ADDED,
    }


@pytest.mark.skipif(shutil.which("clang") is None, reason="gcc takes no array apart")
@pytest.mark.parametrize(("index", "cause"), [("1", "a static was taken apart"), ("i", None)])
def test_a_static_that_was_taken_apart_is_explained(
    tmp_path: Path, index: str, cause: str | None
) -> None:
    """With a variable index the array stays whole, and there is nothing on one side alone."""
    body = (
        "void g(int i) { V_pair[0] = 4; V_pair[1] = 5; }\n"
        f"int f(int i) {{ return (V_pair[0] + V_pair[{index}]); }}\n"
    )
    old = "static int pair[2];\n#define V_pair pair\n"
    new = "struct vnet_net { int _pad, _pair[2]; } vnet_net_0;\n#define V_pair vnet_net_0._pair\n"
    before = make_tree(tmp_path / "before", {"x.c": old + body})
    after = make_tree(tmp_path / "after", {"x.c": new + body})
    options = VerifyOptions(jobs=1, moved=MovedVariables({"pair": ("vnet_net_0", "_pair")}))
    report = build_and_compare(before, after, builds_of(before, after, "clang", ("-O2",)), options)
    assert {str(function_report.cause) for function_report in code(report).only_before} == (
        {cause} if cause else set()
    )


@compiled
@pytest.mark.parametrize("flags", [("-gdwarf-2", "-gstrict-dwarf"), ("-gdwarf-4",)])
def test_offsets_are_read_from_old_debug_information(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    body = "int *f(void) { return (&V_limit); }\n"
    report = verify(tmp_path, OLD + body, NEW + body, flags)
    assert (code(report).functions, code(report).unproved) == (1, ())


# --- symbol tables --------------------------------------------------------------------------


def names(report: VerifyReport) -> list[tuple[str, bool]]:
    return [(plain_name.name, plain_name.defined) for plain_name in code(report).plain_names]


@compiled
@pytest.mark.parametrize(
    ("name", "rest", "left"),
    [
        ("none", "", []),
        ("a declaration", "extern int limit;\n", []),
        ("a definition", "int limit;\n", [("limit", True)]),
        ("a use", "extern int limit; int f(void) { return (limit); }\n", [("limit", False)]),
        ("a static that is used", "static int limit; int *p = &limit;\n", [("limit", True)]),
        ("a field of this name", "struct { int limit; } s;\n", []),
    ],
)
def test_plain_names_that_are_left(
    tmp_path: Path, name: str, rest: str, left: list[tuple[str, bool]]
) -> None:
    report = verify(tmp_path, OLD, NEW + rest)
    assert names(report) == left
    assert report.exit_code is (ExitCode.FINDINGS if left else ExitCode.OK)


@compiled
def test_a_static_of_another_file_may_keep_its_name(tmp_path: Path) -> None:
    other = {"y.c": "static int limit; int *p = &limit;\n"}
    trees = (
        make_tree(tmp_path / "a", {"x.c": OLD, **other}),
        make_tree(tmp_path / "b", {"x.c": NEW, **other}),
    )
    options = VerifyOptions(jobs=2, moved=MovedVariables(FIELDS, dict.fromkeys(NAMES, "x.c")))
    report = build_and_compare(*trees, builds_of(*trees), options)
    assert (names(report), report.exit_code) == ([], ExitCode.OK)


@compiled
def test_variables_of_a_container_that_nothing_names_have_not_moved(tmp_path: Path) -> None:
    body = "int host; int f(void) { return (V_count); }\nint g(void) { return (host); }\n"
    trees = (
        make_tree(tmp_path / "a", {"x.c": OLD + body}),
        make_tree(tmp_path / "b", {"x.c": NEW + body}),
    )
    fields = {**FIELDS, "host": ("vprocg_0", "_host")}
    options = VerifyOptions(jobs=1, moved=MovedVariables(fields, {}))
    report = build_and_compare(*trees, builds_of(*trees), options)
    assert code(report).unmoved == (("vprocg_0", "host"),)
    assert (names(report), code(report).functions, report.exit_code) == ([], 2, ExitCode.OK)


@compiled
def test_a_container_whose_file_does_not_compile(tmp_path: Path) -> None:
    """That is said, and what uses the container is not proved: no error of the call."""
    shared = NEW.replace("} vnet_net_0;", "};\nextern struct vnet_net vnet_net_0;")
    old = {"x.c": OLD, "y.c": f"extern {OLD}int f(void) {{ return (V_count); }}\n"}
    new = {"x.c": NEW + "broken(\n", "y.c": shared + "int f(void) { return (V_count); }\n"}
    trees = make_tree(tmp_path / "a", old), make_tree(tmp_path / "b", new)
    options = VerifyOptions(jobs=2, moved=MovedVariables(FIELDS, dict.fromkeys(NAMES, "x.c")))
    report = build_and_compare(*trees, builds_of(*trees), options)
    assert verdicts(report.objects) == {"x.o": "compiles only before", "y.o": "different"}
    assert [function_report.cause for function_report in code(report).unproved] == [
        CodeCause.UNEXPLAINED
    ]
