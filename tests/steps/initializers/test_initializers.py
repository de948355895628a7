"""Step 2.1: which values become assignments, how, and what their definitions look like then."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.initializers.initializing import FUNCTION, HEADER, NAMES, TYPES, parts, plan
from vrefactor.plan.model import Refusal, Verdict
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.steps.initializers.reasons import InitializerRefusal

STAYS = {
    "no value": "int x;\n",
    "another variable": "int other = 5;\n",
    "an extern": "extern int x;\nint x;\n",
    "a local of that name": "int f(void) { int x = 5; return (x); }\n",
    "a comment": "/* int x = 5; */\nint x;\n",
    "dead code": "#if 0\nint x = 5;\n#endif\nint x;\n",
    "a sysctl": "int x;\nSYSCTL_INT(_net, 1, x, 0, &x, 5, 0);\n",
    "a tunable of what has no value": 'int x;\nTUNABLE_INT("x", &x);\n',
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_it_stays(text: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, text)
    assert (planned.plan.edits, planned.plan.new_files) == ((), ())
    assert not planned.sites(Verdict.REFUSED)
    assert not planned.sites(Verdict.REWRITTEN)


MOVES = {
    "a number": ("int x = 5;\n", "int x;\n", "\tV_x = 5;\n"),
    "zero": ("static int\tx  =  0;\n", "static int\tx;\n", "\tV_x = 0;\n"),
    "an expression": (
        "int x = MAX - 1;\nint y = sizeof(struct pair) << 2;\n",
        "int x;\nint y;\n",
        "\tV_x = MAX - 1;\n\tV_y = sizeof(struct pair) << 2;\n",
    ),
    "a null pointer": ("char *ptr = NULL;\n", "char *ptr;\n", "\tV_ptr = NULL;\n"),
    "a function": ("int (*fn)(void) = start;\n", "int (*fn)(void);\n", "\tV_fn = start;\n"),
    "another's address": (
        "int x = 1;\nint *ptr = &V_x;\n",
        "int x;\nint *ptr;\n",
        "\tV_x = 1;\n\tV_ptr = &V_x;\n",
    ),
    "one of a list": (
        "int x = 0, other = 1, y = 2;\n",
        "int x, other = 1, y;\n",
        "\tV_x = 0;\n\tV_y = 2;\n",
    ),
    "a comment behind": (
        "int\tx = 5;\t/* five */\n",
        "int\tx;\n",
        "\tV_x = 5;\t/* five */\n",
    ),
    "a comment of two lines behind": (
        "int x = 5; /* five,\n\t    * at least */\nint y;\n",
        "int x;\nint y;\n",
        "\tV_x = 5; /* five,\n\t\t    * at least */\n",
    ),
    "a comment within": (
        "int x = 5 /* five */;\n",
        "int x;\n",
        "\tV_x = 5 /* five */;\n",
    ),
    "a comment above": (
        "/* five */\nint x = 5;\n\nint other;\n",
        "int x;\n\nint other;\n",
        "\t/* five */\n\tV_x = 5;\n",
    ),
    "a comment above several": (
        "/* both */\nint x = 5;\nint other;\n",
        "/* both */\nint x;\nint other;\n",
        "\tV_x = 5;\n",
    ),
    "a comment apart": (
        "/* a section */\n\nint x = 5;\n",
        "/* a section */\n\nint x;\n",
        "\tV_x = 5;\n",
    ),
    "a comment of a list": (
        "int x = 5, y = 6; /* both */\n",
        "int x, y; /* both */\n",
        "\tV_x = 5;\n\tV_y = 6;\n",
    ),
    "a continued line": (
        "int x = MAX +\n    5;\n",
        "int x;\n",
        "\tV_x = MAX +\n\t    5;\n",
    ),
    "under a condition": (
        "#ifdef A\nint x = 5;\n#endif\nint y = 6;\n",
        "#ifdef A\nint x;\n#endif\nint y;\n",
        "#ifdef A\n\tV_x = 5;\n#endif\n\tV_y = 6;\n",
    ),
    "in both branches": (
        "#ifdef A\nint x = 5;\n#else\nint x = 6;\n#endif\n",
        "#ifdef A\nint x;\n#else\nint x;\n#endif\n",
        "#ifdef A\n\tV_x = 5;\n#else\n\tV_x = 6;\n#endif\n",
    ),
    "in the second branch": (
        "#if defined(A) || defined(B)\n#define OTHER\n#else\nint x = 6;\n#endif\n",
        "#if defined(A) || defined(B)\n#define OTHER\n#else\nint x;\n#endif\n",
        "#if !(defined(A) || defined(B))\n\tV_x = 6;\n#endif\n",
    ),
    "under two conditions": (
        "#ifdef A\nint x = 5;\n#if B > 1\nint y = 6;\n#endif\n#endif\n",
        "#ifdef A\nint x;\n#if B > 1\nint y;\n#endif\n#endif\n",
        "#ifdef A\n\tV_x = 5;\n#if B > 1\n\tV_y = 6;\n#endif\n#endif\n",
    ),
    "a condition in the value": (
        "int x =\n#ifdef A\n    5\n#else\n    6\n#endif\n    ;\n",
        "int x;\n",
        "\tV_x =\n#ifdef A\n\t    5\n#else\n\t    6\n#endif\n\t    ;\n",
    ),
    "a structure": (
        "struct pair pair = { 1, { 2 }, NULL };\n",
        "struct pair pair;\n",
        "\tV_pair.a = 1;\n\tV_pair.b.i = 2;\n\tV_pair.c = NULL;\n",
    ),
    "a structure by names": (
        'struct pair pair = { .c = "c, d", .b = { .i = 3 } };\n',
        "struct pair pair;\n",
        '\tV_pair.c = "c, d";\n\tV_pair.b.i = 3;\n',
    ),
    "a structure by old names": (
        "struct pair pair = { c: NULL, a: 3 };\n",
        "struct pair pair;\n",
        "\tV_pair.c = NULL;\n\tV_pair.a = 3;\n",
    ),
    "itself": (
        "struct pair pair = { .next = &V_pair };\n",
        "struct pair pair;\n",
        "\tV_pair.next = &V_pair;\n",
    ),
    "a structure of zeros": (
        "struct pair pair = { 0, { 0 } };\n",
        "struct pair pair;\n",
        "\tV_pair.a = 0;\n\tV_pair.b.i = 0;\n",
    ),
    "a structure of nothing": (
        "struct pair pair = { };\n",
        "struct pair pair;\n",
        "\tbzero(&V_pair, sizeof(V_pair));\n",
    ),
    "a structure by a macro": (
        "struct pair pair = PAIR;\n",
        "struct pair pair;\n",
        "\t{\n\t\tstatic const struct pair pair_initial = PAIR;\n\n"
        "\t\tmemcpy(&V_pair, &pair_initial, sizeof(V_pair));\n\t}\n",
    ),
    "a structure with bits": (
        "static struct odd pair = { 1, 2 };\n",
        "static struct odd pair;\n",
        "\t{\n\t\tstatic const struct odd pair_initial = { 1, 2 };\n\n"
        "\t\tmemcpy(&V_pair, &pair_initial, sizeof(V_pair));\n\t}\n",
    ),
    "a scalar in braces": ("int x = { 5 };\n", "int x;\n", "\tV_x = 5;\n"),
    "a short array": (
        "int arr[4] = { 1, [3] = 2 };\n",
        "int arr[4];\n",
        "\tV_arr[0] = 1;\n\tV_arr[3] = 2;\n",
    ),
    "a long array": (
        "int arr[] = {\n\t1, 2, 3,\t/* some */\n\t4, 5,\n};\n",
        "int arr[5];\n",
        "\t{\n\t\tstatic const int arr_initial[5] = {\n\t\t\t1, 2, 3,\t/* some */\n"
        "\t\t\t4, 5,\n\t\t};\n\n\t\tmemcpy(V_arr, arr_initial, sizeof(V_arr));\n\t}\n",
    ),
    "a long array of zeros": (
        "int arr[9] = { 0, 0, 0, 0, 0 };\n",
        "int arr[9];\n",
        "\tbzero(V_arr, sizeof(V_arr));\n",
    ),
    "an array of addresses": (
        "int x, y;\nint *arr[5] = { &V_x, &V_y, &V_x, &V_y, &V_x };\n",
        "int x, y;\nint *arr[5];\n",
        "".join(f"\tV_arr[{n}] = &V_{'xy'[n % 2]};\n" for n in range(5)),
    ),
    "an array of structures with addresses": (
        'int x;\nstruct t { const char *n; int *p; } arr[2] = { { "a", &V_x }, { 0, &V_x } };\n',
        "int x;\nstruct t { const char *n; int *p; } arr[2];\n",
        '\tV_arr[0].n = "a";\n\tV_arr[0].p = &V_x;\n\tV_arr[1].n = 0;\n\tV_arr[1].p = &V_x;\n',
    ),
    "an array of two dimensions": (
        "int arr[2][2] = { { 1, 2 }, { 3, 4 } };\n",
        "int arr[2][2];\n",
        "\t{\n\t\tstatic const int arr_initial[2][2] = { { 1, 2 }, { 3, 4 } };\n\n"
        "\t\tmemcpy(V_arr, arr_initial, sizeof(V_arr));\n\t}\n",
    ),
    "a table of a type without a name": (
        "struct { int a[5]; } arr[1] = { { { 1, 2, 3, 4, 5 } } };\n",
        "struct { int a[5]; } arr[1];\n",
        "\t{\n\t\tstatic const __typeof(V_arr) arr_initial = { { { 1, 2, 3, 4, 5 } } };\n\n"
        "\t\tmemcpy(V_arr, arr_initial, sizeof(V_arr));\n\t}\n",
    ),
    "a string": (
        'char s[8] = "on";\n',
        "char s[8];\n",
        '\tstrlcpy(V_s, "on", sizeof(V_s));\n',
    ),
    "a string as long as a macro": (
        'char s[MAX] = "fifteen" " " "letters";\n',
        "char s[MAX];\n",
        '\tstrlcpy(V_s, "fifteen" " " "letters", sizeof(V_s));\n',
    ),
    "a string that makes the array": (
        'char s[] = "on";\n',
        'char s[sizeof("on")];\n',
        '\tstrlcpy(V_s, "on", sizeof(V_s));\n',
    ),
    "a string without room for its end": (
        'char s[2] = "on";\n',
        "char s[2];\n",
        '\t{\n\t\tstatic const char s_initial[2] = "on";\n\n'
        "\t\tmemcpy(V_s, s_initial, sizeof(V_s));\n\t}\n",
    ),
    "a string with bytes of its own": (
        'char s[9] = "a\\0b";\n',
        "char s[9];\n",
        '\t{\n\t\tstatic const char s_initial[9] = "a\\0b";\n\n'
        "\t\tmemcpy(V_s, s_initial, sizeof(V_s));\n\t}\n",
    ),
    "an address beside a bit field": (
        "struct two { int b : 1; int *p; };\nint x;\nstruct two pair = { 1, &V_x };\n",
        "struct two { int b : 1; int *p; };\nint x;\nstruct two pair;\n",
        "\tV_pair.b = 1;\n\tV_pair.p = &V_x;\n",
    ),
    "a list head": (
        "struct xhead head = LIST_HEAD_INITIALIZER(V_head);\n",
        "struct xhead head;\n",
        "\tLIST_INIT(&V_head);\n",
    ),
    "a list head of zeros": (
        "struct xhead head = { 0 };\n",
        "struct xhead head;\n",
        "\tLIST_INIT(&V_head);\n",
    ),
    "a list head without a tag": (
        "LIST_HEAD(, pair) head = { NULL };\n",
        "LIST_HEAD(, pair) head;\n",
        "\tLIST_INIT(&V_head);\n",
    ),
    "a tunable": (
        'int x = 5;\nint y = 6;\nTUNABLE_INT("net.x", &x);\nint other;\n',
        "int x;\nint y;\nint other;\n",
        '\tV_x = 5;\n\tV_y = 6;\n\tTUNABLE_INT_FETCH("net.x", &V_x);\n',
    ),
    "a tunable with its condition": (
        'int x = 5;\n\n#ifdef A\nTUNABLE_INT("net.x", &x);\n#endif\n\nint other;\n',
        "int x;\n\nint other;\n",
        '\tV_x = 5;\n#ifdef A\n\tTUNABLE_INT_FETCH("net.x", &V_x);\n#endif\n',
    ),
    "a long tunable": (
        'int x = 5;\nTUNABLE_INT("net.inet6.ip6.a_name_that_is.rather_long.for_a_line", &x);\n',
        "int x;\n",
        '\tV_x = 5;\n\tTUNABLE_INT_FETCH("net.inet6.ip6.a_name_that_is.rather_long.for_a_line",\n'
        "\t    &V_x);\n",
    ),
}


@pytest.mark.parametrize(("before", "after", "lines"), MOVES.values(), ids=MOVES.keys())
def test_it_moves(before: str, after: str, lines: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, before)
    assert parts(planned) == (after, lines + "\n")
    assert not planned.sites(Verdict.REFUSED)
    assert planned.sites(Verdict.REWRITTEN)


REFUSED = {
    "a constant": ("const int x = 5;\n", InitializerRefusal.CONST),
    "a constant pointer": ("int *const ptr = NULL;\n", InitializerRefusal.CONST),
    "statements": ("int x = ({ 5; });\n", InitializerRefusal.VALUE),
    "an address that would have to be copied": (
        'struct two { char s[4]; int *p; };\nstruct two pair = { "on", &V_x };\nint x;\n',
        InitializerRefusal.VALUE,
    ),
    "an array of unknown length": (
        "int arr[] = { [sizeof(int)] = 1 };\n",
        InitializerRefusal.VALUE,
    ),
    "a tunable of another kind": (
        'int x = 5;\nTUNABLE_LONG("net.x", &x);\n',
        InitializerRefusal.TUNABLE,
    ),
    "a tunable of a part": (
        'int arr[1] = { 5 };\nTUNABLE_INT("x", &arr[0]);\n',
        InitializerRefusal.TUNABLE,
    ),
    "a declaration cut by a condition": (
        "int\n#ifdef A\nx = 5\n#else\nx = 6, other\n#endif\n;\n",
        CommonRefusal.UNPARSED,
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(text: str, reason: Refusal, tmp_path: Path) -> None:
    planned = plan(tmp_path, text)
    assert {site.reason for site in planned.sites(Verdict.REFUSED)} == {reason}
    assert all(site.detail and site.line > 1 for site in planned.sites(Verdict.REFUSED))
    assert (planned.plan.edits, planned.plan.new_files) == ((), ())


def test_what_is_declared_behind_the_function_is_not_seen(tmp_path: Path) -> None:
    behind = "enum { LATE = 5 };\nstruct late { int i; } x = { 5 };\nint y = LATE;\n"
    behind += "typedef int late_t;\nlate_t z = 5;\n"
    planned = plan(tmp_path, "extern int y;\n", FUNCTION % "" + behind)
    details = {site.name: site.detail for site in planned.sites(Verdict.REFUSED)}
    where = "ip_init of net/ip.c does not see"
    assert details == {"x": f"{where} x", "y": f"{where} LATE", "z": f"{where} late_t"}


def test_a_variable_is_declared_for_a_function_above_it(tmp_path: Path) -> None:
    behind = (
        "struct x { int x; };\nint other(struct x *);\nstatic int x = 5;\nint arr[] = { 1, 2 };\n"
        "#ifdef A\nint *ptr = NULL;\n#endif\n"
    )
    planned = plan(tmp_path, "", FUNCTION % "" + behind)
    assert not planned.sites(Verdict.REFUSED)
    text = planned.text("net/ip.c")
    declared = "static int x;\nextern int arr[2];\n#ifdef A\nextern int *ptr;\n#endif\n\n"
    assert declared + "void\nip_init(void)\n" in text
    assert text.endswith("static int x;\nint arr[2];\n#ifdef A\nint *ptr;\n#endif\n")


def test_all_definitions_of_a_variable_move_or_none(tmp_path: Path) -> None:
    text = "#ifdef A\nint x = 5;\n#else\nconst int x = 6;\n#endif\nint y = 7;\n"
    planned = plan(tmp_path, text)
    reasons = {(site.line, site.reason) for site in planned.sites(Verdict.REFUSED)}
    assert reasons == {(3, InitializerRefusal.TOGETHER), (5, InitializerRefusal.CONST)}
    assert parts(planned) == (text.replace(" = 7", ""), "\tV_y = 7;\n\n")


def test_line_ends_are_kept(tmp_path: Path) -> None:
    text = '#include "sys/types.h"\nint x = 5; /* a */\n' + FUNCTION % ""
    planned = plan(tmp_path, "", "", {"net/ip.c": text.replace("\n", "\r\n").encode()})
    after = planned.after.read("net/ip.c")
    assert after.count(b"\r\n") == after.count(b"\n")
    assert b"\tV_x = 5; /* a */\r\n\r\n\tstart();" in after


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_what_is_written_compiles(tmp_path: Path) -> None:
    macros = "".join(f"#define V_{word} {word}\n" for word in NAMES)
    macros += "#define INIT_VNET_NET(vnet) (void)0\n"
    files = {
        f"net/{number}.c": (TYPES + after + FUNCTION % lines).encode()
        for number, (_, after, lines) in enumerate(MOVES.values())
    }
    root = lay_out(tmp_path, {"sys/types.h": HEADER, "macros.h": macros.encode(), **files})
    options = ["-fsyntax-only", "-std=gnu99", f"-I{root}", "-include", "macros.h", "-DA"]
    done = subprocess.run(
        ["cc", *options, *files], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
