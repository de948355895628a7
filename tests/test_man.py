"""The manual page and `--help` say the same: every command, and every option of each."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from vrefactor.cli import main

MAN = Path(__file__).resolve().parent.parent / "man" / "vrefactor.1"

# Of click itself, on every command and on the program.
OF_CLICK = {"--help", "--version"}

_SECTION = re.compile(r"^\.S([hs]) (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^\.It (Fl .+)$", re.MULTILINE)
_FLAG = re.compile(r"\bFl (\S+)")


def group() -> click.Group:
    """The program's command group, whatever its name."""
    found = [value for value in vars(main).values() if isinstance(value, click.Group)]
    assert len(found) == 1
    return found[0]


def commands() -> dict[str, click.Command]:
    """The program's commands by name; each is imported when it is asked for."""
    program = group()
    context = click.Context(program)
    found = {name: program.get_command(context, name) for name in program.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def options(command: click.Command) -> set[str]:
    """The options of a command, as typed."""
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (*parameter.opts, *parameter.secondary_opts)
    } - OF_CLICK


def sections() -> dict[str, str]:
    """The text of each `.Sh` and `.Ss` of the page, by heading."""
    parts = _SECTION.split(MAN.read_text(encoding="utf-8"))
    return dict(zip(parts[2::3], parts[3::3], strict=True))


def documented(text: str) -> set[str]:
    """The options that a section lists as items: `.It Fl -json Ar file` is `--json`."""
    return {f"-{flag}" for item in _ITEM.findall(text) for flag in _FLAG.findall(item)}


def common() -> set[str]:
    return documented(sections()["COMMON OPTIONS"])


def commands_of_page() -> set[str]:
    """The commands: the subsections with a lower-case word as heading."""
    return {title for title in sections() if re.fullmatch(r"[a-z]+", title)}


def test_page_and_program_have_the_same_commands() -> None:
    assert commands_of_page() == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_page_and_command_have_the_same_options(name: str) -> None:
    here = options(commands()[name])
    own = documented(sections()[name])
    assert not own & common(), "documented twice"
    assert here - common() == own


def test_common_options_are_common() -> None:
    """An option that fewer than two commands take belongs to its command's section."""
    taken = [options(command) for command in commands().values()]
    rare = {name for name in common() if sum(name in some for some in taken) < 2}
    assert not rare


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_nothing() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "all", str(MAN)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_lint_does_not_depend_on_the_manuals_of_the_machine() -> None:
    """`mandoc -T lint` looks for each page that an Xr names."""
    assert not re.findall(r"^\.Xr .*$", MAN.read_text(encoding="utf-8"), re.MULTILINE)
