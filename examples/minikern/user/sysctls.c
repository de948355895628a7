/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Each stack's sysctls read and write its own variables: all of them. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>

#include <user/stacks.h>

SET_DECLARE(sysctl_set, struct sysctl_oid);

/* The knobs of the machine: there is one of each, whatever stack one is in. */
static const char *shared[] = {
	"disc_icmplim", "keepidle", "log_in_vain", "nosourceroute",
	"report_quiet", "rtq_timer",
};

static int
is_shared(const char *name)
{
	size_t i;

	for (i = 0; i < nitems(shared); i++)
		if (strcmp(shared[i], name) == 0)
			return (1);
	return (0);
}

int
get(struct stack *s, const char *name)
{
	size_t len = sizeof(int);
	int error, value = -1;

	CURVNET_SET(s->s_vnet);
	error = kernel_sysctlbyname(name, &value, &len, NULL, 0);
	CURVNET_RESTORE();
	return (error ? -1 : value);
}

int
set(struct stack *s, const char *name, const void *value, size_t len)
{
	int error;

	CURVNET_SET(s->s_vnet);
	error = kernel_sysctlbyname(name, NULL, NULL, value, len);
	CURVNET_RESTORE();
	return (error);
}

int
set_int(struct stack *s, const char *name, int value)
{

	return (set(s, name, &value, sizeof(value)));
}

/* Read a variable, and write it if there is a value to write. */
static int
access(struct stack *s, struct sysctl_oid *oidp, void *old, const void *new,
    size_t len)
{
	struct sysctl_req req = { old, len, 0, new, len };
	int error;

	CURVNET_SET(s->s_vnet);
	error = (*oidp->oid_handler)(oidp, oidp->oid_arg1, oidp->oid_arg2,
	    &req);
	CURVNET_RESTORE();
	return (error);
}

/* Set a number in one stack: does it change in the other? */
static void
check_number(struct stack *a, struct stack *b, struct sysctl_oid *oidp)
{
	int before, after = 0, new, other = 0, was;

	if (access(a, oidp, &before, NULL, sizeof(int)) != 0 ||
	    access(b, oidp, &was, NULL, sizeof(int)) != 0)
		panic("%s: can't be read", oidp->oid_name);
	new = before - 2;
	if (access(a, oidp, NULL, &new, sizeof(int)) != 0)
		new = before;
	(void)access(a, oidp, &after, NULL, sizeof(int));
	(void)access(b, oidp, &other, NULL, sizeof(int));
	(void)access(a, oidp, NULL, &before, sizeof(int));
	check(after != before && after >= new, oidp->oid_name, a);
	check(other == (is_shared(oidp->oid_name) ? after : was),
	    oidp->oid_name, b);
}

static void
check_string(struct stack *a, struct stack *b, struct sysctl_oid *oidp)
{
	char after[128], before[128], other[128], was[128];

	(void)access(a, oidp, before, NULL, oidp->oid_arg2);
	(void)access(b, oidp, was, NULL, sizeof(was));
	(void)access(a, oidp, NULL, "abc", 4);
	(void)access(a, oidp, after, NULL, sizeof(after));
	(void)access(b, oidp, other, NULL, sizeof(other));
	check(strcmp(after, "abc") == 0, oidp->oid_name, a);
	check(strcmp(other, was) == 0, oidp->oid_name, b);
}

/* Every variable that can be set, in a stack and in another one. */
void
check_sysctls(struct stack *a, struct stack *b)
{
	struct sysctl_oid **oidpp;
	int machine = 0, own = 0;

	SET_FOREACH(oidpp, sysctl_set) {
		if (!((*oidpp)->oid_kind & CTLFLAG_WR))
			continue;
		switch ((*oidpp)->oid_kind & CTLTYPE) {
		case CTLTYPE_INT:
		case CTLTYPE_UINT:
			check_number(a, b, *oidpp);
			break;
		case CTLTYPE_STRING:
			check_string(a, b, *oidpp);
			break;
		default:
			continue;
		}
		if (is_shared((*oidpp)->oid_name))
			machine++;
		else
			own++;
	}
	printf("  sysctls: each has its own %d, and shares %d of the machine\n",
	    own, machine);
}
