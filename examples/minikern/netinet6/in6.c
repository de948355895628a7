/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Addresses of IPv6, and which of them to use.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet6/in6_var.h>
#include <netinet6/ip6.h>
#include <netinet6/nd6.h>

static MALLOC_DEFINE(M_IP6ADDR, "in6_ifaddr", "IPv6 addresses");

struct in6_ifaddr *in6_ifaddr;
static eventhandler_tag in6_departure_tag;

static int	in6_addaddr(struct ifnet *, struct sockaddr_in6 *, int);

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
		rt_ifa_flush(&ia->ia_ifa);
		TAILQ_REMOVE(&ifp->if_addrhead, &ia->ia_ifa, ifa_link);
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

void
in6_sockaddr(struct sockaddr_in6 *sin6, struct in6_addr *addr, u_int port)
{

	bzero(sin6, sizeof(*sin6));
	sin6->sin6_len = sizeof(*sin6);
	sin6->sin6_family = AF_INET6;
	sin6->sin6_addr = *addr;
	sin6->sin6_port = port;
}

/*
 * A new interface gets a link-local address made of its number, and the
 * loopback ::1 too.
 */
void
in6_ifattach(ifp)
	struct ifnet *ifp;
{
	struct sockaddr_in6 sin6;
	struct in6_addr in6;

	bzero(&in6, sizeof(in6));
	if (ifp->if_flags & IFF_LOOPBACK) {
		in6.s6_addr[15] = 1;
		in6_sockaddr(&sin6, &in6, 0);
		(void)in6_addaddr(ifp, &sin6, 128);
	}
	if (!ip6_auto_linklocal)
		return;
	in6.s6_addr32[0] = htonl(0xfe800000);
	in6.s6_addr[3] = ifp->if_index;	/* The zone, as KAME has it. */
	in6.s6_addr[15] = 1;
	in6_sockaddr(&sin6, &in6, 0);
	(void)in6_addaddr(ifp, &sin6, 64);
}

static int
in6_addaddr(ifp, sin6, plen)
	struct ifnet *ifp;
	struct sockaddr_in6 *sin6;
	int plen;
{
	struct in6_ifaddr *ia, **iap;
	struct sockaddr *sa;
	int error = 0;

	IN6ADDR_TO_IFADDR(&sin6->sin6_addr, ia);
	if (ia != NULL)
		return (EEXIST);
	ia = malloc(sizeof(*ia), M_IP6ADDR, M_WAITOK | M_ZERO);
	ia->ia_addr = *sin6;
	sa = (struct sockaddr *)&ia->ia_addr;
	ia->ia_ifa.ifa_ifp = ifp;
	ia->ia_ifa.ifa_addr = sa;
	ia->ia_ifa.ifa_plen = plen;
	TAILQ_INSERT_TAIL(&ifp->if_addrhead, &ia->ia_ifa, ifa_link);
	for (iap = &in6_ifaddr; *iap != NULL; iap = &(*iap)->ia_next)
		continue;
	*iap = ia;
	if (plen < 128) {
		error = rtrequest(RTM_ADD, sa, sa, plen, RTF_CLONING,
		    &ia->ia_ifa, NULL);
		nd6_prelist_add(ifp, &sin6->sin6_addr, plen);
	}
	if (error == 0)
		error = rtrequest(RTM_ADD, sa, sa, 128, RTF_HOST | RTF_LOCAL,
		    &ia->ia_ifa, NULL);
	return (error);
}

int
in6_control(struct socket *so, u_long cmd, caddr_t data, struct ifnet *ifp)
{
	struct ifaliasreq *ifra = (struct ifaliasreq *)data;

	if (ifp == NULL && (ifp = ifunit(ifra->ifra_name)) == NULL)
		return (ENODEV);
	if (cmd != SIOCAIFADDR)
		return (EOPNOTSUPP);
	return (in6_addaddr(ifp, satosin6(&ifra->ifra_addr),
	    ifra->ifra_plen));
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

/*
 * The address of ours that suits a destination best.
 */
struct in6_addr *
in6_selectsrc(dst, ifp)
	struct in6_addr *dst;
	struct ifnet *ifp;
{
	struct in6_ifaddr *ia, *best = NULL;

	for (ia = in6_ifaddr; ia != NULL; ia = ia->ia_next) {
		/* Rule 0: any is better than none, of the right scope. */
		if (IN6_IS_ADDR_LINKLOCAL(IA6_IN6(ia)) !=
		    IN6_IS_ADDR_LINKLOCAL(dst) && !IF_IS_LO(ifp))
			continue;
		if (best == NULL)
			REPLACE(0);
		/* Rule 1: the destination itself. */
		if (IN6_ARE_ADDR_EQUAL(IA6_IN6(best), dst))
			NEXT(1);
		if (IN6_ARE_ADDR_EQUAL(IA6_IN6(ia), dst))
			REPLACE(1);
		/* Rule 2: an address of the interface. */
		if (best->ia_ifa.ifa_ifp == ifp)
			NEXT(2);
		if (ia->ia_ifa.ifa_ifp == ifp)
			REPLACE(2);
next:
		continue;
replace:
		best = ia;
	}
	if (best == NULL) {
		ip6stat.ip6s_sources_none++;
		return (NULL);
	}
	return (IA6_IN6(best));
}

#undef REPLACE
#undef NEXT

/*
 * The address to use as our own towards faddr.
 */
int
in6_pcbladdr(faddr, laddr)
	struct in6_addr *faddr;
	struct in6_addr *laddr;
{
	struct sockaddr_in6 sin6;
	struct in6_addr *src;
	struct rtentry *rt;

	in6_sockaddr(&sin6, faddr, 0);
	if ((rt = rtalloc1((struct sockaddr *)&sin6, 1)) == NULL)
		return (ENETUNREACH);
	src = in6_selectsrc(faddr, rt->rt_ifp);
	if (src != NULL)
		*laddr = *src;
	RTFREE(rt);
	return (src == NULL ? EADDRNOTAVAIL : 0);
}

/*
 * The pcb of a connection, or, if wildcard, that of a listener.
 */
struct inpcb *
in6_pcblookup_hash(pcbinfo, faddr, fport, laddr, lport, wildcard)
	struct inpcbinfo *pcbinfo;
	struct in6_addr *faddr, *laddr;
	u_int fport, lport;
	int wildcard;
{
	struct inpcb *inp, *wild = NULL;

	INP_INFO_LOCK_ASSERT(pcbinfo);
	LIST_FOREACH(inp, &pcbinfo->ipi_hashbase[INP_PCBHASH(lport,
	    pcbinfo->ipi_hashmask)], inp_hash) {
		if (!inp->inp_isipv6 || inp->inp_lport != lport)
			continue;
		if (IN6_ARE_ADDR_EQUAL(&inp->in6p_faddr, faddr) &&
		    IN6_ARE_ADDR_EQUAL(&inp->in6p_laddr, laddr) &&
		    inp->inp_fport == fport)
			return (inp);
		if (inp->inp_fport == 0 &&
		    (IN6_IS_ADDR_UNSPECIFIED(&inp->in6p_laddr) ||
		    IN6_ARE_ADDR_EQUAL(&inp->in6p_laddr, laddr)))
			wild = inp;
	}
	return (wildcard ? wild : NULL);
}
