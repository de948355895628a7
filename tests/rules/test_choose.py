"""Which rule set goes with a tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from vrefactor import errors
from vrefactor.errors import ErrorKind, VrefactorError
from vrefactor.rules import choose, loader, shipped

OWN = b"[ruleset]\nname = 'own'\n"
FITTING = "[ruleset]\nname = '{0}'\n[fingerprint]\nfiles = ['{0}.c']\n{1}"
CONTAINS = "contains = [{ file = 'v.h', text = 'VERSION 8' }]\n"


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three shipped sets: `a`, `b` (looks into a file) and `never`."""
    root = tmp_path / "rules"
    texts = {
        "a": FITTING.format("a", ""),
        "b": FITTING.format("b", CONTAINS),
        "never": "[ruleset]\nname = 'never'\n",
        "shared": "[macros]\n",
    }
    for name, text in texts.items():
        (root / name).mkdir(parents=True)
        file = "bsd-macros.toml" if name == "shared" else "x.toml"
        (root / name / file).write_text(text, encoding="utf-8")
    (root / "shared" / "bsd-context.toml").write_text("[context]\n", encoding="utf-8")
    monkeypatch.setattr(loader, "rules_root", lambda: root)
    return root


def chosen(root: Path, files: dict[str, bytes], wanted: str | None = None) -> str:
    return choose(files, files.__getitem__, wanted, root).name


def failure(root: Path, files: dict[str, bytes], wanted: str | None = None) -> VrefactorError:
    with pytest.raises(VrefactorError) as caught:
        chosen(root, files, wanted)
    return caught.value


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"a.c": b""}, "a"),
        ({"b.c": b"", "v.h": b"#define VERSION 8\n"}, "b"),
        ({"a.c": b"", "b.c": b"", "v.h": b"#define VERSION 7\n"}, "a"),
        ({"a.c": b"", "b.c": b""}, "a"),
    ],
)
def test_the_shipped_set_that_fits(
    sets: Path, tmp_path: Path, files: dict[str, bytes], name: str
) -> None:
    assert chosen(tmp_path, files) == name


def test_a_name_goes_before_everything(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "vrefactor.toml").write_bytes(OWN)
    assert chosen(tmp_path, {"a.c": b"", "vrefactor.toml": OWN}, "never") == "never"


def test_a_path_goes_before_everything(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(OWN)
    assert chosen(tmp_path, {"a.c": b""}, str(tmp_path / "mine.toml")) == "own"


def test_the_trees_own_set_goes_before_one_that_fits(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "vrefactor.toml").write_bytes(OWN)
    assert chosen(tmp_path, {"a.c": b"", "vrefactor.toml": OWN}) == "own"


FAILURES: list[tuple[dict[str, bytes], str | None, ErrorKind, str]] = [
    ({}, None, errors.RULES_NO_FIT, "shipped: a, b, never"),
    (
        {"a.c": b"", "b.c": b"", "v.h": b"VERSION 8"},
        None,
        errors.RULES_AMBIGUOUS,
        "shipped: a, b",
    ),
    ({"a.c": b""}, "nevr", errors.RULES_MISSING, "did you mean `never`?"),
]


@pytest.mark.parametrize(("files", "wanted", "kind", "detail"), FAILURES)
def test_no_set_can_be_chosen(
    sets: Path,
    tmp_path: Path,
    files: dict[str, bytes],
    wanted: str | None,
    kind: ErrorKind,
    detail: str,
) -> None:
    error = failure(tmp_path, files, wanted)
    assert error.kind is kind
    assert error.detail.endswith(detail)


def test_the_shared_folder_is_no_set(sets: Path) -> None:
    assert shipped() == {name: sets / name for name in ("a", "b", "never")}


def test_an_installed_package_brings_its_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "vrefactor"
    package.mkdir(parents=True)
    monkeypatch.setattr("importlib.resources.files", lambda name: package)
    assert loader.rules_root() == package.parent / "rules"
    (package / "_rules").mkdir()
    assert loader.rules_root() == package / "_rules"
