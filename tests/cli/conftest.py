"""What the tests of commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cli.toy import GOOD, diff
from tests.cli.verifying import Shell
from tests.source.helpers import lay_out
from tests.verify.building import CC


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.delenv("CC", raising=False)
    if CC != "cc":
        monkeypatch.setenv("CC", CC)
    return Shell(tmp_path, capsys, monkeypatch)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder, and a user who may not read everything: `root` is somebody else for a while."""
    nobody = 65534
    is_root = os.geteuid() == 0
    with TemporaryDirectory() as folder:
        # What is imported late is imported before somebody else may not read it.
        assert diff(lay_out(Path(folder) / "good", GOOD), "-o", os.devnull) == 0
        if is_root:
            os.chown(folder, nobody, nobody)
            os.seteuid(nobody)
        try:
            yield Path(folder)
        finally:
            if is_root:
                os.seteuid(0)
