"""Every variant of every template compiles, with each compiler that there is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.generated.variants import SOURCES, WORDS, choices, kernels
from tests.generated.vframing import SOURCE
from vrefactor.generated.template import TEMPLATES, Template, Value
from vrefactor.rules.vocabulary import Vocabulary

Variant = tuple[str, str, bool]
"""A template, a section of it, and whether that is there; `("x.in", "", True)` without any."""

CHOICES = tuple(choices())
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)] or ["cc"]
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter")
FLAGS = ("-std=gnu99", "-fsyntax-only", "-nostdinc", "-I.", *WARNINGS)
ONE = (("VIMAGE_GLOBALS",), ())
MANY = ((), ("VIMAGE_GLOBALS",), ("VIMAGE",), ("VIMAGE", WORDS.option_debug))
MANUAL = "man"
"""The folder of templates for pages of the manual, which no compiler reads."""
FRAMEWORK = (SOURCE, "net/container.c")


@pytest.fixture(scope="module")
def filled() -> set[Variant]:
    """The variants that the kernels have."""
    return set()


@pytest.fixture(scope="module")
def trees(
    tmp_path_factory: pytest.TempPathFactory, filled: set[Variant]
) -> list[tuple[Path, Path]]:
    """The kernels after steps 2.2 and 3, for each choice of flags."""
    fill = Template.fill

    def recording(template: Template, words: Vocabulary, values: Mapping[str, Value]) -> bytes:
        given = {**values, **words.words()}
        filled.update(variants(template, {name: (bool(value),) for name, value in given.items()}))
        return fill(template, words, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "fill", recording)
        root = tmp_path_factory.mktemp("variants")
        return [kernels(root / str(number), flags) for number, flags in enumerate(CHOICES)]


def variants(template: Template, values: Mapping[str, tuple[bool, ...]] | None) -> set[Variant]:
    """Return the variants of a template: all, or those by the values of its sections."""
    sections = {name for line in template.lines for name, _ in line.conditions}
    return {
        (template.name, name, there)
        for name in sections
        for there in (values[name] if values is not None else (True, False))
    } or {(template.name, "", True)}


def compiled(root: Path, compiler: str, paths: tuple[str, ...], options: tuple[str, ...]) -> None:
    defined = [f"-D{option}" for option in ("_KERNEL", *options)]
    done = subprocess.run(
        [compiler, *FLAGS, *defined, *paths], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def chosen(
    trees: list[tuple[Path, Path]], options: tuple[str, ...], every: tuple[tuple[str, ...], ...]
) -> list[tuple[Path, Path]]:
    """Return the trees for some options: all and no flags, and all trees for the last options."""
    extremes = [trees[number] for number in (0, len(trees) // 2)]
    return trees if options == every[-1] else extremes


def test_every_variant_is_there(trees: list[tuple[Path, Path]], filled: set[Variant]) -> None:
    root = Path(str(TEMPLATES))
    there = [
        Template.parse(path.relative_to(root).as_posix(), path.read_bytes())
        for path in sorted(root.rglob("*.in"))
        if path.parent.name != MANUAL
    ]
    assert there
    wanted = {variant for template in there for variant in variants(template, None)}
    assert sorted(wanted - filled) == []


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("options", ONE, ids="+".join)
def test_what_step_2_makes_compiles(
    compiler: str, options: tuple[str, ...], trees: list[tuple[Path, Path]]
) -> None:
    for root, _ in chosen(trees, options, ONE):
        compiled(root, compiler, FRAMEWORK, options)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("options", MANY, ids="+".join)
def test_what_step_3_makes_compiles(
    compiler: str, options: tuple[str, ...], trees: list[tuple[Path, Path]]
) -> None:
    for _, root in chosen(trees, options, MANY):
        compiled(root, compiler, (*FRAMEWORK, "net/use.c"), options)
    for _, root in trees[:1]:
        compiled(root, compiler, tuple(SOURCES), options)
