"""Bad input through the command line: one clear message, the right status, nothing half written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.toy import A_C, B_C, GOOD, Capture, diff
from tests.source.helpers import contents, lay_out
from vrefactor.cli.main import call


def refused(root: Path, capture: Capture, status: int, *words: str) -> None:
    """Run `diff`: it ends with `status`, says one thing with all of `words`, and no patch."""
    before = contents(root) if root.is_dir() else {}
    assert diff(root, "-o", str(root.parent / "out.diff")) == status
    out, err = capture.readouterr()
    assert out == ""
    assert not (root.parent / "out.diff").exists()
    assert err.count("vrefactor: ") == 1, err
    assert "Traceback" not in err
    assert [word for word in words if word not in err] == [], err
    assert (contents(root) if root.is_dir() else {}) == before


def accepted(root: Path, capture: Capture) -> str:
    """Run `diff`: it succeeds; return the patch."""
    assert diff(root, "-q") == 0
    out, err = capture.readouterr()
    assert err == ""
    return out


# trees


def test_tree_missing(tmp_path: Path, capsys: Capture) -> None:
    refused(tmp_path / "tree", capsys, 3, "no such tree", "tree")


def test_tree_is_a_file(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "tree").write_bytes(b"int x;\n")
    refused(tmp_path / "tree", capsys, 3, "not a directory")


def test_tree_is_empty(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "tree").mkdir()
    refused(tmp_path / "tree", capsys, 3, "no C source")


def test_tree_holds_no_c(tmp_path: Path, capsys: Capture) -> None:
    refused(lay_out(tmp_path / "tree", {"README": b"x\n"}), capsys, 3, "no C source")


@pytest.mark.parametrize(
    ("path", "mode"),
    [("net", 0), ("net", 0o600), ("net", 0o100), ("net/a.c", 0), (".", 0), (".", 0o600)],
)
def test_tree_is_not_readable(unprivileged: Path, capsys: Capture, path: str, mode: int) -> None:
    root = lay_out(unprivileged / "tree", GOOD)
    (root / path).chmod(mode)
    try:
        assert diff(root) == 3
    finally:
        (root / path).chmod(0o755)
    out, err = capsys.readouterr()
    assert out == ""
    assert "cannot be read" in err
    assert "Traceback" not in err


def test_no_rules(tmp_path: Path, capsys: Capture) -> None:
    refused(lay_out(tmp_path / "tree", {"net/a.c": A_C}), capsys, 2, "--rules")


# files


BROKEN: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "NUL": (b"int a;\nfoo\0;\n", ("net/b.c:2:", "NUL")),
    "comment": (b"int a;\n/* foo\n\n", ("net/b.c:2:", "comment")),
    "comment after a literal": (b'char *s = "/*";\nfoo;\n/* x', ("net/b.c:3:", "comment")),
    "string": (b'int a;\nchar *s = "foo;\nint foo;\n', ("net/b.c:2:", "string literal")),
    "character": (b"int a = 'x;\nint *p = &foo;\n", ("net/b.c:1:", "character literal")),
    "string over lines": (b'int *p = &foo;\nchar *s = "a\nb";\n', ("net/b.c:2:", "string")),
    "#if": (b"#ifdef A\n#if B\nint *p = &foo;\n#endif\n", ("net/b.c:1:", "#if without #endif")),
    "#endif": (b"int *p = &foo;\n#endif\n", ("net/b.c:2:", "#endif without #if")),
    "#else": (b"\n#else\nint *p = &foo;\n", ("net/b.c:2:", "#else without #if")),
    "#elif": (b"#elif 1\nint *p = &foo;\n", ("net/b.c:1:", "#elif without #if")),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_file(tmp_path: Path, capsys: Capture, text: bytes, words: tuple[str, ...]) -> None:
    refused(lay_out(tmp_path / "tree", GOOD | {B_C: text}), capsys, 3, *words)


@pytest.mark.parametrize("text", [b"int foo(void);\n", b"int a;\n"], ids=["used", "not used"])
def test_the_name_of_a_source_is_not_text(tmp_path: Path, capsys: Capture, text: bytes) -> None:
    name = os.fsdecode(b"net/\xff.c")
    refused(lay_out(tmp_path / "tree", GOOD | {name: text}), capsys, 3, "net/\ufffd.c", "UTF-8")


def test_all_broken_files_are_named(tmp_path: Path, capsys: Capture) -> None:
    texts = {"net/c.c": b"/* foo", B_C: b"#if 1\nfoo\n"}
    assert diff(lay_out(tmp_path / "tree", GOOD | texts)) == 3
    err = capsys.readouterr().err
    assert err.index("net/b.c:1:") < err.index("net/c.c:1:")


@pytest.mark.parametrize(
    "text",
    [
        b"#if 0\nit's the foo's \"prose\n#endif\nint g;\n",
        b"#error can't\n#warning don't\n#pragma it's\nint g;\n#define N x's y\n",
        b"int g; /* it's */ // it's\n",
    ],
    ids=["dead code", "directives", "comments"],
)
def test_harmless_quotes(tmp_path: Path, capsys: Capture, text: bytes) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {B_C: text + b"extern int foo;\nint *p = &foo;\n"})
    assert diff(root) in (0, 1)
    out, err = capsys.readouterr()
    assert "+int *p = &V_foo;" in out
    assert "unterminated" not in err


PASSING = {
    "invalid UTF-8": b'char *s = "\xff\xfe"; /* \xe9 */ int *p = &foo;\n',
    "CRLF": b"int x;\r\nint *p = &foo;\r\n",
    "no last newline": b"int *p = &foo;",
    "only a carriage return": b"int x;\rint *p = &foo;\r",
    "form feed": b"int x;\n\x0c\nint *p = &foo;\n",
}


@pytest.mark.parametrize("text", PASSING.values(), ids=PASSING)
def test_bytes_pass_through(tmp_path: Path, capsys: Capture, text: bytes) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {B_C: b"extern int foo;\n" + text})
    assert call(["apply", str(root), "--step", "1", "-q", "--no-cache"]) == 0
    capsys.readouterr()
    after = (root / B_C).read_bytes()
    assert after.endswith(b"extern int foo;\n" + text.replace(b"&foo", b"&V_foo"))


def test_huge_file(tmp_path: Path, capsys: Capture) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {B_C: b"foo"})
    os.truncate(root / B_C, 50 << 20)
    assert diff(root, "-q") == 3
    assert "net/b.c" in capsys.readouterr().err


def test_huge_file_of_text(tmp_path: Path, capsys: Capture) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {B_C: b"/* foo */\n" + b"\n" * (50 << 20)})
    assert diff(root, "-q") == 3
    assert "net/b.c: is too large to be parsed" in capsys.readouterr().err


DEEP: dict[str, Callable[[int], str]] = {
    "braces": lambda n: "void g(void)\n" + "{" * n + " foo = 1; " + "}" * n + "\n",
    "parentheses": lambda n: "int g(void) { return " + "(" * n + "foo" + ")" * n + "; }\n",
    "brackets": lambda n: "int g(void) { return " + "foo[" * n + "0" + "]" * n + "; }\n",
    "calls": lambda n: "int g(void) { return " + "h(" * n + "foo" + ")" * n + "; }\n",
    "negations": lambda n: "int g(void) { return " + "-" * n + "foo; }\n",
    "additions": lambda n: "int g(void) { return 1" + " + foo" * n + "; }\n",
    "pointers": lambda n: "int " + "*" * n + "p = &foo;\n",
    "declarators": lambda n: "int " + "(" * n + "p" + ")" * n + " = sizeof(foo);\n",
    "initialisers": lambda n: "int a[] = " + "{" * n + "sizeof(foo)" + "}" * n + ";\n",
    "structs": lambda n: "struct { " * n + "int foo; " + "} x; " * n + "int *p = &foo;\n",
    "#elif": lambda n: "#if A\n" + "#elif B\nint *p = &foo;\n" * (n // 10) + "#endif\n",
    "else if": lambda n: "void g(int a) { " + "if (a) foo = 1; else " * n + "; }\n",
    "macros": lambda n: (
        "".join(f"#define M{at}(x) M{at + 1}(x)\n" for at in range(n))
        + f"#define M{n}(x) #x\nint g(void) {{ return h(M0(1), foo); }}\n"
    ),
    "unclosed": lambda n: "void g(void) " + "{(" * n + " foo = 1;\n",
    "closed too often": lambda n: "void g(void) { foo = 1; " + ")}" * n + "\n",
    "strings": lambda n: 'char *s = "foo" ' + '"x"' * n + "; int *p = &foo;\n",
    "shadows": lambda n: "void g(void) { " + "{ int foo; foo = 1; " * n + "}" * n + " foo = 1; }\n",
}


@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP)
def test_a_thousand_deep(tmp_path: Path, capsys: Capture, make: Callable[[int], str]) -> None:
    text = "extern int foo;\n" + make(1000)
    root = lay_out(tmp_path / "tree", GOOD | {B_C: text.encode()})
    assert diff(root) in (0, 1)
    err = capsys.readouterr().err
    assert "step 1 prefix:" in err


def test_a_thousand_ifs_in_one_another_are_an_error(tmp_path: Path, capsys: Capture) -> None:
    """C asks for 63 (6.10, 5.2.4.1), and compilers for a little more; the limit is 128."""
    text = "#if A\n" * 1000 + "extern int foo;\nint *p = &foo;\n" + "#endif\n" * 1000
    assert diff(lay_out(tmp_path / "deep", GOOD | {B_C: text.encode()})) == 3
    assert f"{B_C}:129: " in capsys.readouterr().err
    text = text.replace("#if A\n" * 1000, "#if A\n" * 128).replace(
        "#endif\n" * 1000, "#endif\n" * 128
    )
    assert diff(lay_out(tmp_path / "less", GOOD | {B_C: text.encode()})) in (0, 1)


# links


def test_links(tmp_path: Path, capsys: Capture) -> None:
    root = lay_out(
        tmp_path / "tree",
        GOOD | {"amd64/include/b.h": b"extern int foo;\nstatic int g(void) { return foo; }\n"},
    )
    (root / "machine").symlink_to("amd64/include")
    (root / "loop").symlink_to("loop")
    (root / "away").symlink_to(tmp_path)
    (root / "net/twin.c").symlink_to("a.c")
    assert diff(root) == 0
    out, err = capsys.readouterr()
    assert out.count("+++ b/amd64/include/b.h") == 1
    assert "machine" not in out and "twin" not in out
    assert err.count("loop") >= 1 and err.count("away") >= 1


def test_a_link_is_not_replaced(tmp_path: Path, capsys: Capture) -> None:
    root = lay_out(tmp_path / "tree", GOOD)
    (root / "net/twin.c").symlink_to("a.c")
    assert call(["apply", str(root), "--step", "1", "-q", "--no-cache"]) == 0
    capsys.readouterr()
    assert (root / "net/twin.c").is_symlink()
    assert (root / "net/twin.c").read_bytes() == (root / "net/a.c").read_bytes()


# half-done trees


def finished(root: Path) -> dict[str, bytes]:
    assert call(["apply", str(root), "--step", "1", "-q", "--no-cache"]) == 0
    return contents(root)


HALF_DONE = {
    "a use, no header": {"net/a.c": A_C.replace(b"return foo", b"return V_foo")},
    "an include, no header": {"net/a.c": A_C.replace(b"h>\n", b"h>\n#include <sys/vimage.h>\n", 1)},
    "the header, no use": {
        "sys/vimage.h": b"#ifndef\t_SYS_VIMAGE_H_\n#define\t_SYS_VIMAGE_H_\n\n"
        b"#define\tV_foo foo\n\n#endif /* !_SYS_VIMAGE_H_ */\n"
    },
    "an empty header": {"sys/vimage.h": b""},
}


@pytest.mark.parametrize("texts", HALF_DONE.values(), ids=HALF_DONE)
def test_half_done(tmp_path: Path, capsys: Capture, texts: dict[str, bytes]) -> None:
    whole = finished(lay_out(tmp_path / "whole", GOOD))
    half = finished(lay_out(tmp_path / "half", GOOD | texts))
    capsys.readouterr()
    assert half["net/a.c"] == whole["net/a.c"]
    assert b"#define\tV_foo foo\n" in half["sys/vimage.h"]
    assert accepted(tmp_path / "half", capsys) == ""


TAKEN = {
    "variable": b"int V_foo;\n",
    "local": b"void g(void) { int V_foo; }\n",
    "member": b"struct s { int V_foo; };\n",
    "macro": b"#define V_foo bar\n",
    "function": b"int V_foo(void);\n",
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_prefixed_name_taken(tmp_path: Path, capsys: Capture, text: bytes) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {B_C: b"\n" + text})
    refused(root, capsys, 2, "net/b.c:2:", "V_foo")
