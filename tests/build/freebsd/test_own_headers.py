"""The generated headers that we make of their inputs, without the tree's scripts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from vrefactor.build.freebsd.device_ids import (
    acpi_header,
    mii_header,
    pccard_header,
    usb_header,
    usb_table,
)
from vrefactor.build.freebsd.files import read_files
from vrefactor.build.freebsd.generate import generate
from vrefactor.build.freebsd.interfaces import interface_header
from vrefactor.build.freebsd.vnode_ops import vnode_headers
from vrefactor.build.model import Generated
from vrefactor.errors import GENERATOR_FAILED, VrefactorError
from vrefactor.source.tree import Tree

INTERFACE = b"""\
#include <sys/bus.h>	# for the C file
/**
 * @defgroup X what it is
 */
INTERFACE x;

CODE {
	static int none(void) { return (0); }
};

HEADER {
	struct thing;
	enum { ONE, TWO };
};

/** one line */
METHOD void detach {
	device_t dev;		# the device
} DEFAULT none;

METHOD const char * name_of { device_t  dev; struct thing *thing; u_int flags; };
STATICMETHOD int identify { driver_t *driver; };
"""
MADE = """\
#ifndef _x_if_h_
#define _x_if_h_

	struct thing;
	enum { ONE, TWO };
extern struct kobjop_desc x_detach_desc;
typedef void x_detach_t(device_t dev);
static __inline void X_DETACH(device_t dev)
{
	kobjop_t _m;
	KOBJOPLOOKUP(((kobj_t)dev)->ops,x_detach);
	((x_detach_t *) _m)(dev);
}

extern struct kobjop_desc x_name_of_desc;
typedef const char * x_name_of_t(device_t dev, struct thing *thing, u_int flags);
static __inline const char * X_NAME_OF(device_t dev, struct thing *thing, u_int flags)
{
	kobjop_t _m;
	KOBJOPLOOKUP(((kobj_t)dev)->ops,x_name_of);
	return ((x_name_of_t *) _m)(dev, thing, flags);
}

extern struct kobjop_desc x_identify_desc;
typedef int x_identify_t(driver_t *driver);
static __inline int X_IDENTIFY(driver_t *driver)
{
	kobjop_t _m;
	KOBJOPLOOKUP(driver->ops,x_identify);
	return ((x_identify_t *) _m)(driver);
}

#endif /* _x_if_h_ */
"""


def test_an_interface() -> None:
    made = interface_header("dev/x_if.m", INTERFACE)
    assert (made.path, made.content.decode()) == ("x_if.h", MADE)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"METHOD int f { int x; };\n", 1),
        (b"INTERFACE x;\n\nMETHOD f { int x; };\n", 3),
        (b"INTERFACE x;\nSOMETHING else\n", 2),
        (b"INTERFACE x;\nMETHOD int f {\n\tint x;\n", 2),
    ],
    ids=["no interface", "no type", "unknown", "open at the end"],
)
def test_a_line_of_an_interface_that_is_not_understood(text: bytes, line: int) -> None:
    with pytest.raises(VrefactorError) as caught:
        interface_header("dev/x_if.m", text)
    assert caught.value.kind is GENERATOR_FAILED
    assert (caught.value.path, caught.value.line) == ("dev/x_if.m", line)


VNODE = b"""\
#
%% read	vp	L L L
%! lock	pre	lock_pre
vop_read {
	IN struct vnode *vp;	/* what */
	INOUT struct uio *uio;
	IN WILLRELE int ioflag;
};

vop_last {
	OUT struct vnode **vpp;
};
"""


def test_vnode_operations() -> None:
    made = {item.path: item.content.decode() for item in vnode_headers("x.src", VNODE)}
    assert "\tvop_read_t\t*vop_read;\n\tvop_last_t\t*vop_last;\n};\n" in made["vnode_if_newproto.h"]
    assert "typedef int vop_last_t(struct vop_last_args *);\n" in made["vnode_if_typedef.h"]
    assert (
        "static __inline int VOP_READ(\n\tstruct vnode *vp,\n\tstruct uio *uio,\n\tint ioflag)\n{\n"
        "\tstruct vop_read_args a;\n\n\ta.a_gen.a_desc = &vop_read_desc;\n\ta.a_vp = vp;\n"
        "\ta.a_uio = uio;\n\ta.a_ioflag = ioflag;\n\treturn (VOP_READ_APV(vp->v_op, &a));\n}\n"
    ) in made["vnode_if.h"]


@pytest.mark.parametrize("text", [b"vop_x\n", b"vop_x {\n\tstruct vnode *vp;\n};\n"])
def test_a_vnode_operation_that_is_not_understood(text: bytes) -> None:
    with pytest.raises(VrefactorError, match=r"x\.src:"):
        vnode_headers("x.src", text)


IDS: list[tuple[Callable[[str, bytes], Generated], str, list[str]]] = [
    (
        mii_header,
        "oui ACME 0x01 Acme # once Ace\nmodel ACME ONE 0x2 The first\n/* kept */\n",
        [
            "#define\tMII_OUI_ACME\t0x01",
            "#define\tMII_MODEL_ACME_ONE\t0x2",
            '#define\tMII_STR_ACME_ONE\t"The first"',
            "/* kept */",
        ],
    ),
    (
        pccard_header,
        "vendor ACME -1 Acme\nproduct ACME A 7 Card # old\n"
        'product ACME B { "x&spy", "z", NULL } B\n',
        [
            "#define\tPCMCIA_VENDOR_ACME\t0xffffffff",
            "#define\tPCMCIA_CIS_ACME_A\t{ NULL, NULL, NULL, NULL }",
            "#define\tPCMCIA_PRODUCT_ACME_A\t7",
            '#define\tPCMCIA_STR_ACME_A\t"Card (old)"',
            '#define\tPCMCIA_CIS_ACME_B\t{ "x y", "z", NULL } B',
            "#define\tPCMCIA_PRODUCT_ACME_B\t0xffffffff",
            '#define\tPCMCIA_STR_ACME_B\t""',
        ],
    ),
    (
        usb_header,
        "vendor ACME 0x1 Acme\nproduct ACME ONE 0x2 The first\n",
        ["#define\tUSB_VENDOR_ACME\t0x1", "#define\tUSB_PRODUCT_ACME_ONE\t0x2"],
    ),
    (
        usb_table,
        "vendor ACME 0x1 Acme # Ace\nproduct ACME ONE 0x2 The first\n",
        [
            "const struct usb_knowndev usb_knowndevs[] = {",
            '\t{ USB_VENDOR_ACME, USB_PRODUCT_ACME_ONE, 0, "Acme", "The first", },',
            '\t{ USB_VENDOR_ACME, 0, USB_KNOWNDEV_NOPROD, "Acme", NULL, },',
            "\t{ 0, 0, 0, NULL, NULL, }",
            "};",
        ],
    ),
    (
        acpi_header,
        'name: X\noem: FADT "A  " "B"\ncreator: FADT "C"\noem_rev: FADT <= 0x3\nquirks:\tONE|TWO\n',
        [
            "const struct acpi_q_rule X[] = {",
            '\t{ "FADT", OEM, {"A  "}, {"B"} },',
            '\t{ "FADT", CREATOR, {"C"} },',
            '\t{ "FADT", OEM_REV, {.op = OP_LEQ}, {.rev = 0x3} },',
            '\t{ "" }',
            "};",
            "",
            "const struct acpi_q_entry acpi_quirks_table[] = {",
            "\t{ X, ONE|TWO },",
            "\t{ NULL, 0 }",
            "};",
        ],
    ),
]


@pytest.mark.parametrize(("make", "text", "lines"), IDS, ids=[make.__name__ for make, _, _ in IDS])
def test_device_ids(make: Callable[[str, bytes], Generated], text: str, lines: list[str]) -> None:
    made = make("dev/x", f"$Id: 1 $\n{text}".encode())
    assert made.content.decode().splitlines() == lines


BAD = [
    (mii_header, "oui ACME\n"),
    (pccard_header, "product ACME A\n"),
    (usb_header, "vendor ACME\n"),
    (usb_table, "product ACME ONE\n"),
    (acpi_header, "oem_rev: FADT ~ 3\n"),
    (acpi_header, "oem:\n"),
]


@pytest.mark.parametrize(("make", "text"), BAD)
def test_a_line_of_ids_that_is_not_understood(
    make: Callable[[str, bytes], Generated], text: str
) -> None:
    with pytest.raises(VrefactorError) as caught:
        make("dev/x", f"$Id: 1 $\n{text}".encode())
    assert (caught.value.kind, caught.value.line) == (GENERATOR_FAILED, 2)


def tokens(content: bytes) -> list[bytes]:
    plain = re.sub(rb"/\*.*?\*/", b" ", content, flags=re.DOTALL)
    return re.findall(rb'"[^"]*"|\w+|\S', plain)


@pytest.mark.skipif("VREFACTOR_SYS" not in os.environ, reason="VREFACTOR_SYS names no kernel tree")
def test_they_are_what_the_scripts_of_a_real_kernel_make() -> None:
    tree = Tree.open(Path(os.environ["VREFACTOR_SYS"]))
    entries = read_files(tree, "amd64")
    by_name = {path.rpartition("/")[2]: path for path in tree.paths if path.endswith(".m")}
    methods = sorted(by_name.values())
    theirs = {item.path: item.content for item in generate(tree, entries, methods, trust=True)}
    ours = {item.path: item.content for item in generate(tree, entries, methods, trust=False)}
    assert ours.keys() == {path for path in theirs if path.endswith(".h")}
    for path, content in ours.items():
        assert tokens(content) == tokens(theirs[path]), path
