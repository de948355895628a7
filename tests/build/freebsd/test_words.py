from __future__ import annotations

import pytest

from vrefactor.build.freebsd.words import logical_lines
from vrefactor.errors import KERNEL_CONF, VrefactorError

CASES = {
    "nothing": ("", []),
    "blank lines and comments": ("\n  \n# a comment\n\t# another\n", []),
    "two words": ("a b\n", [(1, "a", "b")]),
    "no newline at the end": ("a", [(1, "a")]),
    "comment after words": ("a b # c\n", [(1, "a", "b")]),
    "a hash inside a word": ("a#b c\n", [(1, "a#b", "c")]),
    "continued": ("a \\\n\tb\nc\n", [(1, "a", "b"), (3, "c")]),
    "continued without a blank": ("a\\\nb\n", [(1, "a", "b")]),
    "blanks after the backslash": ("a \\ \t\n b\n", [(1, "a", "b")]),
    "DOS line ends": ("a \\\r\n b\r\nc\r\n", [(1, "a", "b"), (3, "c")]),
    "a backslash elsewhere": ("a\\b\n", [(1, "a\\b")]),
    "quoted": ('a "b  # c" d\n', [(1, "a", "b  # c", "d")]),
    "an empty string": ('a ""\n', [(1, "a", "")]),
    "numbers": ("\n\na\n\nb\n", [(3, "a"), (5, "b")]),
    "bytes that are not UTF-8": ("a\udcff\n", [(1, "a\udcff")]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_logical_lines(text: str, expected: list[tuple[object, ...]]) -> None:
    data = text.encode("utf-8", "surrogateescape")
    assert [(line.number, *line.words) for line in logical_lines(data, "f")] == expected


def test_open_quote_is_an_error_with_its_line() -> None:
    with pytest.raises(VrefactorError) as caught:
        list(logical_lines(b'a\nb \\\n "c\n', "conf/files"))
    assert caught.value.kind is KERNEL_CONF
    assert (caught.value.path, caught.value.line) == ("conf/files", 3)
