"""Step 3, the framework: what it leaves alone, what it writes, and what it can't do."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.generated.framing import NET, PREFIX
from tests.generated.vframing import (
    SOURCE,
    UNLOCKED,
    VIRTUAL,
    base,
    laid_out,
    virtual,
    virtual_rules,
)
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.rules import FrameworkLine, RuleSet

SYSCTL = "sys/sysctl.h"
LINE = FrameworkLine(path="conf/options", text="VNET_DEBUG\topt_global.h", sorted="VNET")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tree after the framework of step 3."""
    after = virtual(tmp_path_factory.mktemp("done")).after
    return {path: after.read(path) for path in after.paths}


LEFT_ALONE: dict[str, tuple[dict[str, tuple[bytes, bytes]], RuleSet]] = {
    "all of it is there": ({}, virtual_rules()),
    "a VSYM of another's hand": (
        {PREFIX: (b"((base)->_ ## sym)", b"(base->_ ## sym)")},
        virtual_rules(),
    ),
    "a registration of another's hand": (
        {PREFIX: (b"m_id, m_name,", b"m_id, m_label,")},
        virtual_rules(),
    ),
    "a null macro under a condition of its own": (
        {PREFIX: (b"#ifndef VIMAGE\n", b"#if !defined(VIMAGE) && !X\n")},
        virtual_rules(),
    ),
    "a source of another's hand": ({SOURCE: (b"vnet_release", b"vnet_let_go")}, virtual_rules()),
    "no form of sysctl": ({SYSCTL: (b"SYSCTL_V_", b"SYSCTL_W_")}, virtual_rules()),
    "a line": (
        {"conf/options": (b"", b"VNET_DEBUG   opt_global.h\n")},
        virtual_rules(msgspec.structs.replace(VIRTUAL, line=(LINE,))),
    ),
}


@pytest.mark.parametrize(("changes", "rules"), LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_it_is_left_alone(
    changes: dict[str, tuple[bytes, bytes]],
    rules: RuleSet,
    done: dict[str, bytes],
    tmp_path: Path,
) -> None:
    files = dict(done)
    for path, (old, new) in changes.items():
        assert old in files.get(path, b"")
        files[path] = files[path].replace(old, new) if old else new
    found = virtual(tmp_path, files, rules)
    assert found.changed() == []
    assert found.framework.findings == ()


def test_without_containers_nothing_is_done(tmp_path: Path) -> None:
    assert virtual(tmp_path, moving=()).changed() == []


def test_each_part_that_is_missing_is_added_alone(done: dict[str, bytes], tmp_path: Path) -> None:
    before = base(tmp_path / "base")
    changed = [path for path in sorted(done) if done[path] != before[path]]
    assert changed == ["host/vhost.h", SOURCE, SYSCTL, PREFIX]
    for number, path in enumerate(changed):
        files = {**done, path: before[path]}
        assert virtual(tmp_path / str(number), files).changed() == [path]


HEADER = {
    "a member by its pointer": "#define\tVSYM(base, sym) ((base)->_ ## sym)",
    "no stack is selected without the option": "#ifndef VIMAGE\n#define\tCURVNET_SET(arg)\n",
    "neither is another than the first": "#else /* !VIMAGE */\n",
    "containers have numbers": "#define\tVNET_MOD_NET\t\t0\n",
    "in the order of the rules": "#define\tHOST_MOD\t\t1\n",
    "and by their own names": "#define\tV_MOD_vnet_net\tVNET_MOD_NET\n",
    "what has no data comes behind them": "#define\tVNET_MOD_A\t\t2\n#define\tVNET_MOD_B\t\t3\n",
    "and then what comes from elsewhere": "#define\tVNET_MOD_DYNAMIC\t4\n",
    "the stack is one of the thread": "extern __thread struct vnet *vnet_current;",
    "registration is by option": "#if !defined(VIMAGE) && !defined(VIMAGE_GLOBALS)\n",
    "readers have a lock": "#define\tVNET_LIST_RLOCK()\tvnet_list_rlock()\n",
}


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("header")
    return virtual(root, stateless=("A", "B")).text(PREFIX)


@pytest.mark.parametrize("text", HEADER.values(), ids=HEADER.keys())
def test_the_header_of_the_prefix(text: str, header: str) -> None:
    assert text in header


def test_the_text_of_step_2_is_gone(header: str) -> None:
    assert "No option VIMAGE" not in header
    assert "as yet" not in header


def of(**changes: object) -> RuleSet:
    """Return rules with these in [framework.virtual]."""
    return virtual_rules(msgspec.structs.replace(VIRTUAL, **changes))


BY_RULES = {
    "the lvalue of curvnet": (of(curvnet="me()->vnet"), PREFIX, "#define\tcurvnet\t\tme()->vnet\n"),
    "its variable": (of(), SOURCE, "\n__thread struct vnet *vnet_current;\n"),
    "its storage class": (of(storage=""), SOURCE, "\nstruct vnet *vnet_current;\n"),
    "the stack of a thread": (
        of(thread="{td}->t_vnet"),
        PREFIX,
        "#define\tTD_TO_VNET(td)\t(td)->t_vnet\n",
    ),
    "headers for these": (of(headers=("sys/lock.h",)), PREFIX, "#include <sys/lock.h>\n"),
    "how memory comes": (of(malloc="get({size}, 1)"), SOURCE, "data = get(vmi->vmi_size, 1);"),
    "how it goes": (of(free="put({address})"), SOURCE, "\tput(vnet);\n"),
    "what is defined for that": (of(memory="int here;\n"), SOURCE, "\nint here;\n"),
    "what is included for that": (
        of(memory_headers=("sys/lock.h",)),
        SOURCE,
        "#ifdef VIMAGE\n#include <sys/lock.h>\n",
    ),
    "how it panics": (of(panic="abort_with"), SOURCE, 'abort_with("vnet_boot: '),
    "when the first stack is made": (
        of(begin="SI_SUB_NET, SI_ORDER_FIRST"),
        SOURCE,
        "SYSINIT(vnet, SI_SUB_NET, SI_ORDER_FIRST, vnet_sysinit, NULL);\n",
    ),
    "when it is selected no longer": (
        of(done="SI_SUB_END, SI_ORDER_ANY"),
        SOURCE,
        "SYSINIT(vnet_done, SI_SUB_END, SI_ORDER_ANY, vnet_sysinit_done, NULL);\n",
    ),
    "when it is destroyed": (
        of(end="SI_SUB_NET, SI_ORDER_FIRST"),
        SOURCE,
        "SYSUNINIT(vnet, SI_SUB_NET, SI_ORDER_FIRST, vnet_sysuninit, NULL);\n",
    ),
}


@pytest.mark.parametrize(("rules", "path", "text"), BY_RULES.values(), ids=BY_RULES.keys())
def test_the_rules_say(rules: RuleSet, path: str, text: str, tmp_path: Path) -> None:
    assert text in virtual(tmp_path, rules=rules).text(path)


def test_without_curvnet_and_orders_there_is_a_variable_and_no_sysinit(tmp_path: Path) -> None:
    found = virtual(tmp_path, rules=of(curvnet="x"))
    assert "vnet_current" not in found.text(PREFIX) + found.text(SOURCE)
    assert "\nSYSINIT(" not in found.text(SOURCE)
    assert "SYSUNINIT" not in found.text(SOURCE)


def test_a_program_of_one_thread_has_no_locks(tmp_path: Path) -> None:
    found = virtual(tmp_path, rules=virtual_rules(framework=UNLOCKED))
    text = found.text(SOURCE).partition("#ifdef VIMAGE\n")[2]
    for word in ("LOCK", "vnet_begin", "vnet_end", "mtx", "msleep", "vi_symlookup"):
        assert word not in text
    assert "#define\tVNET_LIST_RLOCK()\n" in found.text(PREFIX)


def test_lines_go_where_the_rules_want_them(tmp_path: Path) -> None:
    files = {"conf/options": b"VIMAGE\topt_global.h\n"}
    rules = of(line=(msgspec.structs.replace(LINE, sorted=None, after="VIMAGE opt_global.h"),))
    text = virtual(tmp_path, files, rules).text("conf/options")
    assert text == "VIMAGE\topt_global.h\nVNET_DEBUG\topt_global.h\n"


@pytest.mark.parametrize("path", [PREFIX, SOURCE, SYSCTL])
def test_line_ends_stay(path: str, tmp_path: Path) -> None:
    crlf = base(tmp_path / "1")[path].replace(b"\n", b"\r\n")
    text = virtual(tmp_path / "2", {path: crlf}).text(path)
    assert text.count("\n") == text.count("\r\n")
    assert len(text) > 2 * len(crlf) if path == SOURCE else len(text) > len(crlf)


# --- containers that stay -----------------------------------------------------------


def test_the_selection_of_a_container_that_stays_is_empty(tmp_path: Path) -> None:
    text = virtual(tmp_path).text("host/vhost.h")
    assert "INIT_FROM_VNET" not in text
    assert "#define\tINIT_VHOST(vnet)" in text


def test_it_selects_once_the_container_moves(tmp_path: Path) -> None:
    first = virtual(tmp_path / "1").after
    files = {path: first.read(path) for path in first.paths}
    found = virtual(tmp_path / "2", files, moving=("vnet_net", "vhost"))
    assert "INIT_FROM_VNET(vnet, HOST_MOD, struct vhost, vhost)" in found.text("host/vhost.h")


def test_a_container_that_the_rules_keep_has_no_number(tmp_path: Path) -> None:
    kept = msgspec.structs.replace(virtual_rules().containers[1], kept="it has no variables")
    text = virtual(tmp_path, rules=virtual_rules(containers=(NET, kept))).text(PREFIX)
    assert "HOST_MOD" not in text


# --- sysctls -------------------------------------------------------------------------


def test_sysctls_find_their_variable_with_the_option_only(tmp_path: Path) -> None:
    text = virtual(tmp_path).text(SYSCTL)
    plain = "#ifndef VIMAGE\n#define\tSYSCTL_V_INT("
    assert text.index("#ifdef VIMAGE\n/*") < text.index(plain)
    assert text.count("#define\tSYSCTL_V_INT(") == 2
    assert "INIT_FROM_VNET(curvnet, V_MOD_ ## mod, struct mod, mod);" in text


def test_a_sysctl_of_another_shape_is_an_error(tmp_path: Path) -> None:
    own = base(tmp_path / "1")[SYSCTL].replace(b"SYSCTL_OID(parent, nbr,", b"SYSCTL_OID(parent,")
    with pytest.raises(VrefactorError) as caught:
        virtual(tmp_path / "2", {SYSCTL: own})
    assert (caught.value.kind, "nine parameters" in caught.value.detail) == (RULES_NAME, True)


# --- what can't be done ---------------------------------------------------------------


MISSING = {
    "the header": (PREFIX, None, "is not in the tree: step 2.2"),
    "the source": (SOURCE, None, "is not in the tree: step 2.2"),
    "VSYM": (PREFIX, (b"VSYM", b"WSYM"), "does not define VSYM: step 2.2"),
    "registration": (PREFIX, (b"VNET_MOD_DECLARE", b"VNET_DECLARE"), "VNET_MOD_DECLARE: step 2.2"),
}


@pytest.mark.parametrize(("path", "change", "what"), MISSING.values(), ids=MISSING.keys())
def test_a_tree_that_step_2_has_not_been_through(
    path: str, change: tuple[bytes, bytes] | None, what: str, tmp_path: Path
) -> None:
    files = base(tmp_path / "1")
    own = files.pop(path)
    if change is not None:
        files[path] = own.replace(b"No option VIMAGE yet!", b"?").replace(*change)
    with pytest.raises(VrefactorError) as caught:
        laid_out(tmp_path / "2", files, virtual_rules())
    assert (caught.value.kind, what in caught.value.detail) == (RULES_NAME, True)


def test_rules_without_a_framework_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        virtual(tmp_path, rules=virtual_rules(framework=None))
    assert (caught.value.kind, "[framework]" in caught.value.detail) == (RULES_NAME, True)


def test_a_header_that_the_rules_name_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        virtual(tmp_path, rules=of(memory_headers=("sys/none.h",)))
    assert (caught.value.kind, "sys/none.h" in caught.value.detail) == (RULES_NAME, True)


FINDINGS = {
    "VSYM means something else": (
        PREFIX,
        (b'#error "No option VIMAGE yet!"', b"#define\tVSYM(base, sym) (sym)"),
        "VSYM",
    ),
    "registration is under another condition": (
        PREFIX,
        (b"#ifndef VIMAGE_GLOBALS", b"#ifndef NO_GLOBALS"),
        "framework",
    ),
    "so is the source": (SOURCE, (b"#ifndef VIMAGE_GLOBALS", b"#ifndef NO_GLOBALS"), "framework"),
}


@pytest.mark.parametrize(("path", "change", "name"), FINDINGS.values(), ids=FINDINGS.keys())
def test_what_a_person_must_do(
    path: str, change: tuple[bytes, bytes], name: str, tmp_path: Path
) -> None:
    own = base(tmp_path / "1")[path]
    assert change[0] in own
    found = laid_out(
        tmp_path / "2",
        {**base(tmp_path / "3"), path: own.replace(*change)},
        virtual_rules(),
    )
    (finding,) = found.framework.findings
    assert (finding.path, finding.name) == (path, name)
    assert "by hand" in finding.what
