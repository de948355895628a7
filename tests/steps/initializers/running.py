"""Compiling and running a tree before and after step 2.1: do the variables get their values?

Both forms of `net/ip.c` go into one program, those of before under other names.  What they
refer to is the program's own, so that addresses are the same, and strings are merged.  The
bytes of every variable are compared after `ip_init` has run.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from tests.source.helpers import lay_out
from tests.steps.planning import Planned

COMPILER = shutil.which("cc")

_TABLE = """
struct table_entry {{ const char *name; void *at; unsigned long size; }};
struct table_entry {table}[] = {{
{rows}	{{ 0, 0, 0 }}
}};
"""
_MAIN = """\
extern int printf(const char *, ...);
extern int memcmp(const void *, const void *, unsigned long);
struct table_entry { const char *name; void *at; unsigned long size; };
extern struct table_entry table_before[], table_after[];
void ip_init(void);
int start(void) { return (1); }
int stop(void) { return (2); }
int fetch(const char *path, int *at) { return (0); }
int outer[64];
unsigned long
strlcpy(char *to, const char *from, unsigned long size)
{
	unsigned long n;

	for (n = 0; from[n]; n++)
		if (n + 1 < size) {
			to[n] = from[n];
			to[n + 1] = 0;
		}
	return (n);
}
void *memset(void *, int, unsigned long);
void bzero(void *at, unsigned long size) { memset(at, 0, size); }
int
differ(struct table_entry *a, struct table_entry *b)
{
	return (a->size != b->size || memcmp(a->at, b->at, a->size));
}
int
main(void)
{
	int n, wrong = 0;

	ip_init();
	for (n = 0; table_before[n].name; n++)
		if (differ(&table_before[n], &table_after[n])) {
			printf("%s\\n", table_before[n].name);
			wrong = 1;
		}
	return (wrong);
}
"""
_OPTIONS = (
    "-std=gnu11", "-O0", "-w", "-fmerge-all-constants", "-fno-builtin", "-no-pie", "-fno-pie",
)  # fmt: skip


def wrong_variables(planned: Planned, names: Sequence[str], *more: str) -> list[str]:
    """Return the variables whose bytes differ.  Raises AssertionError if it does not compile.

    `more` are further options of the compiler.
    """
    root = planned.before.root.parent / "program"
    before, after = planned.before.read("net/ip.c"), planned.after.read("net/ip.c")
    macros = [f"#define V_{name} {name}\n" for name in names]
    macros.append("#define INIT_VNET_NET(vnet) (void)0\n")
    renamed = [f"#define {name} before_{name}\n" for name in (*names, "ip_init", "ip_input")]
    lay_out(
        root,
        {
            "sys/types.h": planned.after.read("sys/types.h"),
            "before.c": _unit(before, names, [*renamed, *macros], "before"),
            "after.c": _unit(after, names, macros, "after"),
            "main.c": _MAIN.encode(),
        },
    )
    command = ["cc", *_OPTIONS, *more, "-I.", "-o", "program", "before.c", "after.c", "main.c"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + planned.text("net/ip.c")
    ran = subprocess.run([root / "program"], capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran
    return ran.stdout.split()


def _unit(text: bytes, names: Sequence[str], macros: Sequence[str], which: str) -> bytes:
    rows = "".join(f'\t{{ "{name}", (void *)&{name}, sizeof({name}) }},\n' for name in names)
    table = _TABLE.format(table=f"table_{which}", rows=rows)
    return "".join(macros).encode() + text + table.encode()
