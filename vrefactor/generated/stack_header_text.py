"""The text of step 3 in the header of the prefix: stacks, their selection, registration.

The names are those of the original project (vimage.md, 8.2); the text is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from vrefactor.generated.framework_text import LOOKUP_PROTOTYPE, inclusions
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.templates import fill
from vrefactor.rules.types import MODULE_LEAD, Container

POINTED = b"#define\tVSYM(base, sym) ((base)->_ ## sym)"
"""What `VSYM` means with option VIMAGE."""

NO_OPTION = b'#error "No option VIMAGE yet!"'
"""What stands in its place after step 2.2."""

MEMBER_LEAD_THEN = b"""\
/*
 * What is called sym in the container base: a member of its one instance; with
 * option VIMAGE, of the one that INIT_FROM_VNET() has found in a network stack;
 * with option VIMAGE_GLOBALS, a global variable, as before.
 */
"""
"""The comment above the definition of `VSYM` from then on."""

ONE_MEMBER_THEN = b"""\
 * Without option VIMAGE there is one network stack, and each macro is a member
 * of the one instance of its container.
"""
"""What the header's comment says from then on."""

REPLACED = (
    b"CURVNET_SET",
    b"CURVNET_SET_QUIET",
    b"CURVNET_RESTORE",
    b"VNET_ASSERT",
    b"INIT_FROM_VNET",
    b"VNET_ITERATOR_DECL",
    b"VNET_FOREACH",
    b"VNET_LIST_RLOCK",
    b"VNET_LIST_RUNLOCK",
    b"TD_TO_VNET",
    b"TD_TO_VPROCG",
    b"P_TO_VNET",
    b"P_TO_VPROCG",
)
"""The null macros that get a meaning with option VIMAGE."""

NULL_LEAD_THEN = b"""\
/*
 * Without option VIMAGE there is one network stack: what selects one, walks over
 * all of them or finds their data expands to nothing.
 */
"""
"""The comment above the null macros from then on."""

MARK = "VNET_MOD_MAX"
"""The macro that tells a header with this text."""

_LEAST_MODULES = 64
_SPARE_MODULES = 32

_SINGLE = b"""
#else /* !VIMAGE */

/* The one network stack is the default one, and needs no selection. */
#define	curvnet		((struct vnet *)0)
#define	IS_DEFAULT_VNET(vnet)	1
#endif /* VIMAGE */
"""
_IDS_LEAD = """
/*
 * What registers with the network stacks, by number.  The first are containers:
 * their data is in each stack.  What has none may have a number, that others
 * can depend on it.  Those from VNET_MOD_DYNAMIC on are for modules that come
 * from elsewhere.
 */
"""
_IDS_BY_NAME = """
/* The same by the names of the containers, for sysctls. */
"""
_STRUCT = b"""
/*
 * A network stack.  mod_data is what the containers have in it, or NULL.  ifcnt
 * and sockcnt count its interfaces and its sockets.
 */
struct vnet {
	void			*mod_data[VNET_MOD_MAX];
	TAILQ_ENTRY(vnet)	 vnet_le;
	u_int			 vnet_magic_n;
	u_int			 vnet_id;
	u_int			 ifcnt;
	u_int			 sockcnt;
};
#define	VNET_MAGIC_N	0x3e0d8f29

TAILQ_HEAD(vnet_list, vnet);

extern struct vnet_list	 vnet_head;
extern struct vnet	*vnet0;		/* The default one, made at boot. */

#define	IS_DEFAULT_VNET(vnet)	((vnet) == vnet0)

struct vnet	*vnet_alloc(void);
void		 vnet_destroy(struct vnet *);
void		 vnet_boot(void);
void		 vnet_boot_done(void);

"""
_OWN_CURVNET = """\
/* The network stack that is selected, or NULL. */
extern {storage}struct vnet *vnet_current;
#define	curvnet		vnet_current
"""
_GIVEN_CURVNET = """\
/* The network stack that is selected, or NULL. */
#define	curvnet		{curvnet}
"""
_OWNERS = """
/*
 * The network stack of a thread, of a process, and of a group of processes.
 */
#define	TD_TO_VNET(td)	{thread}
#define	TD_TO_VPROCG(td) TD_TO_VNET(td)
#define	P_TO_VNET(p)	TD_TO_VNET(FIRST_THREAD_IN_PROC(p))
#define	P_TO_VPROCG(p)	P_TO_VNET(p)
"""
_SELECTION = b"""
/*
 * CURVNET_SET() selects a network stack until CURVNET_RESTORE() in the same
 * block.  INIT_FROM_VNET() declares the pointer to the data of a container in a
 * stack, which has the name of the container.
 *
 * With option VNET_DEBUG it is a panic to select none, or another one within the
 * first, unless CURVNET_SET_QUIET() says that this is meant; to restore what is
 * not selected any more; and to want data of a stack that is not selected.
 */
#ifdef VNET_DEBUG
#define	CURVNET_SET_NESTED(arg, nested)					\\
	struct vnet *set_vnet = (arg);					\\
	struct vnet *saved_vnet =					\\
	    vnet_select(set_vnet, (nested), __func__, __LINE__)
#define	CURVNET_SET(arg)	CURVNET_SET_NESTED(arg, 0)
#define	CURVNET_SET_QUIET(arg)	CURVNET_SET_NESTED(arg, 1)
#define	CURVNET_RESTORE()						\\
	vnet_deselect(set_vnet, saved_vnet, __func__, __LINE__)
#define	VNET_ASSERT(condition) do {					\\
	if (!(condition))						\\
		vnet_panic(#condition, __func__, __LINE__);		\\
} while (0)
#define	INIT_FROM_VNET(vnet, modindex, modtype, sym)			\\
	modtype *sym __attribute__((__unused__)) =			\\
	    vnet_data((vnet), (modindex), __func__, __LINE__)

struct vnet	*vnet_select(struct vnet *, int, const char *, int);
void		 vnet_deselect(struct vnet *, struct vnet *, const char *, int);
void		*vnet_data(const struct vnet *, u_int, const char *, int);
void		 vnet_panic(const char *, const char *, int)
		    __attribute__((__noreturn__));
#else
#define	CURVNET_SET(arg)						\\
	struct vnet *saved_vnet = curvnet;				\\
	curvnet = (arg)
#define	CURVNET_SET_QUIET(arg)	CURVNET_SET(arg)
#define	CURVNET_RESTORE()	curvnet = saved_vnet
#define	VNET_ASSERT(condition)
#define	INIT_FROM_VNET(vnet, modindex, modtype, sym)			\\
	modtype *sym __attribute__((__unused__)) = (vnet)->mod_data[modindex]
#endif

"""
_LOOPS_WITH_LOCKS = b"""\
/*
 * A walk over all network stacks.  Between VNET_LIST_RLOCK() and
 * VNET_LIST_RUNLOCK() none comes or goes: the loop may sleep, and may not make
 * or destroy a stack.
 */
#define	VNET_LIST_RLOCK()	vnet_list_rlock()
#define	VNET_LIST_RUNLOCK()	vnet_list_runlock()

void	vnet_list_rlock(void);
void	vnet_list_runlock(void);

"""
_LOOPS = b"""\
/*
 * A walk over all network stacks.  There is one thread: the loop must not make
 * or destroy a stack.
 */
#define	VNET_LIST_RLOCK()
#define	VNET_LIST_RUNLOCK()

"""
_ITERATION = b"""\
#define	VNET_ITERATOR_DECL(arg)	struct vnet *arg
#define	VNET_FOREACH(arg)	TAILQ_FOREACH(arg, &vnet_head, vnet_le)

"""
_SYMMAP = b"""\
/*
 * A member of a container is not in the kernel's symbol table.  A symbol map
 * lists those that programs look up all the same; VNET_SYMMAP_END ends it.
 */
struct vnet_symmap {
	const char	*vsm_name;
	size_t		 vsm_offset;
	size_t		 vsm_size;
};

#define	VNET_SYMMAP(mod, name)						\\
	{ #name, __builtin_offsetof(struct vnet_ ## mod, _ ## name),	\\
	    sizeof(((struct vnet_ ## mod *)0)->_ ## name) }
#define	VNET_SYMMAP_END	{ (const char *)0, 0, 0 }

"""
_REGISTRATION = b"""\
/*
 * What registers: its number, or VNET_MOD_NONE; that of what must be there
 * before; how much data it has in each stack, which is zeroed at first; and the
 * functions that make and undo the rest, or NULL.  They are called with the
 * stack selected.  One that fails, with an error, has undone its own part.
 */
typedef int vnet_attach_fn(const void *);

struct vnet_modlink;

struct vnet_modinfo {
	u_int				 vmi_id;
	u_int				 vmi_dependson;
	const char			*vmi_name;
	vnet_attach_fn			*vmi_iattach;
	vnet_attach_fn			*vmi_idetach;
	size_t				 vmi_size;
	const struct vnet_symmap	*vmi_symmap;	/* or NULL */
	struct vnet_modlink		*vmi_link;
};

/* The place of what has registered among the others, and how it is called. */
struct vnet_modlink {
	TAILQ_ENTRY(vnet_modlink)	 vml_le;
	LIST_ENTRY(vnet_modlink)	 vml_older;
	const struct vnet_modinfo	*vml_modinfo;	/* NULL before */
	const void			*vml_arg;
	const char			*vml_name;
};

#define	VNET_MODINFO(m_tag, m_id, m_name, m_iattach, m_idetach,		\\
	    m_dependson, m_size, m_symmap)				\\
	static struct vnet_modlink m_tag ## _modlink;			\\
	static const struct vnet_modinfo m_tag ## _modinfo = {		\\
		.vmi_id		= m_id,					\\
		.vmi_dependson	= m_dependson,				\\
		.vmi_name	= m_name,				\\
		.vmi_iattach	= m_iattach,				\\
		.vmi_idetach	= m_idetach,				\\
		.vmi_size	= m_size,				\\
		.vmi_symmap	= m_symmap,				\\
		.vmi_link	= &m_tag ## _modlink			\\
	}

/*
 * VNET_MOD_DECLARE() declares vnet_x_modinfo for the container vnet_x: m_name_lc
 * is x, m_name_uc the same in capitals, m_dependson what is behind VNET_MOD_ in
 * the number of what must be there before.  VNET_MOD_DECLARE_STRUCT() does so
 * for a container with another kind of name, VNET_MOD_DECLARE_STATELESS() for
 * what has no data.
 */
#define	VNET_MOD_DECLARE(m_name_uc, m_name_lc, m_iattach, m_idetach,	\\
	    m_dependson, m_symmap)					\\
	VNET_MODINFO(vnet_ ## m_name_lc, VNET_MOD_ ## m_name_uc,	\\
	    #m_name_lc, m_iattach, m_idetach, VNET_MOD_ ## m_dependson,	\\
	    sizeof(struct vnet_ ## m_name_lc), m_symmap)
#define	VNET_MOD_DECLARE_STRUCT(m_id, m_tag, m_iattach, m_idetach,	\\
	    m_dependson, m_symmap)					\\
	VNET_MODINFO(m_tag, m_id, #m_tag, m_iattach, m_idetach,		\\
	    VNET_MOD_ ## m_dependson, sizeof(struct m_tag), m_symmap)
#define	VNET_MOD_DECLARE_STATELESS(m_name_uc, m_name_lc, m_iattach,	\\
	    m_idetach, m_dependson)					\\
	VNET_MODINFO(vnet_ ## m_name_lc, VNET_MOD_ ## m_name_uc,	\\
	    #m_name_lc, m_iattach, m_idetach, VNET_MOD_ ## m_dependson,	\\
	    0, (const struct vnet_symmap *)0)

/*
 * What waits for what it depends on has registered all the same: these return 0,
 * or an error with nothing changed.  vnet_mod_register_multi() takes the same
 * modinfo once for each argument; a container can register only once.
 */
int	vnet_mod_register(const struct vnet_modinfo *);
int	vnet_mod_register_multi(const struct vnet_modinfo *, const void *,
	    const char *);
int	vnet_mod_deregister(const struct vnet_modinfo *);
int	vnet_mod_deregister_multi(const struct vnet_modinfo *, const void *);
"""


def header_block(
    rules: FrameworkRules, containers: Sequence[Container], stateless: Sequence[str]
) -> bytes:
    """Return all that the header of the prefix gets with option VIMAGE, and without.

    `containers` are those with data in each stack, in the order of their numbers;
    `stateless` the names behind `VNET_MOD_` of what registers besides them.
    """
    virtual = rules.virtual
    own = fill(_OWN_CURVNET, storage=f"{virtual.storage} ".lstrip())
    curvnet = own if virtual.curvnet is None else fill(_GIVEN_CURVNET, curvnet=virtual.curvnet)
    owners = fill(_OWNERS, thread=fill(virtual.thread, td="(td)"))
    return b"".join(
        (
            b"#ifdef VIMAGE\n",
            inclusions((*rules.declarations, *virtual.headers)),
            b"\nstruct kld_sym_lookup;\n" if rules.lookup else b"",
            _ids(containers, stateless).encode(),
            _STRUCT,
            (curvnet + owners).encode(),
            _SELECTION,
            _LOOPS_WITH_LOCKS if rules.locks else _LOOPS,
            _ITERATION,
            _SYMMAP,
            _REGISTRATION,
            LOOKUP_PROTOTYPE if rules.lookup else b"",
            _SINGLE,
        )
    )


def _ids(containers: Sequence[Container], stateless: Sequence[str]) -> str:
    names = [container.module for container in containers]
    others = [MODULE_LEAD + name for name in stateless]
    free = len(names) + len(others)
    most = max(_LEAST_MODULES, free + _SPARE_MODULES)
    numbers = {name: str(number) for number, name in enumerate(names)}
    numbers["VNET_MOD_STATELESS"] = str(len(names))
    numbers |= {name: str(number) for number, name in enumerate(others, len(names))}
    numbers |= {"VNET_MOD_DYNAMIC": str(free), MARK: str(most), "VNET_MOD_NONE": "((u_int)-1)"}
    by_name = {f"V_MOD_{container.name}": container.module for container in containers}
    return _IDS_LEAD + _aligned(numbers) + _IDS_BY_NAME + _aligned(by_name)


def _aligned(values: dict[str, str]) -> str:
    """Return `#define`s with their values in one column."""
    column = (max(map(len, values)) // 8 + 1) * 8
    gaps = {name: "\t" * -((len(name) - column) // 8) for name in values}
    return "".join(f"#define\t{name}{gaps[name]}{value}\n" for name, value in values.items())
