"""Entry points: functions that are called without a stack, and need one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.planting import CONTAINERS, VNET, audit_of, told

ARM = "void arm(void) { callout_reset(&timer, hz, tick, NULL); }\n"
SWITCH = "void tick(void *a) {{ switch (a->n) {{ case 1: {0}break; default: {1}}} }}\n"

#: What is wrong, the same mended, and the function that is found.
PLANTED: dict[str, tuple[str, str, str]] = {
    "a callout": (
        ARM + "void tick(void *arg) { V_count++; }",
        ARM + "void tick(void *arg) { CURVNET_SET(arg); V_count++; CURVNET_RESTORE(); }",
        "tick",
    ),
    "used before the SET": (
        ARM + "void tick(void *arg) { V_count++; CURVNET_SET(arg); CURVNET_RESTORE(); }",
        ARM + "void tick(void *arg) { CURVNET_SET(arg); CURVNET_RESTORE(); }",
        "tick",
    ),
    "used behind the RESTORE": (
        ARM + "void tick(void *arg) { CURVNET_SET(arg); CURVNET_RESTORE(); V_count++; }",
        ARM + "void tick(void *arg) { CURVNET_SET_QUIET(arg); V_count++; CURVNET_RESTORE(); }",
        "tick",
    ),
    "through a call": (
        ARM + "static void work(void) { V_count++; }\nvoid tick(void *arg) { work(); }",
        ARM
        + "static void work(void) { V_count++; }\n"
        + "void tick(void *arg) { CURVNET_SET(arg); work(); CURVNET_RESTORE(); }",
        "tick",
    ),
    "a call behind the RESTORE": (
        ARM
        + "static void work(void) { V_count++; }\n"
        + "void tick(void *arg) { CURVNET_SET(arg); CURVNET_RESTORE(); work(); }",
        ARM
        + "static void work(void) { CURVNET_SET(v); V_count++; CURVNET_RESTORE(); }\n"
        + "void tick(void *arg) { work(); }",
        "tick",
    ),
    "through a macro": (
        ARM + "void tick(void *arg) { COUNT(1); }",
        ARM + "void tick(void *arg) { COUNT_IN(arg, 1); }",
        "tick",
    ),
    "through a macro of the file": (
        "#define BUMP(n) COUNT(n)\n" + ARM + "void tick(void *arg) { BUMP(1); }",
        "#define BUMP(n) COUNT_IN(vnet0, n)\n" + ARM + "void tick(void *arg) { BUMP(1); }",
        "tick",
    ),
    "through another name": (
        "#define total V_count\n" + ARM + "void tick(void *arg) { total++; }",
        "#define total count\n" + ARM + "void tick(void *arg) { total++; }",
        "tick",
    ),
    "an accessor itself": (
        ARM + "void tick(void *arg) { VNET(count)++; }",
        ARM + "void tick(void *arg) { VNET_VNET(arg, count)++; }",
        "tick",
    ),
    "set on one way only": (
        ARM
        + "void tick(void *a) { if (a) { CURVNET_SET(a); x(); CURVNET_RESTORE(); } V_count++; }",
        ARM + "void tick(void *a) { if (a) { CURVNET_SET(a); V_count++; CURVNET_RESTORE(); } }",
        "tick",
    ),
    "set in one case only": (
        ARM + SWITCH.format("CURVNET_SET(a); V_count++; CURVNET_RESTORE(); ", "V_count++; "),
        ARM + SWITCH.format("CURVNET_SET(a); V_count++; CURVNET_RESTORE(); ", "x(); "),
        "tick",
    ),
    "a loop without SET": (
        ARM + "void tick(void *arg) { VNET_FOREACH(v) { V_count++; } }",
        ARM
        + "void tick(void *a) "
        + "{ VNET_FOREACH(v) { CURVNET_SET(v); V_count++; CURVNET_RESTORE(); } }",
        "tick",
    ),
    "behind an early RESTORE that does not leave": (
        ARM + "void tick(void *a) { CURVNET_SET(a); if (!a) { CURVNET_RESTORE(); goto out; } "
        "V_count++; CURVNET_RESTORE(); out: V_count++; }",
        ARM + "void tick(void *a) { CURVNET_SET(a); if (!a) { CURVNET_RESTORE(); return; } "
        "V_count++; CURVNET_RESTORE(); }",
        "tick",
    ),
    "set under one condition": (
        ARM + "void tick(void *a) {\n#ifdef INET6\n CURVNET_SET(a);\n#endif\n V_count++;\n"
        "#ifdef INET6\n CURVNET_RESTORE();\n#endif\n}",
        ARM + "void tick(void *a) {\n#ifdef VIMAGE\n CURVNET_SET(a);\n#endif\n V_count++;\n"
        "#ifdef VIMAGE\n CURVNET_RESTORE();\n#endif\n}",
        "tick",
    ),
    "a task": (
        "void f(void) { TASK_INIT(&t, 0, work, NULL); }\nvoid work(void *c, int n) { V_count++; }",
        "void f(void) { TASK_INIT(&t, 0, work, NULL); }\n"
        "void work(void *c, int n) { CURVNET_SET(c); V_count++; CURVNET_RESTORE(); }",
        "work",
    ),
    "a thread": (
        "void f(void) { kproc_create(loop, NULL); }\nvoid loop(void *c) { for (;;) V_count++; }",
        "void f(void) { kproc_create(loop, NULL); }\nvoid loop(void *c) { for (;;) x(); }",
        "loop",
    ),
    "an interrupt": (
        "void f(void) { swi_add(&ie, name, swi, NULL); }\nvoid swi(void *c) { V_count++; }",
        "void f(void) { swi_add(&ie, name, swi, NULL); }\n"
        "void swi(void *c) { CURVNET_SET(c); V_count++; CURVNET_RESTORE(); }",
        "swi",
    ),
    "a handler of an event of the machine": (
        "void f(void) { EVENTHANDLER_REGISTER(vm_lowmem, low, NULL, 0); }\n"
        "void low(void *c) { V_count = 0; }",
        "void f(void) { EVENTHANDLER_REGISTER(ifnet_departure_event, low, NULL, 0); }\n"
        "void low(void *c) { V_count = 0; }",
        "low",
    ),
    "the drain of a protocol": (
        "struct protosw sw[] = { { .pr_init = ready, .pr_drain = drain } };\n"
        "void ready(void) { V_count = 1; }\nvoid drain(void) { V_count = 0; }",
        "struct protosw sw[] = { { .pr_init = ready, .pr_input = drain } };\n"
        "void ready(void) { V_count = 1; }\nvoid drain(void) { V_count = 0; }",
        "drain",
    ),
    "a method of a device file": (
        "struct cdevsw sw = { .d_ioctl = control };\nint control(int n) { return (V_count); }",
        "struct pr_usrreqs u = { .pru_control = control };\nint control(int n) { return V_count; }",
        "control",
    ),
    "the detach method of a driver": (
        "device_method_t m[] = { DEVMETHOD(device_detach, gone) };\nint gone(int d) { V_count--; }",
        "device_method_t m[] = { DEVMETHOD(device_attach, gone) };\nint gone(int d) { V_count--; }",
        "gone",
    ),
    "a system call": (
        "struct sysent sysent[] = { { 0, (sy_call_t *)call } };\nint call(int n) { V_count++; }",
        "int call(int n) { V_count++; }",
        "call",
    ),
    "a command of the debugger": (
        "DB_SHOW_COMMAND(counts, db_counts)\n{\n\tdb_printf(V_count);\n}",
        "DB_SHOW_COMMAND(counts, db_counts)\n{\n\tCURVNET_SET(v);\n\tdb_printf(V_count);\n"
        "\tCURVNET_RESTORE();\n}",
        "DB_SHOW_COMMAND(counts)",
    ),
    "an assigned method": (
        "void f(void) { ifp->if_input = input; }\nvoid input(void *m) { V_count++; }",
        "void f(void) { ifp->if_ioctl = input; }\nvoid input(void *m) { V_count++; }",
        "input",
    ),
    "a queue's handler": (
        "void f(void) { netisr_register(2, input); swi_add(&ie, name, swi, NULL); }\n"
        "void input(void *m) { V_count++; }\nvoid swi(void *c) { ni->ni_handler(c); }",
        "void f(void) { netisr_register(2, input); swi_add(&ie, name, swi, NULL); }\n"
        "void input(void *m) { V_count++; }\n"
        "void swi(void *c) { CURVNET_SET(c); (*ni->ni_handler)(c); CURVNET_RESTORE(); }",
        "swi",
    ),
    "an inline function of a header": (
        ARM + "void tick(void *arg) { bump(); }",
        ARM + "void tick(void *arg) { bump_in(arg); }",
        "tick",
    ),
    "a stub in the function": (
        ARM + "void tick(void *arg) { INIT_VNET_TOY(curvnet); V_count++; }",
        ARM
        + "void tick(void *arg) { CURVNET_SET(arg); INIT_VNET_TOY(curvnet); V_count++; "
        + "CURVNET_RESTORE(); }",
        "tick",
    ),
    "a branch that is there with stacks": (
        ARM + "void tick(void *a) {\n#ifdef VIMAGE\n V_count++;\n#endif\n}",
        ARM + "void tick(void *a) {\n#ifndef VIMAGE\n V_count++;\n#endif\n}",
        "tick",
    ),
    "a call in a branch that is there with stacks": (
        ARM
        + "void work(void) { V_count++; }\n"
        + "void tick(void *a) {\n#ifdef __FreeBSD__\n work();\n#endif\n}",
        ARM
        + "void work(void) { V_count++; }\n"
        + "void tick(void *a) {\n#ifdef __FreeBSD__\n x();\n#else\n work();\n#endif\n}",
        "tick",
    ),
    "armed in a branch that is there with stacks": (
        "void arm(void) {\n#ifdef VIMAGE\n timeout(tick, 0, 1);\n#endif\n}\n"
        "void tick(void *a) { V_count++; }",
        "void arm(void) {\n#ifndef VIMAGE\n timeout(tick, 0, 1);\n#endif\n}\n"
        "void tick(void *a) { V_count++; }",
        "tick",
    ),
    "a thread of a table": (
        "static struct kproc_desc kp = { name, loop, &p };\nvoid loop(void) { V_count++; }",
        "static struct kproc_desc kp = { name, loop, &p };\n"
        "void loop(void) { CURVNET_SET(vnet0); V_count++; CURVNET_RESTORE(); }",
        "loop",
    ),
    "a handler of sysctls": (
        "SYSCTL_PROC(_net, 1, n, 3, 0, 0, show, 0, 0);\nint show(void *o) { return (V_count); }\n"
        "int root(void *o) { return (o->oid_handler(o)); }\n"
        "int call(void *o) { return (root(o)); }\n"
        "struct sysent sysent[] = { { 1, call } };",
        "SYSCTL_PROC(_net, 1, n, 3, 0, 0, show, 0, 0);\nint show(void *o) { return (V_count); }\n"
        "int root(void *o) { return (o->oid_handler(o)); }\n"
        "int call(void *o) { CURVNET_SET(o->v); root(o); CURVNET_RESTORE(); return (0); }\n"
        "struct sysent sysent[] = { { 1, call } };",
        "call",
    ),
    "a method of a socket": (
        "struct pr_usrreqs u = { .pru_send = put };\nint put(void *so) { return (V_count); }\n"
        "int dump(void *so) { return (so->pru->pru_send(so)); }\n"
        "struct fileops o = { .fo_write = dump };",
        "struct pr_usrreqs u = { .pru_send = put, .pru_bind = bind };\n"
        "int put(void *so) { return (0); }\nint bind(void *so) { return (V_count); }\n"
        "int dump(void *so) { return (so->pru->pru_send(so)); }\n"
        "struct fileops o = { .fo_write = dump };",
        "dump",
    ),
    "a function in a variable": (
        ARM
        + "void (*hook)(int n);\nstatic void work(int n) { V_count++; }\n"
        + "void load(void) { hook = work; }\nvoid tick(void *a) { if (hook) (*hook)(1); }",
        ARM
        + "void (*hook)(int n);\nstatic void work(int n) { V_count++; }\n"
        + "void load(void) { hook = work; }\n"
        + "void tick(void *a) { CURVNET_SET(a); hook(1); CURVNET_RESTORE(); }",
        "tick",
    ),
    "a function in a local": (
        ARM
        + "static void work(int n) { V_count++; }\n"
        + "void tick(void *a) { void (*f)(int) = work; (*f)(1); }",
        ARM
        + "static void work(int n) { V_count++; }\n"
        + "void tick(void *a) { void (*f)(int); (*f)(1); }\n"
        + "void other(void) { void (*f)(int); f = work; (*f)(1); }",
        "tick",
    ),
    "a callout in a local": (
        "void arm(int n) { t *f; if (n) f = tick; else f = tock; callout_reset(&c, 1, f, 0); }\n"
        "void tick(void *arg) { V_count++; }",
        "void arm(int n) { t *f; if (n) f = tick; else f = tock; SYSINIT(c, 1, 2, f, 0); }\n"
        "void tick(void *arg) { V_count++; }",
        "tick",
    ),
    "a function in an array": (
        ARM
        + "static void work(int n) { V_count++; }\n"
        + "static t *const steps[] = { NULL, work };\nvoid tick(void *a) { (*steps[1])(1); }",
        ARM
        + "static void work(int n) { V_count++; }\n"
        + "static t *const steps[] = { NULL, work };\n"
        + "void tick(void *a) { CURVNET_SET(a); steps[1](1); CURVNET_RESTORE(); }",
        "tick",
    ),
}
SAME = [(name, header) for name in PLANTED for header in (VNET, CONTAINERS)]
IDS = [f"{name}, {'vnet' if header is VNET else 'containers'}" for name, header in SAME]


@pytest.mark.parametrize(("name", "header"), SAME, ids=IDS)
def test_what_is_planted_is_found(tmp_path: Path, name: str, header: str) -> None:
    text, _, function = PLANTED[name]
    assert f"entry {function}" in told(audit_of(tmp_path, text, header))


@pytest.mark.parametrize(("name", "header"), SAME, ids=IDS)
def test_what_is_mended_is_not(tmp_path: Path, name: str, header: str) -> None:
    assert told(audit_of(tmp_path, PLANTED[name][1], header)) == []


def test_the_chain_of_calls(tmp_path: Path) -> None:
    files = {
        "a.c": "void f(void) { callout_reset(&c, hz, tick, NULL); }\n"
        "void tick(void *arg)\n{\n\twork();\n}",
        "b.c": "void\nwork(void)\n{\n\tV_count++;\n}",
    }
    (finding,) = audit_of(tmp_path, files).findings
    assert (finding.path, finding.line, finding.name) == ("a.c", 3, "tick")
    assert finding.what == "needs a stack (V_count, through work), but is called without: callout"
    assert finding.chain == (
        "handed over as callout_reset(…), a.c:2",
        "calls work, a.c:5",
        "uses V_count, b.c:5",
    )


def test_entries_that_come_to_the_same_function_are_one_finding(tmp_path: Path) -> None:
    text = (
        "void f(void) { callout_reset(&c, 1, near, 0); callout_reset(&c, 1, far, 0); }\n"
        "void work(void) { V_count++; }\nvoid near(void *a) { work(); }\n"
        "void step(void) { work(); }\nvoid far(void *a) { step(); }"
    )
    (finding,) = audit_of(tmp_path, text).findings
    assert finding.name == "near"
    assert finding.chain[-1] == "so does far (toy.c:6)"


def test_a_static_of_the_same_name_is_another_function(tmp_path: Path) -> None:
    files = {
        "a.c": "static void tick(void *arg) { x(); }\n"
        "void f(void) { callout_reset(&c, hz, tick, NULL); }",
        "b.c": "static void tick(void *arg) { V_count++; }\nvoid g(void) { tick(0); }",
    }
    assert told(audit_of(tmp_path, files)) == []


def test_any_number_of_workers(tmp_path: Path) -> None:
    files = {f"f{number}.c": text for number, (text, _, _) in enumerate(PLANTED.values())}
    alone = audit_of(tmp_path / "a", files)
    assert alone.findings
    assert audit_of(tmp_path / "b", files, jobs=2) == alone
