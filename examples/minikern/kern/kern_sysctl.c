/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The tree of system variables.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

static struct sysctl_oid_list sysctl__children;
struct sysctl_oid_list sysctl__kern_children;
struct sysctl_oid_list sysctl__net_children;

#define	SYSCTL_ROOT(name)						\
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

/*
 * The name of the host, or, with arg2, that of its domain.  A new one may not
 * be empty.
 */
static int
sysctl_hostname(SYSCTL_HANDLER_ARGS)
{
	char tmp[MAXHOSTNAMELEN];
	int error;

	strlcpy(tmp, arg2 ? domainname : hostname, sizeof(tmp));
	error = sysctl_handle_string(oidp, tmp, sizeof(tmp), req);
	if (error || req->newptr == NULL)
		return (error);
	if (tmp[0] == '\0')
		return (EINVAL);
	strlcpy(arg2 ? domainname : hostname, tmp, MAXHOSTNAMELEN);
	return (0);
}

SYSCTL_PROC(_kern, OID_AUTO, hostname, CTLTYPE_STRING | CTLFLAG_RW, NULL, 0,
    sysctl_hostname, "A", "Hostname");
SYSCTL_PROC(_kern, OID_AUTO, domainname, CTLTYPE_STRING | CTLFLAG_RW, NULL, 1,
    sysctl_hostname, "A", "Name of the domain");
SYSCTL_OPAQUE(_kern, OID_AUTO, cp_time, CTLFLAG_RD, &cp_time, sizeof(cp_time),
    "LU", "CPU time statistics");
SYSCTL_INT(_kern, OID_AUTO, osreldate, CTLFLAG_RD, NULL, 800003, "");

SET_DECLARE(sysctl_set, struct sysctl_oid);

/*
 * Siblings are sorted by name, so that the tree looks the same however the
 * kernel was linked.
 */
static void
sysctl_register_all(void *arg)
{
	struct sysctl_oid **oidpp, *oidp, *p, *q;

	SET_FOREACH(oidpp, sysctl_set) {
		oidp = *oidpp;
		q = NULL;
		LIST_FOREACH(p, oidp->oid_parent, oid_link) {
			if (strcmp(oidp->oid_name, p->oid_name) < 0)
				break;
			q = p;
		}
		if (q != NULL)
			LIST_INSERT_AFTER(q, oidp, oid_link);
		else
			LIST_INSERT_HEAD(oidp->oid_parent, oidp, oid_link);
	}
}
SYSINIT(sysctl, SI_SUB_SYSCTL, SI_ORDER_FIRST, sysctl_register_all, NULL);

int
sysctl_old(struct sysctl_req *req, const void *p, size_t l)
{

	if (req->oldptr != NULL) {
		if (req->oldidx + l > req->oldlen)
			return (ENOMEM);
		memcpy((char *)req->oldptr + req->oldidx, p, l);
	}
	req->oldidx += l;
	return (0);
}

int
sysctl_new(struct sysctl_req *req, void *p, size_t l)
{

	if (req->newptr == NULL)
		return (0);
	if (req->newlen != l)
		return (EINVAL);
	memcpy(p, req->newptr, l);
	return (0);
}

#define	SYSCTL_HANDLE_NUMBER(kind, type)				\
int									\
sysctl_handle_##kind(SYSCTL_HANDLER_ARGS)				\
{									\
	type tmp = arg1 != NULL ? *(type *)arg1 : (type)arg2;		\
	int error;							\
									\
	error = SYSCTL_OUT(req, &tmp, sizeof(tmp));			\
	if (error || req->newptr == NULL)				\
		return (error);						\
	return (SYSCTL_IN(req, arg1, sizeof(tmp)));			\
}
SYSCTL_HANDLE_NUMBER(int, int)
SYSCTL_HANDLE_NUMBER(long, long)
SYSCTL_HANDLE_NUMBER(quad, u_int64_t)

int
sysctl_handle_string(SYSCTL_HANDLER_ARGS)
{
	int error;

	error = SYSCTL_OUT(req, arg1, strlen(arg1) + 1);
	if (error || req->newptr == NULL)
		return (error);
	if (req->newlen >= (size_t)arg2)
		return (EINVAL);
	memcpy(arg1, req->newptr, req->newlen);
	((char *)arg1)[req->newlen] = '\0';
	return (0);
}

int
sysctl_handle_opaque(SYSCTL_HANDLER_ARGS)
{
	int error;

	error = SYSCTL_OUT(req, arg1, arg2);
	if (error || req->newptr == NULL)
		return (error);
	return (SYSCTL_IN(req, arg1, arg2));
}

int
kernel_sysctlbyname(const char *name, void *old, size_t *oldlenp,
    const void *new, size_t newlen)
{
	struct sysctl_req req = { old, oldlenp != NULL ? *oldlenp : 0, 0, new,
	    newlen };
	struct sysctl_oid_list *list = &sysctl__children;
	struct sysctl_oid *oidp;
	size_t len;
	int error;

	for (;;) {
		LIST_FOREACH(oidp, list, oid_link) {
			len = strlen(oidp->oid_name);
			if (strlen(name) >= len &&
			    memcmp(name, oidp->oid_name, len) == 0 &&
			    (name[len] == '.' || name[len] == '\0'))
				break;
		}
		if (oidp == NULL)
			return (ENOENT);
		if (name[len] == '\0')
			break;
		if ((oidp->oid_kind & CTLTYPE) != CTLTYPE_NODE)
			return (ENOENT);
		name += len + 1;
		list = oidp->oid_arg1;
	}
	if (oidp->oid_handler == NULL)
		return (EINVAL);
	if (new != NULL && !(oidp->oid_kind & CTLFLAG_WR))
		return (EINVAL);
	error = (*oidp->oid_handler)(oidp, oidp->oid_arg1, oidp->oid_arg2,
	    &req);
	if (error == 0 && oldlenp != NULL)
		*oldlenp = req.oldidx;
	return (error);
}

static void
sysctl_print(const char *prefix, struct sysctl_oid *oidp)
{
	union {
		int i;
		long l;
		u_int64_t q;
		u_long ul[64];
		char s[512];
	} val;
	struct sysctl_req req = { &val, sizeof(val), 0, NULL, 0 };
	u_int n;

	if (oidp->oid_handler(oidp, oidp->oid_arg1, oidp->oid_arg2, &req))
		return;
	printf("%s%s:", prefix, oidp->oid_name);
	switch (oidp->oid_kind & CTLTYPE) {
	case CTLTYPE_INT:
		printf(" %d", val.i);
		break;
	case CTLTYPE_UINT:
		printf(" %u", (u_int)val.i);
		break;
	case CTLTYPE_LONG:
		printf(" %ld", val.l);
		break;
	case CTLTYPE_QUAD:
		printf(" %lu", (u_long)val.q);
		break;
	case CTLTYPE_STRING:
		printf(" %s", val.s);
		break;
	case CTLTYPE_OPAQUE:
		printf(" [%s]", oidp->oid_fmt);
		for (n = 0; n < req.oldidx / sizeof(u_long); n++)
			printf(" %lu", val.ul[n]);
		break;
	}
	printf("\n");
}

static void
sysctl_walk(const char *prefix, struct sysctl_oid_list *list)
{
	struct sysctl_oid *oidp;
	char name[128];
	size_t len;

	LIST_FOREACH(oidp, list, oid_link) {
		if ((oidp->oid_kind & CTLTYPE) != CTLTYPE_NODE) {
			sysctl_print(prefix, oidp);
			continue;
		}
		len = strlcpy(name, prefix, sizeof(name));
		len += strlcpy(name + len, oidp->oid_name, sizeof(name) - len);
		strlcpy(name + len, ".", sizeof(name) - len);
		sysctl_walk(name, oidp->oid_arg1);
	}
}

void
sysctl_dump(void)
{

	sysctl_walk("", &sysctl__children);
}
