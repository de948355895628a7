"""Step 1, the tables of rewrites and refusals.

A row is written as it should come out; what goes in is the same without the prefixes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.prefix.shapes import planned, sites, unprefixed
from vrefactor.plan.model import Refusal, Verdict
from vrefactor.plan.reasons import CommonRefusal

REWRITTEN = {
    # expressions
    "read": "int f(void) { return V_foo; }\n",
    "write": "void f(void) { V_foo = 1; V_foo += V_bar; ++V_foo; V_bar--; }\n",
    "address": "void f(void) { g(&V_foo, &V_ipstat.n, &V_tab[1]); }\n",
    "member of it": "void f(void) { V_ipstat.n++; (V_ipstat).n = (&V_ipstat)->n; }\n",
    "element of it": "int f(void) { return V_tab[V_foo] + *V_tab; }\n",
    "call through it": "int f(void) { return V_hook(V_foo) + (*V_hook)(V_bar); }\n",
    "sizeof": "int f(void) { return sizeof V_foo + sizeof(V_tab) / sizeof(V_tab[0]); }\n",
    "alignment": "int f(void) { return __alignof__(V_foo) + sizeof(V_tab)[0]; }\n",
    "cast": "int f(void) { return (int)V_foo + (u_int)V_bar + *(int *)&V_foo; }\n",
    "parenthesised": "int f(void) { return (V_foo) + (V_bar) * -(V_foo) & (V_bar); }\n",
    "parenthesised call": "int f(void) { return (V_hook)(V_foo); }\n",
    "conditional": "int f(void) { return V_foo ? V_bar : V_tab[0]; }\n",
    "conditional without a middle": "int f(void) { return V_foo ? : V_bar; }\n",
    "comma": "int f(void) { return V_foo++, V_bar; }\n",
    "control": (
        "int f(void)\n{\n\tswitch (V_foo) { case 1: return V_bar; default: break; }\n"
        "\tfor (V_foo = 0; V_foo < V_bar; V_foo++) continue;\n"
        "\twhile (V_foo) do V_bar--; while (V_tab[0]);\n"
        "\tif (V_foo) return V_bar; else return V_foo;\n}\n"
    ),
    "range of a case": "int f(int a) { switch (a) { case V_foo ... V_bar: ; } return 0; }\n",
    "range of a designator": "int a[] = { [V_foo ... V_bar] = 1 };\n",
    "compound literal": (
        "int f(void) { return (struct ipstat){ V_foo }.n + ((int []){ V_bar })[0]; }\n"
    ),
    "designated initialiser": "struct s x = { .foo = V_foo, .bar = &V_bar };\n",
    "initialisers": "int *p = &V_foo, *q[] = { V_tab, &V_bar }, (*r)(int) = V_hook;\n",
    "statement expression": "int f(void) { return ({ int a = V_foo; a; }) + V_bar; }\n",
    "typeof": "void f(void) { typeof(V_foo) a; __typeof__(V_ipstat.n) b = V_bar; }\n",
    "asm operands": 'void f(void) { __asm __volatile("x" : "=r" (V_foo) : "m" (V_tab[0])); }\n',
    "computed goto": "void f(void)\n{\n\tgoto *V_tab[1];\n}\n",
    "multiplied variables": "void f(int a)\n{\n\tint b;\n\n\ta * V_foo;\n\tb * V_bar;\n}\n",
    "bit-field's width": "struct s { int a : sizeof(V_foo); };\n",
    "array's size in a prototype": "int f(int a[sizeof(V_foo)]);\n",
    "first in a file": "int *p = &V_foo;",
    "over lines": "void f(void)\n{\n\tV_ipstat\n\t    .n = V_foo\n\t    + V_bar;\n}\n",
    "behind comments": "int f(void) { return /* the */ V_foo /* and */ + V_bar; /* foo */ }\n",
    # scopes
    "before a shadow": "void f(void) { V_foo = 1; { int foo = 2; foo++; } V_foo = 3; }\n",
    "after a prototype's parameter": "int f(int foo), g(int bar);\nint h(void) { return V_foo; }\n",
    "the initialiser before it": "void f(void) { int a = V_foo, foo = a; foo++; }\n",
    "extern in a block": "void f(void) { int foo; { extern int foo; V_foo = 1; } foo = 2; }\n",
    "beside a tag": "int f(struct foo *p) { return p->foo + V_foo; }\n",
    "beside a label": "void f(void)\n{\n\tV_foo = 1;\nfoo:\n\tgoto foo;\n}\n",
    "beside an enumeration's tag": "int f(enum foo a) { return a + V_foo; }\n",
    "local of a nested function": (
        "void f(void) { int g(int foo) { return foo + V_bar; } V_foo = g(1); }\n"
    ),
    "after a for loop's own": "void f(void) { for (int foo = 0; foo; foo++) ; V_foo = 1; }\n",
    "parameter of a parameter": "int f(int (*g)(int foo)) { return g(V_foo); }\n",
    # function heads
    "K&R": "int\nf(a, b)\n\tint a;\n\tstruct s *b;\n{\n\treturn (V_foo + a);\n}\n",
    "K&R, returns a pointer": "struct s *\nf(a)\n\tint a;\n{\n\tV_foo = a;\n\treturn (0);\n}\n",
    "K&R, two in a file": (
        "char *f(a) int a; { return V_foo; }\nstruct s **g(b) char *b; { return V_bar; }\n"
    ),
    "function pointer returned": "int (*f(int a))(int bar) { V_foo = a + V_bar; return V_hook; }\n",
    "attributes": (
        "static __inline int __attribute__((unused)) f(int a) { return V_foo; }\n"
        "void g(void) __dead2;\nstatic int x __attribute__((aligned(8))) = sizeof(V_bar);\n"
    ),
    "head made by a macro": "FUNC(f)\n{\n\tV_foo = 1;\n}\n",
    "head with a macro's name": "int NAME(f)(int a) { return V_foo + a; }\n",
    'extern "C"': 'extern "C" {\nvoid f(void) { V_foo = 1; }\n}\n',
    'extern "C", conditional': (
        '#ifdef __cplusplus\nextern "C" {\n#endif\nvoid f(void) { V_foo = 1; }\n'
        "#ifdef __cplusplus\n}\n#endif\n"
    ),
    "inline function under a guard": (
        "#ifndef X\n#define X\nint f(void) { return V_foo; }\n#endif\n"
    ),
    # conditionals
    "#ifdef in a condition": (
        "void f(int a)\n{\n\tif (a\n#ifdef INET6\n\t    && V_foo\n#endif\n"
        "\t    )\n\t\tV_bar = 1;\n}\n"
    ),
    "#ifdef splits a statement": (
        "void f(void)\n{\n#ifdef A\n\tif (V_foo) {\n#else\n\tif (V_bar) {\n#endif\n"
        "\t\tV_tab[0] = V_foo;\n\t}\n}\n"
    ),
    "#ifdef in arguments": (
        "void f(void)\n{\n\tV_hook(\n#ifdef A\n\t    V_foo,\n#else\n"
        "\t    V_bar,\n#endif\n\t    V_tab);\n}\n"
    ),
    "#ifdef in parameters": (
        "int f(int a,\n#ifdef A\n    int b\n#else\n    int c, int d\n#endif\n)\n"
        "{\n\treturn V_foo;\n}\n"
    ),
    "head over #if": (
        "int\n#ifdef INET6\nf(int a, int b)\n#else\nf(int a)\n#endif\n{\n\treturn a + V_foo;\n}\n"
    ),
    "K&R head over #if": (
        "int\n#if A\nf(a, b)\n\tint a, b;\n#else\nf(a)\n\tint a;\n#endif\n{\n"
        "\treturn a + V_foo;\n}\n"
    ),
    "head and first lines over #if": (
        "#ifdef A\nvoid f(int a) {\n\tV_foo = a;\n#else\nvoid f(void) {\n"
        "\tV_bar = 1;\n#endif\n\tV_foo++;\n}\n"
    ),
    "else if chain": (
        "void f(int a)\n{\n\tif (a) {\n#ifdef A\n\t} else if (V_foo) {\n#endif\n#ifdef B\n"
        "\t} else if (V_bar) {\n#endif\n\t\tV_tab[0]++;\n\t}\n}\n"
    ),
    "dangling else": (
        "void f(int a)\n{\n#ifdef A\n\tif (a)\n\t\tV_foo = 1;\n\telse\n#endif\n\t\tV_bar = 1;\n}\n"
    ),
    "nested groups": (
        "void f(void)\n{\n#if A\n#if B\n\tV_foo = 1;\n#elif C\n\tV_bar = 1;\n"
        "#else\n\tV_tab[0] = 1;\n#endif\n"
        "#else\n\tV_ipstat.n = 1;\n#endif\n}\n"
    ),
    "dead code": "#if 0\nint f(void) { return V_foo; }\n#endif\nint g(void) { return V_bar; }\n",
    "dead statement": "int f(void)\n{\n#if 0\n\tV_foo = 1;\n#endif\n\treturn V_bar;\n}\n",
    "dead half of a function": (
        "#if 0\nint f(void) { return V_foo;\n#else\nint f(int a) { return V_bar;\n#endif\n}\n"
    ),
    "dead by #if 1": "#if 1\nint a = sizeof(V_foo);\n#else\nint a = sizeof(V_bar);\n#endif\n",
    "local under the other branch": (
        "void f(void)\n{\n#ifdef A\n\tint foo = 1;\n\tfoo++;\n#else\n\tV_foo++;\n#endif\n}\n"
    ),
    # macros
    "object-like macro": "#define M (V_foo + 1)\nint f(void) { return M; }\n",
    "function-like macro": "#define M(x) ((x) + V_foo)\nint f(void) { return M(V_bar); }\n",
    "statements as a macro": (
        "#define M(x) do {\t\t\\\n\tif (V_foo)\t\t\\\n\t\tV_bar = (x);\t\\\n} while (0)\n"
        "void f(void) { M(V_tab[0]); }\n"
    ),
    "block as a macro": "#define M(x) { int a = V_foo; a += (x); V_bar = a; }\n",
    "several statements": "#define M(x) V_foo = (x); V_bar++\n",
    "fragments": (
        "#define A V_foo,\n#define B = V_foo\n#define C case V_foo:\n"
        "#define D (V_foo\n#define E else if (V_foo)\n"
        "#define F } else if (V_foo) {\n#define G if (V_foo)\n#define H V_foo ? V_bar :\n"
    ),
    "arguments as a macro": "#define ARGS V_foo, V_bar\nvoid f(void) { g(ARGS); }\n",
    "alias of a variable": "#define M V_foo\nint f(void) { return M; }\n",
    "alias used by a macro": "#define M V_foo\n#define N (M + 1)\nint f(void) { return M + N; }\n",
    "argument of an argument": "#define M(x) (x)\nint f(void) { return M(M(V_foo) + V_bar); }\n",
    "variable arguments": (
        "#define M(f, ...) f(__VA_ARGS__)\nvoid f(void) { M(V_hook, V_foo, V_bar); }\n"
    ),
    "iterator": (
        "#define EACH_FOREACH(v, h, f) for (v = (h); v; v = v->f)\n"
        "void f(struct s *v) { EACH_FOREACH(v, V_tab, next) { V_foo++; } }\n"
    ),
    "iterator with a statement": (
        "void f(struct s *v)\n{\n\tTAILQ_FOREACH(v, &V_foo, next)\n\t\tV_bar++;\n}\n"
    ),
    "middle of a pasted argument": (
        "#define M(x) a_##x\nint f(void) { return M(1 + V_foo + 1); }\n"
    ),
    "index in offsetof": "int n = __builtin_offsetof(struct s, a[V_foo]);\n",
    # macros where C has no place for them
    "bare call": "void\nf(int a)\n{\n\tBARE(a)\n\tV_foo = 1;\n\tBARE(a)\n\t++V_foo;\n}\n",
    "bare call, indirect": (
        "void\nf(int a)\n{\n\tBARE(a)\n\t*V_tab = 1;\n\tBARE(a)\n\tV_hook(1);\n}\n"
    ),
    "bare word": (
        "void\nf(int a)\n{\n\tBARE\n\tV_foo = 1;\n\tif (a)\n\t\tBARE\n\tV_tab[0] = 1;\n}\n"
    ),
    "known bare word": "void f(int a) { LEAVE V_foo = 1; }\n",
    "known bare call": "void f(int a) { DUMPBITS(a) V_foo = 1; }\n",
    "statement as an argument": (
        'void f(void) { DEB(V_foo = 1;); DEB(printf("x", V_foo); V_bar++;) V_foo--; }\n'
    ),
    "type as an argument": "void f(void) { M(V_foo, struct ipstat *); M(struct foo *, V_bar); }\n",
    "empty argument": "void f(void) { M(V_foo, , V_bar); M(, V_foo); M(V_foo,); }\n",
    "between macros at file scope": (
        'static MALLOC_DEFINE(M_X, "x", "x");\nint f(void) { return V_foo; }\nDECLARE_X(a, b)\n'
        'int g(void) { return V_bar; }\n__FBSDID("x");\nint h(void) { return V_foo; }\n'
    ),
    "prototype by macro before it": "int f __P((int));\nint f(a) int a; { return V_foo; }\n",
    "sysctl in a function": (
        'void f(void) { SYSCTL_ADD_INT(1, 2, &V_foo, 0); TUNABLE_INT_FETCH("x", &V_bar); }\n'
    ),
}


@pytest.mark.parametrize("text", REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(tmp_path: Path, text: str) -> None:
    after, plan = planned(tmp_path / "tree", unprefixed(text).encode())
    assert after.decode() == text
    assert len(sites(plan, Verdict.REWRITTEN)) == text.count("V_")
    assert sites(plan, Verdict.REFUSED) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"int f(void)\r\n{\r\n\treturn foo;\r\n}\r\n",
            b"int f(void)\r\n{\r\n\treturn V_foo;\r\n}\r\n",
        ),
        (
            b"/* caf\xe9 foo */ int a = sizeof(foo);\n",
            b"/* caf\xe9 foo */ int a = sizeof(V_foo);\n",
        ),
        (
            b'char *s = "\xe9 foo"; int a = sizeof(foo);',
            b'char *s = "\xe9 foo"; int a = sizeof(V_foo);',
        ),
        (b"\xef\xbb\xbfint a = sizeof(foo);\n", b"\xef\xbb\xbfint a = sizeof(V_foo);\n"),
        (
            b"#define M \\\r\n\tfoo\r\nint a = sizeof(M);\r\n",
            b"#define M \\\r\n\tV_foo\r\nint a = sizeof(M);\r\n",
        ),
    ],
    ids=[
        "CRLF",
        "Latin-1 in a comment",
        "Latin-1, no last newline",
        "byte order mark",
        "CRLF, joined",
    ],
)
def test_bytes_pass_through(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert planned(tmp_path / "tree", before)[0] == after


REFUSED: dict[str, tuple[str, Refusal, str]] = {
    "pasted": ("#define M(x) foo##x\n", CommonRefusal.PASTED, "foo"),
    "pasted from the right": ("#define M(x) x ## foo\n", CommonRefusal.PASTED, "foo"),
    "stringised": ("#define M(x) #x #foo\n", CommonRefusal.STRINGISED, "foo"),
    "argument that is pasted": (
        "#define M(x) x##_count\nint f(void) { return M(foo); }\n",
        CommonRefusal.PASTED,
        "foo",
    ),
    "end of an argument that is pasted": (
        "#define M(x) x##_count\nint f(void) { return M(&foo); }\n",
        CommonRefusal.PASTED,
        "foo",
    ),
    "argument pasted further in": (
        "#define IN(a, b) a##b\n#define OUT(x) IN(x, _count)\nint f(void) { return OUT(foo); }\n",
        CommonRefusal.PASTED,
        "foo",
    ),
    "argument that is stringised": (
        "#define M(x) check(x, #x)\nvoid f(void) { M(foo); M(bar + 1); }\n",
        CommonRefusal.STRINGISED,
        "foo bar",
    ),
    "argument stringised further in": (
        "#define IN(x) #x\n#define OUT(x) IN((x))\nvoid f(void) { OUT(foo + 1); }\n",
        CommonRefusal.STRINGISED,
        "foo",
    ),
    "alias of both": (
        "#define M foo\nstruct M *f(void) { return M; }\n",
        CommonRefusal.ALIAS,
        "foo",
    ),
    "hidden under some #if": (
        "void f(void)\n{\n#ifdef A\n\tint foo = 1;\n#endif\n\tfoo = 2;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "parameter under some #if": (
        "int\n#ifdef A\nf(int foo)\n#else\nf(void)\n#endif\n{\n\treturn foo;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "braces under a condition": (
        "void f(int a)\n{\n#ifdef A\n\tif (a) {\n#endif\n\tint foo = 1;\n\tfoo++;\n"
        "#ifdef A\n\t}\n#endif\n\tfoo = 2;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "member under a condition": (
        "int f(struct s *p)\n{\n\treturn\n#ifdef A\n\t    p->\n#endif\n\t    foo;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "tag under a condition": (
        "int a = sizeof(\n#ifdef A\n    struct\n#endif\n    foo);\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "label or operand": (
        "void f(void)\n{\n#ifdef A\n\tgoto\n#else\n\tx = 1 +\n#endif\n\t    foo;\nfoo:;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "stringised under a condition": (
        "#define M(x) #x\n#define N(x) x\nint f(void)\n{\n#ifdef A\n\treturn N(\n"
        "#else\n\treturn M(\n"
        "#endif\n\t    foo);\n}\n",
        CommonRefusal.STRINGISED,
        "foo",
    ),
    "macro before a statement, one line": (
        "void f(int a) { IF(a) foo = 1; foo++; }\n",
        CommonRefusal.AMBIGUOUS,
        "foo foo",
    ),
    "macro before a deeper statement": (
        "void f(int a)\n{\n\tIF(a)\n\t\tfoo = 1;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo",
    ),
    "word before a statement": (
        "void f(void) { IF foo++; IF bar += 1; }\n",
        CommonRefusal.AMBIGUOUS,
        "foo bar",
    ),
    "product of two": ("void f(void) { foo * bar; }\n", CommonRefusal.AMBIGUOUS, "bar"),
    "parameter of a macro-made head": (
        "f(foo)\n{\n\treturn foo;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo foo",
    ),
    "macro-made head with parameters": (
        "static int\nFUNC(f, foo)\n{\n\treturn foo;\n}\n",
        CommonRefusal.AMBIGUOUS,
        "foo foo",
    ),
    "K&R, default type": ("f(a, b)\n\tchar *b;\n{\n\tfoo = a;\n}\n", CommonRefusal.UNPARSED, "foo"),
    "unknown head": ("FUNC(f, int a)\n{\n\tfoo = a;\n}\n", CommonRefusal.UNPARSED, "foo"),
    "prose in dead code": (
        "#if 0\nthe foo is not C\n as foo, bar in to\n#endif\n",
        CommonRefusal.UNPARSED,
        "foo foo bar",
    ),
    "unknown macro at file scope": (
        "UNKNOWN(foo);\nUNKNOWN(1, bar)\nint x;\n",
        CommonRefusal.UNKNOWN_MACRO,
        "foo bar",
    ),
    "attribute's argument": (
        "int f(void) __attribute__((cleanup(foo)));\n",
        CommonRefusal.UNKNOWN_MACRO,
        "foo",
    ),
    "where a type stands": ("int f(void) { return (foo)1; }\n", CommonRefusal.TYPE, "foo"),
}


@pytest.mark.parametrize(("text", "reason", "names"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, text: str, reason: Refusal, names: str) -> None:
    after, plan = planned(tmp_path / "tree", text.encode())
    assert after.decode() == text
    refused = [site for site in sites(plan, Verdict.REFUSED) if site.reason is reason]
    assert [site.name for site in refused] == names.split()
