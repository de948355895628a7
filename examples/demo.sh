#!/bin/sh
# The example kernel, from the scan to a hundred network stacks: `make demo`.
#
# VREFACTOR names the program (default: the one in PATH), MAKE the make to build
# the kernel with.  The example kernel itself is left alone: all happens in a copy.
set -eu
# The kernel is built by a make of its own, not as a part of `make demo`.
unset MAKEFLAGS MFLAGS MAKELEVEL

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
vrefactor=${VREFACTOR:-vrefactor}
make=${MAKE:-make}
case $vrefactor in
/*) ;;
*/*) vrefactor=$(pwd)/$vrefactor ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/vrefactor-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

say() {
	printf '\n==> %s\n' "$*"
}

# Run vrefactor, showing the call.  Status 1 means findings (a site that it leaves to a
# person): that is worth seeing here, and no failure.
vrefactor() {
	printf '    $ vrefactor %s\n' "$*" >&2
	status=0
	"$vrefactor" "$@" || status=$?
	[ "$status" -le 1 ] || exit "$status"
}

# Build a copy of the kernel, run it, and keep what it prints.
run_kernel() {
	# The first time shows what make builds; the second, what the kernel says.
	for log in build run; do
		if ! "$make" -C "$1" run >"$1/$log.log" 2>&1 </dev/null; then
			cat "$1/$log.log" >&2
			echo "demo: the kernel does not build or run" >&2
			exit 1
		fi
	done
	grep -v '^[a-z]*make' "$1/run.log" >"$2" || :
}

lines_of() {
	wc -l <"$1" | tr -d ' '
}

cd "$work"
# What was built in the checkout is not taken along.
cp -R "$here/minikern" before
"$make" -C before clean >/dev/null 2>&1
cp -R before after

say "The globals of the example kernel, and what to do with each"
vrefactor scan before >scan.txt
sed -n 1,20p scan.txt
[ "$(lines_of scan.txt)" -le 20 ] || echo "    ... and $(($(lines_of scan.txt) - 20)) lines more"

say "Step 1 as a patch: every use of a virtualised global gets the prefix V_"
vrefactor diff before --step 1 -o step1.diff
[ -s step1.diff ] || {
	echo "demo: the patch of step 1 is empty" >&2
	exit 1
}
sed -n 1,30p step1.diff
echo "    ... $(lines_of step1.diff) lines in $(grep -c '^+++ ' step1.diff) files"

say "The proof: both kernels are built, and every object is the same, stripped"
# Some lines are in branches that no build of this kernel compiles: they are listed.
printf '    $ vrefactor verify before --step 1 --allow-uncovered\n' >&2
# Here a finding is a failure.
if ! "$vrefactor" verify before --step 1 --allow-uncovered --json verify.json; then
	echo "demo: step 1 has changed the kernel" >&2
	exit 1
fi
if grep -q '"verdict": "not covered"' verify.json; then
	echo "demo: not all of the kernel could be compared" >&2
	exit 1
fi

say "The same in place, in a copy; a second time there is nothing left to do"
vrefactor apply after --step 1
vrefactor diff after --step 1 -q -o again.diff
if [ -s again.diff ]; then
	sed -n 1,20p again.diff >&2
	echo "demo: step 1 is not done after step 1 was applied" >&2
	exit 1
fi

say "The kernel runs before and after, and says the same"
# Both are built in a directory of one name, so that no path can tell them apart.
mkdir a b
mv before a/minikern
mv after b/minikern
run_kernel a/minikern before.txt
run_kernel b/minikern after.txt
tail -n 12 after.txt
if ! diff before.txt after.txt; then
	echo "demo: the kernel says something else after step 1" >&2
	exit 1
fi
echo "    the same $(lines_of after.txt) lines of output"

say "All steps, 1 to 3: the variables of a network stack are one of many copies now"
mkdir c
cp -R "$here/minikern" c/minikern
"$make" -C c/minikern clean >/dev/null 2>&1
vrefactor apply c/minikern --through 3 2>apply.log
grep -e '^    \$' -e '^step' apply.log
sed -n '/^ip_reass/,/TAILQ_FOREACH/p' c/minikern/netinet/ip_input.c

say "Without option VIMAGE nothing has changed since step 2: every object is the same"
printf '    $ vrefactor verify b/minikern --step 3\n' >&2
if ! "$vrefactor" verify b/minikern --step 3 --json verify3.json; then
	echo "demo: step 3 has changed the kernel without option VIMAGE" >&2
	exit 1
fi

say "With option VIMAGE, no way through the kernel leads to a variable of no stack"
vrefactor audit c/minikern --check context -o findings.txt
if [ -s findings.txt ]; then
	cat findings.txt >&2
	echo "demo: no stack is selected where one is needed" >&2
	exit 1
fi

say "And this one process has many network stacks"
printf '    $ make -C c/minikern stacks\n' >&2
if ! "$make" -C c/minikern stacks >stacks.log 2>&1 </dev/null; then
	cat stacks.log >&2
	echo "demo: the network stacks get in each other's way" >&2
	exit 1
fi
# What the kernel says of its own accord is left out.
grep -v -e '^[a-z]*make' -e '^minikern on' -e '^vnet: ' -e '^disc0: ' stacks.log

say "And what the kernel said before step 1, it says in a stack that is one of many"
c/minikern/build/stacks/stacks demo >further.txt
# Timers are the machine's: those of two stacks are more than those of one.
for log in before further; do
	grep -v '^kern.callout_runs: ' "$log.txt" >"$log.same"
done
if ! diff before.same further.same; then
	echo "demo: a further network stack says something else" >&2
	exit 1
fi
echo "    the same $(lines_of further.same) lines of output"

say "Done: a kernel with one network stack has become one with as many as you like."
