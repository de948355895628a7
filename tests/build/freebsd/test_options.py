from __future__ import annotations

import pytest

from tests.build.freebsd.minitree import Files, config_of
from vrefactor.build.freebsd.options import make_option_headers, option_headers, unlisted_headers
from vrefactor.errors import KERNEL_CONF, KERNEL_OPTION, VrefactorError, VrefactorErrors

LISTED = "# options\nTRACE\nMTU opt_net.h # octets\nOLD_MTU = MTU\nGLOBAL opt_global.h\n"


def headers(conf: str, options: str = LISTED, **macros: str) -> dict[str, str]:
    listed = option_headers(Files({"conf/options": options}), "amd64")
    return {
        item.path: item.content.decode()
        for item in make_option_headers(config_of(conf), listed, macros)
    }


def test_headers_of_options_that_are_not_set_are_empty() -> None:
    assert headers("") == {"opt_global.h": "", "opt_net.h": "", "opt_trace.h": ""}


SET = {
    "plain": ("options TRACE\n", "opt_trace.h", "#define TRACE 1\n"),
    "value": ("options MTU=9\n", "opt_net.h", "#define MTU 9\n"),
    "string": ('options MTU=\\"a b\\"\n', "opt_net.h", '#define MTU "a b"\n'),
    "empty": ("options MTU=\n", "opt_net.h", "#define MTU \n"),
    "global": ("options GLOBAL\n", "opt_global.h", "#define GLOBAL 1\n"),
    "renamed": ("options OLD_MTU=9\n", "opt_net.h", "#define MTU 9\n"),
}


@pytest.mark.parametrize(("conf", "header", "text"), SET.values(), ids=SET)
def test_option(conf: str, header: str, text: str) -> None:
    assert headers(conf) == {**headers(""), header: text}


def test_what_config_makes_options_of() -> None:
    made = headers(
        "device bpf\ndevice other\ncpu I686\ncpu I486\nmaxusers 7\n",
        "DEV_BPF opt_a.h\nI686_CPU opt_a.h\nI686 opt_a.h\nMAXUSERS opt_a.h\n",
    )
    assert made["opt_a.h"] == "#define DEV_BPF 1\n#define I686 1\n#define MAXUSERS 7\n"


def test_maxusers_is_zero_unless_set() -> None:
    assert headers("", "MAXUSERS opt_a.h\n")["opt_a.h"] == "#define MAXUSERS 0\n"


def test_macros_go_to_the_global_header() -> None:
    assert headers("", EXTRA="2")["opt_global.h"] == "#define EXTRA 2\n"


def test_unknown_option_says_where_and_what_is_near() -> None:
    with pytest.raises(VrefactorError) as caught:
        headers("\noptions TRAEC\n")
    assert caught.value.kind is KERNEL_OPTION
    assert (caught.value.path, caught.value.line) == ("amd64/conf/KERN", 2)
    assert caught.value.detail == "TRAEC (did you mean TRACE?)"


def test_all_unknown_options_are_told_at_once() -> None:
    with pytest.raises(VrefactorErrors) as caught:
        headers("options X1\noptions X2\n")
    assert [error.line for error in caught.value.errors] == [1, 2]


BAD = {
    "too many words": ("A opt_a.h opt_b.h\n", 1),
    "twice": ("A\n\nA opt_b.h\n", 3),
}


@pytest.mark.parametrize(("text", "line"), BAD.values(), ids=BAD)
def test_bad_lines(text: str, line: int) -> None:
    with pytest.raises(VrefactorError) as caught:
        option_headers(Files({"conf/options": text}), "amd64")
    assert caught.value.kind is KERNEL_CONF
    assert (caught.value.path, caught.value.line) == ("conf/options", line)


def test_an_option_renamed_in_a_circle_is_unknown() -> None:
    with pytest.raises(VrefactorError) as caught:
        headers("options A\n", "A = B\nB = A\n")
    assert caught.value.kind is KERNEL_OPTION


def test_both_option_files_are_read() -> None:
    tree = Files({"conf/options": "A\n", "conf/options.amd64": "B\n", "conf/options.i386": "C\n"})
    assert option_headers(tree, "amd64") == {"A": "opt_a.h", "B": "opt_b.h"}


def test_headers_that_only_modules_know() -> None:
    tree = Files({"a.c": '# include "opt_x.h"\n#include "opt_net.h"\n', "b.txt": '"opt_y.h"'})
    assert [item.path for item in unlisted_headers(tree, {"opt_net.h"})] == ["opt_x.h"]
