"""Step 2.2, the framework: what it leaves alone, what it writes, and that this is C that works."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.generated.framing import (
    FILES,
    HOST,
    IF_C,
    NET,
    PREFIX,
    VIMAGE_H,
    WORDS,
    Framed,
    framed,
    framework_rules,
)
from tests.source.helpers import lay_out
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.framework import registration_block, source
from vrefactor.generated.member_access import meanings
from vrefactor.generated.registration import symbol_map
from vrefactor.rules import FrameworkLine, FrameworkRules, RuleSet

RULES = FrameworkRules(source="kern/kern_vimage.c")
MEMBERS = ("ifnet", "rtstat", "ttl")
MEANINGS = meanings(WORDS)
DONE_HEADER = VIMAGE_H.replace(b"#define\tVSYM(base, sym) (sym)\n", MEANINGS)
DONE_HEADER = DONE_HEADER.replace(b"VSYM(vcpu, sym)", b"(sym)")
DONE = {
    PREFIX: DONE_HEADER.replace(
        b"#endif /* !_SYS", registration_block(WORDS, RULES) + b"\n#endif /* !_SYS"
    ),
    "host/vhost.h": FILES["host/vhost.h"].replace(b"VSYM(vhost, sym)", b"(sym)"),
    "kern/kern_vimage.c": source(WORDS, PREFIX, RULES),
    "net/if.c": IF_C.replace(b"\tV_ttl", b"\tvnet_mod_register(&vnet_net_modinfo);\n\tV_ttl"),
}


def knobs(address: str, condition: str = "") -> bytes:
    """Return a header of sysctls with one form that takes an `address`."""
    text = f"#define\tSYSCTL_V_INT(subs, mod, p, n, x, a, sym, v, d) \\\n\tS(p, x, {address}, d)\n"
    if condition:
        text = f"#ifdef {condition}\n{text}#endif\n"
    return text.encode()


LINE = FrameworkLine(path="conf/files", text="kern/b.c\tstandard", sorted="kern/")
LEFT_ALONE: dict[str, tuple[dict[str, bytes], RuleSet]] = {
    "all of it is there": ({}, framework_rules()),
    "a VSYM of another's hand": (
        {PREFIX: DONE[PREFIX].replace(b"base ## _0._ ## sym", b"base##_0._##sym")},
        framework_rules(),
    ),
    "a source file of another's hand": ({"kern/kern_vimage.c": b"int x;\n"}, framework_rules()),
    "no symbol map": (
        {"net/if.c": IF_C},
        framework_rules(containers=(msgspec.structs.replace(NET, symmap=()), HOST)),
    ),
    "no symbol of the map in the tree": (
        {"net/if.c": IF_C},
        framework_rules(containers=(msgspec.structs.replace(NET, symmap=("gone",)), HOST)),
    ),
    "no [framework]": (
        {PREFIX: DONE_HEADER, "net/if.c": IF_C},
        framework_rules(framework=None),
    ),
    "a sysctl with the address macro": (
        {"sys/sysctl.h": knobs("SYSCTL_V_ADDR(mod, sym)")},
        framework_rules(),
    ),
    "a sysctl form for one kind of kernel": (
        {"sys/sysctl.h": knobs("&sym", "VIMAGE_GLOBALS")},
        framework_rules(),
    ),
    "the address of another parameter": (
        {"sys/sysctl.h": knobs("&symbol, &x")},
        framework_rules(),
    ),
    "a line": ({"conf/files": b"kern/b.c   standard\n"}, framework_rules(LINE)),
    "a line under its mark": (
        {"conf/files": b"kern/b.c optional net\n"},
        framework_rules(msgspec.structs.replace(LINE, present="kern/b.c")),
    ),
}


@pytest.mark.parametrize(("files", "rules"), LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_it_is_left_alone(files: dict[str, bytes], rules: RuleSet, tmp_path: Path) -> None:
    found = framed(tmp_path, {**DONE, **files}, rules)
    assert found.changed() == []
    assert found.framework.findings == ()


def test_without_containers_nothing_is_done(tmp_path: Path) -> None:
    assert framed(tmp_path, moving=()).changed() == []


def test_each_part_that_is_missing_is_added_alone(tmp_path: Path) -> None:
    for number, part in enumerate(DONE):
        files = {path: text for path, text in DONE.items() if path != part}
        assert framed(tmp_path / str(number), files).changed() == [part]


def test_the_header_gets_the_meanings_above_the_null_macros(tmp_path: Path) -> None:
    text = framed(tmp_path, rules=framework_rules(framework=None)).text(PREFIX)
    assert text.count("#define\tVSYM(") == 2
    assert text.index("VSYM(base, sym) (base") < text.index("#define\tCURVNET_SET(arg)")
    assert "is the variable" not in text.partition("#ifndef")[2]
    assert "each macro is a member" in text
    assert "vnet_mod_register" not in text


def test_another_header_gets_them_where_the_one_was(tmp_path: Path) -> None:
    own = b"#define A 1\n#define VSYM(b, s) s\n#define B 2\n"
    files = {PREFIX: own}
    text = framed(tmp_path, files, framework_rules(framework=None)).text(PREFIX)
    assert text == f"#define A 1\n{MEANINGS.decode()}#define B 2\n"


ACCESSORS = {
    "stays": ("host/vhost.h", "#define\tVHOST(sym)\t(sym)"),
    "is in no container": (PREFIX, "#define\tVCPU(sym) (sym)"),
    "moves": ("net/vnet.h", "#define\tVNET_NET(sym)\tVSYM(vnet_net, sym)"),
}


@pytest.mark.parametrize(("path", "line"), ACCESSORS.values(), ids=ACCESSORS.keys())
def test_the_accessor_of_what(path: str, line: str, tmp_path: Path) -> None:
    assert line in framed(tmp_path).text(path).splitlines()


def test_an_accessor_follows_its_container_when_that_moves_later(tmp_path: Path) -> None:
    first = framed(tmp_path / "1")
    files = {path: first.after.read(path) for path in first.after.paths}
    second = framed(tmp_path / "2", files, moving=("vnet_net", "vhost"))
    assert second.changed() == ["host/vhost.h"]
    assert second.text("host/vhost.h") == FILES["host/vhost.h"].decode()


def test_a_macro_that_names_an_instance_of_its_own(tmp_path: Path) -> None:
    own = VIMAGE_H.replace(b"#define\tVCPU", b"#define G_x VSYM(base, x) /* all */\n#define\tVCPU")
    assert "#define G_x (x) /* all */\n" in framed(tmp_path, {PREFIX: own}).text(PREFIX)


SYSCTLS = {
    "short": ("S(p, &sym)", "S(p, SYSCTL_V_ADDR(mod, sym))"),
    "a blank": ("S(p, & sym, v)", "S(p, SYSCTL_V_ADDR(mod, sym), v)"),
    "with a string": ('S(p, &sym, "I")', 'S(p, SYSCTL_V_ADDR(mod, sym), "I")'),
    "too long": (
        "SYSCTL_STRUCT(parent, nbr, name, access, &sym, type, descr)",
        "SYSCTL_STRUCT(parent, nbr, name, access, SYSCTL_V_ADDR(mod, sym), \\\n\t    type, descr)",
    ),
    "wrapped already": (
        "SYSCTL_PROC(parent, nbr, name, access, &sym, arg, handler, fmt, \\\n\t    descr)",
        "SYSCTL_PROC(parent, nbr, name, access, SYSCTL_V_ADDR(mod, sym), arg, \\\n"
        "\t    handler, fmt, descr)",
    ),
    "not for VIMAGE": ("S(&sym)\n#else\n#define X", "S(SYSCTL_V_ADDR(mod, sym))\n#else\n#define X"),
}


@pytest.mark.parametrize(("before", "after"), SYSCTLS.values(), ids=SYSCTLS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_sysctl_takes_the_address_macro(
    before: str, after: str, newline: str, tmp_path: Path
) -> None:
    head = "#ifndef VIMAGE\n#define\tSYSCTL_V_INT(subs, mod, p, n, x, a, sym, v, d) \\\n\t"
    text = f"{head}{before}\n#endif\n".replace("\n", newline)
    found = framed(tmp_path, {"sys/sysctl.h": text.encode()}).text("sys/sysctl.h")
    assert found.endswith(f"{head.partition(chr(10))[2]}{after}\n#endif\n".replace("\n", newline))
    assert found.count("SYSCTL_V_ADDR(mod, sym)") == 3
    assert ("\r" in found) == (newline == "\r\n")
    assert found.count("\n") == found.count(newline)


def test_the_address_macro_is_above_the_conditions_of_the_forms(tmp_path: Path) -> None:
    form = knobs("&sym").decode().replace("#define", "#else\n#define")
    text = f"#ifdef _KERNEL\n#ifdef A\n{form}#endif\n#ifdef B\n{form}#endif\n#endif\n"
    found = framed(tmp_path, {"sys/sysctl.h": text.encode()}).text("sys/sysctl.h")
    assert found.startswith("#ifdef _KERNEL\n#ifdef VIMAGE_GLOBALS\n#define\tSYSCTL_V_ADDR")
    assert found.count("SYSCTL_V_ADDR(mod, sym)") == 4


def test_a_sysctl_of_a_container_that_stays_is_a_finding(tmp_path: Path) -> None:
    use = b"/* SYSCTL_V_INT(V_HOST, vhost, */\n\nSYSCTL_V_INT(V_HOST, vhost, _kern, 1, n, 0, x);\n"
    dead = b"#if 0\nSYSCTL_V_INT(V_HOST, vhost, _kern, 1, n, 0, x);\n#endif\n"
    other = b"SYSCTL_V_INT(V_NET, vnet_net, _net, 1, t, 0, ttl, 0, 0);\n"
    files = {"kern/mib.c": use, "kern/dead.c": dead, "net/k.c": other, "sys/sysctl.h": b""}
    (finding,) = framed(tmp_path, files).framework.findings
    assert (finding.path, finding.line, finding.name) == ("kern/mib.c", 3, "SYSCTL_V_INT")
    assert "vhost" in finding.what


def test_a_header_without_vsym_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        framed(tmp_path, {PREFIX: b"int x;\n"})
    assert caught.value.kind is RULES_NAME
    assert "step 1.5.2" in caught.value.detail


def test_a_vsym_with_another_meaning_is_a_finding(tmp_path: Path) -> None:
    own = VIMAGE_H.replace(b"VSYM(base, sym) (sym)", b"VSYM(base, sym) (base)")
    (finding,) = framed(tmp_path, {PREFIX: own}).framework.findings
    assert (finding.path, finding.name) == (PREFIX, "VSYM")


def test_a_tree_without_the_kernel_headers_is_an_error(tmp_path: Path) -> None:
    rules = framework_rules(
        tree=msgspec.structs.replace(framework_rules().tree, include_dirs=("x",))
    )
    with pytest.raises(VrefactorError) as caught:
        framed(tmp_path, rules=rules)
    assert (caught.value.kind, "sys/param.h" in caught.value.detail) == (RULES_NAME, True)


def test_a_header_that_defines_the_option_is_noted(tmp_path: Path) -> None:
    own = VIMAGE_H.replace(b"#define\tVSYM", b"#define VIMAGE_GLOBALS 1\n#define\tVSYM")
    (note,) = framed(tmp_path, {PREFIX: own}).framework.notes
    assert note.startswith(f"{PREFIX}: defines VIMAGE_GLOBALS")


# --- registration ---------------------------------------------------------------

CALL = "#ifndef VIMAGE_GLOBALS\n\tvnet_mod_register(&vnet_net_modinfo);\n#endif\n"
BODIES = {
    "behind the INIT call": (
        "\tINIT_VNET_NET(curvnet);\n\n\tgo();\n",
        "\tINIT_VNET_NET(curvnet);\n\n@\n\tgo();\n",
    ),
    "with no empty line there": (
        "\tINIT_VNET_NET(curvnet);\n\tgo();\n",
        "\tINIT_VNET_NET(curvnet);\n\n@\n\tgo();\n",
    ),
    "behind locals": (
        "\tINIT_VNET_NET(curvnet);\n\tint i;\n\tstruct list *p = 0;\n\n\tgo();\n",
        "\tINIT_VNET_NET(curvnet);\n\tint i;\n\tstruct list *p = 0;\n\n@\n\tgo();\n",
    ),
    "behind locals under an #if": (
        "\tINIT_VNET_NET(curvnet);\n#ifdef A\n\tint i;\n#endif\n\tgo();\n",
        "\tINIT_VNET_NET(curvnet);\n#ifdef A\n\tint i;\n#endif\n\n@\n\tgo();\n",
    ),
    "without an INIT call": ("\tgo();\n", "\n@\n\tgo();\n"),
    "nothing follows": ("\tINIT_VNET_NET(curvnet);\n", "\tINIT_VNET_NET(curvnet);\n\n@"),
}


def register(root: Path, body: str, more: dict[str, bytes] | None = None) -> Framed:
    code = "struct list { int first; } ifnet;\nint rtstat[4], ttl;\nvoid\nif_init(void)\n{\n"
    return framed(root, {"net/if.c": (code + body + "}\n").encode(), **(more or {})})


@pytest.mark.parametrize(("body", "after"), BODIES.values(), ids=BODIES.keys())
def test_the_registration_goes(body: str, after: str, tmp_path: Path) -> None:
    text = register(tmp_path, body).text("net/if.c")
    assert text.endswith("{\n" + after.replace("@", CALL.rstrip("\n") + "\n") + "}\n")


def test_no_init_function_is_a_finding(tmp_path: Path) -> None:
    code = IF_C.replace(b"if_init", b"if_start")
    (finding,) = framed(tmp_path, {"net/if.c": code}).framework.findings
    assert (finding.path, finding.name) == ("net/vnet.h", "if_init")
    assert "subsystem net" in finding.what


def test_two_init_functions_are_a_finding(tmp_path: Path) -> None:
    other = {"net/two.c": b"static void if_init(void)\n{\n\tgo();\n}\n"}
    (finding,) = register(tmp_path, "\tgo();\n", other).framework.findings
    assert (finding.path, finding.line) == ("net/if.c", 4)
    assert "net/two.c:1" in finding.what


def test_a_symbol_map_has_the_members_that_the_tree_has() -> None:
    text = symbol_map(WORDS, NET, {"rtstat", "other"}).decode()
    assert "VNET_SYMMAP(net, rtstat),\n" in text
    assert "ifnet" not in text
    assert symbol_map(WORDS, NET, {"other"}) == b""


# --- it compiles, and works -------------------------------------------------------

KERNEL = {
    "sys/queue.h": b"""\
#define TAILQ_ENTRY(t) struct { struct t *next, **prev; }
#define TAILQ_HEAD(n, t) struct n { struct t *first, **last; }
#define TAILQ_HEAD_INITIALIZER(h) { NULL, &(h).first }
#define TAILQ_INSERT_TAIL(h, e, f) \\
	((e)->f.next = NULL, *(h)->last = (e), (h)->last = &(e)->f.next)
#define TAILQ_FOREACH(v, h, f) for ((v) = (h)->first; (v) != NULL; (v) = (v)->f.next)
""",
    "sys/systm.h": b"int printf(const char *, ...); int strcmp(const char *, const char *);\n"
    b"#define ENOENT 2\ntypedef unsigned long uintptr_t;\n",
    "sys/linker.h": b"struct kld_sym_lookup { unsigned long symvalue; size_t symsize; };\n",
    "sys/mutex.h": b"struct mtx { int held; };\nvoid mtx_lock(struct mtx *);\n"
    b"void mtx_unlock(struct mtx *);\n#define MTX_DEF 0\n"
    b"#define MTX_SYSINIT(n, m, d, o) struct mtx *n##_of = (m)\n",
    "sys/sysctl.h": knobs("&sym").replace(b"S(p, x, &sym, d)", b"void *oid_##x = &sym"),
}
STRUCT = b"""\
struct list { int first; };
#ifdef VIMAGE_GLOBALS
struct list ifnet;
int rtstat[4], ttl;
#else
struct vnet_net { struct list _ifnet; int _rtstat[4]; int _ttl; };
struct vnet_net vnet_net_0;
#endif
"""
KNOB = b"SYSCTL_V_INT(V_NET, vnet_net, _net, 1, %s, 0, %s, 0, 0);\n"
MAIN = b"""\
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/linker.h>
#include <sys/mutex.h>
#include <sys/vimage.h>
void mtx_lock(struct mtx *m) { m->held++; }
void mtx_unlock(struct mtx *m) { m->held--; }
void if_init(void);
extern void *oid_first, *oid_second;
extern struct mtx *vnet_modlist_of;
int
main(void)
{
	static const char *names[] = { "ifnet", "rtstat", "ttl" };
	struct kld_sym_lookup lookup;
	unsigned long base = 0;
	int i;

	if_init();
	if_init();
	for (i = 0; i < 3; i++) {
		lookup.symsize = 0;
		if (vi_symlookup(&lookup, names[i]) != 0)
			printf("%s: none\\n", names[i]);
		else {
			base = i == 0 ? lookup.symvalue : base;
			printf("%s: +%lu, %lu\\n", names[i],
				lookup.symvalue - base, lookup.symsize);
		}
	}
	printf("oids +%lu", (unsigned long)oid_first - base);
	printf(" +%lu, ", (unsigned long)oid_second - base);
	printf("held %d\\n", vnet_modlist_of->held);
	return (0);
}
"""
EXPECTED = """\
vnet_mod_register: net has registered before
ifnet: +0, 4
rtstat: +4, 16
ttl: none
oids +0 +12, held 0
"""
OPTIONS = {
    "none": ((), ""),
    "VIMAGE_GLOBALS": (("-DVIMAGE_GLOBALS",), ""),
    "VIMAGE": (("-DVIMAGE",), "No option VIMAGE yet!"),
    "both": (("-DVIMAGE", "-DVIMAGE_GLOBALS"), "exclude each other"),
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree after the whole of step 2.2: the framework's part planned, the rest by hand."""
    root = tmp_path_factory.mktemp("kernel")
    found = framed(root / "before", KERNEL)
    old = IF_C.partition(b"struct list")[0]
    rest = (
        b"void if_init(void);" + found.after.read("net/if.c").partition(b"void if_init(void);")[2]
    )
    code = b"#include <sys/param.h>\n#include <sys/sysctl.h>\n" + old + STRUCT
    code += symbol_map(WORDS, NET, MEMBERS) + KNOB % (b"first", b"ifnet.first")
    code += KNOB % (b"second", b"rtstat[2]") + rest
    files = {path: found.after.read(path) for path in found.after.paths}
    return lay_out(root / "after", {**files, "net/if.c": code, "main.c": MAIN})


@pytest.mark.parametrize(("options", "error"), OPTIONS.values(), ids=OPTIONS.keys())
def test_what_is_written_compiles(options: tuple[str, ...], error: str, kernel: Path) -> None:
    command = ["cc", "-std=gnu99", "-fsyntax-only", "-nostdinc", "-Wall", "-Wextra", "-Werror"]
    for path in ("kern/kern_vimage.c", "net/if.c"):
        done = subprocess.run(
            [*command, "-I.", *options, path], cwd=kernel, capture_output=True, text=True
        )
        assert (done.returncode != 0) == bool(error), done.stderr
        assert error in done.stderr


def test_what_is_written_finds_members(kernel: Path) -> None:
    command = ["cc", "-std=gnu99", "-nostdinc", "-fno-builtin", "-I.", "-o", "run"]
    files = ["kern/kern_vimage.c", "net/if.c", "main.c"]
    subprocess.run([*command, *files], cwd=kernel, check=True)
    done = subprocess.run(["./run"], cwd=kernel, capture_output=True, text=True, check=True)
    assert done.stdout == EXPECTED
