from __future__ import annotations

import pytest

from tests.build.freebsd.minitree import Files, config_of, entries_of
from vrefactor.build.freebsd.files import is_taken, make_count_headers, read_files
from vrefactor.errors import KERNEL_CONF, VrefactorError

CONF = "options INET\noptions SIZE=5\ndevice pci\ndevice net\n"

NOT_TAKEN = {
    "no such device": "optional usb",
    "one of two missing": "optional pci usb",
    "both alternatives missing": "optional usb | pci isa",
    "negated": "optional !inet",
    "profiling": "optional profiling-routine",
}
TAKEN = {
    "standard": "standard",
    "device": "optional pci",
    "option in lower case": "optional inet",
    "option with a value": "optional size",
    "two": "optional pci net",
    "second alternative": "optional usb | pci net",
    "first alternative": "optional pci | usb",
    "negated": "optional pci !usb",
    "mandatory": "mandatory pci",
    "keywords among the names": 'optional pci no-obj nowerror warning "careful" net',
    "keywords of old": "optional pci device-driver",
    "all of them": 'optional inet no-implicit-rule before-depend local clean "x" dependency "y"',
}


@pytest.mark.parametrize("words", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_not_taken(words: str) -> None:
    (entry,) = entries_of(f"a.c {words}\n")
    assert not is_taken(entry, config_of(CONF))


@pytest.mark.parametrize("words", TAKEN.values(), ids=TAKEN)
def test_taken(words: str) -> None:
    (entry,) = entries_of(f"a.c {words}\n")
    assert is_taken(entry, config_of(CONF))


def test_profiling_routines_are_taken_when_profiling() -> None:
    (entry,) = entries_of("a.c optional profiling-routine\n")
    assert is_taken(entry, config_of("profile 2\n"))


def test_keywords_and_their_arguments_are_kept() -> None:
    (entry,) = entries_of(
        'a.h optional b no-obj compile-with "${AWK} -f $S/x" clean "a.h"\\\n before-depend\n'
    )
    assert entry.flags == {"no-obj", "before-depend"}
    assert entry.argument("compile-with") == "${AWK} -f $S/x"
    assert entry.argument("clean") == "a.h"
    assert entry.argument("dependency") is None


BAD = {
    "no type": ("a.c standard\nb.c\n", 2, "must be optional, mandatory or standard"),
    "unknown type": ("a.c sometimes\n", 1, "must be optional, mandatory or standard"),
    "standard with a condition": ("a.c standard pci\n", 1, "has no conditions"),
    "optional without": ("a.c optional no-obj\n", 1, "needs a device or an option"),
    "starts with |": ("a.c optional | pci\n", 1, "syntax error at |"),
    "ends with |": ("a.c optional pci |\n", 1, "syntax error at |"),
    "no argument": ("a.c optional pci compile-with\n", 1, "compile-with needs a string"),
    "open quote": ('a.c standard clean "x\n', 1, "not closed"),
    "include of nothing": ("include $S/conf/none\n", 1, "conf/none"),
    "include of itself": ("include conf/files\n", 1, "in a circle"),
}


@pytest.mark.parametrize(("text", "line", "detail"), BAD.values(), ids=BAD)
def test_bad_lines(text: str, line: int, detail: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        entries_of(text)
    assert caught.value.kind is KERNEL_CONF
    assert (caught.value.path, caught.value.line) == ("conf/files", line)
    assert detail in caught.value.detail


def test_mandatory_device_that_is_missing() -> None:
    (entry,) = entries_of("\na.c mandatory usb\n")
    with pytest.raises(VrefactorError) as caught:
        is_taken(entry, config_of(CONF))
    assert (caught.value.path, caught.value.line) == ("conf/files", 2)


def test_both_files_and_includes_are_read_in_order() -> None:
    tree = Files(
        {
            "conf/files": "a.c standard\ninclude $S/conf/more\nb.c standard\n",
            "conf/more": "m.c standard\n",
            "conf/files.amd64": "c.c standard\n",
            "conf/files.i386": "d.c standard\n",
        }
    )
    assert [entry.path for entry in read_files(tree, "amd64")] == ["a.c", "m.c", "b.c", "c.c"]


def test_count_headers() -> None:
    entries = entries_of("a.c optional sl count\nb.c optional tun count\nc.c optional pci\n")
    made = make_count_headers(entries, config_of("device sl 3\n"))
    assert {item.path: item.content for item in made} == {
        "sl.h": b"#define NSL 3\n",
        "tun.h": b"#define NTUN 0\n",
    }
