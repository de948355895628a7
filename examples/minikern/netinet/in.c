/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Addresses of IPv4; checksums.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_var.h>

static MALLOC_DEFINE(M_IFADDR, "ifaddr", "interface address");

static int in_ifinit __P((struct ifnet *, struct in_ifaddr *));

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
		rt_ifa_flush(&ia->ia_ifa);
		TAILQ_REMOVE(&in_ifaddrhead, ia, ia_link);
		LIST_REMOVE(ia, ia_hash);
		TAILQ_REMOVE(&ifp->if_addrhead, &ia->ia_ifa, ifa_link);
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
	struct in_ifaddr *ia;

	while ((ia = TAILQ_FIRST(&in_ifaddrhead)) != NULL)
		in_departure(NULL, ia->ia_ifp);
	EVENTHANDLER_DEREGISTER(ifnet_departure_event, in_departure_tag);
	free(in_ifaddrhashtbl, M_IFADDR);
}

void
in_sockaddr(sin, addr, port)
	struct sockaddr_in *sin;
	struct in_addr addr;
	u_int port;
{

	bzero(sin, sizeof(*sin));
	sin->sin_len = sizeof(*sin);
	sin->sin_family = AF_INET;
	sin->sin_addr = addr;
	sin->sin_port = port;
}

/*
 * Routes to the net of a new address, and to the address itself.
 */
static int
in_ifinit(ifp, ia)
	struct ifnet *ifp;
	struct in_ifaddr *ia;
{
	struct sockaddr *sa = (struct sockaddr *)&ia->ia_addr;
	int error = 0;

	if (ia->ia_ifa.ifa_plen < 32)
		error = rtrequest(RTM_ADD, sa, sa, ia->ia_ifa.ifa_plen,
		    RTF_CLONING, &ia->ia_ifa, NULL);
	if (error == 0 && useloopback)
		error = rtrequest(RTM_ADD, sa, sa, 32, RTF_HOST | RTF_LOCAL,
		    &ia->ia_ifa, NULL);
	return (error);
}

/*
 * Generic internet control operations (ioctl's).
 */
int
in_control(so, cmd, data, ifp)
	struct socket *so;
	u_long cmd;
	caddr_t data;
	struct ifnet *ifp;
{
	struct ifaliasreq *ifra = (struct ifaliasreq *)data;
	struct in_ifaddr *ia;

	if (ifp == NULL && (ifp = ifunit(ifra->ifra_name)) == NULL)
		return (ENODEV);
	INADDR_TO_IFADDR(satosin(&ifra->ifra_addr)->sin_addr, ia);
	switch (cmd) {
	case SIOCAIFADDR:
		if (ia != NULL)
			return (EEXIST);
		ia = malloc(sizeof(*ia), M_IFADDR, M_WAITOK | M_ZERO);
		ia->ia_addr = *satosin(&ifra->ifra_addr);
		ia->ia_ifp = ifp;
		ia->ia_ifa.ifa_addr = (struct sockaddr *)&ia->ia_addr;
		ia->ia_ifa.ifa_plen = ifra->ifra_plen;
		TAILQ_INSERT_TAIL(&ifp->if_addrhead, &ia->ia_ifa, ifa_link);
		TAILQ_INSERT_TAIL(&in_ifaddrhead, ia, ia_link);
		LIST_INSERT_HEAD(INADDR_HASH(ia->ia_addr.sin_addr), ia,
		    ia_hash);
		return (in_ifinit(ifp, ia));
	case SIOCDIFADDR:
		if (ia == NULL || ia->ia_ifp != ifp)
			return (EADDRNOTAVAIL);
		in_departure(NULL, ifp);
		return (0);
	default:
		return (EOPNOTSUPP);
	}
}

/*
 * The sum of len bytes from off on, added to sum; the complement of it all.
 */
int
in_cksum(m, off, len, sum)
	struct mbuf *m;
	int off, len;
	u_int32_t sum;
{
	const u_char *cp;
	int i, odd = 0;

	for (; m != NULL && len > 0; m = m->m_next) {
		if (off >= m->m_len) {
			off -= m->m_len;
			continue;
		}
		cp = mtod(m, u_char *) + off;
		for (i = m->m_len - off; i > 0 && len > 0; i--, len--) {
			sum += odd ? *cp : *cp << 8;
			sum = (sum & 0xffff) + (sum >> 16);
			odd = !odd;
			cp++;
		}
		off = 0;
	}
	return (htons(~sum & 0xffff));
}

/*
 * The sum of a pseudo header: two addresses of alen bytes, a length, a
 * protocol.
 */
u_int32_t
in_pseudo(src, dst, alen, len, proto)
	const void *src, *dst;
	int alen, len, proto;
{
	const u_char *sp = src, *dp = dst;
	u_int32_t sum = len + proto;

	for (; alen > 0; alen -= 2, sp += 2, dp += 2)
		sum += (sp[0] << 8 | sp[1]) + (dp[0] << 8 | dp[1]);
	return ((sum & 0xffff) + (sum >> 16));
}
