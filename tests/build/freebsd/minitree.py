"""A kernel tree in memory, small enough to be read in one go."""

from __future__ import annotations

from vrefactor.build.freebsd.files import FileEntry, read_files
from vrefactor.build.freebsd.kernconf import KernelConfig, read_config


class Files:
    """Files by path: what a build plan needs of a tree."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        return self.files[path].encode()

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def plus(self, files: dict[str, str]) -> Files:
        return Files({**self.files, **files})


def config_of(text: str, name: str = "KERN", **files: str) -> KernelConfig:
    """The configuration of one file; `files` are others of the same folder."""
    paths = {f"amd64/conf/{key}": value for key, value in {name: text, **files}.items()}
    return read_config(Files(paths), "amd64", name)


def entries_of(text: str) -> tuple[FileEntry, ...]:
    return read_files(Files({"conf/files": text}), "amd64")


MKOBJ = """\
# A stand-in for the kernel's own script: FILE.m gives FILE.h and FILE.c.
BEGIN {
	for (i = 1; i < ARGC; i++)
		if (ARGV[i] ~ /\\.m$/) {
			name = ARGV[i]; sub(/.*\\//, "", name); sub(/\\.m$/, "", name)
			getline text < ARGV[i]
			printf "/* %s: %s */\\n", ARGV[i], text > (name ".h")
			printf "#include \\"%s.h\\"\\n", name > (name ".c")
		}
}
"""

BUS = """\
INTERFACE bus;
HEADER {
	typedef void (*kobjop_t)(void);
	typedef struct kobj { void *ops; } *kobj_t;
	#define KOBJOPLOOKUP(ops, name) (_m = (kobjop_t)(ops))
};
METHOD int probe {
	void *dev;
};
"""

MKVNODE = """\
BEGIN { for (i = 2; i < ARGC; i++) print ARGV[i] > ("vnode" ARGV[i] ".h") }
"""

MINIKERNEL = Files(
    {
        "conf/files": """\
# what goes into a kernel
kern/main.c		standard
kern/trace.c		optional trace
dev/net.c		optional net pci | netsim	\\
	compile-with	"${NORMAL_C} -I$S/contrib/net -c" nowerror
dev/bus_if.m		standard
dev/gone.c		standard
dev/firmware.c		standard local no-implicit-rule compile-with "uudecode < x"
ids.h			optional netsim				\\
	compile-with	"${AWK} -f $S/tools/ids.awk $S/dev/ids -h" no-obj before-depend
table.h			standard compile-with "sh $S/tools/table.sh > table.h" no-obj
""",
        "conf/files.amd64": "amd64/amd64/start.S standard\namd64/amd64/trap.c standard\n",
        "conf/options": """\
TRACE
NET_DEBUG	opt_net.h
NET_MTU		opt_net.h	# octets
MAXUSERS	opt_param.h
INVARIANTS	opt_global.h
""",
        "conf/options.amd64": "HAMMER opt_cpu.h\nDEV_NETSIM opt_net.h\n",
        "conf/NOTES": "machine\tamd64\nident LINT\noptions TRACE\n device indented\nhint.x=1\n"
        "options\tNET_MTU=9000 # jumbo\ndevice netsim\noptions INVARIANTS\n",
        "conf/kern.pre.mk": "C_DIALECT= -std=gnu99\nINCLUDES= -nostdinc -I. -I$S\n"
        "INCLUDES+= -I$S/contrib/all\n.if make(depend)\nINCLUDES+= -I$S/contrib/extra\n.endif\n",
        "amd64/conf/DEFAULTS": "machine amd64\ndevice isa\n",
        "amd64/conf/NOTES": "cpu HAMMER\nnooptions TRACE\n",
        "amd64/conf/GENERIC": "cpu HAMMER\nident GENERIC\noptions TRACE\n",
        "amd64/amd64/start.S": "nop\n",
        "amd64/amd64/trap.c": '#include "opt_cpu.h"\nint trap;\n',
        "amd64/include/cpu.h": "#define CPU 1\n",
        "kern/main.c": '#include <machine/cpu.h>\n#include "bus_if.h"\nint n = CPU;\n',
        "kern/trace.c": '#include "opt_trace.h"\n#ifndef TRACE\n#error\n#endif\n',
        "dev/net.c": '#include "opt_net.h"\n#include "ids.h"\nint mtu = NET_MTU + ID;\n',
        "dev/module.c": '#include "opt_module.h"\nint module;\n',
        "dev/bus_if.m": BUS,
        "dev/ids": "7\n",
        "dev/firmware.c": "",
        "tools/ids.awk": 'BEGIN { getline n < ARGV[1]; print "#define ID " n > "ids.h" }\n',
        "tools/makeobjops.awk": MKOBJ,
        "tools/vnode_if.awk": MKVNODE,
        "kern/vnode_if.src": "vop_lock {\n\tINOUT struct vnode *vp;\n\tIN int flags;\n};\n",
    }
)
