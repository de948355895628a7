from __future__ import annotations

import pytest

from tests.build.freebsd.minitree import MINIKERNEL, Files, config_of
from vrefactor.build.freebsd.flags import (
    ARCHITECTURES,
    OLD_CODE,
    architecture,
    extra_flags,
    kernel_flags,
    unlisted_flags,
)
from vrefactor.errors import USAGE, VrefactorError

AMD64 = architecture("amd64")


def folders(flags: tuple[str, ...]) -> list[str]:
    return [flag for flag in flags if flag.startswith("-I")]


def test_dialect_and_folders_come_from_the_tree() -> None:
    flags = kernel_flags(MINIKERNEL, AMD64, config_of(""))
    assert "-std=gnu99" in flags
    assert folders(flags) == ["-I{gen}", "-I{tree}", "-I{tree}/contrib/all"]


def test_a_tree_without_makefile_has_the_plain_ones() -> None:
    flags = kernel_flags(Files({}), AMD64, config_of(""))
    assert "-std=c99" in flags
    assert folders(flags) == ["-I{gen}", "-I{tree}"]


def test_no_system_header_and_no_host() -> None:
    flags = kernel_flags(MINIKERNEL, AMD64, config_of(""))
    assert {"-nostdinc", "-ffreestanding", "--target=x86_64-unknown-freebsd"} <= set(flags)


def test_makeoptions_of_the_configuration_come_last() -> None:
    config = config_of('makeoptions CONF_CFLAGS="-fno-builtin -DX"\n')
    assert kernel_flags(MINIKERNEL, AMD64, config)[-2:] == ("-fno-builtin", "-DX")


def test_files_that_no_list_knows_get_the_folders_of_all() -> None:
    assert unlisted_flags(MINIKERNEL) == ("-I{tree}/contrib/extra",)


EXTRA = {
    "no rule": (None, ()),
    "the normal one": ("${NORMAL_C}", ()),
    "a folder": ("${NORMAL_C} -I$S/contrib/pf", ("-I{tree}/contrib/pf",)),
    "several": ("${NORMAL_C} -Wno-error -DX -I$S/a", ("-Wno-error", "-DX", "-I{tree}/a")),
    "spelled out": ("${CC} ${CFLAGS:N-fno-common} -c ${.IMPSRC}", ()),
}


@pytest.mark.parametrize(("rule", "expected"), EXTRA.values(), ids=EXTRA)
def test_extra_flags(rule: str | None, expected: tuple[str, ...]) -> None:
    assert extra_flags(rule) == expected


def test_unknown_architecture() -> None:
    with pytest.raises(VrefactorError) as caught:
        architecture("vax")
    assert caught.value.kind is USAGE
    assert all(name in caught.value.detail for name in ARCHITECTURES)


def test_every_flag_for_old_code_has_a_reason() -> None:
    assert all(flag.startswith("-") and reason for flag, reason in OLD_CODE)
