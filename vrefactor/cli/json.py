"""Writing JSON files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vrefactor.cli.common import write_output


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write `content` to `path`, with sorted keys, one line an entry."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True)
    write_output(text.encode() + b"\n", path)
