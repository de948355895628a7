/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Output of IPv4 packets.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_var.h>

static int	ip_maxlen __P((struct ifnet *, int));
static int	ip_fragment __P((struct mbuf *, struct ifnet *,
		    struct sockaddr *, struct rtentry *));

/*
 * IP output.  The packet in mbuf chain m contains a skeletal IP header (with
 * tos, ttl, proto, src, dst).  The packet and all that is attached to it is
 * always gone afterwards.
 */
int
ip_output(m, flags, inp)
	struct mbuf *m;
	int flags;
	struct inpcb *inp;
{
	struct ip *ip = mtod(m, struct ip *);
	struct sockaddr_in dst;
	struct rtentry *rt;
	struct ifnet *ifp;
	int error;

	/* Fill in what a router leaves alone. */
	if ((flags & IP_FORWARDING) == 0) {
		ip->ip_vhl = IP_VHL;
		ip->ip_off = (flags & IP_ALLOWFRAG) ? 0 : htons(IP_DF);
		ip->ip_id = ip_newid();
		ipstat.ips_localout++;
	}
	ip->ip_len = htons(m->m_pkthdr.len);

	in_sockaddr(&dst, ip->ip_dst, 0);
	if ((rt = rtalloc1((struct sockaddr *)&dst, 1)) == NULL) {
		ipstat.ips_noroute++;
		m_freem(m);
		return (EHOSTUNREACH);
	}
	ifp = (rt->rt_flags & RTF_LOCAL && useloopback) ? loif : rt->rt_ifp;
	if (rt->rt_flags & RTF_GATEWAY)
		dst.sin_addr = satosin(&rt->rt_gateway)->sin_addr;

	if (m->m_pkthdr.len <= ip_maxlen(ifp, flags & IP_FORWARDING)) {
		ip->ip_sum = 0;
		ip->ip_sum = in_cksum(m, 0, sizeof(struct ip), 0);
		error = (*ifp->if_output)(ifp, m, (struct sockaddr *)&dst, rt);
	} else if (ntohs(ip->ip_off) & IP_DF) {
		error = EMSGSIZE;
		m_freem(m);
	} else
		error = ip_fragment(m, ifp, (struct sockaddr *)&dst, rt);
	RTFREE(rt);
	return (error);
}

/*
 * The longest packet that may go out whole.  What is only passed on is cut
 * to the size that every host must take, should the way narrow further on.
 */
static int
ip_maxlen(ifp, ipforwarding)
	struct ifnet *ifp;
	int ipforwarding;
{

	return (ipforwarding ? MIN(ifp->if_mtu, 1280) : ifp->if_mtu);
}

/*
 * Cut a packet into pieces that ifp can take.
 */
static int
ip_fragment(m0, ifp, dst, rt)
	struct mbuf *m0;
	struct ifnet *ifp;
	struct sockaddr *dst;
	struct rtentry *rt;
{
	struct ip *ip = mtod(m0, struct ip *), *mhip;
	struct mbuf *m;
	int hlen = sizeof(struct ip);
	int error = 0, len, off, todo;

	len = (ifp->if_mtu - hlen) & ~7;
	for (off = hlen; off < m0->m_pkthdr.len; off += len) {
		todo = MIN(len, m0->m_pkthdr.len - off);
		m = m_copym(m0, off, todo);
		if (m == NULL || (m = m_prepend(m, hlen)) == NULL) {
			error = ENOBUFS;
			break;
		}
		mhip = mtod(m, struct ip *);
		*mhip = *ip;
		mhip->ip_off = htons((ntohs(ip->ip_off) & IP_MF) |
		    ((ntohs(ip->ip_off) & IP_OFFMASK) + ((off - hlen) >> 3)));
		if (off + todo < m0->m_pkthdr.len)
			mhip->ip_off |= htons(IP_MF);
		mhip->ip_len = htons(m->m_pkthdr.len);
		mhip->ip_sum = 0;
		mhip->ip_sum = in_cksum(m, 0, hlen, 0);
		ipstat.ips_ofragments++;
		error = (*ifp->if_output)(ifp, m, dst, rt);
		if (error)
			break;
	}
	if (error == 0)
		ipstat.ips_fragmented++;
	m_freem(m0);
	return (error);
}
