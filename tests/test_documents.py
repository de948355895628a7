"""What the documents say of the repository is true of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "RULES.md")
TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS}
# A path in backquotes, as it lies in the repository or in the package.
PATH = re.compile(r"`((?:tests|vrefactor|rules|examples|docs|\.ci)/[\w./-]+|\w+/[\w/]+\.py)`")
TOY = "vrefactor/steps/toy"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_it_names_is_there(name: str) -> None:
    named = set(PATH.findall(TEXTS[name]))
    places = (ROOT, ROOT / "vrefactor")
    missing = {path for path in named if not any((place / path).exists() for place in places)}
    assert {path for path in missing if "toy" not in path} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_that_it_links_to_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXTS[name])
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_architecture_lists_every_room() -> None:
    folders = {path.parent.name for path in (ROOT / "vrefactor").glob("*/__init__.py")}
    rows = re.findall(r"^\| ((?:`\w+/`(?:, )?)+) \|", TEXTS["ARCHITECTURE.md"], re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)/`", row)} == folders


def test_the_architecture_says_why_each_library_is_there() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.M | re.S)
    wanted = set(re.findall(r'"([\w-]+)[<>=]', block))
    part = TEXTS["ARCHITECTURE.md"].partition("## Why each library is there")[2]
    rows = re.findall(r"^\| ([\w, -]+) \| .* \| .* \|$", part.partition("\n## ")[0], re.M)
    assert {name for row in rows[1:] for name in row.split(", ")} == wanted


@pytest.mark.parametrize("file", ["__init__.py", "step.py"])
def test_contributing_shows_the_toy_step(file: str) -> None:
    """`test_toy_step.py` runs these very files."""
    text = (ROOT / "tests/toy_step/toy" / file).read_text(encoding="utf-8")
    assert f"```python\n{text}```\n" in TEXTS["CONTRIBUTING.md"]
    assert f"`{TOY}/`" in TEXTS["CONTRIBUTING.md"]


def test_the_picture_is_that_of_its_source() -> None:
    source = (ROOT / "docs/chain.dot").read_text(encoding="utf-8")
    picture = (ROOT / "docs/chain.svg").read_text(encoding="utf-8")
    labels = [
        line.strip()
        for label in re.findall(r'label="([^"]*)"', source)
        for line in label.split(r"\n")
    ]
    shown = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), picture)
    shown = re.sub(r"\s+", " ", shown.replace("&gt;", ">").replace("&#160;", " "))
    assert [one for one in labels if re.sub(r"\s+", " ", one) not in shown] == []
