from __future__ import annotations

import subprocess

import pytest

from vrefactor.build.recipe import recipe


@pytest.mark.parametrize("arguments", [{}, {"configurations": ["MY KERNEL'"], "machine": "i386"}])
def test_the_recipe_is_a_shell_script(arguments: dict[str, object]) -> None:
    text = recipe(**arguments)  # type: ignore[arg-type]
    subprocess.run(["sh", "-n"], input=text, text=True, check=True)


def test_the_recipe_has_every_part() -> None:
    text = recipe(["GENERIC"], "i386", ["INVARIANTS", "WITNESS"])
    lines = text.splitlines()
    assert lines[0] == "#!/bin/sh"
    assert "CONFIGS=GENERIC" in lines and "MACHINE=i386" in lines
    assert "NOOPTIONS='INVARIANTS WITNESS'" in lines
    for word in ("nooptions", "__FreeBSD_version", "patch -s -p1", "buildkernel", "strip -o"):
        assert word in text
    assert "md5 -q" in text and "diff -u" in text and "vers" in text


def test_the_recipe_explains_its_call() -> None:
    run = subprocess.run(["sh", "-s"], input=recipe(), text=True, capture_output=True, check=False)
    assert run.returncode == 2
    assert "usage" in run.stderr
