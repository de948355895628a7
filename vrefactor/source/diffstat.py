"""How much a patch changes, by file: what `git format-patch` puts above a patch."""

from __future__ import annotations

from unidiff.patch import PatchedFile, PatchSet

_BAR = 40


def diffstat(diff: bytes) -> bytes:
    """Return one line a file, and a last line with the totals, each with its line end.

    `diff` is one of ours (`vrefactor.source.diff`), so it is well formed; it is read as
    Latin-1 and cut at line feeds only, so any byte passes.
    """
    text = diff.decode("latin-1")
    files = list(PatchSet(f"{line}\n" for line in text.split("\n")[:-1]))
    if not files:
        return b""
    width = max(len(patched.path) for patched in files)
    most = max(patched.added + patched.removed for patched in files)
    lines = [_line(patched, width, most) for patched in files]
    added, removed = (
        sum(patched.added for patched in files),
        sum(patched.removed for patched in files),
    )
    plural = "" if len(files) == 1 else "s"
    lines.append(f" {len(files)} file{plural} changed, {added} lines added, {removed} removed\n")
    return "".join(lines).encode("latin-1", "replace")


def _line(file: PatchedFile, width: int, most: int) -> str:
    changed = file.added + file.removed
    scale = min(1.0, _BAR / most) if most else 1.0
    plus, minus = round(file.added * scale), round(file.removed * scale)
    bar = "+" * max(plus, file.added > 0) + "-" * max(minus, file.removed > 0)
    return f" {file.path:{width}} | {changed:{len(str(most))}} {bar}\n"
