"""What is recognised in a header: its comments, its guard, its definitions."""

from __future__ import annotations

import pytest

from vrefactor.generated.header import Header, body_of, without

GUARD = "#ifndef\t_A_H_\n#define\t_A_H_\n\nint x;\n#ifdef B\n#endif\n\n#endif /* !_A_H_ */\n"
NO_COMMENTS = {
    "nothing": "#define A\n",
    "an empty line between": "/* b */\n\n#define A\n",
    "code before it": "int x; /* b */\n#define A\n",
    "a definition between": "/* b */\n#define B\n#define A\n",
    "a licence": "/*\n * Copyright (c) 2008 The authors\n */\n#define A\n",
    "the name of a licence": "/* SPDX-License-Identifier: BSD-2-Clause */\n#define A\n",
}
COMMENTS = {
    "above it": ("/* b */\n", "#define A\n"),
    "of several lines": ("/*\n * b\n */\n", "#define A\n"),
    "with CRLF": ("/* b */\r\n", "#define A\r\n"),
    "to the end of a line": ("// b\n", "#define A\n"),
}


def header(text: str) -> Header:
    return Header.read("a.h", text.encode())


@pytest.mark.parametrize("text", NO_COMMENTS.values(), ids=NO_COMMENTS.keys())
def test_no_comment_is_about_it(text: str) -> None:
    found = header(text)
    assert found.comment(found.line(found.named("A")[0])[0]) is None


@pytest.mark.parametrize(("comment", "line"), COMMENTS.values(), ids=COMMENTS.keys())
def test_a_comment_is_about_it(comment: str, line: str) -> None:
    found = header(f"int x;\n{comment}{line}")
    start = len("int x;\n")
    assert found.comment(start + len(comment)) == (start, start + len(comment))


NO_LEADS = {
    "no guard": "/* b */\n#define A\n",
    "no comment": GUARD,
    "two empty lines": f"/* b */\n\n\n{GUARD}",
    "a licence": f"/* Copyright (c) 2008 The authors */\n\n{GUARD}",
}


@pytest.mark.parametrize("text", NO_LEADS.values(), ids=NO_LEADS.keys())
def test_no_comment_is_about_the_header(text: str) -> None:
    assert header(text).lead() is None


@pytest.mark.parametrize("gap", ["", "\n", "\r\n"])
def test_a_comment_is_about_the_header(gap: str) -> None:
    licence = "/* Copyright (c) 2008 The authors */\n\n"
    assert header(f"{licence}/* b */\n{gap}{GUARD}").lead() == (len(licence), len(licence) + 8)


END = {
    "no guard": "int a;\n|",
    "a group that is no guard": "int a;\n#ifdef B\nint b;\n#endif\n|",
    "a group that defines another name": "int a;\n#ifndef B\n#define C\n#endif\n|",
    "a group of which one line comes first": "int a;\n#ifndef B\nint b;\n#define B\n#endif\n|",
    "a guard": "#ifndef H\n#define H\nint a;\n|#endif\n",
    "a guard with a group at its end": "#ifndef H\n#define H\n#ifdef B\n#endif\n|#endif\n",
    "a guard behind code": 'ID("x");\n#ifndef H\n#define H\nint a;\n|#endif\n',
    "a guard behind a group": "#ifdef B\n#endif\n#ifndef H\n#define H\nint a;\n|#endif\n",
    "a guard with code behind it": "#ifndef H\n#define H\n#endif\nint a;\n|",
}


@pytest.mark.parametrize("text", END.values(), ids=END)
def test_the_end_of_the_code(text: str) -> None:
    before, _, after = text.partition("|")
    assert header(before + after).end == len(before)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        pytest.param("#ifdef B", False, id="another option"),
        pytest.param("#ifdef OPTIONS", False, id="a longer name"),
        pytest.param("#ifdef OPTION", True, id="the option"),
        pytest.param("#if !defined(OPTION) && B", True, id="not the option"),
        pytest.param("#if OPTION || B", True, id="in an expression"),
    ],
)
def test_it_depends_on_an_option(condition: str, answer: bool) -> None:
    found = header(f"{condition}\n#define A\n#endif\n")
    assert found.depends_on("OPTION", found.named("A")[0].name_at) is answer


def test_texts() -> None:
    assert body_of(b"#define\tA(x) \\\n\tf(x)\n") == b" \\\n\tf(x)"
    assert without("A") == b"#ifndef A"
    assert without("A", "B") == b"#if !defined(A) && !defined(B)"
