"""Step 2.1: every form of initialisation of C gives the same bytes, or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.steps.initializers.initializing import FUNCTION, plan
from tests.steps.initializers.running import COMPILER, wrong_variables
from vrefactor.plan.model import Refusal, Verdict
from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.reasons import InitializerRefusal

STAYS = {
    "an array without a value": "int arr[3];\n",
    "a union without a value": "union { int i; char c; } x;\n",
    "a typedef": "typedef struct { int x; } x_t;\nx_t x;\n",
    "an array of a thread": "static __thread int arr[2];\n",
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_it_stays(text: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, text)
    assert (planned.plan.edits, planned.plan.sites) == ((), ())


SAME = {
    # Scalars.
    "a scalar in braces": "int x = { 5 };\n",
    "a scalar in two pairs of braces": "int x = {{ 1 }};\n",
    "a typedef of a scalar in braces": "typedef int foo_t;\nstatic foo_t x = { 0 };\n",
    "a typedef of a typedef": "typedef long a_t;\ntypedef a_t b_t;\nb_t x = { 7 };\n",
    "a macro as a type": "#define foo_t unsigned char\nfoo_t x = { 7 };\n",
    "a pointer in braces": "extern int outer[];\nint *ptr = { &outer[3] };\n",
    "a pointer to an array": "extern int outer[64];\nint (*ptr)[64] = &outer;\n",
    "an enumeration": "enum e { A = 3, B };\nenum e x = B;\n",
    "a floating number": "double x = 1.5;\nfloat y = { -0.0 };\n",
    "a value that is converted": "char x = 300;\n_Bool y = 5;\nunsigned char z = -1;\n",
    "a volatile scalar": "volatile int x = 5;\nint volatile y = 6;\n",
    "a pointer to what is volatile": "extern int outer[];\nvolatile int *ptr = outer;\n",
    "an external definition": "extern int x = 5;\n",
    "a macro with parameters": "#define SECOND(a, b) (b)\nint x = SECOND(1, 2);\n",
    # Attributes.
    "an attribute behind the name": "int x __attribute__((aligned(16))) = 5;\nint y = 1;\n",
    "an attribute in front": "static __attribute__((aligned(32))) int x = 5;\n",
    "an attribute of an array": "int arr[5] __attribute__((aligned(64))) = { 1, 2, 3, 4, 5 };\n",
    "an attribute in a list": "int x __attribute__((unused)) = 5, y __attribute__((unused)) = 6;\n",
    # Strings.
    "a string in braces": 'char s[8] = { "on" };\n',
    "a string in parentheses": 'char s[8] = ("on");\n',
    "a string in braces without a bound": 'char s[] = { "on" };\n',
    "a string without its NUL": 'char s[2] = "on";\n',
    "a NUL in a string": 'char s[8] = "a\\0b";\n',
    "a NUL in a string without a bound": 'char s[] = "a\\0b";\n',
    "a NUL at the end": 'char s[] = "ab\\0";\n',
    "an octal escape": 'char s[] = "a\\101b\\7";\n',
    "a hexadecimal escape": 'char s[8] = "a\\x41" "b";\n',
    "two strings": 'char s[] = "on" "off";\n',
    "two strings with a macro": '#define ON "on"\nchar s[] = "a" ON "b";\n',
    "a string macro": '#define NAME "on"\nchar s[8] = NAME;\n',
    "a string macro without a bound": '#define NAME "on"\nchar s[] = NAME;\n',
    "a string macro with a NUL": '#define NAME "o\\0n"\nchar s[8] = NAME;\n',
    "a string macro of a pointer": '#define NAME "on"\nchar *s = NAME;\n',
    "a macro of a macro": '#define A "on"\n#define B A\nchar s[8] = B;\n',
    "a string of bytes": 'unsigned char s[8] = "on";\nsigned char arr[3] = "on";\n',
    "a typedef of bytes": 'typedef unsigned char u_char;\nu_char s[4] = "on";\n',
    "a typedef of an array of characters": 'typedef char name_t[8];\nname_t s = "on";\n',
    "a wide string": 'typedef __WCHAR_TYPE__ wchar_t;\nwchar_t s[8] = L"on";\n',
    "a wide string without a bound": 'typedef __WCHAR_TYPE__ wchar_t;\nwchar_t s[] = L"on";\n',
    "a string of UTF-8": 'char s[8] = u8"on";\nchar arr[] = u8"off";\n',
    "a string of 16 bits": 'unsigned short s[] = u"on";\n',
    "strings in an array": 'char arr[][4] = { "ab", "cde", { "f" } };\n',
    "pointers to strings": 'char *arr[] = { "ab", "cde", "ab" };\n',
    "a string in a structure": (
        "struct n { int i; char name[8]; int j; };\n"
        'struct n x = { 1, "on", 2 };\nstruct n y = { 1, { "on" }, 2 };\n'
        "struct n z = { 1, 'o', 'n' };\n"
    ),
    "an escape in a character": "char arr[] = { '\\'', '\"', ',', '{', '\\\\', '\\0' };\n",
    # Arrays.
    "nested arrays": "int arr[2][3] = { { 1, 2, 3 }, { 4 } };\n",
    "nested arrays without a bound": "int arr[][2] = { { 1 }, { 2, 3 }, { 4 } };\n",
    "nested arrays without braces": "int arr[2][2] = { 1, 2, 3, 4 };\n",
    "nested arrays without braces and bound": "int arr[][2] = { 1, 2, 3, 4, 5 };\n",
    "some braces": "int arr[][2] = { { 1 }, 2, 3, { 4 } };\n",
    "a comma at the end": "int arr[] = { 1, 2, };\n",
    "a bound that is a macro": "int arr[MAX] = { 1, 2, 3, 4, 5 };\n",
    "a bound that is an enumerator": "enum { N = 6 };\nint arr[N] = { 1, 2, 3, 4, 5 };\n",
    "a bound that is an expression": "int arr[MAX / 2 + 1] = { 1, 2 };\n",
    "a typedef of an array": "typedef int vec_t[4];\nvec_t x = { 1, 2, 3, 4 };\n",
    "an array of a typedef of an array": "typedef int v_t[2];\nv_t arr[2] = { { 1, 2 }, { 3 } };\n",
    "a long typedef of an array": "typedef int vec_t[9];\nvec_t x = { 1, 2, 3, 4, 5, 6 };\n",
    "an array of function pointers": "int (*arr[5])(void) = { start, 0, start };\n",
    "an array of pointers": "extern int outer[];\nint *arr[6] = { outer, &outer[2], 0, outer };\n",
    "an array of zeros": "int arr[] = { 0, 0, 0 };\nint x[2][2] = { { 0 } };\n",
    # Designators.
    "a decimal designator": "int arr[] = { [3] = 1, 2 };\n",
    "an octal designator": "int arr[] = { [010] = 1, 2 };\n",
    "a hexadecimal designator": "int arr[] = { [0x1F] = 1 };\n",
    "a designator with a suffix": "int arr[] = { [3UL] = 1 };\n",
    "a character as a designator": "int arr[] = { ['a'] = 1, 2, ['\\n'] = 3 };\n",
    "a character as a designator of a bound": "int arr[128] = { ['}'] = 1, [','] = 3 };\n",
    "an enumerator as a designator": "enum { A, B, C };\nint arr[] = { [C] = 1, [A] = 2, 3 };\n",
    "a macro as a designator": "int arr[] = { [MAX] = 1, 2 };\n",
    "an expression as a designator": "int arr[] = { [MAX + 1] = 1, [MAX * 2 - 1] = 2 };\n",
    "a shift as a designator": "int arr[40] = { [1 << 4] = 1 };\n",
    "a range of designators": "int arr[9] = { [2 ... 4] = 7, 8 };\n",
    "a range of designators without a bound": "int arr[] = { [2 ... 4] = 7, 8 };\n",
    "a designator back": "int arr[4] = { 1, 2, [0] = 3 };\n",
    "a designator of a designator": (
        "struct p { int a, b; };\nstruct p arr[] = { [1].b = 5, 6, [0].a = 7 };\n"
    ),
    "a designator in a nested array": "int arr[3][3] = { [1][1] = 5, 6, 7 };\n",
    "a designator in the old form": "struct p { int a, b; };\nstruct p x = { b: 5, a: 6 };\n",
    "designators of members": "struct p { int a, b, c; };\nstruct p x = { .b = 5, 6, .a = 7 };\n",
    "a member that is set twice": (
        "struct q { int a, b; };\nstruct p { struct q q; int c; };\n"
        "struct p x = { .q.a = 5, .q = { .b = 6 } };\n"
        "struct p y = { .q = { 1, 2 }, .q.b = 3, 4 };\n"
    ),
    # Structures.
    "elided braces": "struct { int p, q; } arr[] = { 1, 2, 3, 4, 5 };\n",
    "elided braces of a tag": ("struct p { int a, b; };\nstruct p arr[] = { 1, 2, { 3 }, 4 };\n"),
    "elided braces in a structure": (
        "struct q { int a; int b[2]; };\nstruct p { int x; struct q q; int y; };\n"
        "struct p x = { 1, 2, 3, 4, 5 };\nstruct p y = { 1, { 2, 3, 4 }, 5 };\n"
        "struct p z = { 1, { 2, { 3, 4 } }, 5 };\n"
    ),
    "elided braces before a designator": (
        "struct q { int a, b; };\nstruct p { struct q q[2]; int y; };\n"
        "struct p x = { 1, 2, 3, .y = 5 };\n"
    ),
    "a typedef of a structure": (
        "typedef struct { int a, b; } p_t;\np_t x = { 1, 2 };\np_t arr[] = { 1, 2, 3 };\n"
    ),
    "a typedef of a tag": "struct p { int a, b; };\ntypedef struct p p_t;\np_t x = { 1, 2 };\n",
    "a tag that a typedef shadows": (
        "typedef int p;\nstruct p { int a, b; };\nstruct p x = { 1, 2 };\n"
    ),
    "a structure in the declaration": "struct own { int a, b; } x = { 1, 2 };\n",
    "an array in a structure": "struct p { int a[3]; int b; };\nstruct p x = { { 1, 2 }, 3 };\n",
    "a structure in a structure": (
        "struct p { struct { int a, b; } in; int c; };\nstruct p x = { { 1, 2 }, 3 };\n"
    ),
    "an anonymous structure": (
        "struct p { int z; struct { int a, b; }; int c; };\n"
        "struct p x = { 1, { 2, 3 }, 4 };\nstruct p y = { .b = 2, .c = 3 };\n"
    ),
    "bit fields": ("struct p { unsigned a : 3, : 4, b : 5; int c; };\nstruct p x = { 7, 9, 5 };\n"),
    "a constant member": "struct p { const int a; int b; };\nstruct p x = { 1, 2 };\n",
    "a constant member that is an array": (
        "struct p { int b; const int a[2]; };\nstruct p x = { 1, { 2, 3 } };\n"
    ),
    "a constant member of a structure in it": (
        "struct q { const int a; };\nstruct p { struct q q; int b; };\nstruct p x = { { 1 }, 2 };\n"
    ),
    "a constant member of a typedef": (
        "typedef const int ci;\nstruct p { ci a; int b; };\nstruct p x = { 1, 2 };\n"
    ),
    "a member that is a pointer to a constant": (
        'struct p { const char *a; int b; };\nstruct p x = { "on", 2 };\n'
    ),
    "a volatile structure": "struct p { int a, b; };\nvolatile struct p x = { 1, 2 };\n",
    "an array of little volatile": "volatile int arr[3] = { 1, 2, 3 };\n",
    "several members of one declaration": (
        "struct p { int a, *b, c[2], (*d)(void); };\nstruct p x = { 1, 0, { 2, 3 }, start };\n"
    ),
    "an empty list": "struct p { int a, b; };\nstruct p x = { };\n",
    "a structure of attributes": (
        "struct p { char a; int b; } __attribute__((packed));\nstruct p x = { 1, 2 };\n"
    ),
    "two layouts": (
        "#ifdef SWAPPED\nstruct p { int b, a; };\n#else\nstruct p { int a, b; };\n#endif\n"
        "struct p x = { 1, 2 };\n"
    ),
    "a layout with a condition in it": (
        "struct p {\n#ifdef SWAPPED\n\tint b;\n#endif\n\tint a;\n};\nstruct p x = { 1 };\n"
    ),
    # Unions.
    "a union": "union u { int i; char c[8]; };\nunion u x = { 5 };\n",
    "a union in the declaration": "union { char c; long l; } x = { 5 };\n",
    "a designated union": "union u { int i; char c[8]; };\nunion u x = { .c = { 1, 2, 3 } };\n",
    "a union of zero": "union u { char c; long l; };\nunion u x = { 0 };\n",
    "a union in a structure": (
        "union u { int i; char c[8]; };\nstruct p { int a; union u u; int b; };\n"
        "struct p x = { 1, { 2 }, 3 };\nstruct p y = { 1, 2, 3 };\n"
        'struct p z = { 1, { .c = "on" }, 3 };\n'
    ),
    "an anonymous union": (
        "struct p { int a; union { int i; char c; }; int b; };\nstruct p x = { 1, { 2 }, 3 };\n"
        "struct p y = { .c = 7, .b = 1 };\n"
    ),
    "an array of unions": (
        "union u { char c; int i; };\nunion u arr[] = { { 1 }, 2, { .i = 3 } };\n"
    ),
    # Macros in lists.
    "a macro that is several elements": "#define P 5, 6\nint arr[3] = { P, 7 };\n",
    "a macro that is several members": (
        "#define P 5, 6\nstruct p { int a, b, c; };\nstruct p x = { P, 7 };\n"
    ),
    "a macro of a macro that is several": (
        "#define P 5, 6\n#define Q P\nstruct p { int a, b, c; };\nstruct p x = { Q, 7 };\n"
    ),
    "a macro with parameters that is several": (
        "#define P(a) a, a + 1\nstruct p { int a, b, c; };\nstruct p x = { P(1), 7 };\n"
    ),
    "a macro whose argument is several": (
        "#define P 5, 6\n#define ID(a) a\nstruct p { int a, b, c; };\nstruct p x = { ID(P), 7 };\n"
    ),
    "a macro that is a list": "struct p { int a, b; };\nstruct p x = PAIR;\nint arr[2] = PAIR;\n",
    "a macro that is a list in a list": (
        "struct p { int a, b; };\nstruct p arr[2] = { PAIR, PAIR };\nstruct p y[] = { PAIR };\n"
    ),
    "a macro that is a designator": (
        "#define AT(m, v) .m = v\nstruct p { int a, b; };\nstruct p x = { AT(b, 1), AT(a, 2) };\n"
    ),
    "a macro that is nothing": (
        "#define NOTHING\nstruct p { int a, b; };\nstruct p x = { 1 NOTHING, 2 };\n"
    ),
    # Conditions in lists.
    "a condition in a list": "int arr[4] = {\n\t1,\n#ifdef B\n\t2,\n#endif\n\t3\n};\n",
    "a condition in a structure's list": (
        "struct p { int a, b; };\nstruct p x = {\n#ifdef B\n\t1,\n#else\n\t2,\n#endif\n\t3\n};\n"
    ),
    "a condition around designators": (
        "struct p { int a, b; };\nstruct p x = {\n#ifndef B\n\t.b = 1,\n#endif\n\t.a = 3\n};\n"
    ),
}


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
@pytest.mark.parametrize("text", SAME.values(), ids=SAME.keys())
def test_the_value_is_the_same(text: str, tmp_path: Path) -> None:
    planned = plan(tmp_path / "tree", text)
    assert not planned.sites(Verdict.REFUSED)
    names = sorted({site.name for site in planned.sites(Verdict.REWRITTEN)})
    assert names
    assert wrong_variables(planned, names) == []


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_a_wrong_value_is_seen(tmp_path: Path) -> None:
    planned = plan(tmp_path / "tree", "int x = 5;\nint y = 6;\nint arr[] = { 1, 2 };\n")
    text = planned.after.read("net/ip.c")
    at = text.index(b"V_y = 6")
    edits = (
        Edit("net/ip.c", at, at + 7, b"V_y = 7", "", ""),
        Edit("net/ip.c", text.index(b"[2]"), text.index(b"[2]") + 3, b"[3]", "", ""),
    )
    spoilt = replace(planned, after=planned.after.with_plan(tuple(sorted(edits)), ()))
    assert wrong_variables(spoilt, ["arr", "x", "y"]) == ["arr", "y"]


REFUSED = {
    "a constant and volatile": ("const volatile int x = 5;\n", InitializerRefusal.CONST),
    "a constant behind the type": ("int const x = 5;\n", InitializerRefusal.CONST),
    "a constant array": ("const int arr[2] = { 1, 2 };\n", InitializerRefusal.CONST),
    "a constant by its typedef": (
        "typedef const int ci;\nci x = 5;\n",
        InitializerRefusal.CONST,
    ),
    "a constant structure by its typedef": (
        "typedef const struct { int a; } cs;\ncs x = { 5 };\n",
        InitializerRefusal.CONST,
    ),
    "a flexible array member": (
        'struct f { int n; char d[]; };\nstruct f x = { 2, "ab" };\n',
        InitializerRefusal.VALUE,
    ),
    "a flexible array member of length 0": (
        "struct f { int n; int d[0]; };\nstruct f x = { 2, { 3, 4 } };\n",
        InitializerRefusal.VALUE,
    ),
    "a designated flexible array member": (
        "struct f { int n; int d[]; };\nstruct f x = { .d = { 3, 4 } };\n",
        InitializerRefusal.VALUE,
    ),
    "a flexible array member of a typedef": (
        "typedef struct { int n; int d[]; } f_t;\nf_t x = { 2, { 0, 0 } };\n",
        InitializerRefusal.VALUE,
    ),
    "a type that the tree does not have": (
        "struct far;\nextern_t x = { 1, 2 };\n",
        InitializerRefusal.TYPE,
    ),
    "a typedef of an array without a bound": (
        "typedef int vec_t[];\nvec_t x = { 1, 2, 3 };\n",
        InitializerRefusal.VALUE,
    ),
    "a variable of each thread": ("static __thread int x = 5;\n", InitializerRefusal.VALUE),
    "a weak definition": ("int x __attribute__((weak)) = 5;\n", InitializerRefusal.VALUE),
    "a compound literal in a list": (
        "struct p { int *a; };\nstruct p x = { (int []){ 1, 2 } };\n",
        InitializerRefusal.VALUE,
    ),
    "a compound literal in a macro": (
        "#define LIT (int []){ 1, 2 }\nint *ptr = LIT;\n",
        InitializerRefusal.VALUE,
    ),
    "a line number": ("int x = __LINE__;\n", InitializerRefusal.VALUE),
    "a line number in a macro": ("#define AT __LINE__\nint x = AT;\n", InitializerRefusal.VALUE),
    "a counter": ("int x = __COUNTER__;\n", InitializerRefusal.VALUE),
    "a long volatile array": (
        "volatile int arr[9] = { [2 ... 5] = 3 };\n",
        InitializerRefusal.VALUE,
    ),
    "a condition in a list without a bound": (
        "int arr[] = {\n\t1,\n#ifdef B\n\t2,\n#endif\n\t3\n};\n",
        InitializerRefusal.VALUE,
    ),
    "a macro that is several elements, without a bound": (
        "#define P 5, 6\nint arr[] = { P, 7 };\n",
        InitializerRefusal.VALUE,
    ),
    "a macro that is a list, without a bound": ("int arr[] = PAIR;\n", InitializerRefusal.VALUE),
    "a designator that can't be told, without a bound": (
        "int arr[] = { [sizeof(int)] = 1 };\n",
        InitializerRefusal.VALUE,
    ),
    "an empty array": ("int arr[] = { };\n", InitializerRefusal.VALUE),
    "a macro that means another thing at the function": (
        "#define N 5\nint x = N;\n#undef N\n#define N 6\n",
        InitializerRefusal.UNSEEN,
    ),
    "a macro that another rests on": (
        "#define N 5\n#define M N\nint x = M;\n#undef N\n#define N 6\n",
        InitializerRefusal.UNSEEN,
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(text: str, reason: Refusal, tmp_path: Path) -> None:
    planned = plan(tmp_path, text)
    assert {site.reason for site in planned.sites(Verdict.REFUSED)} == {reason}
    assert all(site.detail for site in planned.sites(Verdict.REFUSED))
    assert (planned.plan.edits, planned.plan.new_files) == ((), ())


HIDDEN = {
    "a local of the variable's name": ("int x = 5;\n", "\tint x = 7;\n\n"),
    "a local of a name in the value": (
        "enum { FIRST = 5 };\nint x = FIRST;\n",
        "\tint FIRST = 7;\n\n",
    ),
    "a local of a name in a macro of the value": (
        "enum { FIRST = 5 };\n#define F FIRST\nint x = F;\n",
        "\tint FIRST = 7;\n\n",
    ),
    "a local of a name in a list": (
        "enum { FIRST = 5 };\nint arr[6] = { FIRST, 1, 2, 3, 4, 5 };\n",
        "\tint FIRST = 7;\n\n",
    ),
}


def test_a_parameter_hides_a_name(tmp_path: Path) -> None:
    function = "void\nip_init(x)\n\tint x;\n{\n\tINIT_VNET_NET(curvnet);\n\n\tstart();\n}\n"
    planned = plan(tmp_path, "int x = 5;\n", function)
    assert {site.reason for site in planned.sites(Verdict.REFUSED)} == {InitializerRefusal.UNSEEN}


def test_a_local_of_an_inner_block_hides_nothing(tmp_path: Path) -> None:
    inner = FUNCTION.replace("\tstart();", "\t{\n\t\tint x = 7;\n\n\t\tstart();\n\t}")
    planned = plan(tmp_path, "int x = 5;\n", inner % "")
    assert "\tV_x = 5;\n" in planned.text("net/ip.c")


@pytest.mark.parametrize(("text", "local"), HIDDEN.values(), ids=HIDDEN.keys())
def test_a_local_hides_a_name(text: str, local: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, text, FUNCTION.replace("{\n", "{\n" + local, 1) % "")
    assert {site.reason for site in planned.sites(Verdict.REFUSED)} == {InitializerRefusal.UNSEEN}
    assert planned.plan.edits == ()
