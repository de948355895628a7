"""A scan as plain data, for `--json`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from vrefactor.cli.common import as_text
from vrefactor.rules.types import RuleSet
from vrefactor.scan.model import Export, Scan, ScanRow, SourcePlace


def as_json(scan: Scan, rules: RuleSet) -> dict[str, Any]:
    """Return a scan as plain data.  Lines count from 1, sizes are bytes."""
    return {
        "rules": rules.name,
        "parse": {
            "files": scan.files,
            "bytes": scan.coverage.parsed,
            "error_bytes": scan.coverage.errors,
            "left_out": [as_text(str(error)) for error in scan.unread],
            "regions": [
                {**_place(region.place), "bytes": region.size, "file_scope": region.file_scope}
                for region in scan.regions
            ],
        },
        "proposals": dict(Counter(str(row.proposal) for row in scan.rows)),
        "classes": dict(Counter(str(row.kind) for row in scan.rows)),
        "variables": [_variable(row) for row in scan.rows],
    }


def _variable(row: ScanRow) -> dict[str, Any]:
    variable = row.variable
    usage = variable.usage
    return {
        "name": variable.name,
        "type": variable.definition.type,
        "linkage": "internal" if variable.internal else "external",
        "initialiser": variable.definition.initial.name.lower(),
        "conditional": variable.definition.conditional,
        "defined": [_place(place) for place in variable.defined],
        "declared": [_place(place) for place in variable.declared],
        "exports": [_export(export) for export in variable.exports],
        "reads": usage.reads,
        "writes": usage.writes,
        "passed": usage.passed,
        "linked": usage.linked,
        "unclear": usage.unclear,
        "reading_files": [as_text(path) for path in usage.reading_files],
        "writing_files": [as_text(path) for path in usage.writing_files],
        "writers": list(usage.writers),
        "class": str(row.kind),
        "proposal": str(row.proposal),
        "reason": row.reason,
    }


def _export(export: Export) -> dict[str, Any]:
    return {
        **_place(export.place),
        "macro": export.macro,
        "name": export.name,
        "writable": export.writable,
        "boot": export.boot,
    }


def _place(place: SourcePlace) -> dict[str, Any]:
    return {"path": as_text(place.path), "line": place.line}
