/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Addresses of IPv6, and which of them to use. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_pcb.h>
#include <netinet6/ip6.h>

static MALLOC_DEFINE(M_IP6ADDR, "in6_ifaddr", "IPv6 addresses");

struct in6_ifaddr *in6_ifaddr;
static eventhandler_tag in6_departure_tag;

static void
in6_departure(void *arg, struct ifnet *ifp)
{
	struct in6_ifaddr *ia, **iap;

	nd6_purge(ifp);
	for (iap = &in6_ifaddr; (ia = *iap) != NULL; ) {
		if (ia->ia_ifa.ifa_ifp != ifp) {
			iap = &ia->ia_next;
			continue;
		}
		*iap = ia->ia_next;
		rt_ifa_flush(AF_INET6, &ia->ia_ifa);
		free(ia, M_IP6ADDR);
	}
}

void
in6_init(void)
{

	in6_departure_tag = EVENTHANDLER_REGISTER(ifnet_departure_event,
	    in6_departure, NULL);
}

void
in6_destroy(void)
{

	while (in6_ifaddr != NULL)
		in6_departure(NULL, in6_ifaddr->ia_ifa.ifa_ifp);
	EVENTHANDLER_DEREGISTER(ifnet_departure_event, in6_departure_tag);
}

static int
in6_addaddr(struct ifnet *ifp, struct in6_addr *addr, int plen)
{
	struct in6_ifaddr *ia, **iap;

	IN6ADDR_TO_IFADDR(addr, ia);
	if (ia != NULL)
		return (EEXIST);
	ia = malloc(sizeof(*ia), M_IP6ADDR, M_WAITOK | M_ZERO);
	ia->ia_addr = *addr;
	ia->ia_ifa.ifa_ifp = ifp;
	for (iap = &in6_ifaddr; *iap != NULL; iap = &(*iap)->ia_next)
		continue;
	*iap = ia;
	if (plen < 128)
		(void)rtadd(AF_INET6, addr, plen, RTF_CLONING, &ia->ia_ifa);
	(void)rtadd(AF_INET6, addr, 128, RTF_LOCAL, &ia->ia_ifa);
	return (0);
}

/*
 * A new interface gets a link-local address made of its number, and the
 * loopback ::1 too.
 */
void
in6_ifattach(struct ifnet *ifp)
{
	struct in6_addr in6;

	bzero(&in6, sizeof(in6));
	in6.s6_addr32[3] = htonl(1);
	if (ifp->if_flags & IFF_LOOPBACK)
		(void)in6_addaddr(ifp, &in6, 128);
	if (!ip6_auto_linklocal)
		return;
	/* The zone is in it, as KAME has it. */
	in6.s6_addr32[0] = htonl(0xfe800000 | ifp->if_index);
	(void)in6_addaddr(ifp, &in6, 64);
}

int
in6_control(const char *name, struct in6_addr *addr, int plen)
{
	struct ifnet *ifp = ifunit(name);

	return (ifp == NULL ? ENODEV : in6_addaddr(ifp, addr, plen));
}

/* Why the candidate is the best so far, or is not. */
#define	REPLACE(r)	do {						\
	ip6stat.ip6s_sources_rule[(r)]++;				\
	goto replace;							\
} while (0)
#define	NEXT(r)		do {						\
	ip6stat.ip6s_sources_rule[(r)]++;				\
	goto next;							\
} while (0)

/* The address of ours that suits a destination best. */
struct in6_addr *
in6_selectsrc(dst, ifp)
	struct in6_addr *dst;
	struct ifnet *ifp;
{
	struct in6_ifaddr *ia, *best = NULL;

	for (ia = in6_ifaddr; ia != NULL; ia = ia->ia_next) {
		/* Rule 0: any is better than none, of the right scope. */
		if (IN6_IS_ADDR_LINKLOCAL(&ia->ia_addr) !=
		    IN6_IS_ADDR_LINKLOCAL(dst) && !IF_IS_LO(ifp))
			continue;
		if (best == NULL)
			REPLACE(0);
		/* Rule 1: the destination itself. */
		if (IN6_ARE_ADDR_EQUAL(&ia->ia_addr, dst))
			REPLACE(1);
		/* Rule 2: an address of the interface. */
		if (best->ia_ifa.ifa_ifp == ifp)
			NEXT(2);
replace:
		best = ia;
next:
		continue;
	}
	return (best == NULL ? NULL : &best->ia_addr);
}

#undef REPLACE
#undef NEXT

/* The address to use as our own towards faddr. */
int
in6_pcbladdr(struct in6_addr *faddr, struct in6_addr *laddr)
{
	struct in6_addr *src;
	struct rtentry *rt;

	if ((rt = rtalloc1(AF_INET6, faddr, 1)) == NULL)
		return (ENETUNREACH);
	if ((src = in6_selectsrc(faddr, rt->rt_ifp)) != NULL)
		*laddr = *src;
	RTFREE(rt);
	return (src == NULL ? EADDRNOTAVAIL : 0);
}
