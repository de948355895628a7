/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* The tree of system variables. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

static struct sysctl_oid_list sysctl__children;

#define	SYSCTL_ROOT(name)						\
	struct sysctl_oid_list sysctl__##name##_children;		\
	static struct sysctl_oid sysctl___##name = {			\
		&sysctl__children, { NULL, NULL }, OID_AUTO,		\
		CTLTYPE_NODE | CTLFLAG_RD, &sysctl__##name##_children, 0, \
		#name, NULL, "N", ""					\
	};								\
	DATA_SET(sysctl_set, sysctl___##name)

SYSCTL_ROOT(kern);
SYSCTL_ROOT(net);

char	hostname[MAXHOSTNAMELEN];
char	domainname[MAXHOSTNAMELEN];
static long	cp_time[4] = { 7, 0, 2, 91 };

/* The name of the host, or, with arg2, that of its domain. */
static int
sysctl_hostname(SYSCTL_HANDLER_ARGS)
{
	char tmp[MAXHOSTNAMELEN];
	int error;

	strlcpy(tmp, arg2 ? domainname : hostname, sizeof(tmp));
	error = sysctl_handle_string(oidp, tmp, sizeof(tmp), req);
	if (error == 0 && req->newptr != NULL)
		strlcpy(arg2 ? domainname : hostname, tmp, sizeof(tmp));
	return (error);
}

SYSCTL_PROC(_kern, OID_AUTO, hostname, CTLTYPE_STRING | CTLFLAG_RW, NULL, 0,
    sysctl_hostname, "A", "Hostname");
SYSCTL_PROC(_kern, OID_AUTO, domainname, CTLTYPE_STRING | CTLFLAG_RW, NULL, 1,
    sysctl_hostname, "A", "Name of the domain");
SYSCTL_OPAQUE(_kern, OID_AUTO, cp_time, CTLFLAG_RD, &cp_time, sizeof(cp_time),
    "LU", "CPU time statistics");

SET_DECLARE(sysctl_set, struct sysctl_oid);

/*
 * Siblings are sorted by name, so that the tree looks the same however the
 * kernel was linked.
 */
static void
sysctl_register_all(void *arg)
{
	struct sysctl_oid **oidpp, *p, **q;

	SET_FOREACH(oidpp, sysctl_set) {
		q = &LIST_FIRST((*oidpp)->oid_parent);
		while ((p = *q) != NULL &&
		    strcmp(p->oid_name, (*oidpp)->oid_name) < 0)
			q = &LIST_NEXT(p, oid_link);
		LIST_INSERT(q, *oidpp, oid_link);
	}
}
SYSINIT(sysctl, SI_SUB_SYSCTL, SI_ORDER_FIRST, sysctl_register_all, NULL);

int
sysctl_old(struct sysctl_req *req, const void *p, size_t l)
{

	if (req->oldptr != NULL) {
		if (l > req->oldlen)
			return (ENOMEM);
		memcpy(req->oldptr, p, l);
	}
	req->oldidx = l;
	return (0);
}

int
sysctl_new(struct sysctl_req *req, void *p, size_t l)
{

	if (req->newptr == NULL)
		return (0);
	if (req->newlen > l)
		return (EINVAL);
	memcpy(p, req->newptr, req->newlen);
	return (0);
}

#define	SYSCTL_HANDLER(kind, length)					\
int									\
sysctl_handle_##kind(SYSCTL_HANDLER_ARGS)				\
{									\
	int error;							\
									\
	error = SYSCTL_OUT(req, arg1, length);				\
	return (error ? error : SYSCTL_IN(req, arg1, length));		\
}
SYSCTL_HANDLER(int, sizeof(int))
SYSCTL_HANDLER(long, sizeof(long))
SYSCTL_HANDLER(quad, sizeof(u_int64_t))
SYSCTL_HANDLER(string, (size_t)arg2)
SYSCTL_HANDLER(opaque, (size_t)arg2)

int
kernel_sysctlbyname(const char *name, void *old, size_t *oldlenp,
    const void *new, size_t newlen)
{
	struct sysctl_req req = { old, oldlenp != NULL ? *oldlenp : 0, 0, new,
	    newlen };
	struct sysctl_oid_list *list = &sysctl__children;
	struct sysctl_oid *oidp;
	size_t len;

	for (;; name += len + 1, list = oidp->oid_arg1) {
		LIST_FOREACH(oidp, list, oid_link) {
			len = strlen(oidp->oid_name);
			if (strlen(name) >= len &&
			    memcmp(name, oidp->oid_name, len) == 0 &&
			    (name[len] == '.' || name[len] == '\0'))
				break;
		}
		if (oidp == NULL)
			return (ENOENT);
		if ((oidp->oid_kind & CTLTYPE) != CTLTYPE_NODE)
			break;
		if (name[len] == '\0')
			return (EINVAL);
	}
	if (new != NULL && !(oidp->oid_kind & CTLFLAG_WR))
		return (EINVAL);
	return ((*oidp->oid_handler)(oidp, oidp->oid_arg1, oidp->oid_arg2,
	    &req));
}

static void
sysctl_print(struct sysctl_oid *oidp)
{
	union {
		int i;
		long l[64];
		char s[512];
	} val;
	struct sysctl_req req = { &val, sizeof(val), 0, NULL, 0 };
	u_int n;

	if (oidp->oid_handler(oidp, oidp->oid_arg1, oidp->oid_arg2, &req))
		return;
	switch (oidp->oid_kind & CTLTYPE) {
	case CTLTYPE_INT:
	case CTLTYPE_UINT:
		printf(" %d", val.i);
		break;
	case CTLTYPE_STRING:
		printf(" %s", val.s);
		break;
	default:
		for (n = 0; n < req.oldidx / sizeof(long); n++)
			printf(" %ld", val.l[n]);
		break;
	}
}

static void
sysctl_walk(const char *prefix, struct sysctl_oid_list *list)
{
	struct sysctl_oid *oidp;
	char name[128];
	size_t len;

	LIST_FOREACH(oidp, list, oid_link) {
		len = strlcpy(name, prefix, sizeof(name));
		len += strlcpy(name + len, oidp->oid_name, sizeof(name) - len);
		if ((oidp->oid_kind & CTLTYPE) != CTLTYPE_NODE) {
			printf("%s:", name);
			sysctl_print(oidp);
			printf("\n");
			continue;
		}
		strlcpy(name + len, ".", sizeof(name) - len);
		sysctl_walk(name, oidp->oid_arg1);
	}
}

void
sysctl_dump(void)
{

	sysctl_walk("", &sysctl__children);
}
