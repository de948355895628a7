/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_SYSCTL_H_
#define	_SYS_SYSCTL_H_

#include <sys/queue.h>

#define	CTLTYPE		0xf
#define	CTLTYPE_NODE	1
#define	CTLTYPE_INT	2
#define	CTLTYPE_STRING	3
#define	CTLTYPE_QUAD	4
#define	CTLTYPE_OPAQUE	5
#define	CTLTYPE_UINT	6
#define	CTLTYPE_LONG	7

#define	CTLFLAG_RD	0x80000000
#define	CTLFLAG_WR	0x40000000
#define	CTLFLAG_RW	(CTLFLAG_RD | CTLFLAG_WR)

#define	OID_AUTO	(-1)

struct sysctl_req {
	void		*oldptr;
	size_t		 oldlen;
	size_t		 oldidx;
	const void	*newptr;
	size_t		 newlen;
};

LIST_HEAD(sysctl_oid_list, sysctl_oid);

#define	SYSCTL_HANDLER_ARGS						\
	struct sysctl_oid *oidp, void *arg1, long arg2, struct sysctl_req *req

struct sysctl_oid {
	struct sysctl_oid_list	*oid_parent;
	LIST_ENTRY(sysctl_oid)	 oid_link;
	int			 oid_number;
	u_int			 oid_kind;
	void			*oid_arg1;
	long			 oid_arg2;
	const char		*oid_name;
	int			(*oid_handler)(SYSCTL_HANDLER_ARGS);
	const char		*oid_fmt;
	const char		*oid_descr;
};

#define	SYSCTL_OUT(req, p, l)	sysctl_old((req), (p), (l))
#define	SYSCTL_IN(req, p, l)	sysctl_new((req), (p), (l))

int	sysctl_old(struct sysctl_req *, const void *, size_t);
int	sysctl_new(struct sysctl_req *, void *, size_t);
int	sysctl_handle_int(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_long(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_quad(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_string(SYSCTL_HANDLER_ARGS);
int	sysctl_handle_opaque(SYSCTL_HANDLER_ARGS);
int	kernel_sysctlbyname(const char *, void *, size_t *, const void *,
	    size_t);

#define	SYSCTL_DECL(name)						\
	extern struct sysctl_oid_list sysctl_##name##_children

#define	SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr) \
	static struct sysctl_oid sysctl__##parent##_##name = {		\
		&sysctl_##parent##_children, { NULL, NULL }, nbr, kind,	\
		a1, a2, #name, handler, fmt, descr			\
	};								\
	DATA_SET(sysctl_set, sysctl__##parent##_##name)

#define	SYSCTL_NODE(parent, nbr, name, access, handler, descr)		\
	struct sysctl_oid_list sysctl_##parent##_##name##_children;	\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_NODE | (access),		\
	    &sysctl_##parent##_##name##_children, 0, handler, "N", descr)

#define	SYSCTL_STRING(parent, nbr, name, access, arg, len, descr)	\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_STRING | (access),	\
	    arg, len, sysctl_handle_string, "A", descr)

#define	SYSCTL_INT(parent, nbr, name, access, ptr, val, descr)		\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access),		\
	    ptr, val, sysctl_handle_int, "I", descr)

#define	SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr)		\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_UINT | (access),		\
	    ptr, val, sysctl_handle_int, "IU", descr)

#define	SYSCTL_LONG(parent, nbr, name, access, ptr, val, descr)		\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_LONG | (access),		\
	    ptr, val, sysctl_handle_long, "L", descr)

#define	SYSCTL_QUAD(parent, nbr, name, access, ptr, val, descr)		\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_QUAD | (access),		\
	    ptr, val, sysctl_handle_quad, "Q", descr)

#define	SYSCTL_OPAQUE(parent, nbr, name, access, ptr, len, fmt, descr)	\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access),	\
	    ptr, len, sysctl_handle_opaque, fmt, descr)

#define	SYSCTL_STRUCT(parent, nbr, name, access, ptr, type, descr)	\
	SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access),	\
	    ptr, sizeof(struct type), sysctl_handle_opaque,		\
	    "S," #type, descr)

#define	SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr) \
	SYSCTL_OID(parent, nbr, name, (access), ptr, arg, handler, fmt, descr)

SYSCTL_DECL(_kern);
SYSCTL_DECL(_net);

#endif /* !_SYS_SYSCTL_H_ */
