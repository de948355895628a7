"""The example kernel builds, runs, and still holds the shapes that it is there for."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

MINIKERN = Path(__file__).resolve().parent.parent / "examples" / "minikern"

needs_compiler = pytest.mark.skipif(
    shutil.which("make") is None or shutil.which("cc") is None, reason="needs make and cc"
)


def make(objdir: Path, *arguments: str) -> str:
    """What ``make`` prints; any warning of the compiler is an error."""
    call = ["make", "--no-print-directory", f"OBJDIR={objdir}", "CFLAGS=-O1 -Werror", *arguments]
    done = subprocess.run(call, cwd=MINIKERN, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@needs_compiler
def test_output_is_as_expected(tmp_path: Path) -> None:
    assert make(tmp_path, "run") == (MINIKERN / "expected.txt").read_text()


@needs_compiler
def test_without_inet6_there_is_no_inet6(tmp_path: Path) -> None:
    make(tmp_path, "noinet6")
    out = subprocess.run([tmp_path / "minikern"], capture_output=True, text=True, timeout=60)
    assert out.returncode == 0
    assert "net.inet.tcp.stats:" in out.stdout
    assert "net.inet6." not in out.stdout


@needs_compiler
def test_objects_do_not_depend_on_where_they_are_built(tmp_path: Path) -> None:
    built = []
    for name in ("one", "two"):
        make(tmp_path / name, "minikern")
        objects = (tmp_path / name).rglob("*.o")
        built.append({o.relative_to(tmp_path / name): o.read_bytes() for o in objects})
    assert len(built[0]) > 20
    assert built[0] == built[1]


def test_rules_name_variables_that_are_there() -> None:
    rules = tomllib.loads((MINIKERN / "vrefactor.toml").read_text())
    names = [
        (path, symbol if isinstance(symbol, str) else symbol["was"])
        for container in rules["container"]
        for path, symbols in container["symbols"].items()
        for symbol in symbols
    ]
    assert len(names) > 60
    for path, name in names:
        definition = re.compile(rf"^[a-zA-Z}}].*\b{name}\b", re.M)
        assert definition.search((MINIKERN / path).read_text()), (path, name)


SHAPES = [
    (
        "K&R, pointer on its own line",
        "netinet/ip_input.c",
        r"^static struct mbuf \*\nip_reass\(m\)\n\tstruct mbuf \*m;",
    ),
    (
        "#ifdef in an expression",
        "netinet/tcp_subr.c",
        r"t_maxseg =\n#ifdef INET6\n.* \?.*:\n#endif.*\n.*tcp_mssdflt;",
    ),
    ("#ifdef before a dangling else", "netinet/tcp_subr.c", r"\telse\n#endif\n\trt ="),
    (
        "#ifdef with a brace in both branches",
        "netinet/in_pcb.c",
        r"\t\} else \{\n#else\n\t\{\n#endif",
    ),
    (
        "#ifdef in a parameter list",
        "netinet/tcp_hostcache.c",
        r"inc\n#ifdef INET6\n    , int isipv6\n#endif\n    \)\n\{",
    ),
    (
        "function head split",
        "netinet/tcp_input.c",
        r"^int\n#ifdef INET6\ntcp_mss\(.*\)\n#else\ntcp_mss\(.*\)\n#endif\n\{",
    ),
    (
        "macro that returns",
        "netinet6/ip6.h",
        r"ip6stat\.ip6s_tooshort\+\+;.*\\\n.*\\\n\t\treturn ret;",
    ),
    (
        "macro that uses a carrying macro",
        "netinet/in_var.h",
        r"#define\tINADDR_TO_IFP(.*\\\n)*.*INADDR_TO_IFADDR",
    ),
    ("inline in a header", "netinet/ip_var.h", r"static __inline u_int16_t\nip_newid\(void\)\n\{"),
    ("alias", "netinet/tcp_var.h", r"#define\ttcb6\t+tcb\b"),
    ("twin", "netinet/in_rmx.c", r"^static struct callout rtq_timer;"),
    ("twin", "netinet6/in6_rmx.c", r"^static struct callout rtq_timer;"),
    ("foreign static", "net/if_disc.c", r"^static int\ticmplim\b"),
    ("arg1 compared", "netinet/ip_input.c", r"arg1 == &fw_enable"),
    ("sysctl on a member", "netinet/tcp_hostcache.c", r"&tcp_hostcache\.cache_limit, 0"),
    ("tunable at file scope", "netinet/tcp_subr.c", r"^TUNABLE_INT\(.*&tcp_do_sack\);"),
    ("head's tag is the variable", "net/if_var.h", r"TAILQ_HEAD\(ifnethead, ifnet\)"),
    ("tag, variable and member at once", "netinet/raw_ip.c", r"LIST_FOREACH\(rp, &ripcb, ripcb\)"),
    ("anonymous head", "netinet/raw_ip.c", r"^static LIST_HEAD\(, ripcb\) ripcb;"),
    (
        "array of heads",
        "netinet/ip_input.c",
        r"^static TAILQ_HEAD\(ipqhead, ipq\) ipq\[IPREASS_NHASH\];",
    ),
    (
        "self-reference",
        "netinet6/nd6.c",
        r"^struct llinfo_nd6 llinfo_nd6 = \{&llinfo_nd6, &llinfo_nd6\};",
    ),
    ("string into an array", "netinet/ip_input.c", r'^static char\tip_policy\[16\] = "strict";'),
    ("table of addresses", "netinet/in_proto.c", r"&ipstat\.ips_total"),
    (
        "tag in a macro's argument",
        "netinet/ip_icmp.c",
        r"mtod\(m, struct icmpstat \*\) = icmpstat;",
    ),
    ("label", "netinet/tcp_input.c", r"goto blackhole;(.*\n)*blackhole:"),
    ("K&R parameter", "netinet/ip_output.c", r"^ip_maxlen\(ifp, ipforwarding\)"),
    ("shadowing local", "netinet/raw_ip.c", r"struct ripcb \*ripcb = ifq;"),
    ("typedef", "kern/kern_report.c", r"^\} tcpstat;"),
    ("enumerator", "kern/kern_report.c", r"^enum report_kind \{ ipstat,"),
    ("macro's parameter", "kern/kern_report.c", r"^#define\tREPORT\(ipstat\)"),
    ("#if 0", "netinet/tcp_subr.c", r"^#if 0\n(.*\n)*.*&tcb,(.*\n)*#endif"),
    ("#ifdef notyet", "netinet/ip_input.c", r"^#ifdef notyet\n\tif \(ipsendredirects"),
    ("commented-out statement", "netinet/ip_input.c", r"/\* ipstat\.ips_delivered--; \*/"),
    ("paste", "net/netisr.c", r"NETISR_WHO\(ifnet, m\)"),
    ("stringisation", "net/netisr.c", r"NETISR_STR\(ifnet\)"),
    (
        "assertion only",
        "netinet/raw_ip.c",
        r"^rip_destroy\(\)\n\{\n\n\tKASSERT\(LIST_EMPTY\(&ripcb\),.*\);\n\}",
    ),
]


@pytest.mark.parametrize(("shape", "path", "pattern"), SHAPES)
def test_shape_is_there(shape: str, path: str, pattern: str) -> None:
    assert re.search(pattern, (MINIKERN / path).read_text(), re.M), shape


@pytest.mark.parametrize(
    "kind", ["INT", "UINT", "STRING", "STRUCT", "PROC", "OID", "LONG", "QUAD", "OPAQUE"]
)
def test_sysctl_kind_is_there(kind: str) -> None:
    sources = [path.read_text() for path in MINIKERN.glob("*/*.c")]
    assert any(re.search(rf"^SYSCTL_{kind}\(", text, re.M) for text in sources)
