/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_var.h>
#include <netinet/ip_var.h>

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
 * IP output.  The packet in mbuf m contains a skeletal IP header (with tos,
 * ttl, proto, src, dst).  What is too long goes in two fragments.
 */
int
ip_output(m, flags)
	struct mbuf *m;
	int flags;
{
	struct ip *ip = mtod(m, struct ip *);
	struct mbuf *n = NULL;
	struct rtentry *rt;
	struct ifnet *ifp;
	int error, len;

	/* Fill in what a router leaves alone. */
	if ((flags & IP_FORWARDING) == 0) {
		ip->ip_vhl = 4 << 4 | sizeof(struct ip) >> 2;
		ip->ip_off = 0;
		ip->ip_id = ip_newid();
		ipstat.ips_localout++;
	}

	if ((rt = rtalloc1(AF_INET, &ip->ip_dst, 1)) == NULL) {
		ipstat.ips_noroute++;
		m_freem(m);
		return (EHOSTUNREACH);
	}
	ifp = (rt->rt_flags & RTF_LOCAL && useloopback) ? loif : rt->rt_ifp;
	RTFREE(rt);

	len = ip_maxlen(ifp, flags & IP_FORWARDING) & ~7;
	if (m->m_len > len && (n = m_devget(m->m_data + len,
	    m->m_len - len)) != NULL) {
		m->m_len = len;
		m_prepend(n, sizeof(*ip));
		*mtod(n, struct ip *) = *ip;
		mtod(n, struct ip *)->ip_off =
		    htons(ntohs(ip->ip_off) + ((len - sizeof(*ip)) >> 3));
		ip->ip_off |= htons(IP_MF);
	}
	for (error = 0; m != NULL; m = n, n = NULL) {
		ip = mtod(m, struct ip *);
		ip->ip_len = htons(m->m_len);
		ip->ip_sum = 0;
		len = m->m_len;
		m->m_len = sizeof(*ip);
		ip->ip_sum = in_cksum(m, 0, 0);
		m->m_len = len;
		error |= (*ifp->if_output)(ifp, m, NETISR_IP);
	}
	return (error);
}
