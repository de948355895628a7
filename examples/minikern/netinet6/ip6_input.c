/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Input and output of IPv6 packets.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/netisr.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet6/icmp6.h>
#include <netinet6/in6_var.h>
#include <netinet6/ip6.h>
#include <netinet6/nd6.h>

u_char	ip6_protox[IPPROTO_MAX];	/* The same for all, set but once. */
struct ip6stat ip6stat;

static void	ip6_forward(struct mbuf *);

/*
 * IP6 initialization: fill in IP6 protocol switch table.
 */
void
ip6_init(void)
{
	struct protosw *pr;

	in6_init();
	nd6_init();

	/* What follows is the same for all. */
	bzero(ip6_protox, IPPROTO_MAX);
	for (pr = inet6sw; pr < inet6sw->pr_domain->dom_protoswNPROTOSW; pr++)
		if (pr->pr_protocol != 0)
			ip6_protox[pr->pr_protocol] = pr - inet6sw;
	netisr_register(NETISR_IPV6, ip6_input);
}

void
ip6_destroy(void)
{

	in6_destroy();
	nd6_destroy();

	netisr_unregister(NETISR_IPV6);
}

void
ip6_input(m)
	struct mbuf *m;
{
	struct in6_ifaddr *ia;
	struct ip6_hdr *ip6;
	int plen;

	ip6stat.ip6s_total++;
	IP6_EXTHDR_CHECK(m, 0, (int)sizeof(struct ip6_hdr), /*nothing*/);
	ip6 = mtod(m, struct ip6_hdr *);
	if ((*mtod(m, u_char *) & 0xf0) != IPV6_VERSION) {
		ip6stat.ip6s_badvers++;
		goto bad;
	}
	plen = m->m_pkthdr.len - (int)sizeof(struct ip6_hdr);
	if (plen < ntohs(ip6->ip6_plen)) {
		ip6stat.ip6s_tooshort++;
		goto bad;
	}
	if (plen > ntohs(ip6->ip6_plen))
		m_adj(m, ntohs(ip6->ip6_plen) - plen);

	IN6ADDR_TO_IFADDR(&ip6->ip6_dst, ia);
	if (ia == NULL) {
		if (ip6_forwarding) {
			ip6_forward(m);
			return;
		}
		ip6stat.ip6s_cantforward++;
		goto bad;
	}
	if (ip6_protox[ip6->ip6_nxt] == 0) {
		ip6stat.ip6s_noproto++;
		goto bad;
	}
	ip6stat.ip6s_delivered++;
	(*inet6sw[ip6_protox[ip6->ip6_nxt]].pr_input)(m, sizeof(*ip6));
	return;
bad:
	m_freem(m);
}

static void
ip6_forward(m)
	struct mbuf *m;
{
	struct ip6_hdr *ip6 = mtod(m, struct ip6_hdr *);

	if (ip6->ip6_hlim <= 1 || IN6_IS_ADDR_LINKLOCAL(&ip6->ip6_dst)) {
		ip6stat.ip6s_cantforward++;
		icmp6_error(m, ICMP6_TIME_EXCEEDED, 0);
		return;
	}
	ip6->ip6_hlim--;
	ip6stat.ip6s_forward++;
	ip6stat.ip6s_localout--;	/* ip6_output() counts it again. */
	(void)ip6_output(m, NULL);
}

/*
 * IP6 output.  The packet in mbuf chain m contains a skeletal IP6 header
 * (with nxt, hlim, src, dst).  With ifp, no route is asked for.
 */
int
ip6_output(m, ifp)
	struct mbuf *m;
	struct ifnet *ifp;
{
	struct ip6_hdr *ip6 = mtod(m, struct ip6_hdr *);
	struct rtentry *rt = NULL;
	struct sockaddr_in6 dst;
	int error;

	ip6stat.ip6s_localout++;
	ip6->ip6_flow = htonl(IPV6_VERSION << 24);
	ip6->ip6_plen = htons(m->m_pkthdr.len - (int)sizeof(*ip6));
	in6_sockaddr(&dst, &ip6->ip6_dst, 0);
	if (ifp == NULL) {
		rt = rtalloc1((struct sockaddr *)&dst, 1);
		if (rt == NULL) {
			ip6stat.ip6s_noroute++;
			m_freem(m);
			return (EHOSTUNREACH);
		}
		ifp = rt->rt_flags & RTF_LOCAL ? loif : rt->rt_ifp;
	}
	if (m->m_pkthdr.len > ifp->if_mtu) {
		ip6stat.ip6s_odropped++;
		m_freem(m);
		error = EMSGSIZE;
	} else
		error = nd6_output(ifp, m, &dst, rt);
	if (rt != NULL)
		RTFREE(rt);
	return (error);
}
