"""Where the shipped rule sets lie: in the wheel, or in a checkout beside the package."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

#: The folder beside the shipped sets with the files that sets can include.
SHARED = "shared"


def rules_root() -> Path:
    """The folder of the shipped rule sets."""
    package = Path(str(resources.files("vrefactor")))
    installed = package / "_rules"
    return installed if installed.is_dir() else package.parent / "rules"


def shipped() -> Mapping[str, Path]:
    """The shipped rule sets: name to folder, sorted by name."""
    folders = sorted(path for path in rules_root().glob("*") if path.is_dir())
    return {path.name: path for path in folders if path.name != SHARED}
