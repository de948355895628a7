"""What libclang says of a token: one row a case, first those that are no use of the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.confirm.asking import ask, told

HEAD = b"extern int x;\n"  # line 1
VARIABLE = "file-scope variable `x`"
DECLARED = [f"1: declaration of {VARIABLE}"]

OTHERS = {
    "a comment": (b"/* x */ // x\n", []),
    "a string": (b'char *s = "x";\n', []),
    "a tag": (b"struct x;\nstruct x *p;\n", ["2: declaration of tag `x`", "3: tag `x`"]),
    "an enumeration's tag": (b"enum x { A };\n", ["2: declaration of tag `x`"]),
    "a member": (
        b"struct s { int x; } s;\nint f(void) { return s.x; }\n",
        ["2: declaration of member `x`", "3: member `x`"],
    ),
    "a designator": (
        b"struct s { int x; };\nstruct s s = { .x = 1 };\n",
        ["2: declaration of member `x`", "3: member `x`"],
    ),
    "a member through a macro that puts the dot": (
        b"struct s { int x; } s;\n#define M(m) s.m\nint f(void) { return M(x); }\n",
        ["2: declaration of member `x`", "4: member `x`"],
    ),
    "a local": (
        b"int f(void) { int x = 1; return x; }\n",
        ["2: declaration of local variable `x`", "2: local variable `x`"],
    ),
    "a static local": (
        b"int f(void) { static int x; return x; }\n",
        ["2: declaration of local variable `x`", "2: local variable `x`"],
    ),
    "a parameter": (
        b"int f(int x) { return x; }\n",
        ["2: declaration of parameter `x`", "2: parameter `x`"],
    ),
    "a K&R parameter": (
        b"int f(x) int x; { return x; }\n",
        ["2: declaration of parameter `x`", "2: parameter `x`"],
    ),
    "a label": (
        b"void f(void) { goto x; x: ; }\n",
        ["2: label `x`", "2: declaration of label `x`"],
    ),
    "an enumerator in a block": (
        b"int f(void) { enum { x = 3 }; return x; }\n",
        ["2: declaration of enumerator `x`", "2: enumerator `x`"],
    ),
    "a typedef in a block": (
        b"void f(void) { typedef int x; x y; (void)y; }\n",
        ["2: declaration of typedef `x`", "2: typedef `x`"],
    ),
    "a macro's parameter": (b"#define M(x) (x)\nint y = M(1);\n", []),
    "a macro's name": (b"#ifdef NEVER\n#define x 1\n#endif\n", []),
    "stringised": (b"#define S(a) #a\nchar *s = S(x);\n", []),
    "code that is left out": (b"#if 0\nint f(void) { return x; }\n#endif\n", []),
}

USES = {
    "an expression": (b"int f(void) { return x + x; }\n", [f"2: {VARIABLE}"] * 2),
    "the address in an initialiser": (b"int *p = &x;\n", [f"2: {VARIABLE}"]),
    "sizeof": (b"int a[sizeof(x)];\n", [f"2: {VARIABLE}"]),
    "typeof": (b"int f(void) { __typeof(x) y = 0; return y; }\n", [f"2: {VARIABLE}"]),
    "extern in a block": (
        b"int f(void) { extern int x; return x; }\n",
        [f"2: declaration of {VARIABLE}", f"2: {VARIABLE}"],
    ),
    "before a local hides it": (
        b"int f(void) { int y = x; int x = 1; return x + y; }\n",
        [f"2: {VARIABLE}", "2: declaration of local variable `x`", "2: local variable `x`"],
    ),
    "an argument of a macro": (
        b"#define M(a) ((a)++)\nvoid f(void) { M(x); }\n",
        [f"3: {VARIABLE}"],
    ),
    "an argument used twice": (
        b"#define M(a) ((a)++, (a)--)\nvoid f(void) { M(x); }\n",
        [f"3: {VARIABLE}"],
    ),
    "an argument whose first use is dropped": (
        b"#define CHECK(a)\n#define M(a) do { CHECK(a); (a)++; } while (0)\n"
        b"void f(void) { M(x); }\n",
        [f"4: {VARIABLE}"],
    ),
    "an argument of a macro in an argument": (
        b"#define M(a) (a)\nint f(void) { return M(1 + M(x)); }\n",
        [f"3: {VARIABLE}"],
    ),
    "a macro's body": (
        b"#define M (x + 1)\nint f(void) { return M; }\n",
        [f"2: {VARIABLE} expanded"],
    ),
    "a macro's body over two lines": (
        b"#define M(a) \\\n  ((a) + x)\nint f(void) { return M(1); }\n",
        [f"3: {VARIABLE} expanded"],
    ),
    "a macro's body, through another macro": (
        b"#define M x\n#define N(a) ((a) + M)\nint f(void) { return N(1); }\n",
        [f"2: {VARIABLE} expanded"],
    ),
    "a macro's body, in an argument": (
        b"#define M x\n#define N(a) (a)\nint f(void) { return N(M); }\n",
        [f"2: {VARIABLE} expanded"],
    ),
    "a macro's body at file scope": (
        b"#define M int *p = &x\nM;\n",
        [f"2: {VARIABLE} expanded"],
    ),
    "a macro's body, two things": (
        b"#define M x\nint f(void) { return M; }\nint g(int x) { return M; }\n",
        [
            f"2: {VARIABLE} expanded",
            "2: parameter `x` expanded",
            "4: declaration of parameter `x`",
        ],
    ),
    "a macro that nothing uses": (b"#define M x\n", []),
    "after a splice": (b"int f(void) { return \\\n x; }\n", [f"3: {VARIABLE}"]),
    "after Latin-1 bytes": (b"/* \xe9\xe8 */ int f(void) { return x; }\n", [f"2: {VARIABLE}"]),
    "with CRLF": (b"int y;\r\nint f(void) { return x; }\r\n", [f"3: {VARIABLE}"]),
}


@pytest.mark.parametrize("case", OTHERS)
def test_no_use(case: str, tmp_path: Path) -> None:
    source, expected = OTHERS[case]
    confirmation = ask(tmp_path / "tree", {"a.c": HEAD + source}, "x")
    assert not confirmation.failures
    assert told(confirmation.tokens) == DECLARED + expected


@pytest.mark.parametrize("case", USES)
def test_use(case: str, tmp_path: Path) -> None:
    source, expected = USES[case]
    confirmation = ask(tmp_path / "tree", {"a.c": HEAD + source}, "x")
    assert not confirmation.failures
    assert told(confirmation.tokens) == DECLARED + expected


def test_statics_of_one_name_are_variables_of_their_files(tmp_path: Path) -> None:
    files = {
        "a.c": b"static int x;\nint f(void) { return x; }\n",
        "b.c": b'#include "h.h"\nint x;\nint g(void) { return x; }\n',
        "h.h": b"extern int x;\n",
        "i.h": b"static int x;\n",
        "c.c": b"#include <i.h>\nint h(void) { return x; }\n",
    }
    found = ask(tmp_path / "tree", files, "x").tokens
    owners = {(token.path, token.line): token.entity.file for token in found}
    assert owners == {
        ("a.c", 1): "a.c",
        ("a.c", 2): "a.c",
        ("b.c", 2): "",
        ("b.c", 3): "",
        ("h.h", 1): "",
        ("i.h", 1): "i.h",
        ("c.c", 2): "i.h",
    }
