"""`vrefactor verify` is never green on what it did not compare."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.verifying import HEADER, IF, RULES, Shell
from tests.verify.building import CC
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.verify.change import Change

MINIKERN = Path(__file__).resolve().parents[2] / "examples" / "minikern"

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

# Step 1 has its sources include a header that only `-I{tree}` finds: here it breaks them.
NO_INCLUDE_PATH: dict[str, str | None] = {
    "vrefactor.toml": RULES.replace('"-I{tree}", ', ""),
    "net/if.c": IF.replace("<net/if.h>", '"if.h"').replace("NEVER", "_KERNEL"),
    "kern/main.c": "int kern_main(void) { return (0); }\n",
}
COVERED = IF.replace("NEVER", "_KERNEL")


def test_what_a_step_breaks_is_a_finding(shell: Shell) -> None:
    said = shell.verify(shell.tree("t", NO_INCLUDE_PATH), "--step", "1", "--allow-uncovered")
    assert said.status == 1
    assert said.out.startswith("net/if.o: compiles only before: net/if.c:1:")


def test_what_an_earlier_step_broke_is_a_finding(shell: Shell) -> None:
    """Neither side of the step compiles: the untouched tree is the witness that it did."""
    report = shell.folder / "v.json"
    tree = shell.tree("t", NO_INCLUDE_PATH)
    said = shell.verify(tree, "--step", "1.5.3", "--allow-uncovered", "--json", report)
    assert said.status == 1
    assert said.out.startswith("net/if.o: an earlier step broke it: net/if.c:1:")
    assert "1 the same, 0 differ, 0 not covered, 1 broken by an earlier step\n" in said.err
    verdicts = {one["object"]: one["verdict"] for one in json.loads(report.read_text())["objects"]}
    assert verdicts == {"kern/main.o": "same", "net/if.o": "broken by an earlier step"}


def test_what_never_compiled_is_not_the_fault_of_a_step(shell: Shell) -> None:
    broken = {"net/if.c": COVERED, "kern/bad.c": "int (\n"}
    said = shell.verify(shell.tree("t", broken), "--step", "1.5.3")
    assert said.status == 0
    assert said.out.startswith("kern/bad.o: not covered: kern/bad.c:1:")


def test_a_line_that_no_build_compiles_is_a_finding(shell: Shell) -> None:
    tree = shell.tree("t")
    said = shell.verify(tree, "--step", "1", "-q")
    assert (said.status, said.out) == (1, "net/if.c:12: not compiled\n")
    assert shell.verify(tree, "--step", "1", "-q", "--allow-uncovered") == (0, "", "")


def test_so_is_a_file_that_no_side_compiles(shell: Shell) -> None:
    broken = {"net/if.c": COVERED, "kern/bad.c": "int (\n"}
    before = shell.tree("before", broken)
    after = shell.tree("after", {**broken, "kern/bad.c": "int ((\n"})
    said = shell.verify(before, after, "-q")
    assert (said.status, said.out) == (1, "kern/bad.c:1: not compiled\n")


def test_so_is_a_file_that_no_build_has(shell: Shell) -> None:
    before = shell.tree("before", {"vrefactor.toml": RULES.replace("**/*.c", "net/*.c")})
    after = shell.tree(
        "after",
        {
            "vrefactor.toml": RULES.replace("**/*.c", "net/*.c"),
            "kern/main.c": "int main_count(void) { return (1); }\n",
        },
    )
    said = shell.verify(before, after, "-q")
    assert said.status == 1
    assert "kern/main.c:2: not compiled\n" in said.out


@pytest.mark.parametrize(
    ("changed", "covered"),
    [
        (IF.replace("#ifdef NEVER", "#ifdef  NEVER"), True),
        (IF.replace("#endif", "#endif /* NEVER */"), True),
        (IF.replace("iflimit++", "iflimit--"), False),
    ],
    ids=["the #ifdef itself", "the #endif itself", "within"],
)
def test_the_directives_of_a_branch_are_not_in_it(
    shell: Shell, changed: str, covered: bool
) -> None:
    said = shell.verify(shell.tree("before"), shell.tree("after", {"net/if.c": changed}), "-q")
    assert said.status == (0 if covered else 1)


OPTIONAL = f"{HEADER}#ifdef MANY\nextern int many;\n%s#endif\n"


def test_the_tree_after_compiles_with_an_option_too(shell: Shell) -> None:
    before = shell.tree("before", {"net/if.h": OPTIONAL % "", "kern/bad.c": "int (\n"})
    after = shell.tree("after", {"net/if.h": OPTIONAL % "\n", "kern/bad.c": "int (\n"})
    sums = shell.folder / "sums"
    said = shell.verify(before, after, "--with-option", "MANY", "--allow-uncovered")
    assert said.status == 0
    assert "3 objects: 2 the same, 0 differ, 1 not covered\n" in said.err
    assert "  default+MANY: 2 compile, 0 do not, 1 compile without it neither\n" in said.err
    more = ("-q", "--with-option", "MANY", "--allow-uncovered", "--md5-files", sums)
    assert shell.verify(before, after, *more).status == 0
    assert (sums / "before.md5").read_bytes() == (sums / "after.md5").read_bytes()


def test_it_is_a_finding_if_it_does_not(shell: Shell) -> None:
    before = shell.tree("before", {"net/if.h": OPTIONAL % ""})
    after = shell.tree("after", {"net/if.h": OPTIONAL % "extern int\n", "net/if.c": COVERED})
    report = shell.folder / "v.json"
    options = ("-q", "--with-option", "MANY", "--allow-uncovered", "--json", report)
    said = shell.verify(before, after, *options)
    assert said.status == 1
    assert "net/if.c: does not compile in default+MANY: " in said.out
    (found,) = [
        one for one in json.loads(report.read_text())["claimed"] if one["source"] == "net/if.c"
    ]
    assert found["verdict"] == "compiles only before"


def test_a_step_is_verified_with_the_options_that_it_claims(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(change: Change, *rest: object, **named: object) -> None:
        raise VrefactorError(USAGE, f"with {change.claimed}, from {change.untouched is not None}")

    monkeypatch.setattr("vrefactor.cli.verify.verify_change", seen)
    assert "with (), from False" in shell.verify(MINIKERN, "--step", "1").err
    assert "with ('VIMAGE',), from True" in shell.verify(MINIKERN, "--step", "3").err
    assert "with ('VIMAGE',), from False" in shell.verify(MINIKERN, "--through", "3").err
