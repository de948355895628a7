"""The functions around some places, each as every variant shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from vrefactor.c.parse.functions import Function, function_of
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.forced_defines import variants_with_defines
from vrefactor.c.preprocess.variants import choose


def function_variants(
    code: bytes, conditionals: Conditionals, places: Sequence[int], defined: Collection[str]
) -> Iterator[Function]:
    """Yield the functions that hold one of the places, in each variant that shows them whole.

    The names in `defined` are defined in all variants.  A function that is the same in
    several comes once.
    """
    found: dict[int, Function] = {}
    for variant in choose(code, conditionals, places):
        for block in blocks(variant.text) or ():
            if block.function and any(block.open < at < block.close for at in places):
                found.setdefault(block.open, function_of(variant.text, block))
    wanted = sorted({*places, *_branches(conditionals, found.values())})
    done: set[tuple[int, bytes]] = set()
    for variant in variants_with_defines(code, conditionals, wanted, defined):
        for function in found.values():
            key = (function.open, variant.text[function.open : function.close])
            if key not in done and _is_whole(variant.text, function):
                done.add(key)
                yield replace(function, text=variant.text)


def _branches(conditionals: Conditionals, functions: Iterable[Function]) -> Iterator[int]:
    """Yield the starts of the branches in some functions, dead ones left out."""
    spans = [(function.open, function.close) for function in functions]
    for group in conditionals.groups:
        if any(opened < group.start < closed for opened, closed in spans):
            for branch in group.branches:
                if not conditionals.is_dead(branch.start):
                    yield branch.start


def _is_whole(text: bytes, function: Function) -> bool:
    """Say whether the braces of a function's body balance in a variant."""
    opened, closed = function.open, function.close + 1
    return text.count(b"{", opened, closed) == text.count(b"}", opened, closed) > 0
