from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.building import CC, c_files, make_tree
from vrefactor.build.model import BuildPlan, CompileCommand, Generated
from vrefactor.verify.build_dir import Builds
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

SOURCE = """\
#include "opt.h"
#include "x y.h"
int always;
#ifdef ONE
int one;
#if defined(TWO)
int both;
#else
int only_one;
#endif
#else
int none;
#endif
#if 0
int never;
#endif
#define CALL(a, b, c) (a + (b) + c)
int f(int v) {
	return (CALL(v,
		always,
		v));
}
#ifdef ONE
#define BODY \\
	(one + \\
		always)
#endif
#if defined(ONE) && \\
    defined(TWO)
int continued;
#endif
/* a comment
#ifdef ONE
 */
int after_comment;
"""
HEADER = "#ifdef TWO\nextern int h_two;\n#else\nextern int h_none;\n#endif\nextern int h;\n"
LONE = "#ifdef TWO\nextern int h_two;\n#endif\n"

# what stands on the line, the configurations that compile it
LINES = [
    ("int always;", ("NONE", "ONE", "TWO")),
    ("int one;", ("ONE", "TWO")),
    ("int both;", ("TWO",)),
    ("int only_one;", ("ONE",)),
    ("int none;", ("NONE",)),
    ("int never;", ()),
    ("\talways,", ("NONE", "ONE", "TWO")),
    ("\tv));", ("NONE", "ONE", "TWO")),
    ("\talways)", ("ONE", "TWO")),
    ("int continued;", ("TWO",)),
    ("int after_comment;", ("NONE", "ONE", "TWO")),
]


def plan(sources: list[str], name: str, options: str) -> BuildPlan:
    argv = (CC, "-I{gen}", "-I{tree}")
    commands = tuple(CompileCommand(source, argv, name, 60.0) for source in sources)
    return BuildPlan(commands, (Generated("opt.h", options.encode()),))


def line_of(text: str, wanted: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.endswith(wanted))


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("cover")
    files = {
        "net/a.c": SOURCE,
        "net/x y.h": HEADER,
        "unread.h": LONE,
        "other.c": '#include "opt.h"\n#include "lone.h"\nint other;\n',
        "lone.h": LONE,
        "bad.c": "int bad = ;\n",
    }
    before = make_tree(folder / "before", files)
    # More lines on the other side: the numbers of the sites are those of the tree before.
    moved = SOURCE.replace("int always;", "\n\n\nint always;").replace("int one;", "int one;\n\n")
    after = make_tree(folder / "after", {**files, "net/a.c": moved})
    options = (("NONE", ""), ("ONE", "#define ONE\n"), ("TWO", "#define ONE\n#define TWO\n"))
    plans = tuple(plan(c_files(before), *option) for option in options)
    sites = [("net/a.c", line_of(SOURCE, text)) for text, _ in LINES]
    sites += [("net/x y.h", 2), ("net/x y.h", 4), ("net/x y.h", 6), ("unread.h", 2)]
    sites += [("lone.h", 2), ("bad.c", 1), ("no/such.c", 1)]
    report: VerifyReport = build_and_compare(
        before, after, Builds(plans, plans), VerifyOptions(jobs=2, sites=tuple(sites))
    )
    uncovered = {(site.path, site.line) for site in report.uncovered}
    found = {(site.path, site.line): site.configurations for site in report.coverage}
    assert uncovered == {place for place, configurations in found.items() if not configurations}
    return found


@pytest.mark.parametrize(("text", "configurations"), LINES)
def test_lines_of_a_source(
    covered: dict[tuple[str, int], tuple[str, ...]], text: str, configurations: tuple[str, ...]
) -> None:
    assert covered["net/a.c", line_of(SOURCE, text)] == configurations


@pytest.mark.parametrize(
    ("path", "line", "configurations"),
    [
        ("net/x y.h", 2, ("TWO",)),
        ("net/x y.h", 4, ("NONE", "ONE")),
        ("net/x y.h", 6, ("NONE", "ONE", "TWO")),
        ("lone.h", 2, ("TWO",)),
        ("unread.h", 2, ()),
        ("bad.c", 1, ()),
        ("no/such.c", 1, ()),
    ],
)
def test_lines_of_other_files(
    covered: dict[tuple[str, int], tuple[str, ...]],
    path: str,
    line: int,
    configurations: tuple[str, ...],
) -> None:
    assert covered[path, line] == configurations


def test_headers_through_a_link(tmp_path: Path) -> None:
    files = {"arch/inc/m.h": "extern int m;\n", "a.c": "#include <machine/m.h>\nint a;\n"}
    tree = make_tree(tmp_path, files)
    argv = (CC, "-I{gen}")
    plan = BuildPlan(
        (CompileCommand("a.c", argv, "default", 60.0),), (), (("machine", "{tree}/arch/inc"),)
    )
    options = VerifyOptions(jobs=1, sites=(("arch/inc/m.h", 1),))
    report = build_and_compare(tree, tree, Builds((plan,), (plan,)), options)
    assert report.uncovered == ()
