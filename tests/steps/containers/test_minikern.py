"""Step 2 on the example kernel: it builds both ways without a warning, and runs as before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.kernels import SteppedKernels
from vrefactor.rules import load

MINIKERN = Path(__file__).parents[3] / "examples" / "minikern"

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("make", "cc", "nm")),
    reason="needs make, cc and nm",
)


@pytest.fixture(scope="session")
def kernel(stepped: SteppedKernels) -> Path:
    """The example kernel after step 2."""
    return stepped.after("2")


def make(kernel: Path, objects: Path, options: str, *more: str) -> str:
    """Build and run the kernel with these options; return what it prints."""
    flags = [f"OBJDIR={objects}", "CFLAGS=-O1 -Werror", f"OPTIONS={options}", *more]
    call = ["make", "--no-print-directory", *flags, "minikern"]
    done = subprocess.run(call, cwd=kernel, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    program = [str(objects / "minikern")]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout


OPTIONS = {
    "containers": "-DINET -DINET6 -DINVARIANTS",
    "plain variables": "-DINET -DINET6 -DINVARIANTS -DVIMAGE_GLOBALS",
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_it_runs_as_before(options: str, kernel: Path, tmp_path: Path) -> None:
    assert make(kernel, tmp_path, options) == (kernel / "expected.txt").read_text()


def test_it_runs_without_inet6(kernel: Path, tmp_path: Path) -> None:
    options = "-DINET -DINVARIANTS"
    printed = make(kernel, tmp_path / "after", options, "NETINET6=")
    assert printed == make(MINIKERN, tmp_path / "before", options, "NETINET6=")


def test_no_plain_name_is_left(kernel: Path, tmp_path: Path) -> None:
    make(kernel, tmp_path, OPTIONS["containers"])
    rules = load(kernel / "vrefactor.toml")
    names = {symbol.name for symbol in rules.symbols}
    defined: dict[str, set[str]] = {}
    for path in sorted(tmp_path.rglob("*.o")):
        listing = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            defined.setdefault(line.split()[-1], set()).add(path.name)
    # What other files have by these names is theirs.
    foreign = {
        "icmplim": {"if_disc.o"},
        "loif": {"kern_report.o"},
        "rtq_timer": {"kern_timeout.o"},
        "udp_blackhole": {"kern_report.o"},
    }
    left = {name: files for name, files in defined.items() if name in names}
    assert {name: left[name] - foreign.get(name, set()) for name in left} == {
        name: set() for name in left
    }
    assert {f"{container.name}_0" for container in rules.containers} <= set(defined)
