"""The text of step 3 in the generated source file: what makes and destroys network stacks."""

from __future__ import annotations

LISTS = b"""
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
"""What there is: the stacks, and what has registered."""

LOCKS = b"""\
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
"""What keeps threads apart, where there are more than one."""

STACKS = b"""\
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
 * Undo it, but for the data.
 */
static int
vnet_detach(struct vnet *vnet, const struct vnet_modlink *vml)
{
	struct vnet *saved;
	int error;

	if (vml->vml_modinfo->vmi_idetach == NULL)
		return (0);
	saved = curvnet;
	curvnet = vnet;
	error = vml->vml_modinfo->vmi_idetach(vml->vml_arg);
	curvnet = saved;
	return (error);
}

/*
 * Undo all of it.
 */
static void
vnet_destruct(struct vnet *vnet, const struct vnet_modlink *vml)
{
	int error;

	error = vnet_detach(vnet, vml);
	if (error != 0)
		printf("vnet: %s leaves something in stack %u: error %d\\n",
		    vml->vml_name, vnet->vnet_id, error);
	vnet_release(vnet, vml->vml_modinfo);
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

"""
"""How a stack is made, as the one at boot or later, and destroyed."""
