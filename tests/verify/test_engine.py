from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.verify.building import (
    CC,
    builds_of,
    c_files,
    make_tree,
    plan_of,
    script,
    snapshot,
    two,
    verdicts,
)
from vrefactor.build.model import BuildPlan, CompileCommand, Generated
from vrefactor.errors import ExitCode, VrefactorError
from vrefactor.source.tree import Tree
from vrefactor.verify import graph
from vrefactor.verify.build_dir import Builds, Side, put
from vrefactor.verify.engine import Engine
from vrefactor.verify.graph import BuildEdge, ninja_file, object_edges, without_dependency_flags
from vrefactor.verify.report import ObjectVerdict
from vrefactor.verify.run import VerifyOptions, build_and_compare

GOOD = "int f(void) { return (1); }\n"


def test_neither_tree_is_written_to(tmp_path: Path) -> None:
    files = {"net/a.c": '#include "a.h"\nint a = A;', "net/a.h": "#define A 1\n"}
    before, after = two(tmp_path, files)
    make_tree(tmp_path / "after", {"net/a.h": "\n#define A 1\n"})
    after = Tree.open(tmp_path / "after")
    kept = snapshot(tmp_path)
    report = build_and_compare(before, after, builds_of(before, after), VerifyOptions(jobs=1))
    assert report.exit_code is ExitCode.OK
    assert snapshot(tmp_path) == kept


def test_names_with_blanks_and_other_letters(tmp_path: Path) -> None:
    odd = "dir ü/a $b: 'q' \"p\" #1;&.c"
    files = {odd: '#include "../inc $x/h\xe9.h"\nint a = A;', "inc $x/h\xe9.h": "#define A 1\n"}
    before, after = two(tmp_path, files)
    build = tmp_path / "build dir $ü"
    report = build_and_compare(
        before, after, builds_of(before, after), VerifyOptions(jobs=1, build_dir=build)
    )
    assert verdicts(report.objects) == {odd[:-2] + ".o": "same"}


def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.c")
    before, after = two(tmp_path, {name: GOOD})
    report = build_and_compare(before, after, builds_of(before, after), VerifyOptions(jobs=1))
    assert [found.verdict for found in report.objects] == [ObjectVerdict.SAME]


def counting(folder: Path) -> tuple[str, Path]:
    """A launcher that writes down what it is given."""
    log = folder / "launched"
    return script(folder / "launch it", f'echo "$*" >> "{log}"\nexec "$@"'), log


def test_a_second_run_builds_what_was_touched(tmp_path: Path) -> None:
    files = {f"{name}.c": f'#include "{name}.h"\n{GOOD}' for name in "abc"}
    headers = {f"{name}.h": f"#define {name} 1\n" for name in "abc"}
    before, after = two(tmp_path, {**files, **headers})
    launcher, log = counting(tmp_path)

    def run(after: Tree) -> list[str]:
        log.unlink(missing_ok=True)
        options = VerifyOptions(jobs=2, launcher=(launcher,), build_dir=tmp_path / "build")
        build_and_compare(before, after, builds_of(before, after), options)
        lines = log.read_text().splitlines() if log.exists() else []
        return sorted(line.split()[-1] for line in lines)

    assert run(after) == ["a/a.c", "a/b.c", "a/c.c", "b/a.c", "b/b.c", "b/c.c"]
    assert run(after) == []
    os.utime(tmp_path / "after" / "b.c")  # the time of day is no change
    assert run(Tree.open(tmp_path / "after")) == []
    make_tree(tmp_path / "after", {"b.c": files["b.c"].replace("1", "2")})
    assert run(Tree.open(tmp_path / "after")) == ["b/b.c"]
    make_tree(tmp_path / "after", {"c.h": "#define c 2\n"})
    assert run(Tree.open(tmp_path / "after")) == ["b/c.c"]
    make_tree(tmp_path / "after", {"b.c": files["b.c"], "c.h": headers["c.h"]})
    assert run(Tree.open(tmp_path / "after")) == ["b/b.c", "b/c.c"]  # back, but not stale
    make_tree(tmp_path / "after", {"new.h": ""})  # it could hide another of the same name
    assert run(Tree.open(tmp_path / "after")) == ["b/a.c", "b/b.c", "b/c.c"]


BAD_COMPILER = f"""
case "$*" in
*hang.c*) sleep 60 ;;
*talk.c*) yes "talk.c:1: warning: blah blah" | head -n 200000 ;;
*shout.c*) yes "shout.c:1: error: blah blah" | head -n 200000; exit 1 ;;
*crash.c*) kill -SEGV $$ ;;
*ice.c*) echo "ice.c:1: internal compiler error: in foo" >&2; exit 4 ;;
*mute.c*) exit 3 ;;
*nothing.c*) exit 0 ;;
esac
exec {CC} "$@"
"""


def impatient(tree: Tree, hanging: str, cc: str) -> Builds:
    """Builds of all files, with a short time for one of them: the machine may be busy."""
    commands = [
        CompileCommand(path, (cc,), "default", 1.0 if path == hanging else 60.0)
        for path in c_files(tree)
    ]
    plan = BuildPlan(tuple(commands))
    return Builds((plan,), (plan,))


def test_compilers_that_misbehave(tmp_path: Path) -> None:
    names = ["hang", "talk", "shout", "crash", "ice", "mute", "nothing", "good"]
    before, after = two(tmp_path, {f"{name}.c": GOOD for name in names})
    cc = script(tmp_path / "bad cc", BAD_COMPILER)
    build = tmp_path / "build"
    calls: list[tuple[int, int]] = []
    options = VerifyOptions(
        jobs=8, build_dir=build, progress=lambda done, total: calls.append((done, total))
    )
    report = build_and_compare(before, after, impatient(before, "hang.c", cc), options)
    details = {found.name: found.detail for found in report.objects}
    assert {name for name, found in verdicts(report.objects).items() if found == "same"} == {
        "talk.o",
        "good.o",
    }
    assert details["hang.o"] == "timed out: after 1 s"
    assert details["shout.o"] == "shout.c:1: error: blah blah"
    assert details["crash.o"].startswith("the compiler crashed: ")
    assert "internal compiler error" in details["ice.o"]
    assert details["mute.o"] == "exit status 3"
    assert details["nothing.o"] == "exit status 0, but no object"
    assert all(log.stat().st_size <= graph.LOG_BYTES for log in build.rglob("*.log"))
    assert calls[-1] == (16, 16)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (
            "not ELF",
            'for out; do :; done; case "$*" in *x.c*) echo text > obj/$side/x.o; exit;; esac',
            "object-not-elf",
        ),
        (
            "disk full",
            'case "$*" in *x.c*) echo "x.s: No space left on device"; exit 1;; esac',
            "build-dir-unwritable",
        ),
    ],
)
def test_objects_that_cannot_be_used(tmp_path: Path, name: str, text: str, code: str) -> None:
    side = 'side=b; case "$*" in *obj/a/*) side=a;; esac\n'
    cc = script(tmp_path / "cc", f'{side}{text}\nexec {CC} "$@"')
    before, after = two(tmp_path, {"x.c": GOOD})
    with pytest.raises(VrefactorError) as caught:
        build_and_compare(before, after, builds_of(before, after, cc), VerifyOptions(jobs=1))
    assert caught.value.kind.code == code


def test_missing_programs(tmp_path: Path) -> None:
    before, after = two(tmp_path, {"x.c": GOOD})
    with pytest.raises(VrefactorError) as caught:
        build_and_compare(
            before, after, builds_of(before, after, "no-such-cc"), VerifyOptions(jobs=1)
        )
    assert caught.value.kind.code == "compiler-missing"
    options = VerifyOptions(jobs=1, launcher=("no-such-ccache",))
    with pytest.raises(VrefactorError) as caught:
        build_and_compare(before, after, builds_of(before, after), options)
    assert caught.value.kind.code == "launcher-missing"


def test_an_empty_build(tmp_path: Path) -> None:
    before, after = two(tmp_path, {"x.h": ""})
    with pytest.raises(VrefactorError) as caught:
        build_and_compare(before, after, builds_of(before, after), VerifyOptions(jobs=1))
    assert caught.value.kind.code == "build-empty"


def test_a_source_that_the_tree_does_not_have(tmp_path: Path) -> None:
    before, after = two(tmp_path, {"x.c": GOOD})
    plan = plan_of(["x.c", "no/such.c"])
    report = build_and_compare(before, after, Builds((plan,), (plan,)), VerifyOptions(jobs=1))
    assert verdicts(report.objects) == {"no/such.o": "not covered", "x.o": "same"}
    assert report.objects[0].detail == "the tree has no such file: no/such.c"


def test_generated_headers_and_links_of_each_plan(tmp_path: Path) -> None:
    source = '#include "opt_x.h"\n#include <machine/m.h>\nint a[] = { X, M };\n'
    before, after = two(tmp_path, {"net/a.c": source, "arch/inc/m.h": "#define M __LINE__\n"})

    def plan(name: str, value: int) -> BuildPlan:
        argv = (CC, "-I{gen}")
        return BuildPlan(
            (CompileCommand("net/a.c", argv, name, 60.0),),
            (Generated("opt_x.h", b"#define X %d\n" % value),),
            (("machine", "{tree}/arch/inc"),),
        )

    plans = plan("GENERIC", 1), plan("LINT", 2)
    build = tmp_path / "build"
    options = VerifyOptions(jobs=1, build_dir=build)
    report = build_and_compare(before, after, Builds(plans, plans), options)
    assert verdicts(report.objects) == {"GENERIC/net/a.o": "same", "LINT/net/a.o": "same"}
    assert len({found.md5 for found in report.objects}) == 2
    report = build_and_compare(before, after, Builds(plans, (plans[0], plan("LINT", 3))), options)
    assert verdicts(report.objects)["LINT/net/a.o"] == "different"
    report = build_and_compare(before, after, Builds(plans[:1], plans[:1]), options)
    assert verdicts(report.objects) == {"GENERIC/net/a.o": "same"}


def test_a_file_behind_a_link_and_its_parent_is_found_again(tmp_path: Path) -> None:
    files = {"x.c": "#include <machine/../up.h>\nint x = UP;\n", "arch/inc/m.h": ""}
    before, after = two(tmp_path, {**files, "arch/up.h": "#define UP 1\n"})
    launcher, log = counting(tmp_path)
    commands = (CompileCommand("x.c", (CC, "-I{gen}"), "default", 60.0),)
    plan = BuildPlan(commands, links=(("machine", "{tree}/arch/inc"),))
    options = VerifyOptions(jobs=1, launcher=(launcher,), build_dir=tmp_path / "build")

    def run(after: Tree) -> str:
        log.unlink(missing_ok=True)
        report = build_and_compare(before, after, Builds((plan,), (plan,)), options)
        return verdicts(report.objects)["x.o"] + (" built" if log.exists() else "")

    assert run(after) == "same built"
    assert run(after) == "same"
    make_tree(tmp_path / "after", {"arch/up.h": "#define UP 2\n"})
    assert run(Tree.open(tmp_path / "after")) == "different built"


def test_objects_of_one_stem_have_names_of_their_own() -> None:
    commands = [("x.c", "default"), ("x.S", "default"), ("y.c", "default"), ("y.c", "default")]
    plan = BuildPlan(tuple(CompileCommand(name, ("cc",), conf, 1.0) for name, conf in commands))
    edges = object_edges(Builds((plan,), (plan,)))
    names = [edge.name for edge in edges if edge.side is Side.AFTER]
    assert names == ["x.c.o", "x.S.o", "y.o", "y.2.o"]


def test_flags_that_write_dependency_files_are_dropped() -> None:
    argv = ["cc", "-MD", "-MF", "x.d", "-MTx.o", "-MP", "-MQ", "x", "-MMD", "-Mfoo", "-DM"]
    assert list(without_dependency_flags(argv)) == ["cc", "-Mfoo", "-DM"]


def test_without_timeout_the_shell_sets_the_limit() -> None:
    command = CompileCommand("x.c", ("cc",), "default", 1.5)
    text = ninja_file(
        [BuildEdge("x.o", Side.AFTER, command, ("cc", "-c"), "obj/b/x.o")], ".n", (), None
    )
    assert "  limit = ulimit -t 2 &&\n" in text


def test_the_shells_limit_stops_a_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cc = script(
        tmp_path / "cc", f'case "$*" in *loop.c*) while :; do :; done;; esac\nexec {CC} "$@"'
    )
    before, after = two(tmp_path, {"loop.c": GOOD, "good.c": GOOD})
    monkeypatch.setattr("vrefactor.verify.engine._timer", lambda: None)
    report = build_and_compare(
        before, after, impatient(before, "loop.c", cc), VerifyOptions(jobs=3)
    )
    assert {found.name: found.detail for found in report.objects} == {
        "good.o": "",
        "loop.o": "timed out: after 1 s",
    }


def test_ninja_that_cannot_run_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.c").write_text(GOOD)
    command = CompileCommand("x.c", ("cc",), "default", 1.5)
    edge = BuildEdge("x.o", Side.BEFORE, command, ("cc", "-c"), "obj/a/x.o")
    with pytest.raises(VrefactorError) as caught:  # the list of compilers is missing
        Engine(tmp_path, 1).run("objects", [edge])
    assert caught.value.kind.code == "ninja-failed"


def test_an_interrupt_ends_the_builds(tmp_path: Path) -> None:
    def progress(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before, after = two(tmp_path, {f"{number}.c": GOOD for number in range(20)})
    build = tmp_path / "build"
    with pytest.raises(KeyboardInterrupt):
        options = VerifyOptions(jobs=1, build_dir=build, progress=progress)
        build_and_compare(before, after, builds_of(before, after), options)
    report = build_and_compare(
        before, after, builds_of(before, after), VerifyOptions(jobs=2, build_dir=build)
    )
    assert report.counts == {ObjectVerdict.SAME: 20}


def test_put_leaves_a_file_alone_that_is_right(tmp_path: Path) -> None:
    path = tmp_path / "x" / "y"
    put(str(path), b"one")
    first = path.stat()
    put(str(path), b"one")
    assert path.stat() == first
    os.link(path, tmp_path / "other")
    put(str(path), b"two")
    assert (path.read_bytes(), (tmp_path / "other").read_bytes()) == (b"two", b"one")
    path.unlink()
    path.symlink_to(tmp_path / "other")
    put(str(path), b"one")
    assert not path.is_symlink()
