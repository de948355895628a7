from __future__ import annotations

import pytest

from tests.build.freebsd.minitree import MINIKERNEL, Files, config_of
from vrefactor.build.freebsd.kernconf import DEFAULT_NOOPTIONS, KernelConfig, read_config
from vrefactor.errors import KERNCONF_MISSING, KERNEL_CONF, VrefactorError


def options(config: KernelConfig) -> dict[str, str]:
    return {name: option.value for name, option in config.options.items()}


NO_EFFECT = {
    "empty": "",
    "comments": "# options A\n\t# device b\n",
    "hints": 'hints "GENERIC.hints"\n',
    "env": 'env "x.env"\nenvvar a=1\n',
    "config": "config kernel root on da0\n",
    "files": 'files "more"\n',
    "set and taken back": "options A\nnooptions A\ndevice b\nnodevice b\n",
    "taken back, all spellings": "option A, B\nnooption A\nnooptions B\ndevice b\nnodevices b\n",
    "cpu taken back": "cpu I686\nnocpu I686\n",
    "makeoptions taken back": "makeoptions X=1\nnomakeoptions X\n",
    "taking back what is not there": "nooptions A\nnodevice b\nnocpu C\nnomakeoption D\n",
}


@pytest.mark.parametrize("text", NO_EFFECT.values(), ids=NO_EFFECT)
def test_no_effect(text: str) -> None:
    assert config_of(text) == config_of("")


OPTIONS = {
    "plain": ("options A\n", {"A": "1"}),
    "indented": ("  options \tA\n", {"A": "1"}),
    "value": ("options A=5\n", {"A": "5"}),
    "blanks around =": ("options A = 5\n", {"A": "5"}),
    "empty value": ("options A=\n", {"A": ""}),
    "comment": ("options A=5 # six\n", {"A": "5"}),
    "quotes taken off": ('options "A=5"\n', {"A": "5"}),
    "hash in quotes": ('options A="#"\n', {"A": "#"}),
    "quotes kept": ('options A=\\"ufs:da0\\"\n', {"A": '"ufs:da0"'}),
    "expression": ("options A=(B|C)\n", {"A": "(B|C)"}),
    "commas in parentheses": ("options A=(B,C)\n", {"A": "(B,C)"}),
    "list": ("options A, B=2,C\n", {"A": "1", "B": "2", "C": "1"}),
    "the last wins": ("options A=1\noptions A=2\n", {"A": "2"}),
    "lower case": ("options ipfilter\n", {"ipfilter": "1"}),
}


@pytest.mark.parametrize(("text", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_options(text: str, expected: dict[str, str]) -> None:
    assert options(config_of(text)) == expected


def test_other_statements() -> None:
    config = config_of(
        "machine pc98 i386\nident MINE\nmaxusers 10\nprofile 2\ncpu I486\ncpu I686\n"
        "device a, b\ndevice c 4\nmakeoptions DEBUG=-g, CONF_CFLAGS=-fno-builtin\n"
    )
    assert (config.machine, config.machine_arch, config.ident) == ("pc98", "i386", "MINE")
    assert (config.maxusers, config.profile, config.cpus) == ("10", True, {"I486", "I686"})
    assert config.devices == {"a": 1, "b": 1, "c": 4}
    assert config.makeoptions == {"DEBUG": "-g", "CONF_CFLAGS": "-fno-builtin"}


def test_the_machine_is_the_architecture_unless_said_otherwise() -> None:
    assert config_of("device a\n").machine == "amd64"


BAD = {
    "unknown keyword": ("\nfrobnicate A\n", 2, "unknown keyword: frobnicate"),
    "no statement": ("\n\n%%\n", 3, "not a configuration statement: %%"),
    "no name": ("options\n", 1, "a name is missing"),
    "a comma too many": ("device a,,b\n", 1, "a name is missing"),
    "not an option": ("options A-B\n", 1, "not an option: A-B"),
    "open quote": ('options A="5\n', 1, "not closed"),
    "two idents": ("ident A B\n", 1, "expected one value"),
    "machine": ("machine a b c\n", 1, "expected: machine NAME"),
    "include of nothing": ("include NOTHERE\n", 1, "the tree has no amd64/conf/NOTHERE"),
    "include of itself": ("\ninclude KERN\n", 2, "includes itself"),
}


@pytest.mark.parametrize(("text", "line", "detail"), BAD.values(), ids=BAD)
def test_bad_lines(text: str, line: int, detail: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        config_of(text)
    assert caught.value.kind is KERNEL_CONF
    assert (caught.value.path, caught.value.line) == ("amd64/conf/KERN", line)
    assert detail in caught.value.detail


def test_include_is_read_in_place() -> None:
    config = config_of("options A=1\ninclude BASE\nnooptions B\n", BASE="options A=2\noptions B\n")
    assert options(config) == {"A": "2"}
    assert config.options["A"].path == "amd64/conf/BASE"


def test_includes_in_a_circle() -> None:
    with pytest.raises(VrefactorError, match="includes itself"):
        config_of("include A\n", A="include B\n", B="include A\n")


def test_defaults_come_first() -> None:
    config = config_of("nodevice isa\noptions A=2\n", DEFAULTS="device isa\noptions A=1\n")
    assert config.devices == {}
    assert options(config) == {"A": "2"}


def test_lint_is_made_from_both_notes() -> None:
    config = read_config(MINIKERNEL, "amd64", "LINT")
    assert config.ident == "LINT"
    assert set(config.devices) == {"isa", "netsim"}
    assert options(config) == {"NET_MTU": "9000", "INVARIANTS": "1"}
    assert (config.options["NET_MTU"].path, config.options["NET_MTU"].line) == ("conf/NOTES", 6)


def test_a_lint_of_the_tree_wins_over_notes() -> None:
    tree = MINIKERNEL.plus({"amd64/conf/LINT": "options TRACE\n"})
    assert options(read_config(tree, "amd64", "LINT")) == {"TRACE": "1"}


def test_missing_configuration_lists_those_there() -> None:
    with pytest.raises(VrefactorError) as caught:
        read_config(MINIKERNEL, "amd64", "GENERICK")
    assert caught.value.kind is KERNCONF_MISSING
    assert caught.value.detail == "GENERICK; amd64/conf has: GENERIC"


def test_missing_configuration_in_a_tree_without_any() -> None:
    with pytest.raises(VrefactorError, match="has: none"):
        read_config(Files({"a.c": ""}), "amd64", "LINT")


def test_the_callers_options_come_last() -> None:
    config = config_of("options INVARIANTS\noptions WITNESS\noptions A\n")
    config.without(DEFAULT_NOOPTIONS)
    config.with_options(["B", "A=3", "C="])
    assert options(config) == {"A": "3", "B": "1", "C": ""}
