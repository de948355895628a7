"""`vrefactor diff --confirm`, through the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.test_commands import FILES, RULES
from tests.source.helpers import contents, lay_out
from vrefactor.cli.main import call
from vrefactor.confirm import run
from vrefactor.confirm.run import Confirmation
from vrefactor.index.compiled_tokens import Entity, EntityKind

BUILD = b"""
[build]
cc = "cc"
flags = ["-nostdinc", "-I{tree}"]
files = ["**/*.c"]
options = [{ name = "broken", flags = ["-DBROKEN"] }]
"""
SOURCES = {
    **FILES,
    "vrefactor.toml": RULES + BUILD,
    "net/if.h": b"extern int if_index;\n#define FIRST (if_index + 1)\n",
    "net/if_a.c": b"#include <net/if.h>\n\nint\ng(void)\n{\n\treturn (FIRST);\n}\n"
    b"#ifdef NEVER\nint h(void) { return (if_index); }\n#endif\n"
    b"#ifdef BROKEN\n#error broken\n#endif\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree that knows how it is built, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)
    return lay_out(tmp_path / "tree", SOURCES)


def _confirm(tree: Path, *more: str) -> int:
    return call(["diff", str(tree), "--step", "1", "--confirm", *more])


def test_figures_and_failures_are_printed(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = contents(tree)
    assert _confirm(tree) == 0
    patch, said = capfd.readouterr()
    assert "\n+\treturn (V_ipstat + V_if_index);\n" in patch
    assert (
        "  confirmed: 2 compiled, 1 expanded, 1 only bound (not compiled in any configuration); "
        "5 translation units parsed, 1 not\n"
    ) in said
    assert "net/if_a.c: not confirmed in broken: " in said
    assert contents(tree) == before


def test_sites_have_their_evidence_in_json(tree: Path, tmp_path: Path) -> None:
    assert _confirm(tree, "--json", str(tmp_path / "out.json"), "-q") == 0
    (step,) = json.loads((tmp_path / "out.json").read_bytes())["steps"]
    known = {
        (site["path"], site["line"]): (site["evidence"], site["configurations"])
        for site in step["sites"]
        if site["verdict"] == "rewritten" and site["name"] == "if_index"
    }
    assert known == {
        ("net/if.h", 2): ("expanded", ["default"]),
        ("net/if_a.c", 9): ("bound", []),
        ("netinet/ip.c", 9): ("compiled", ["broken", "default"]),
    }
    assert step["confirm"]["evidence"] == {"bound": 1, "compiled": 2, "expanded": 1}
    assert step["confirm"]["translation_units"] == 5
    assert step["confirm"]["contradictions"] == []
    assert [item["path"] for item in step["confirm"]["failures"]] == ["net/if_a.c"]


def test_a_contradiction_is_a_finding_with_both_readings(
    tree: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true_confirm = run.confirm

    def lying(*given: object, **named: object) -> Confirmation:
        heard = true_confirm(*given, **named)  # type: ignore[arg-type]
        said = [
            replace(token, entity=Entity(EntityKind.LOCAL, "ipstat"))
            if (token.path, token.line) == ("netinet/ip.c", 9) and token.entity.name == "ipstat"
            else token
            for token in heard.tokens
        ]
        return replace(heard, tokens=tuple(said))

    monkeypatch.setattr("vrefactor.confirm.plan.confirm", lying)
    assert _confirm(tree, "--json", str(tmp_path / "out.json")) == 1
    patch, said = capfd.readouterr()
    assert (
        "netinet/ip.c:9: ipstat: we say: rewritten (bound); "
        "libclang says: local variable `ipstat` (in broken, default)\n"
    ) in said
    assert patch
    (step,) = json.loads((tmp_path / "out.json").read_bytes())["steps"]
    (found,) = step["confirm"]["contradictions"]
    assert (found["ours"], found["libclang"]) == ("rewritten (bound)", "local variable `ipstat`")


def test_a_compilation_database_is_taken(
    tree: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    entry = {"directory": str(tree), "file": "netinet/ip.c"}
    database = tmp_path / "compile_commands.json"
    entry["command"] = "cc -I . -c netinet/ip.c -o ip.o"
    database.write_text(json.dumps([entry]))
    assert _confirm(tree, "--compile-commands", str(database)) == 0
    assert "confirmed: 2 compiled, 0 expanded, 2 only bound" in capfd.readouterr().err


def test_an_unknown_build_is_a_wrong_call(tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tree / "vrefactor.toml").write_bytes(RULES)
    assert _confirm(tree) == 2
    patch, said = capfd.readouterr()
    assert "--compile-commands FILE, or --kernconf NAME" in said
    assert not patch


@pytest.mark.parametrize("option", ["--kernconf=GENERIC", "--also=*.c", "--cc=clang"])
def test_options_of_the_build_need_confirm(
    tree: Path, option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(["diff", str(tree), "--step", "1", option]) == 2
    assert "needs --confirm" in capfd.readouterr().err
