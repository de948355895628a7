/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET_IN_VAR_H_
#define	_NETINET_IN_VAR_H_

#include <netinet/in.h>

struct in_ifaddr {
	struct ifaddr	ia_ifa;		/* Must be the first. */
#define	ia_ifp		ia_ifa.ifa_ifp
	LIST_ENTRY(in_ifaddr) ia_hash;
	TAILQ_ENTRY(in_ifaddr) ia_link;
	struct in_addr	ia_addr;
};

TAILQ_HEAD(in_ifaddrhead, in_ifaddr);
LIST_HEAD(in_ifaddrhashhead, in_ifaddr);

extern struct in_ifaddrhashhead *in_ifaddrhashtbl; /* Addresses, hashed. */
extern u_long in_ifaddrhmask;			/* Mask for the hash. */
extern struct in_ifaddrhead in_ifaddrhead;	/* All of them. */
extern int useloopback;

#define	INADDR_NHASH	8
#define	INADDR_HASH(x)							\
	(&in_ifaddrhashtbl[ntohl((x).s_addr) & in_ifaddrhmask])

/*
 * Macro for finding the address structure (in_ifaddr) that has one of our
 * addresses, or NULL.
 */
#define	INADDR_TO_IFADDR(addr, ia)					\
	/* struct in_addr addr; */					\
	/* struct in_ifaddr *ia; */					\
do {									\
	LIST_FOREACH(ia, INADDR_HASH((addr)), ia_hash)			\
		if ((ia)->ia_addr.s_addr == (addr).s_addr)		\
			break;						\
} while (0)

/* Macro for finding the interface of one of our addresses. */
#define	INADDR_TO_IFP(addr, ifp) do {					\
	struct in_ifaddr *_ia;						\
									\
	INADDR_TO_IFADDR(addr, _ia);					\
	(ifp) = (_ia == NULL) ? NULL : _ia->ia_ifp;			\
} while (0)

/* Macro for finding the first address of an interface. */
#define	IFP_TO_IA(ifp, ia)						\
{									\
	for ((ia) = TAILQ_FIRST(&in_ifaddrhead);			\
	    (ia) != NULL && (ia)->ia_ifp != (ifp);			\
	    (ia) = TAILQ_NEXT((ia), ia_link))				\
		continue;						\
}

struct rt_head;

void	in_init(void);
void	in_destroy(void);
int	in_control(const char *, struct in_addr, int);
int	in_cksum(struct mbuf *, int, u_int32_t);
u_int32_t in_pseudo(const void *, const void *, int, int);
struct rt_head *in_inithead(int);
void	in_detachhead(struct rt_head *);

#endif /* !_NETINET_IN_VAR_H_ */
