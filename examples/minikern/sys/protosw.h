/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_PROTOSW_H_
#define	_SYS_PROTOSW_H_

#include <sys/mbuf.h>

#define	AF_INET		2
#define	AF_INET6	28
#define	AF_MAX		30
#define	PF_INET		AF_INET
#define	PF_INET6	AF_INET6

/* A protocol, and a family of them. */
struct protosw {
	struct domain	*pr_domain;
	int		 pr_protocol;
	void		(*pr_input)(struct mbuf *, int);
	void		(*pr_init)(void);
	void		(*pr_destroy)(void);	/* The house is torn down. */
	void		(*pr_slowtimo)(void);	/* Twice a second. */
	void		(*pr_drain)(void);	/* Give memory back. */
};

struct rt_head;

struct domain {
	int		 dom_family;
	const char	*dom_name;
	struct protosw	*dom_protosw;
	struct protosw	*dom_protoswNPROTOSW;
	struct domain	*dom_next;
	struct rt_head	*(*dom_rtattach)(int);
	void		(*dom_rtdetach)(struct rt_head *);
	void		(*dom_ifattach)(struct ifnet *);
};

extern struct domain *domains;

#define	DOMAIN_SET(name, order)						\
	SYSINIT(domain_ ## name, SI_SUB_PROTO_DOMAIN, order,		\
	    net_add_domain, &name ## domain);				\
	SYSUNINIT(domain_ ## name, SI_SUB_PROTO_DOMAIN, order,		\
	    net_remove_domain, &name ## domain)

void	net_add_domain(void *);
void	net_remove_domain(void *);
void	pfdrain(void);

#endif /* !_SYS_PROTOSW_H_ */
