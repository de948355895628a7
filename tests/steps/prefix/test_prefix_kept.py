"""Step 1, the table of no-ops: what only looks like a use of a virtualised variable.

Each row is a file that comes out as it went in, with the reasons for its candidates in order.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.prefix.shapes import planned, sites
from vrefactor.plan.model import Verdict

KEPT: dict[str, tuple[str, str]] = {
    # declarations at file scope
    "extern declaration": ("extern int foo;\n", "declaration"),
    "several declarators": ("extern int foo, *bar, tab[4], (*hook)(int);\n", "declaration " * 4),
    "foreign static": (
        "static int foo;\nint f(void) { return foo; }\n",
        "declaration, another entity",
    ),
    "foreign static, defined after its use": (
        "static int foo;\nint f(void) { return foo; }\nstatic int foo = 1;\n",
        "declaration, another entity, declaration",
    ),
    "function of that name": (
        "int foo(int);\nint f(void) { return foo(1); }\n",
        "declaration, another entity",
    ),
    "enumerators at file scope": (
        "enum { foo, bar = 2 };\nint f(void) { return foo + bar; }\n",
        "declaration, declaration, another entity, another entity",
    ),
    "typedef at file scope": (
        "typedef int foo;\nfoo f(foo *x) { return (foo)1; }\n",
        "declaration, type, type, type",
    ),
    # name spaces of their own
    "struct tag": ("struct ipstat *f(struct ipstat *);\n", "tag, tag"),
    "tag over two lines": ("struct\nfoo *p;\n", "tag"),
    "tag behind a comment": ("struct /* the */ foo *p;\n", "tag"),
    "union and enum tags": ("union foo *p;\nenum bar { A } q;\n", "tag, tag"),
    "sizeof a tag": ("int n = sizeof(struct foo);\n", "tag"),
    "cast to a tag": ("char *f(char *p) { return (char *)(struct foo *)p; }\n", "tag"),
    "members": (
        "struct s { int foo : 3; int bar[4]; int (*hook)(int); struct s *tab; };\n",
        "member, member, member, member",
    ),
    "member access": (
        "int f(struct s *p) { return p->foo + (*p).bar + p -> tab; }\n",
        "member " * 3,
    ),
    "member access over a line": ("int f(struct s *p) { return p\n\t->foo; }\n", "member"),
    "designators": ("struct s x = { .foo = 1, .bar = { .tab = 2 } };\n", "member, member, member"),
    "old designator": ("struct s x = { foo: 1 };\n", "member"),
    "nested struct": ("struct s { struct foo { int bar; } tab; };\n", "tag, member, member"),
    "label and goto": ("void f(void)\n{\nfoo:\n\tgoto foo;\n}\n", "label, label"),
    "label's address": (
        "void f(void)\n{\n\tvoid *p = &&foo;\nfoo:\n\tgoto *p;\n}\n",
        "label, label",
    ),
    "label of asm goto": (
        'void f(void)\n{\n\tasm goto("x" : : : : foo);\nfoo:;\n}\n',
        "label, label",
    ),
    "name of an asm operand": ('void f(int a) { asm("%[foo]" : : [foo] "r" (a)); }\n', "label"),
    # shadows
    "parameter": ("int f(int foo) { return foo; }\n", "parameter, parameter"),
    "parameter, pointer to function": (
        "int f(int (*hook)(int)) { return hook(1); }\n",
        "parameter, parameter",
    ),
    "parameter, function pointer returned": (
        "int (*f(int foo))(int) { return foo ? 0 : g; }\n",
        "parameter, parameter",
    ),
    "parameter, array": ("int f(int tab[]) { return tab[0]; }\n", "parameter, parameter"),
    "parameter used in the list": ("int f(int foo, int a[foo]);\n", "parameter, parameter"),
    "prototype": ("int f(int foo, struct ipstat *bar);\n", "parameter, tag, parameter"),
    "prototype by macro": ("int f __P((int foo));\n", "parameter"),
    "K&R parameter": ("int\nf(foo)\n\tint foo;\n{\n\treturn (foo);\n}\n", "parameter " * 3),
    "K&R, returns a pointer": (
        "struct s *\nf(a, foo)\n\tint a;\n\tregister struct s *foo;\n{\n\treturn (foo);\n}\n",
        "parameter, parameter, parameter",
    ),
    "K&R, static, on one line": (
        "static int *f(foo) int *foo; { return foo; }\n",
        "parameter " * 3,
    ),
    "K&R, implicit int": ("int\nf(foo, a)\n{\n\treturn (foo);\n}\n", "parameter, parameter"),
    "unused parameter": ("int f(int foo __unused) { return 0; }\n", "parameter"),
    "local": ("void f(void) { int foo; foo = 1; }\n", "local, local"),
    "local of a typedef": ("void f(void) { foo_t foo; foo = 1; }\n", "local, local"),
    "local pointer of a typedef": (
        "void f(void) { foo_t *foo, **bar; foo = *bar; }\n",
        "local " * 4,
    ),
    "local, in its own initialiser": ("void f(void) { int foo = foo; }\n", "local, local"),
    "local, in an outer block": ("void f(void) { int foo; { if (1) foo = 1; } }\n", "local, local"),
    "local static": ("void f(void) { static int foo; foo = 1; }\n", "local, local"),
    "local, type on its own line": (
        "void\nf(void)\n{\n\tfoo_t\n\t\tfoo;\n\n\tfoo = 1;\n}\n",
        "local, local",
    ),
    "local of a macro's type": ("void f(void) { __typeof__(1) foo = 1; foo++; }\n", "local, local"),
    "local under both branches": (
        "void f(void)\n{\n#ifdef A\n\tint foo;\n#else\n\tlong foo;\n#endif\n\tfoo = 1;\n}\n",
        "local, local, local",
    ),
    "local and use under the same #if": (
        (
            "void f(void)\n{\n#ifdef A\n\tint foo;\n#endif\n#if defined(A) && B\n"
            "\tfoo = 1;\n#endif\n}\n"
        ),
        "local, local",
    ),
    "for-loop declaration": (
        "void f(void) { for (int foo = 0; foo; foo++) tab_of(foo); }\n",
        "local " * 4,
    ),
    "statement expression": ("int f(void) { return ({ int foo = 1; foo; }); }\n", "local, local"),
    "local enumerator": ("void f(void) { enum { foo }; int a = foo; }\n", "local, local"),
    "local typedef": ("void f(void) { typedef int foo; foo a; a = (foo)1; }\n", "local " * 3),
    "parameter of a nested function": (
        "void f(void) { int g(int foo) { return foo; } g(1); }\n",
        "parameter, parameter",
    ),
    # the preprocessor
    "macro's name": ("#define foo 1\n#undef foo\n", "macro name, macro name"),
    "macro's parameter": ("#define M(foo) ((foo) + 1)\n", "macro parameter, macro parameter"),
    "local in a macro's body": (
        "#define M(x) do { int foo = (x); foo++; } while (0)\n",
        "local, local",
    ),
    "local in a block as a macro's body": (
        "#define M(x) { int foo = x; foo++; }\n",
        "local, local",
    ),
    "tag and member in a macro's body": (
        "#define M(p) (((struct foo *)(p))->bar)\n",
        "tag, member",
    ),
    "conditions": (
        "#ifdef foo\n#elif defined(bar)\n#endif\n#if tab > 1\n#endif\n#pragma hook\n",
        "directive, directive, directive, directive",
    ),
    "error": ("#ifdef A\n#error foo can't be\n#endif\n", "directive"),
    "include": ('#include <net/foo.h>\n#include "bar.h"\n', ""),
    "alias of a tag": ("#define M foo\nstruct M *f(void);\n", "alias"),
    "alias that nobody uses": ("#define M foo\n", "alias"),
    "list head": ("TAILQ_HEAD(foo, bar) head;\n", "tag, tag"),
    "list entry": ("struct s { LIST_ENTRY(foo) bar; };\n", "tag, member"),
    "field of an iterator": (
        "#define EACH(v, h, f) for (v = h; v; v = v->f)\n"
        "void f(struct s *v, struct s *h) { EACH(v, h, foo) g(v); EACH(v, h, bar.le) g(v); }\n",
        "member, member",
    ),
    "offsetof, defined": (
        "#define offsetof(t, m) (&((t *)0)->m)\nint n = offsetof(struct s, foo);\n",
        "member",
    ),
    "offsetof, built in": ("int n = __builtin_offsetof(struct s, foo.bar);\n", "member, member"),
    "tag through two macros": (
        "#define IN(x) struct x *\n#define OUT(x) IN(x)\nvoid f(void) { use(OUT(foo)); }\n",
        "tag",
    ),
    # macros that export
    "sysctl": (
        'SYSCTL_INT(_net, OID_AUTO, foo, CTLFLAG_RW, &foo, 0, "the foo");\n',
        "sysctl, sysctl",
    ),
    "sysctl over lines": (
        'SYSCTL_STRUCT(_net, OID_AUTO, x,\n    CTLFLAG_RW, &ipstat, ipstat,\n    "");\n',
        "sysctl, sysctl",
    ),
    "tunable": ('TUNABLE_INT("net.foo", &foo);\n', "tunable"),
    # no tokens at all
    "comments and strings": (
        '/* foo */ // bar \\\n foo\nchar *s = "foo\\"foo"; int c = \'foo\';\n',
        "",
    ),
    "string over a joined line": ('char *s = "a\\\nfoo";\n', ""),
    "part of a longer name": ("int foo2 = 1, _foo, xfoo;\n", ""),
    "part of a number": ("int n = 0xfoo;\n", ""),
}


@pytest.mark.parametrize(("text", "reasons"), KEPT.values(), ids=KEPT)
def test_kept(tmp_path: Path, text: str, reasons: str) -> None:
    data = text.encode()
    after, plan = planned(tmp_path / "tree", data)
    assert after == data
    assert _reasons(reasons) == [str(site.reason) for site in sites(plan, Verdict.SKIPPED)]
    assert sites(plan, Verdict.REFUSED) == []


def _reasons(text: str) -> list[str]:
    """Split a row's reasons: by commas, or by blanks if it repeats one word."""
    return [part.strip() for part in text.split(",")] if "," in text else text.split()
