"""What the tests of commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.verifying import Shell
from tests.verify.building import CC


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.delenv("CC", raising=False)
    if CC != "cc":
        monkeypatch.setenv("CC", CC)
    return Shell(tmp_path, capsys, monkeypatch)
