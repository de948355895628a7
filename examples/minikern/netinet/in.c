/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Addresses of IPv4; checksums. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_var.h>

static MALLOC_DEFINE(M_IFADDR, "ifaddr", "interface address");

struct in_ifaddrhead in_ifaddrhead = TAILQ_HEAD_INITIALIZER(in_ifaddrhead);
struct in_ifaddrhashhead *in_ifaddrhashtbl;
u_long	in_ifaddrhmask;
int	useloopback = 1;	/* use loopback interface for local traffic */
static eventhandler_tag in_departure_tag;

SYSCTL_DECL(_net_inet_ip);
SYSCTL_INT(_net_inet_ip, OID_AUTO, useloopback, CTLFLAG_RW, &useloopback, 0,
    "Packets to our own addresses take lo0");

static void
in_departure(void *arg, struct ifnet *ifp)
{
	struct in_ifaddr *ia;

	for (;;) {
		IFP_TO_IA(ifp, ia);
		if (ia == NULL)
			return;
		rt_ifa_flush(AF_INET, &ia->ia_ifa);
		TAILQ_REMOVE(&in_ifaddrhead, ia, ia_link);
		LIST_REMOVE(ia, ia_hash);
		free(ia, M_IFADDR);
	}
}

void
in_init()
{

	in_ifaddrhashtbl = hashinit(INADDR_NHASH, M_IFADDR, &in_ifaddrhmask);
	in_departure_tag = EVENTHANDLER_REGISTER(ifnet_departure_event,
	    in_departure, NULL);
}

void
in_destroy()
{

	while (!TAILQ_EMPTY(&in_ifaddrhead))
		in_departure(NULL, TAILQ_FIRST(&in_ifaddrhead)->ia_ifp);
	EVENTHANDLER_DEREGISTER(ifnet_departure_event, in_departure_tag);
	free(in_ifaddrhashtbl, M_IFADDR);
}

/* A new address for an interface. */
int
in_control(const char *name, struct in_addr addr, int plen)
{
	struct ifnet *ifp = ifunit(name);
	struct in_ifaddr *ia;

	if (ifp == NULL)
		return (ENODEV);
	INADDR_TO_IFADDR(addr, ia);
	if (ia != NULL)
		return (EEXIST);
	ia = malloc(sizeof(*ia), M_IFADDR, M_WAITOK | M_ZERO);
	ia->ia_addr = addr;
	ia->ia_ifp = ifp;
	TAILQ_INSERT_TAIL(&in_ifaddrhead, ia, ia_link);
	LIST_INSERT_HEAD(INADDR_HASH(ia->ia_addr), ia, ia_hash);
	(void)rtadd(AF_INET, &addr, plen, RTF_CLONING, &ia->ia_ifa);
	if (useloopback)
		(void)rtadd(AF_INET, &addr, 32, RTF_LOCAL, &ia->ia_ifa);
	return (0);
}

/* The sum of a packet from off on, added to sum; the complement of it all. */
int
in_cksum(struct mbuf *m, int off, u_int32_t sum)
{
	const u_char *cp = mtod(m, u_char *);

	for (; off < m->m_len; off++) {
		sum += (off & 1) ? cp[off] : cp[off] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (htons(~sum & 0xffff));
}

/*
 * The sum of a pseudo header but for the length: two addresses of alen bytes,
 * a protocol.
 */
u_int32_t
in_pseudo(const void *src, const void *dst, int alen, int proto)
{
	const u_char *sp = src, *dp = dst;
	u_int32_t sum = proto;

	for (; alen > 0; alen -= 2, sp += 2, dp += 2)
		sum += (sp[0] << 8 | sp[1]) + (dp[0] << 8 | dp[1]);
	return (sum);
}
