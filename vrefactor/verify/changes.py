"""Which files differ between two trees, made by anyone."""

from __future__ import annotations

from vrefactor.source.tree import Tree


def changed_files(before: Tree, after: Tree) -> tuple[str, ...]:
    """Return the files that differ, and those that one tree alone has, in order.

    Raises `VrefactorError` as `Tree.read` does.
    """
    common = {path for path in before.paths if path in after}
    changed = {path for path in common if not same_file(before, after, path)}
    lone = {*before.paths, *after.paths} - common
    return tuple(sorted(changed | lone))


def same_file(before: Tree, after: Tree, path: str) -> bool:
    """Say whether `path`, which both trees have, has the same content in both."""
    stamps = before.stamp(path), after.stamp(path)
    if before.root == after.root and stamps[0] is not None and stamps[0] == stamps[1]:
        return True  # neither has changed it, and both show the same file on disk
    return before.read(path) == after.read(path)
