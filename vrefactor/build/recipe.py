"""The whole recipe as a shell script, for a reviewer with a real FreeBSD machine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from vrefactor.build.freebsd.kernconf import DEFAULT_NOOPTIONS

_HEAD = """\
#!/bin/sh
# Does a mechanical patch leave every object file of a FreeBSD kernel as it was?
#
# usage: sh recipe.sh PATCH COUNTERPATCH [COUNTERPATCH_AFTER]
#
#   PATCH               what is to be checked, made inside sys/ (as `vrefactor diff` makes it)
#   COUNTERPATCH        the padding of the unpatched tree  (vrefactor verify --counterpatch FILE)
#   COUNTERPATCH_AFTER  the padding of the patched tree: only if the patch removes lines
#
# environment: SRC   the unpatched sources, with sys/ in it          (/usr/src)
#              WORK  a directory for two copies and their objects    (/usr/obj/md5dance)
#              JOBS  how many compilers run at a time                (the number of CPUs)
#
# exit status: 0 if nothing but vers.o differs, 1 if something does.

set -eu

case $# in
2|3) ;;
*) echo "usage: sh $0 PATCH COUNTERPATCH [COUNTERPATCH_AFTER]" >&2; exit 2 ;;
esac
PATCH=$(realpath "$1")
COUNTERPATCH=$(realpath "$2")
COUNTERPATCH_AFTER=${3:+$(realpath "$3")}
SRC=${SRC:-/usr/src}
WORK=${WORK:-/usr/obj/md5dance}
JOBS=${JOBS:-$(sysctl -n hw.ncpu)}
"""

_TREES = """
# 1. Two copies.  They are built under one name, since path names get into the objects.
mkdir -p "$WORK"
rm -rf "$WORK/before" "$WORK/after" "$WORK/src"
cp -Rp "$SRC" "$WORK/before"
cp -Rp "$SRC" "$WORK/after"

# 2. The patch on one; white space on both, so that common lines have the same numbers.
( cd "$WORK/after/sys" && patch -s -p1 < "$PATCH" )
( cd "$WORK/before/sys" && patch -s -p1 < "$COUNTERPATCH" )
if [ -n "$COUNTERPATCH_AFTER" ]; then
	( cd "$WORK/after/sys" && patch -s -p1 < "$COUNTERPATCH_AFTER" )
fi

# 3. The same __FreeBSD_version: it is in every module's metadata.
version=$(awk '$1 == "#define" && $2 == "__FreeBSD_version" { print $3 }' \\
    "$WORK/before/sys/sys/param.h")
sed -i '' -E \\
    "s/^(#define[[:space:]]+__FreeBSD_version[[:space:]]+)[0-9]+/\\\\1$version/" \\
    "$WORK/after/sys/sys/param.h"
"""

_CONFIGURE = """
# 4. Each configuration without the options that record where they were compiled.
configure() { # tree
	for config in $CONFIGS; do
		dir=$1/sys/$MACHINE/conf
		if [ ! -f "$dir/$config" ]; then
			make -C "$dir" "$config"
		fi
		{
			cat "$dir/$config"
			for option in $NOOPTIONS; do
				echo "nooptions $option"
			done
			echo "ident MD5-$config"
			echo "nomakeoptions DEBUG"
		} > "$dir/MD5-$config"
	done
}
configure "$WORK/before"
configure "$WORK/after"
"""

_BUILD = """
# 5. Build, strip, take the MD5s.  Modules are built with their kernel.
MAKEOBJDIRPREFIX=$WORK/obj
export MAKEOBJDIRPREFIX
build() { # side
	mv "$WORK/$1" "$WORK/src"
	rm -rf "$WORK/obj" "$WORK/stripped"
	for config in $CONFIGS; do
		log=$WORK/$1.$config.log
		if ! make -C "$WORK/src" -j "$JOBS" buildkernel TARGET="$TARGET" \\
			KERNCONF="MD5-$config" > "$log" 2>&1; then
			echo "this kernel does not build: see $log" >&2
			exit 1
		fi
	done
	( cd "$WORK/obj" && find . -name '*.o' | sort ) > "$WORK/$1.objects"
	( cd "$WORK/obj" && while read -r object; do
		strip -o "$WORK/stripped.o" "$object"
		printf 'MD5 (%s) = %s\\n' "${object#./}" "$(md5 -q "$WORK/stripped.o")"
	done < "$WORK/$1.objects" ) > "$WORK/$1.md5"
	mv "$WORK/src" "$WORK/$1"
}
build before
build after

# 6. Only vers.o, which holds the time of the build, may differ.
grep -v '/vers\\.o) = ' "$WORK/before.md5" > "$WORK/before.cmp"
grep -v '/vers\\.o) = ' "$WORK/after.md5" > "$WORK/after.cmp"
if [ ! -s "$WORK/before.cmp" ]; then
	echo "no object was built: see $WORK/before.*.log" >&2
	exit 1
fi
if diff -u "$WORK/before.cmp" "$WORK/after.cmp"; then
	echo "$(wc -l < "$WORK/after.cmp" | tr -d ' ') objects, all the same"
else
	echo "these objects differ" >&2
	exit 1
fi
"""


def recipe(
    configurations: Sequence[str] = ("GENERIC", "LINT"),
    machine: str = "amd64",
    nooptions: Sequence[str] = DEFAULT_NOOPTIONS,
) -> str:
    """Return the script that does on FreeBSD what `vrefactor verify` does anywhere.

    `configurations` are kernel configurations of `machine` (a directory of `sys/`); `nooptions`
    are taken out of each.
    """
    settings = (
        f"MACHINE={shlex.quote(machine)}\n"
        f"TARGET={shlex.quote(machine)}\n"
        f"CONFIGS={shlex.quote(' '.join(configurations))}\n"
        f"NOOPTIONS={shlex.quote(' '.join(nooptions))}\n"
    )
    return _HEAD + settings + _TREES + _CONFIGURE + _BUILD
