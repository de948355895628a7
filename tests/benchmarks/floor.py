"""The floor: every file read, its identifiers scanned, candidate files parsed once.

On all cores, with nothing resolved, bound or written: what any tool of this kind must at
least do.  `python -m tests.benchmarks.floor TREE NAMES` prints how many files it parsed.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import tree_sitter_c
from tree_sitter import Language, Parser

WORDS = bytes(c if (chr(c).isalnum() and c < 128) or c == 0x5F else 0x20 for c in range(256))


def run(paths: list[str], names: frozenset[bytes]) -> int:
    """Return how many of the files hold one of the names, having parsed each of these."""
    parser = Parser(Language(tree_sitter_c.language()))
    parsed = 0
    for path in paths:
        data = Path(path).read_bytes()
        if not names.isdisjoint(data.translate(WORDS).split()):
            parser.parse(data)
            parsed += 1
    return parsed


def main(tree: str, names_file: str) -> None:
    """Run the floor over a tree with the names of a file, one a line."""
    names = frozenset(Path(names_file).read_bytes().split())
    paths = [
        os.path.join(folder, name)
        for folder, _, files in os.walk(tree)
        for name in files
        if name.endswith((".c", ".h"))
    ]
    jobs = len(os.sched_getaffinity(0))
    batches = [paths[at : at + 64] for at in range(0, len(paths), 64)]
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        print(sum(pool.map(run, batches, [names] * len(batches))))


if __name__ == "__main__":
    main(*sys.argv[1:])
