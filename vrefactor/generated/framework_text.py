"""The text that step 2.2 writes for the tree as a whole, and for a container's symbol map.

The names are those of the original project (vimage.md, 7.1 and 7.5); the text is ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.types import MODULE_LEAD, NAME_LEAD, Container

VSYM = b"VSYM"
"""The macro that reaches a member of a container."""

MEMBER_LEAD = b"""\
/*
 * What is called sym in the container base: a member of its one instance, or,
 * with option VIMAGE_GLOBALS, a global variable, as before.
 */
"""
"""The comment above the definition of `VSYM`."""

_MEANINGS_HEAD = b"""\
#if defined(VIMAGE) && defined(VIMAGE_GLOBALS)
#error "The options VIMAGE and VIMAGE_GLOBALS exclude each other."
#endif

"""
_MEANINGS = b"""\
#if defined(VIMAGE_GLOBALS)
#define	VSYM(base, sym) (sym)
#elif defined(VIMAGE)
#error "No option VIMAGE yet!"
#else
#define	VSYM(base, sym) (base ## _0._ ## sym)
#endif
"""
MEANINGS = _MEANINGS_HEAD + MEMBER_LEAD + _MEANINGS
"""The definition of `VSYM` for each kind of kernel."""

ONE_MEMBER = b"""\
 * There is one network stack as yet, so each macro is a member of the one
 * instance of its container.
"""
"""What the header's comment says in place of `ONE_VARIABLE`."""

NULL_LEAD_NOW = b"""\
/*
 * There is one network stack as yet: what selects one, walks over all of them
 * or finds their data expands to nothing.
 */
"""
"""The comment in place of `NULL_LEAD`."""

_REGISTRATION_HEAD = b"""\
#ifndef VIMAGE_GLOBALS
"""
_LOOKUP_TYPE = b"""
struct kld_sym_lookup;
"""
_REGISTRATION = b"""
/*
 * A member of a container is not in the kernel's symbol table.  A symbol map
 * lists those that programs look up all the same; VNET_SYMMAP_END ends it.
 */
struct vnet_symmap {
	const char	*vsm_name;
	void		*vsm_base;
	size_t		 vsm_size;
};

#define	VNET_SYMMAP(mod, name)						\\
	{ #name, &vnet_ ## mod ## _0._ ## name,				\\
	    sizeof(vnet_ ## mod ## _0._ ## name) }
#define	VNET_SYMMAP_END	{ NULL, NULL, 0 }

struct vnet_modlink;

/* What a container says of itself when it registers. */
struct vnet_modinfo {
	const char			*vmi_name;
	const struct vnet_symmap	*vmi_symmap;	/* or NULL */
	struct vnet_modlink		*vmi_link;
};

/* The place of a container in the list of those that have registered. */
struct vnet_modlink {
	TAILQ_ENTRY(vnet_modlink)	 vml_le;
	const struct vnet_modinfo	*vml_modinfo;	/* NULL before */
};

/*
 * Declares vnet_x_modinfo for the container vnet_x: m_name_lc is x, m_name_uc
 * the same in capitals.  As there is one instance only, m_iattach and m_idetach,
 * which make and undo one, and m_dependson, what comes before, go unused.
 */
#define	VNET_MOD_DECLARE(m_name_uc, m_name_lc, m_iattach, m_idetach,	\\
	    m_dependson, m_symmap)					\\
	static struct vnet_modlink vnet_ ## m_name_lc ## _modlink;	\\
	static const struct vnet_modinfo vnet_ ## m_name_lc ## _modinfo = { \\
		.vmi_name	= #m_name_lc,				\\
		.vmi_symmap	= m_symmap,				\\
		.vmi_link	= &vnet_ ## m_name_lc ## _modlink	\\
	}

void	vnet_mod_register(const struct vnet_modinfo *);
"""
LOOKUP_PROTOTYPE = b"int\tvi_symlookup(struct kld_sym_lookup *, const char *);\n"
"""What finds a member by its name."""

_REGISTRATION_END = b"""\
#endif /* !VIMAGE_GLOBALS */
"""


def registration_block(rules: FrameworkRules) -> bytes:
    """Return the registration of containers, for the header of the prefix."""
    lookup = (_LOOKUP_TYPE, LOOKUP_PROTOTYPE) if rules.lookup else (b"", b"")
    includes = inclusions(rules.declarations)
    return b"".join(
        (_REGISTRATION_HEAD, includes, lookup[0], _REGISTRATION, lookup[1], _REGISTRATION_END)
    )


def inclusions(headers: Iterable[str]) -> bytes:
    """Return the `#include` lines of some headers; `<x.h>` is as good as `x.h`."""
    return "".join(f"#include <{header.strip('<>')}>\n" for header in headers).encode()


def source_headers(rules: FrameworkRules) -> tuple[str, ...]:
    """Return what the generated source file includes besides the header of the prefix."""
    lookup = ("sys/linker.h",) if rules.lookup else ()
    locks = ("sys/lock.h", "sys/mutex.h") if rules.locks else ()
    return (*rules.headers, *lookup, *locks)


_SOURCE_HEAD = b"""\
/*
 * The containers of virtualised variables that have registered, and the look-up
 * of their members by name.
 */

"""
_SOURCE_HEAD_NO_LOOKUP = b"""\
/*
 * The containers of virtualised variables that have registered.
 */

"""
SOURCE_GUARD = b"#ifndef VIMAGE_GLOBALS"
"""What the code of step 2.2 in the source file is under."""

_LIST_LEAD = b"""
#ifndef VIMAGE_GLOBALS

/*
 * The list needs no set-up at run time, nor memory for its entries: containers
 * can register as soon as there are locks.  Modules do so without holding that
 * of the linker, so the list has its own.
 */
"""
_LIST_LEAD_NO_LOCKS = b"""
#ifndef VIMAGE_GLOBALS

/*
 * The list needs no set-up at run time, nor memory for its entries: containers
 * can register from the start.
 */
"""
_SOURCE = b"""\
static TAILQ_HEAD(, vnet_modlink) vnet_modlist =
    TAILQ_HEAD_INITIALIZER(vnet_modlist);

static struct mtx vnet_modlist_mtx;
MTX_SYSINIT(vnet_modlist, &vnet_modlist_mtx, "vnet modules", MTX_DEF);

/*
 * Enter a container in the list, once.
 */
void
vnet_mod_register(const struct vnet_modinfo *vmi)
{
	struct vnet_modlink *vml;
	int again;

	vml = vmi->vmi_link;
	mtx_lock(&vnet_modlist_mtx);
	again = vml->vml_modinfo != NULL;
	if (!again) {
		vml->vml_modinfo = vmi;
		TAILQ_INSERT_TAIL(&vnet_modlist, vml, vml_le);
	}
	mtx_unlock(&vnet_modlist_mtx);
	if (again)
		printf("vnet_mod_register: %s has registered before\\n",
		    vmi->vmi_name);
}
"""
_SOURCE_LOOKUP = b"""
/*
 * Find a name in a symbol map, or in none.
 */
static const struct vnet_symmap *
vnet_symmap_find(const struct vnet_symmap *vsm, const char *symstr)
{

	if (vsm == NULL)
		return (NULL);
	for (; vsm->vsm_name != NULL; vsm++)
		if (strcmp(vsm->vsm_name, symstr) == 0)
			return (vsm);
	return (NULL);
}

/*
 * Tell where the member of a container is that has the name symstr in one of
 * the symbol maps, and how large.  ENOENT if there is none.
 */
int
vi_symlookup(struct kld_sym_lookup *lookup, const char *symstr)
{
	const struct vnet_symmap *vsm;
	struct vnet_modlink *vml;

	vsm = NULL;
	mtx_lock(&vnet_modlist_mtx);
	TAILQ_FOREACH(vml, &vnet_modlist, vml_le) {
		vsm = vnet_symmap_find(vml->vml_modinfo->vmi_symmap, symstr);
		if (vsm != NULL)
			break;
	}
	mtx_unlock(&vnet_modlist_mtx);
	if (vsm == NULL)
		return (ENOENT);
	lookup->symvalue = (uintptr_t)vsm->vsm_base;
	lookup->symsize = vsm->vsm_size;
	return (0);
}
"""
_SOURCE_END = b"""
#endif /* !VIMAGE_GLOBALS */
"""
_LOCK_LINES = re.compile(rb"^(?:static struct mtx .*\n|MTX_SYSINIT.*\n\n|\tmtx_\w+\(.*\n)", re.M)


def source(prefix: str, rules: FrameworkRules) -> bytes:
    """Return the generated source file; `prefix` is the header with the registration."""
    head = _SOURCE_HEAD if rules.lookup else _SOURCE_HEAD_NO_LOOKUP
    lead = _LIST_LEAD if rules.locks else _LIST_LEAD_NO_LOCKS
    body = _SOURCE + (_SOURCE_LOOKUP if rules.lookup else b"")
    body = body if rules.locks else _LOCK_LINES.sub(b"", body)
    includes = inclusions((*source_headers(rules), prefix))
    return b"".join((head, includes, lead, body, _SOURCE_END))


def symbol_map(container: Container, symbols: Collection[str]) -> bytes:
    """Return the symbol map of a container and the declaration of what registers it.

    They stand at file scope, behind the container's instance.  `symbols` are the names of
    the symbols that are members; without one that the rules want in the map it is empty.
    """
    names = [name for name in container.symmap if name in symbols]
    if not names:
        return b""
    upper, lower = _names(container)
    entries = "".join(f"\tVNET_SYMMAP({lower}, {name}),\n" for name in names)
    table = f"{container.name}_symmap"
    declare = f"VNET_MOD_DECLARE({upper}, {lower}, NULL, NULL, NONE, {table});\n"
    return (
        "#ifndef VIMAGE_GLOBALS\n"
        f"static const struct vnet_symmap {table}[] = {{\n{entries}\tVNET_SYMMAP_END\n}};\n\n"
        f"{declare}#endif\n"
    ).encode()


def registration(container: Container) -> bytes:
    """Return the lines that register a container that has a symbol map, in a function."""
    call = registering(container).decode("latin-1")
    return f"#ifndef VIMAGE_GLOBALS\n\t{call}\n#endif\n".encode()


def registering(container: Container) -> bytes:
    """Return the statement that registers a container."""
    return f"vnet_mod_register(&{container.name}_modinfo);".encode()


def _names(container: Container) -> tuple[str, str]:
    """Return what a container and its module are called behind their common beginnings."""
    return container.module.removeprefix(MODULE_LEAD), container.name.removeprefix(NAME_LEAD)


ADDRESS = b"SYSCTL_V_ADDR"
"""The macro that gives the address of a sysctl's variable."""

ADDRESS_MEANINGS = b"""\
#ifdef VIMAGE_GLOBALS
#define	SYSCTL_V_ADDR(mod, sym)	(&sym)
#else
#define	SYSCTL_V_ADDR(mod, sym)	(&mod ## _0._ ## sym)
#endif

"""
"""Its definition for each kind of kernel."""
