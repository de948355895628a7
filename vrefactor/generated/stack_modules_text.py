"""The text of step 3 in the generated source file: what registers with the network stacks."""

from __future__ import annotations

MODULES = b"""\
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
 * Undo the part of vml in a stack, if there is one, and in all older ones.
 */
static void
vnet_mod_undo(struct vnet *vnet, const struct vnet_modlink *vml)
{

	for (; vnet != NULL; vnet = TAILQ_PREV(vnet, vnet_list, vnet_le))
		vnet_destruct(vnet, vml);
}

/*
 * Make the part of what registers in all stacks that there are, or in none.
 */
static int
vnet_mod_complete(struct vnet_modlink *vml)
{
	struct vnet *vnet;
	int error;

	TAILQ_FOREACH(vnet, &vnet_head, vnet_le) {
		error = vnet_construct(vnet, vml);
		if (error == 0)
			continue;
		printf("vnet: %s does not register: error %d\\n",
		    vml->vml_name, error);
		vnet_mod_undo(TAILQ_PREV(vnet, vnet_list, vnet_le), vml);
		return (error);
	}
	VNET_LOCK();
	TAILQ_INSERT_TAIL(&vnet_modlist, vml, vml_le);
	LIST_INSERT_HEAD(&vnet_modstack, vml, vml_older);
	VNET_UNLOCK();
	return (0);
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
 * Undo the part of what has registered in all stacks, the default one last, and
 * forget it.  The first to be asked may refuse: then nothing changes.
 */
static int
vnet_mod_leave(struct vnet_modlink *vml)
{
	struct vnet *vnet;
	int error;

	if (vnet_mod_needed(vml))
		return (EBUSY);
	vnet = TAILQ_LAST(&vnet_head, vnet_list);
	if (vnet != NULL) {
		error = vnet_detach(vnet, vml);
		if (error != 0)
			return (error);
		vnet_release(vnet, vml->vml_modinfo);
		vnet_mod_undo(TAILQ_PREV(vnet, vnet_list, vnet_le), vml);
	}
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
"""How something registers, waits for what it depends on, and leaves."""
