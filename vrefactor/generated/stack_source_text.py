"""The text of step 3 in the generated source file: all of it, put together.

What stands in braces in the parts (`{malloc_vnet}`) is what the rules say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.generated.framework_text import inclusions
from vrefactor.generated.stack_modules_text import MODULES
from vrefactor.generated.stack_stacks_text import LISTS, LOCKS, STACKS
from vrefactor.rules.framework import FrameworkRules, VirtualRules
from vrefactor.rules.templates import fill

MARK = b"vnet_alloc"
"""A name that tells a source file with this text."""

_HEAD = b"""
#ifdef VIMAGE
"""
_UNLOCKED = re.compile(rb"^\t+(?:VNET_\w*LOCK|vnet_begin|vnet_end)\(\);\n", re.M)
_BEGIN = """\
static void
vnet_sysinit(void *unused __attribute__((__unused__)))
{

	vnet_boot();
}
SYSINIT(vnet, {begin}, vnet_sysinit, NULL);

"""
_END = """\
static void
vnet_sysuninit(void *unused __attribute__((__unused__)))
{

	if (vnet0 != NULL)
		vnet_destroy(vnet0);
}
SYSUNINIT(vnet, {end}, vnet_sysuninit, NULL);

"""
_DONE = """\
static void
vnet_sysinit_done(void *unused __attribute__((__unused__)))
{

	vnet_boot_done();
}
SYSINIT(vnet_done, {done}, vnet_sysinit_done, NULL);

"""
_LOOKUP = b"""\
/*
 * Tell where the member of a container is in the stack that is selected that has
 * the name symstr in one of the symbol maps, and how large.  ENOENT if there is
 * none.
 */
int
vi_symlookup(struct kld_sym_lookup *lookup, const char *symstr)
{
	const struct vnet_symmap *vsm;
	struct vnet_modlink *vml;
	char *data;
	int error;

	if (curvnet == NULL)
		return (ENOENT);
	error = ENOENT;
	VNET_LOCK();
	TAILQ_FOREACH(vml, &vnet_modlist, vml_le) {
		vsm = vml->vml_modinfo->vmi_symmap;
		if (vsm == NULL)
			continue;
		while (vsm->vsm_name != NULL &&
		    strcmp(vsm->vsm_name, symstr) != 0)
			vsm++;
		if (vsm->vsm_name == NULL)
			continue;
		data = curvnet->mod_data[vml->vml_modinfo->vmi_id];
		lookup->symvalue = (uintptr_t)(data + vsm->vsm_offset);
		lookup->symsize = vsm->vsm_size;
		error = 0;
		break;
	}
	VNET_UNLOCK();
	return (error);
}

"""
_DEBUG = b"""\
#ifdef VNET_DEBUG
void
vnet_panic(const char *what, const char *function, int line)
{

	{panic}("%s:%d: network stacks: %s", function, line, what);
}

static void
vnet_check(const struct vnet *vnet, const char *function, int line)
{

	if (vnet == NULL)
		vnet_panic("there is none", function, line);
	if (vnet->vnet_magic_n != VNET_MAGIC_N)
		vnet_panic("this one has been destroyed", function, line);
}

struct vnet *
vnet_select(struct vnet *vnet, int nested, const char *function, int line)
{
	struct vnet *saved;

	vnet_check(vnet, function, line);
	saved = curvnet;
	if (!nested && saved != NULL && saved != vnet)
		vnet_panic("one is selected within another", function, line);
	curvnet = vnet;
	return (saved);
}

void
vnet_deselect(struct vnet *vnet, struct vnet *saved, const char *function,
    int line)
{

	if (curvnet != vnet)
		vnet_panic("this one is not selected any more", function, line);
	curvnet = saved;
}

void *
vnet_data(const struct vnet *vnet, u_int id, const char *function, int line)
{

	vnet_check(vnet, function, line);
	if (vnet != curvnet)
		vnet_panic("another one is selected", function, line);
	return (vnet->mod_data[id]);
}
#endif /* VNET_DEBUG */

"""
_FOOT = b"""\
#endif /* VIMAGE */
"""


def source_block(rules: FrameworkRules) -> bytes:
    """Return what the generated source file gets for option VIMAGE."""
    virtual = rules.virtual
    parts = [_HEAD, inclusions(virtual.memory_headers)]
    if virtual.memory:
        parts.append(f"\n{virtual.memory.rstrip()}\n".encode())
    if virtual.curvnet is None:
        storage = f"{virtual.storage} ".lstrip()
        parts.append(f"\n{storage}struct vnet *vnet_current;\n".encode())
    code = b"".join((STACKS, MODULES, *_starts(virtual), _LOOKUP if rules.lookup else b"", _DEBUG))
    parts += [LISTS, LOCKS] if rules.locks else [LISTS]
    parts.append(_filled(code if rules.locks else _UNLOCKED.sub(b"", code), virtual))
    return b"".join((*parts, _FOOT))


def _filled(code: bytes, virtual: VirtualRules) -> bytes:
    return fill(
        code.decode(),
        panic=virtual.panic,
        malloc_data=fill(virtual.malloc, size="vmi->vmi_size"),
        malloc_vnet=fill(virtual.malloc, size="sizeof(*vnet)"),
        malloc_vml=fill(virtual.malloc, size="sizeof(*vml)"),
        free_data=fill(virtual.free, address="data"),
        free_vnet=fill(virtual.free, address="vnet"),
        free_vml=fill(virtual.free, address="vml"),
    ).encode()


def _starts(virtual: VirtualRules) -> Iterator[bytes]:
    """Yield what makes the default stack, ends its being selected, and destroys it."""
    if virtual.begin is not None:
        yield fill(_BEGIN, begin=virtual.begin).encode()
    if virtual.done is not None:
        yield fill(_DONE, done=virtual.done).encode()
    if virtual.end is not None:
        yield fill(_END, end=virtual.end).encode()
