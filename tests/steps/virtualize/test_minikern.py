"""Step 3 on the example kernel: the same objects without VIMAGE, and many stacks with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.kernels import SteppedKernels
from tests.steps.planning import plan_on
from tests.steps.support import QUICK, check_patch
from vrefactor.cli.main import call
from vrefactor.index.parse_coverage import parse_report
from vrefactor.rules import load
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find

MINIKERN = Path(__file__).parents[3] / "examples" / "minikern"
BOTH = "-DINET -DINET6 -DINVARIANTS"
SANITIZERS = "-O0 -g -fsanitize=address,leak,undefined -fno-sanitize-recover=undefined"

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("make", "cc", "strip")),
    reason="needs make, cc and strip",
)


@dataclass(frozen=True)
class Kernels:
    """The example kernel after step 2.2 and after step 3."""

    before: Path
    after: Path


@pytest.fixture(scope="session")
def kernels(stepped: SteppedKernels) -> Kernels:
    return Kernels(stepped.after("2"), stepped.after("3"))


def test_the_plan_is_sound(kernels: Kernels) -> None:
    before, rules = Tree.open(kernels.before), load(kernels.before / "vrefactor.toml")
    plan = plan_on(before, rules, find("3")[-1]).plan
    assert plan.refused == ()
    for edit, other in pairwise(plan.edits):
        assert edit.path != other.path or edit.end <= other.start
    check_patch(before, before.with_plan(plan.edits, plan.new_files))
    tree, rules = Tree.open(kernels.after), load(kernels.after / "vrefactor.toml")
    assert parse_report(tree, rules, (), QUICK).regions == ()
    again = plan_on(tree, rules, find("3")[-1]).plan
    assert (again.edits, again.new_files) == ((), ())


def make(kernel: Path, objects: Path, options: str, *more: str, flags: str = "-O0") -> str:
    """Build with these options, and run if that is the target; return what is printed."""
    command = ["make", "-s", f"OBJDIR={objects}", f"CFLAGS={flags} -Werror", f"OPTIONS={options}"]
    if "-DINET6" not in options:
        command.append("NETINET6=")
    done = subprocess.run(
        [*command, *more], cwd=kernel, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_no_way_leads_to_a_variable_of_no_stack(
    kernels: Kernels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["audit", str(kernels.after), "--check", "context", "--no-cache"]) == 0
    assert "findings: 0" in capsys.readouterr().err


ALONE = {
    "without VIMAGE": BOTH,
    "with plain variables": f"{BOTH} -DVIMAGE_GLOBALS",
    "with VIMAGE": f"{BOTH} -DVIMAGE",
    "with VNET_DEBUG": f"{BOTH} -DVIMAGE -DVNET_DEBUG",
}


@pytest.mark.parametrize("options", ALONE.values(), ids=ALONE.keys())
def test_one_stack_alone_runs_as_before(options: str, kernels: Kernels, tmp_path: Path) -> None:
    printed = make(kernels.after, tmp_path, options, "run")
    assert printed == (MINIKERN / "expected.txt").read_text()


def test_one_stack_alone_runs_as_before_without_inet6(kernels: Kernels, tmp_path: Path) -> None:
    plain = "-DINET -DINVARIANTS"
    printed = make(kernels.after, tmp_path / "after", f"{plain} -DVIMAGE", "run")
    assert printed == make(MINIKERN, tmp_path / "before", plain, "run")


def stripped(objects: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(objects.rglob("*.o")):
        subprocess.run(["strip", path], check=True)
        found[path.relative_to(objects).as_posix()] = path.read_bytes()
    return found


@pytest.mark.parametrize("options", [BOTH, "-DINET"], ids=["INET6", "no INET6"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_without_vimage_the_objects_are_those_of_step_2(
    options: str, compiler: str, kernels: Kernels, tmp_path: Path
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    objects = []
    for name in ("before", "after"):
        where = tmp_path / name
        make(getattr(kernels, name), where, options, "minikern", f"CC={compiler}", flags="-O1")
        objects.append(stripped(where))
    assert len(objects[0]) > 20
    assert objects[0] == objects[1]


# --- many stacks --------------------------------------------------------------------


def verdict(printed: str) -> str:
    return re.sub(r"^\d+", "n", "\n".join(printed.splitlines()[-2:]))


GOOD = "n checks, 0 failed\nblocks not given back: 0"
MANY = {
    "INET6": BOTH,
    "no INET6": "-DINET -DINVARIANTS",
    "VNET_DEBUG": f"{BOTH} -DVNET_DEBUG",
}


@pytest.mark.parametrize("options", MANY.values(), ids=MANY.keys())
def test_many_stacks(options: str, kernels: Kernels, tmp_path: Path) -> None:
    flags = SANITIZERS if options == BOTH and sanitizes(tmp_path) else "-O0"
    printed = make(kernels.after, tmp_path, options, "stacks", flags=flags)
    assert verdict(printed) == GOOD, printed


def sanitizes(where: Path) -> bool:
    """Say whether the compiler has the sanitizers."""
    (where / "none.c").write_text("int main(void) { return (0); }\n")
    command = ["cc", *SANITIZERS.split(), "-o", str(where / "none"), str(where / "none.c")]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Objects:
    """The objects of the many stacks, to be linked with one of them made anew."""

    kernel: Path
    folder: Path

    def program(self, path: str, text: str, where: Path) -> Path:
        """Link with the text in place of one of the kernel's files."""
        source, made, program = where / "changed.c", where / "changed.o", where / "stacks"
        source.write_text(text)
        flags = ["-std=gnu99", "-O0", "-nostdinc", "-ffreestanding", "-fno-strict-aliasing"]
        defines = ["-D_KERNEL", *BOTH.split(), "-DVIMAGE"]
        command = ["cc", *flags, *defines, f"-I{self.kernel}", "-c", str(source), "-o", str(made)]
        subprocess.run(command, check=True, capture_output=True)
        old = self.folder / path.replace(".c", ".o")
        rest = [
            str(other_path) for other_path in sorted(self.folder.rglob("*.o")) if other_path != old
        ]
        subprocess.run(["cc", "-o", str(program), *rest, str(made)], check=True)
        return program


@pytest.fixture(scope="module")
def objects(kernels: Kernels, tmp_path_factory: pytest.TempPathFactory) -> Objects:
    folder = tmp_path_factory.mktemp("objects")
    assert verdict(make(kernels.after, folder, BOTH, "stacks")) == GOOD
    return Objects(kernels.after, folder / "stacks")


def test_a_further_stack_runs_as_the_one_did(objects: Objects) -> None:
    """All that the kernel prints but for how many timers ran: each stack has its own."""
    command = [str(objects.folder / "stacks"), "demo"]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    counted = re.compile(r"^kern\.callout_runs: \d+$", re.M)
    assert counted.sub("", printed) == counted.sub("", (MINIKERN / "expected.txt").read_text())


STATISTICS = """\
SYSCTL_V_STRUCT(V_NET, vnet_inet, _net_inet_ip, OID_AUTO, stats, CTLFLAG_RW,
    ipstat, ipstat, "IP statistics (struct ipstat, netinet/ip_var.h)");
"""
VIMAGE_C = "kern/kern_vimage.c"
BROKEN = {
    "packets are taken for the first stack": (
        "net/netisr.c",
        "CURVNET_SET(m->m_rcvif->if_vnet)",
        "CURVNET_SET(vnet0)",
        None,
    ),
    "interfaces do not know their stack": (
        "net/if.c",
        "ifp->if_vnet = curvnet",
        "ifp->if_vnet = vnet0",
        None,
    ),
    "a driver is set up for the first stack only": (
        "net/if_disc.c",
        "sc->sc_if.if_output = discoutput",
        "if (IS_DEFAULT_VNET(curvnet)) sc->sc_if.if_output = discoutput",
        None,
    ),
    "a timer does not know its stack": (
        "netinet/tcp_hostcache.c",
        "    tcp_hc_purge, curvnet",
        "    tcp_hc_purge, NULL",
        None,
    ),
    "a timer of a connection has another stack": (
        "netinet/tcp_subr.c",
        "tp->t_vnet = curvnet",
        "tp->t_vnet = vnet0",
        None,
    ),
    "a connection's timer counts in another stack": (
        "netinet/tcp_subr.c",
        "V_tcpstat.tcps_keepprobe",
        "((struct vnet_inet *)vnet0->mod_data[VNET_MOD_INET])->_tcpstat.tcps_keepprobe",
        "another stack's timer",
    ),
    "a sysctl shows the first stack": (
        "netinet/ip_input.c",
        STATISTICS,
        f'#pragma push_macro("curvnet")\n#undef curvnet\n#define curvnet vnet0\n{STATISTICS}'
        '#pragma pop_macro("curvnet")\n',
        "statistics are those of the stack",
    ),
    "routes are those of the first stack": (
        "net/route.c",
        "INIT_VNET_NET(curvnet)",
        "INIT_VNET_NET(vnet0)",
        None,
    ),
    "what is in a hash goes to the first stack": (
        "netinet/tcp_hostcache.c",
        "u_long mtu)\n{\n\tINIT_VNET_INET(curvnet)",
        "u_long mtu)\n{\n\tINIT_VNET_INET(vnet0)",
        "host cache",
    ),
    "counters are those of the first stack": (
        "netinet/ip_icmp.c",
        "INIT_VNET_INET(curvnet)",
        "INIT_VNET_INET(vnet0)",
        "the default stack has changed",
    ),
    "neighbours are those of the first stack": (
        "netinet6/nd6.c",
        "INIT_VNET_INET6(curvnet)",
        "INIT_VNET_INET6(vnet0)",
        None,
    ),
    "a sysctl sets the first stack": (
        "netinet/tcp_subr.c",
        "V_tcp_mssdflt = new",
        "((struct vnet_inet *)vnet0->mod_data[VNET_MOD_INET])->_tcp_mssdflt = new",
        "mssdflt",
    ),
    "a stack that goes ends all": (
        "netinet/ip_input.c",
        "if (!IS_DEFAULT_VNET(curvnet))\n\t\treturn;\n\n\tnetisr_register",
        "netisr_register",
        "TCP while another stack goes",
    ),
    "all have one name": (
        "kern/kern_sysctl.c",
        "INIT_VPROCG(TD_TO_VPROCG(curthread))",
        "INIT_VPROCG(vnet0)",
        "hostname",
    ),
    "what was made is not undone": (
        "kern/uipc_domain.c",
        "\tvnet_net_remove_domain((void *)(size_t)arg);",
        "",
        None,
    ),
    "data is not freed": (VIMAGE_C, "\tfree(data, M_VNET);", "", "a stack leaves memory"),
    "a stack is not freed": (VIMAGE_C, "\tfree(vnet, M_VNET);", "", "a stack leaves memory"),
    "half a stack is left": (
        VIMAGE_C,
        "vnet_unwind(vnet, LIST_NEXT(vml, vml_older));",
        "",
        "half a stack is left",
    ),
    "the stack in the making stays selected": (
        VIMAGE_C,
        "error = vmi->vmi_iattach(vml->vml_arg);\n\tcurvnet = saved;",
        "error = vmi->vmi_iattach(vml->vml_arg);\n\t(void)saved;",
        None,
    ),
    "a module stays in some stacks": (
        VIMAGE_C,
        "vnet_mod_undo(TAILQ_PREV(vnet, vnet_list, vnet_le), vml);\n\t\treturn (error);",
        "return (error);",
        "it is undone in the others",
    ),
    "a module leaves some stacks only": (
        VIMAGE_C,
        "vnet_mod_undo(TAILQ_PREV(vnet, vnet_list, vnet_le), vml);\n\t}",
        "}",
        "it is gone from all",
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "what"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken_is_noticed(
    path: str, old: str, new: str, what: str | None, objects: Objects, tmp_path: Path
) -> None:
    text = (objects.kernel / path).read_text()
    assert old in text
    program = objects.program(path, text.replace(old, new), tmp_path)
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert what is None or f"FAILED: {what} (stack" in done.stdout
