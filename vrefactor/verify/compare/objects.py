"""The verdict on each object: what was compiled on which side, and whether it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.build.model import CompileCommand
from vrefactor.verify.build_dir import Side
from vrefactor.verify.compare.explain import explain
from vrefactor.verify.engine import CompileOutcome, Result
from vrefactor.verify.graph import BuildEdge
from vrefactor.verify.object.elf import ObjectFile, read_object, stripped_md5
from vrefactor.verify.report import ObjectReport, ObjectVerdict


@dataclass(frozen=True, slots=True)
class Pair:
    """One object on both sides; None for a side whose plan does not have it."""

    name: str
    command: CompileCommand
    before: Result | None
    after: Result | None


def pair_results(edges: Sequence[BuildEdge], results: Sequence[Result]) -> list[Pair]:
    """Return the objects of both sides in pairs, in the order of their names."""
    found: dict[str, dict[Side, Result]] = {}
    commands: dict[str, CompileCommand] = {}
    for edge, result in zip(edges, results, strict=True):
        commands.setdefault(edge.name, edge.command)
        found.setdefault(edge.name, {})[edge.side] = result
    return [
        Pair(name, commands[name], sides.get(Side.BEFORE), sides.get(Side.AFTER))
        for name, sides in sorted(found.items())
    ]


def compare(pair: Pair) -> ObjectReport:
    """Compare the stripped objects of a pair.

    Raises `VrefactorError` OBJECT_NOT_ELF for an object that is no ELF object.
    """
    verdict, detail = settle(pair)
    if verdict is not ObjectVerdict.SAME:
        return _report(pair, verdict, detail, _md5s(pair))
    assert pair.before is not None and pair.after is not None
    old, new = pair.before.out.read_bytes(), pair.after.out.read_bytes()
    first = read_object(old, pair.name)
    digest = stripped_md5(first)
    if old == new:  # the same bytes have the same MD5, stripped or not
        return _report(pair, ObjectVerdict.SAME, "", (digest, digest))
    second = read_object(new, pair.name)
    other = stripped_md5(second)
    if digest == other:
        return _report(pair, ObjectVerdict.SAME, "", (digest, other))
    return _different(pair, (digest, other), first, second)


def _different(
    pair: Pair, md5: tuple[str, str], before: ObjectFile, after: ObjectFile
) -> ObjectReport:
    reasons = explain(before, after)
    command = pair.command
    return ObjectReport(
        pair.name, command.source, command.configuration, ObjectVerdict.DIFFERENT, md5, reasons
    )


def settle(pair: Pair) -> tuple[ObjectVerdict, str]:
    """Return the verdict on what was compiled: SAME means that there is something to compare."""
    before, after = pair.before, pair.after
    if _is_absent(before) and _is_absent(after):
        return ObjectVerdict.NOT_COVERED, _detail(before or after)
    if _is_absent(before):
        added = after is not None and after.ok
        return (ObjectVerdict.ADDED, "") if added else (ObjectVerdict.BROKEN, _detail(after))
    if _is_absent(after):
        return ObjectVerdict.REMOVED, ""
    assert before is not None and after is not None
    if before.ok and after.ok:
        return ObjectVerdict.SAME, ""
    if before.ok:
        return ObjectVerdict.BROKEN, _detail(after)
    return (ObjectVerdict.MENDED if after.ok else ObjectVerdict.NOT_COVERED), _detail(before)


def settle_claimed(pairs: Iterable[Pair], plain: Iterable[Pair]) -> Iterator[ObjectReport]:
    """Yield what became of the objects with options that a step claims: ADDED, or BROKEN.

    One that does not compile without the options either is NOT_COVERED: `plain` are the objects
    without them.
    """
    compiled = {
        _plain_key(pair.command) for pair in plain if pair.after is not None and pair.after.ok
    }
    for pair in pairs:
        verdict, detail = settle(pair)
        if verdict is ObjectVerdict.BROKEN and _plain_key(pair.command) not in compiled:
            verdict = ObjectVerdict.NOT_COVERED
        yield _report(pair, verdict, detail, ("", ""))


def _plain_key(command: CompileCommand) -> tuple[str, str]:
    """Return the configuration without the options that are claimed, and the source."""
    claimed = "".join(f"+{option}" for option in command.options)
    return command.configuration.removesuffix(claimed), command.source


def _is_absent(result: Result | None) -> bool:
    return result is None or result.outcome is CompileOutcome.MISSING


def _detail(result: Result | None) -> str:
    if result is None or result.ok:
        return ""
    if result.outcome is CompileOutcome.FAILED:
        return result.detail
    return f"{result.outcome}: {result.detail}"


def _md5s(pair: Pair) -> tuple[str, str]:
    before, after = (_md5(pair.name, result) for result in (pair.before, pair.after))
    return before, after


def _md5(name: str, result: Result | None) -> str:
    if result is None or not result.ok:
        return ""
    return stripped_md5(read_object(result.out.read_bytes(), name))


def _report(pair: Pair, verdict: ObjectVerdict, detail: str, md5: tuple[str, str]) -> ObjectReport:
    command = pair.command
    return ObjectReport(pair.name, command.source, command.configuration, verdict, md5, (), detail)


def comparable(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Result, Result]]:
    """Yield the pairs that have an object on both sides."""
    for pair in pairs:
        if pair.before is not None and pair.after is not None and pair.before.ok and pair.after.ok:
            yield pair, pair.before, pair.after
