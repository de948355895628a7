"""The words of a tree come from the rules: none is spelt in the code, and each can be another."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import MINIKERN, SteppedKernels
from tests.modules import SOURCES, Module
from tests.source.helpers import lay_out
from tests.steps.support import QUICK
from vrefactor.audit.run import audit
from vrefactor.rules import load
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS
from vrefactor.steps.series import Stage, run_series

# Rooms that take the names of a tree's macros and options from the rules, and spell none.
WORDLESS = ("audit", "c", "edit", "generated", "steps")

OLD = Vocabulary()
BEGINNINGS = {OLD.module, OLD.declare_module, OLD.sysctl, OLD.sysctl_plain}
"""The words that names only begin with."""


def spelling() -> re.Pattern[str]:
    """What finds a word of the vocabulary in a text: a whole name, or the beginning of one."""
    names = {word if word in BEGINNINGS else rf"{word}(?!\w)" for word in OLD.words().values()}
    names ^= {rf"{OLD.stack}(?!\w)", rf"struct\s+{OLD.stack}(?!\w)"}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(names))})")


SPELLINGS = {
    "a name": ("x VSYM(y)", True),
    "another name": ("VSYMS XVSYM", False),
    "a beginning": ("SYSCTL_V_INT", True),
    "an option": ("#ifdef VIMAGE\n", True),
    "a tag": ("struct vnet *", True),
    "a word": ("vnet", False),
}


@pytest.mark.parametrize(("text", "found"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_word_is_seen(text: str, found: bool) -> None:
    assert bool(spelling().search(text)) is found


def test_no_name_of_the_vocabulary_is_spelt() -> None:
    wrong = [
        f"{module.at(line)}: {match[0]}"
        for module in SOURCES
        if module.room in WORDLESS
        for line, text in _literals(module)
        if (match := spelling().search(text)) is not None
    ]
    assert not wrong, "take it from the rules' vocabulary: " + ", ".join(wrong)


def _literals(module: Module) -> Iterator[tuple[int, str]]:
    """The strings of a module, and their lines, without those that are documentation."""
    documentation = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            if isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")
            elif isinstance(node.value, str):
                yield node.lineno, node.value


# --- each word can be another ---------------------------------------------------------

LETTERS = "abcdefghijklmnopqrstuvwxyz"
END = r"(?:(?!\w)|(?=_NESTED\b))"
"""The end of the others; what is nested is a part of the framework."""


def turned(word: str, by: int) -> str:
    """Return a word with each letter `by` places later."""
    later = LETTERS[by:] + LETTERS[:by]
    return word.translate(str.maketrans(LETTERS + LETTERS.upper(), later + later.upper()))


# Each word is as long as it was, so that lines are broken where they were.
NEW = Vocabulary(
    **{name: turned(word, 1 + by % 25) for by, (name, word) in enumerate(OLD.words().items())}
)


def renaming() -> re.Pattern[str]:
    """What finds the words as they stand by default in the example kernel."""
    words = sorted(OLD.words().values(), key=len, reverse=True)
    names = [word if word in BEGINNINGS else word + END for word in words if word != OLD.stack]
    # The tag of a stack; and what the names of its containers begin with.
    tag = rf"(?:(?<=struct )|(?<=ENTRY\()|(?<=vnet_list, )){OLD.stack}(?!\w)"
    behind = r"(?:_0|_symmap|_mod\w+|_(?:de)?register)?(?!\w)"
    declared = r"_\w+_mod(?:info|link)(?!\w)"
    lead = rf"(?:(?<!\w)|(?<=V_MOD_)){OLD.stack}(?=_(?:net|inet6?){behind}|{declared}|_ ## mod|_x)"
    return re.compile(rf"(?:(?<!\w)|(?<=-D))(?:{'|'.join(names)})|{tag}|{lead}")


FOUND = renaming()
RENAMED = {OLD.words()[name]: word for name, word in NEW.words().items()}


def renamed(text: str) -> str:
    """Return a text of the example kernel in the new words."""
    return FOUND.sub(lambda match: RENAMED[match[0]], text)


def renamed_tree(root: Path, new: Path) -> Path:
    """Write a kernel in the new words, and the rules for it."""
    for path in sorted(root.rglob("*")):
        if path.is_file():
            own = new / path.relative_to(root)
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text(renamed(path.read_text("latin-1")), "latin-1")
    table = "".join(f'{name} = "{word}"\n' for name, word in NEW.words().items())
    with (new / "vrefactor.toml").open("a") as rules:
        rules.write(f"\n[vocabulary]\n{table}")
    return new


def stages_of(root: Path) -> list[Stage]:
    return run_series(Tree.open(root), load(root / "vrefactor.toml"), STEPS, (), QUICK)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The example kernel, and the same in other words."""
    root = tmp_path_factory.mktemp("words")
    plain = root / "plain"
    shutil.copytree(MINIKERN, plain, ignore=shutil.ignore_patterns("build"))
    return plain, renamed_tree(plain, root / "renamed")


@pytest.fixture(scope="module")
def stages(kernels: tuple[Path, Path]) -> list[tuple[Stage, Stage]]:
    """All steps, on both."""
    plain, other = map(stages_of, kernels)
    return list(zip(plain, other, strict=True))


def test_each_word_is_renamed() -> None:
    assert all(NEW.words()[name] != word for name, word in OLD.words().items())
    assert len(set(NEW.words().values())) == len(OLD.words())


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[step.number for step in STEPS])
def test_a_step_does_the_same(number: int, stages: list[tuple[Stage, Stage]]) -> None:
    plain, other = stages[number]
    assert plain.after.paths == other.after.paths
    for path in plain.after.paths:
        if path != "vrefactor.toml":
            text, found = (tree.read(path).decode("latin-1") for tree in (plain.after, other.after))
            assert in_old_macros(found) == renamed(text), path
    assert told(other) == [tuple(map(renamed, site)) for site in told(plain)]


def told(stage: Stage) -> list[tuple[str, ...]]:
    """Return what a stage says of its sites, and what it finds and notes."""
    return [
        *((s.path, str(s.line), s.name, str(s.reason), s.detail) for s in stage.plan.sites),
        *((f.path, str(f.line), f.name, f.what, *f.chain) for f in stage.plan.findings),
        *((note,) for note in stage.plan.notes),
    ]


def test_the_audit_says_the_same(
    stages: list[tuple[Stage, Stage]], kernels: tuple[Path, Path]
) -> None:
    plain, other = (
        audit(stage.after, load(root / "vrefactor.toml"), (), QUICK)
        for stage, root in zip(stages[-1], kernels, strict=True)
    )
    assert len(plain.candidates) > 100
    assert repr(other) == renamed(repr(plain))


@pytest.mark.skipif(not (shutil.which("make") and shutil.which("cc")), reason="needs make and cc")
def test_many_stacks_run(
    stages: list[tuple[Stage, Stage]], stepped: SteppedKernels, tmp_path: Path
) -> None:
    other = stages[-1][1].after
    root = lay_out(tmp_path / "renamed", {path: other.read(path) for path in other.paths})
    assert run_stacks(root, tmp_path / "1") == run_stacks(stepped.after("3"), tmp_path / "2")


def run_stacks(root: Path, objects: Path) -> str:
    """Build the scenes of many stacks, and return what they print."""
    command = ["make", "-s", "CFLAGS=-O0", f"OBJDIR={objects}", "stacks"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_old_macros(text: str) -> str:
    """Undo the one change that no text shows: of two macros alike, one names containers."""
    return text.replace(f"{NEW.stack}_ ## m_name_lc", f"{OLD.stack}_ ## m_name_lc")
