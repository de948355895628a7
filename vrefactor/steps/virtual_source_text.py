"""The text of step 3 in the generated source file: stacks, and what registers with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.rules.basics import fill
from vrefactor.rules.framework import FrameworkRules, VirtualRules
from vrefactor.steps.framework_text import inclusions

MARK = b"vnet_alloc"
"""A name that tells a source file with this text."""

_HEAD = b"""
#ifdef VIMAGE
"""
_LISTS = b"""
struct vnet_list	 vnet_head = TAILQ_HEAD_INITIALIZER(vnet_head);
struct vnet		*vnet0;
static u_int		 vnet_next_id;

/*
 * What has registered: its data and the functions of its modinfo are in all
 * stacks.  vnet_modlist is in the order in which it came, vnet_modstack in the
 * reverse.  In vnet_waiting is what depends on something that is not there yet.
 */
TAILQ_HEAD(vnet_modqueue, vnet_modlink);

static struct vnet_modqueue vnet_modlist = TAILQ_HEAD_INITIALIZER(vnet_modlist);
static struct vnet_modqueue vnet_waiting = TAILQ_HEAD_INITIALIZER(vnet_waiting);
static LIST_HEAD(, vnet_modlink) vnet_modstack;

"""
_LOCKS = b"""\
/*
 * One thread at a time changes the lists: vnet_busy, which is vnet_depth levels
 * deep in it, as constructors register more.  No lock is held meanwhile, so that
 * constructors may sleep.  The mutex is for these numbers, and for the moment in
 * which an entry comes or goes.  No stack does as long as there are readers.
 */
static struct mtx	 vnet_mtx;
static struct thread	*vnet_busy;
static u_int		 vnet_depth;
static u_int		 vnet_readers;
MTX_SYSINIT(vnet, &vnet_mtx, "network stacks", MTX_DEF);

#define	VNET_LOCK()	mtx_lock(&vnet_mtx)
#define	VNET_UNLOCK()	mtx_unlock(&vnet_mtx)
#define	VNET_LIST_WLOCK() do {						\\
	VNET_LOCK();							\\
	while (vnet_readers != 0)					\\
		msleep(&vnet_readers, &vnet_mtx, 0, "vnetrd", 0);	\\
} while (0)
#define	VNET_LIST_WUNLOCK()	VNET_UNLOCK()

static void
vnet_begin(void)
{

	VNET_LOCK();
	while (vnet_busy != NULL && vnet_busy != curthread)
		msleep(&vnet_busy, &vnet_mtx, 0, "vnetbusy", 0);
	vnet_busy = curthread;
	vnet_depth++;
	VNET_UNLOCK();
}

static void
vnet_end(void)
{

	VNET_LOCK();
	if (--vnet_depth == 0) {
		vnet_busy = NULL;
		wakeup(&vnet_busy);
	}
	VNET_UNLOCK();
}

void
vnet_list_rlock(void)
{

	VNET_LOCK();
	vnet_readers++;
	VNET_UNLOCK();
}

void
vnet_list_runlock(void)
{

	VNET_LOCK();
	if (--vnet_readers == 0)
		wakeup(&vnet_readers);
	VNET_UNLOCK();
}

"""
_UNLOCKED = re.compile(rb"^\t+(?:VNET_\w*LOCK|vnet_begin|vnet_end)\(\);\n", re.M)
_CODE = b"""\
/*
 * Take the data of a container out of a stack.
 */
static void
vnet_release(struct vnet *vnet, const struct vnet_modinfo *vmi)
{
	void *data;

	if (vmi->vmi_size == 0)
		return;
	data = vnet->mod_data[vmi->vmi_id];
	vnet->mod_data[vmi->vmi_id] = NULL;
	{free_data};
}

/*
 * Make the part of a stack that something registered has in it.
 */
static int
vnet_construct(struct vnet *vnet, const struct vnet_modlink *vml)
{
	const struct vnet_modinfo *vmi;
	struct vnet *saved;
	void *data;
	int error;

	vmi = vml->vml_modinfo;
	if (vmi->vmi_size != 0) {
		data = {malloc_data};
		if (data == NULL)
			return (ENOMEM);
		vnet->mod_data[vmi->vmi_id] = data;
	}
	if (vmi->vmi_iattach == NULL)
		return (0);
	saved = curvnet;
	curvnet = vnet;
	error = vmi->vmi_iattach(vml->vml_arg);
	curvnet = saved;
	if (error != 0)
		vnet_release(vnet, vmi);
	return (error);
}

/*
 * Undo it.
 */
static void
vnet_destruct(struct vnet *vnet, const struct vnet_modlink *vml)
{
	const struct vnet_modinfo *vmi;
	struct vnet *saved;
	int error;

	vmi = vml->vml_modinfo;
	if (vmi->vmi_idetach != NULL) {
		saved = curvnet;
		curvnet = vnet;
		error = vmi->vmi_idetach(vml->vml_arg);
		curvnet = saved;
		if (error != 0)
			printf("vnet: %s leaves something in stack %u: error "
			    "%d\\n", vml->vml_name, vnet->vnet_id, error);
	}
	vnet_release(vnet, vmi);
}

/*
 * Undo the part of vml, and of all that registered before it.
 */
static void
vnet_unwind(struct vnet *vnet, const struct vnet_modlink *vml)
{

	for (; vml != NULL; vml = LIST_NEXT(vml, vml_older))
		vnet_destruct(vnet, vml);
	vnet->vnet_magic_n = 0;
	{free_vnet};
}

/*
 * Make a stack with all that has registered so far, and that does meanwhile.
 */
static struct vnet *
vnet_make(void)
{
	struct vnet_modlink *vml;
	struct vnet *vnet;
	int error;

	vnet = {malloc_vnet};
	if (vnet == NULL)
		return (NULL);
	vnet_begin();
	vnet->vnet_magic_n = VNET_MAGIC_N;
	vnet->vnet_id = vnet_next_id++;
	TAILQ_FOREACH(vml, &vnet_modlist, vml_le) {
		error = vnet_construct(vnet, vml);
		if (error == 0)
			continue;
		printf("vnet: no stack %u: %s has error %d\\n", vnet->vnet_id,
		    vml->vml_name, error);
		vnet_unwind(vnet, LIST_NEXT(vml, vml_older));
		vnet_end();
		return (NULL);
	}
	VNET_LIST_WLOCK();
	TAILQ_INSERT_TAIL(&vnet_head, vnet, vnet_le);
	VNET_LIST_WUNLOCK();
	vnet_end();
	return (vnet);
}

/*
 * Make the default stack, if it is not there, and leave it selected for what
 * comes at boot.
 */
void
vnet_boot(void)
{

	if (vnet0 != NULL)
		return;
	vnet0 = vnet_make();
	if (vnet0 == NULL)
		{panic}("vnet_boot: no default network stack");
	if (curvnet == NULL)
		curvnet = vnet0;
}

/*
 * From now on each entry into a stack selects it.
 */
void
vnet_boot_done(void)
{
	struct vnet_modlink *vml;

	vnet_begin();
	TAILQ_FOREACH(vml, &vnet_waiting, vml_le)
		printf("vnet: %s waits for module %u\\n", vml->vml_name,
		    vml->vml_modinfo->vmi_dependson);
	vnet_end();
	curvnet = NULL;
}

/*
 * Make a stack.  NULL if there is no memory for it, or if a constructor fails.
 */
struct vnet *
vnet_alloc(void)
{

	vnet_boot();
	return (vnet_make());
}

/*
 * Destroy a stack that nobody uses any more.  The default one goes last.
 */
void
vnet_destroy(struct vnet *vnet)
{
	int last;

	vnet_begin();
	last = vnet == vnet0;
	if (last && TAILQ_NEXT(vnet, vnet_le) != NULL)
		{panic}("vnet_destroy: the default stack, and there are others");
	VNET_LIST_WLOCK();
	TAILQ_REMOVE(&vnet_head, vnet, vnet_le);
	VNET_LIST_WUNLOCK();
	if (curvnet == vnet)
		curvnet = NULL;
	vnet_unwind(vnet, LIST_FIRST(&vnet_modstack));
	if (last)
		vnet0 = NULL;
	vnet_end();
}

/*
 * Say whether something is there that has the number id: all that registers may
 * depend on VNET_MOD_NONE.
 */
static int
vnet_mod_there(u_int id)
{
	struct vnet_modlink *vml;

	if (id == VNET_MOD_NONE)
		return (1);
	TAILQ_FOREACH(vml, &vnet_modlist, vml_le)
		if (vml->vml_modinfo->vmi_id == id)
			return (1);
	return (0);
}

/*
 * Find what has registered, or what has data under the same number.
 */
static struct vnet_modlink *
vnet_mod_find(struct vnet_modqueue *queue, const struct vnet_modinfo *vmi,
    const void *arg, int alike)
{
	const struct vnet_modinfo *other;
	struct vnet_modlink *vml;

	TAILQ_FOREACH(vml, queue, vml_le) {
		other = vml->vml_modinfo;
		if (other == vmi && vml->vml_arg == arg)
			return (vml);
		if (alike && other->vmi_size != 0 && vmi->vmi_size != 0 &&
		    other->vmi_id == vmi->vmi_id)
			return (vml);
	}
	return (NULL);
}

/*
 * Make the part of what registers in all stacks that there are, or in none.
 */
static int
vnet_mod_complete(struct vnet_modlink *vml)
{
	struct vnet *failed, *vnet;
	int error;

	error = 0;
	TAILQ_FOREACH(failed, &vnet_head, vnet_le) {
		error = vnet_construct(failed, vml);
		if (error != 0)
			break;
	}
	if (failed == NULL) {
		VNET_LOCK();
		TAILQ_INSERT_TAIL(&vnet_modlist, vml, vml_le);
		LIST_INSERT_HEAD(&vnet_modstack, vml, vml_older);
		VNET_UNLOCK();
		return (0);
	}
	TAILQ_FOREACH(vnet, &vnet_head, vnet_le) {
		if (vnet == failed)
			break;
		vnet_destruct(vnet, vml);
	}
	printf("vnet: %s does not register: error %d\\n", vml->vml_name, error);
	return (error);
}

/*
 * Find something that need not wait any longer.
 */
static struct vnet_modlink *
vnet_mod_ready(void)
{
	struct vnet_modlink *vml;

	TAILQ_FOREACH(vml, &vnet_waiting, vml_le)
		if (vnet_mod_there(vml->vml_modinfo->vmi_dependson))
			return (vml);
	return (NULL);
}

/*
 * Forget what registered.
 */
static void
vnet_mod_forget(struct vnet_modlink *vml)
{

	if (vml == vml->vml_modinfo->vmi_link)
		vml->vml_modinfo = NULL;
	else
		{free_vml};
}

/*
 * Let in what registers, and then what has waited for it; or let it wait.
 */
static int
vnet_mod_enter(struct vnet_modlink *vml)
{
	int error;

	if (!vnet_mod_there(vml->vml_modinfo->vmi_dependson)) {
		TAILQ_INSERT_TAIL(&vnet_waiting, vml, vml_le);
		return (0);
	}
	error = vnet_mod_complete(vml);
	if (error != 0) {
		vnet_mod_forget(vml);
		return (error);
	}
	while ((vml = vnet_mod_ready()) != NULL) {
		TAILQ_REMOVE(&vnet_waiting, vml, vml_le);
		if (vnet_mod_complete(vml) != 0)
			vnet_mod_forget(vml);
	}
	return (0);
}

/*
 * Register what vml is the place of, unless it has registered.
 */
static int
vnet_mod_link(struct vnet_modlink *vml, const struct vnet_modinfo *vmi,
    const void *arg, const char *name)
{

	if (vnet_mod_find(&vnet_modlist, vmi, arg, 1) != NULL ||
	    vnet_mod_find(&vnet_waiting, vmi, arg, 1) != NULL) {
		printf("vnet: %s has registered before\\n", name);
		return (EEXIST);
	}
	vml->vml_modinfo = vmi;
	vml->vml_arg = arg;
	vml->vml_name = name;
	return (0);
}

int
vnet_mod_register(const struct vnet_modinfo *vmi)
{
	int error;

	if (vmi->vmi_size != 0 && vmi->vmi_id >= VNET_MOD_MAX)
		return (EINVAL);
	vnet_boot();
	vnet_begin();
	error = vnet_mod_link(vmi->vmi_link, vmi, NULL, vmi->vmi_name);
	if (error == 0)
		error = vnet_mod_enter(vmi->vmi_link);
	vnet_end();
	return (error);
}

/*
 * Register something without data once for each arg, which its functions are
 * called with; name is for messages.
 */
int
vnet_mod_register_multi(const struct vnet_modinfo *vmi, const void *arg,
    const char *name)
{
	struct vnet_modlink *vml;
	int error;

	if (vmi->vmi_size != 0)
		return (EINVAL);
	vnet_boot();
	vml = {malloc_vml};
	if (vml == NULL)
		return (ENOMEM);
	vnet_begin();
	error = vnet_mod_link(vml, vmi, arg, name);
	if (error != 0)
		{free_vml};
	else
		error = vnet_mod_enter(vml);
	vnet_end();
	return (error);
}

/*
 * Say whether something depends on the number of vml, and nothing else has it.
 */
static int
vnet_mod_needed(const struct vnet_modlink *vml)
{
	struct vnet_modlink *other;
	int needed;
	u_int id;

	id = vml->vml_modinfo->vmi_id;
	needed = 0;
	if (id == VNET_MOD_NONE)
		return (0);
	TAILQ_FOREACH(other, &vnet_modlist, vml_le) {
		if (other != vml && other->vml_modinfo->vmi_id == id)
			return (0);
		if (other->vml_modinfo->vmi_dependson == id)
			needed = 1;
	}
	return (needed);
}

/*
 * Undo the part of what has registered in all stacks, and forget it.
 */
static int
vnet_mod_leave(struct vnet_modlink *vml)
{
	struct vnet *vnet;

	if (vnet_mod_needed(vml))
		return (EBUSY);
	TAILQ_FOREACH(vnet, &vnet_head, vnet_le)
		vnet_destruct(vnet, vml);
	VNET_LOCK();
	TAILQ_REMOVE(&vnet_modlist, vml, vml_le);
	LIST_REMOVE(vml, vml_older);
	VNET_UNLOCK();
	vnet_mod_forget(vml);
	return (0);
}

int
vnet_mod_deregister_multi(const struct vnet_modinfo *vmi, const void *arg)
{
	struct vnet_modlink *vml;
	int error;

	vnet_begin();
	error = 0;
	if ((vml = vnet_mod_find(&vnet_modlist, vmi, arg, 0)) != NULL)
		error = vnet_mod_leave(vml);
	else if ((vml = vnet_mod_find(&vnet_waiting, vmi, arg, 0)) != NULL) {
		TAILQ_REMOVE(&vnet_waiting, vml, vml_le);
		vnet_mod_forget(vml);
	} else
		error = ENOENT;
	vnet_end();
	return (error);
}

int
vnet_mod_deregister(const struct vnet_modinfo *vmi)
{

	return (vnet_mod_deregister_multi(vmi, NULL));
}

"""
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
    code = b"".join((_CODE, *_starts(virtual), _LOOKUP if rules.lookup else b"", _DEBUG))
    parts += [_LISTS, _LOCKS] if rules.locks else [_LISTS]
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
