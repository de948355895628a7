"""Small trees with one thing wrong, and the audit of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.source.helpers import lay_out
from vrefactor.audit.model import Audit
from vrefactor.audit.run import audit
from vrefactor.index.pool import RunOptions
from vrefactor.rules.loader import bare
from vrefactor.source.tree import Tree

VNET = """\
#define VNET_NAME(n) vnet_entry_##n
#define VNET(n) (*(__typeof(VNET_NAME(n)) *)vnet_ptr(curvnet, &VNET_NAME(n)))
#define V_count VNET(count)
#define V_items VNET(items)
#define V_timer VNET(timer)
#define V_zone VNET(zone)
#define V_first VNET(first)
#define COUNT(n) V_count += (n)
#define COUNT_IN(v, n) do { CURVNET_SET(v); V_count += (n); CURVNET_RESTORE(); } while (0)
static inline void bump(void) { V_count++; }
static inline void bump_in(void *v) { CURVNET_SET(v); V_count++; CURVNET_RESTORE(); }
"""
CONTAINERS = """\
#define VSYM(base, sym) ((base)->_ ## sym)
#define VNET_TOY(sym) VSYM(vnet_toy, sym)
#define INIT_VNET_TOY(vnet) struct vnet_toy *vnet_toy = (vnet)->mod_data[VNET_MOD_TOY]
#define V_count VNET_TOY(count)
#define V_items VNET_TOY(items)
#define V_timer VNET_TOY(timer)
#define V_zone VNET_TOY(zone)
#define V_first VNET_TOY(first)
#define COUNT(n) V_count += (n)
#define COUNT_IN(v, n) do { CURVNET_SET(v); V_count += (n); CURVNET_RESTORE(); } while (0)
static inline void bump(void) { INIT_VNET_TOY(curvnet); V_count++; }
static inline void bump_in(void *v)
{
	CURVNET_SET(v); INIT_VNET_TOY(curvnet); V_count++; CURVNET_RESTORE();
}
"""
"""The same names, reached through containers."""


RULES = bare("toy")


def audit_of(
    root: Path, text: str | Mapping[str, str], header: str = VNET, *, jobs: int = 1
) -> Audit:
    """Audit a tree of a header and of one file, or of several by their names."""
    files = {"toy.c": text} if isinstance(text, str) else dict(text)
    lay_out(root, {"net/vnet.h": header.encode()})
    for path, file in files.items():
        lay_out(root, {path: b"#include <net/vnet.h>\n" + file.encode()})
    return audit(Tree.open(root), RULES, (), RunOptions(jobs=jobs, cache=False))


def told(found: Audit) -> list[str]:
    """Return the findings as `kind function`, in order."""
    return [f"{finding.kind} {finding.name}" for finding in found.findings]
