"""Writing JSON files, and texts that other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vrefactor.cli.common import write_output


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write `content` to `path`, with sorted keys, one line an entry."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True)
    write_output(text.encode() + b"\n", path)


def as_text(path: str) -> str:
    """Return a path, or a text with paths, as one that can be encoded: names may hold any bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
