"""The shipped rule sets."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from vrefactor.rules import RuleSet, choose, load, path_matcher, shipped


@pytest.fixture(scope="module")
def freebsd() -> RuleSet:
    return load(shipped()["freebsd"])


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_set_is_called_as_its_folder(name: str) -> None:
    assert load(shipped()[name]).name == name


def test_the_symbols_of_freebsd_by_container(freebsd: RuleSet) -> None:
    # vimage.md, 1.6, counts 329 macros after step 1.5: net 13, inet 126, inet6 91, ipsec 56,
    # ipfw 29, gif 5, netgraph 7, vprocg 2; and 15 more for inet before step 3.  Of those are
    # left out, having no variable behind them: lo_list; arpt_prune, llinfo_arp, igmp_sgalloc;
    # ng_wormhole_unit.  fw_one_pass is counted where it is defined, in inet and not in ipfw.
    assert Counter(s.container for s in freebsd.symbols) == {
        "vnet_net": 13 - 1,
        "vnet_inet": 126 + 15 - 3 + 1,
        "vnet_inet6": 91,
        "vnet_ipsec": 56,
        "vnet_ipfw": 29 - 1,
        "vnet_gif": 5,
        "vnet_netgraph": 7 - 1,
        "vprocg": 2,
    }


def test_the_symbols_that_the_800003_tree_has(freebsd: RuleSet) -> None:
    # vimage.md, 1.6: 321 of the 329 exist there, under their name or the one before 1.5.1.
    needed = [s for s in freebsd.symbols if not s.optional]
    assert len(needed) == 321
    assert sorted(s.was for s in needed if s.was) == [
        "rtq_minreallyold",
        "rtq_reallyold",
        "rtq_timeout",
        "rtq_timer",
        "rtq_toomany",
    ]


def test_containers_come_in_the_order_of_their_init_calls(freebsd: RuleSet) -> None:
    names = [c.name for c in freebsd.containers]
    assert names[:4] == ["vnet_net", "vnet_inet", "vnet_inet6", "vnet_ipsec"]
    assert names[-1] == "vprocg"


def test_headers_with_types_host_their_container(freebsd: RuleSet) -> None:
    assert {c.header for c in freebsd.containers if c.host} == {
        "net/if_gif.h",
        "netgraph/netgraph.h",
        "netinet/ip_fw.h",
        "sys/vimage.h",
    }


def test_every_subsystem_has_its_container(freebsd: RuleSet) -> None:
    assert {c.subsystem for c in freebsd.containers} == {s.name for s in freebsd.subsystems}


def test_an_sctp_site_goes_through_its_wrapper(freebsd: RuleSet) -> None:
    containers = {c.name: c for c in freebsd.containers}
    (override,) = (o for o in freebsd.overrides if path_matcher([o.path])("netinet/sctp_pcb.c"))
    rendered = {
        s.name: override.render(s.name, containers[s.container])
        for s in freebsd.symbols
        if s.name in {"ifnet", "ip_defttl", "ip6_defhlim", "ipsec4stat"}
    }
    assert rendered == {
        "ifnet": "MODULE_GLOBAL(MOD_NET, ifnet)",
        "ip_defttl": "MODULE_GLOBAL(MOD_INET, ip_defttl)",
        "ip6_defhlim": "MODULE_GLOBAL(MOD_INET6, ip6_defhlim)",
        "ipsec4stat": "MODULE_GLOBAL(MOD_IPSEC, ipsec4stat)",
    }


@pytest.fixture(scope="module")
def tree() -> Path:
    """The `sys` folder of an 800003 kernel."""
    folder = os.environ.get("VREFACTOR_SYS")
    if folder is None:
        pytest.skip("VREFACTOR_SYS names no kernel tree")
    return Path(folder)


@pytest.fixture(scope="module")
def files(tree: Path) -> frozenset[str]:
    return frozenset(
        path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()
    )


def test_freebsd_fits_a_kernel(tree: Path, files: frozenset[str]) -> None:
    chosen = choose(files, lambda path: (tree / path).read_bytes(), None, tree)
    assert chosen.name == "freebsd"


def test_freebsd_names_files_of_a_kernel(
    freebsd: RuleSet, tree: Path, files: frozenset[str]
) -> None:
    named = {s.file for s in freebsd.symbols} | {c.header for c in freebsd.containers if c.host}
    assert named - files == {freebsd.prefix.header}
    assert [d for d in freebsd.tree.include_dirs if not (tree / d).is_dir()] == []


def test_every_glob_of_freebsd_fits_a_file(freebsd: RuleSet, files: frozenset[str]) -> None:
    globs = [
        *(exclude.path for exclude in freebsd.tree.exclude),
        *(override.path for override in freebsd.overrides),
        *(block.path for block in freebsd.portability),
    ]
    assert [glob for glob in globs if not any(map(path_matcher([glob]), files))] == []
