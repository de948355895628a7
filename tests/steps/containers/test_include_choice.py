"""Step 2.2: the order of the includes of a container's header."""

from __future__ import annotations

import pytest

from vrefactor.steps.containers.include_choice import in_source_order

ORDER = {
    "none": ([], {}, [], []),
    "no source says anything": (["b", "a"], {}, [["c"]], ["b", "a"]),
    "as given where sources have only one": (["b", "a"], {}, [["a"], ["b"]], ["b", "a"]),
    "a tie": (["b", "a"], {}, [["a", "b"], ["b", "a"]], ["b", "a"]),
    "as the sources have them": (["b", "a"], {}, [["a", "x", "b"]], ["a", "b"]),
    "as most sources have them": (
        ["b", "a"],
        {},
        [["b", "a"], ["a", "b"], ["a", "b"]],
        ["a", "b"],
    ),
    "one that a source includes twice": (["b", "a"], {}, [["a", "b", "a"]], ["a", "b"]),
    "what it needs counts more": (["b", "a"], {"a": {"b"}}, [["a", "b"]], ["b", "a"]),
    "what it needs by way of another": (
        ["c", "b", "a"],
        {"a": {"b"}, "b": {"c"}},
        [["a", "c"], ["a", "b"]],
        ["c", "b", "a"],
    ),
    "one that no source has stays behind its neighbour": (
        ["b", "x", "a"],
        {},
        [["a", "b"]],
        ["a", "b", "x"],
    ),
    "what it needs counts more, in a circle": (
        ["a", "b", "c"],
        {"c": {"a"}},
        [["b", "a"], ["c", "b"]],
        ["a", "c", "b"],
    ),
    "three sources that go in a circle": (
        ["a", "b", "c"],
        {},
        [["a", "b"], ["b", "c"], ["c", "a"]],
        ["b", "c", "a"],
    ),
}


@pytest.mark.parametrize(("paths", "before", "lists", "found"), ORDER.values(), ids=ORDER)
def test_order(
    paths: list[str], before: dict[str, set[str]], lists: list[list[str]], found: list[str]
) -> None:
    assert in_source_order(paths, before, lists, {"a", "b", "c"}) == found


def test_a_header_with_a_guard_waits_for_none() -> None:
    lists = [["a", "b", "c"]]
    assert in_source_order(["c", "b", "a"], {}, lists, {"b"}) == ["c", "a", "b"]
    assert in_source_order(["c", "b", "a"], {}, lists, {"c"}) == ["b", "a", "c"]
    assert in_source_order(["c", "b", "a"], {}, lists, ()) == ["c", "b", "a"]
