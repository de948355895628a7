/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Input and output of IPv6 packets, and their errors. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet6/ip6.h>

extern int udp_blackhole;

struct ratelimit {
	u_long	rl_last;		/* The second it is about. */
	int	rl_count;
};

u_char	ip6_protox[IPPROTO_MAX];	/* The same for all, set but once. */
struct ip6stat ip6stat;
struct icmp6stat icmp6stat;
static struct ratelimit icmp6errpps = { 0, 0 };
static int	icmp6_errppslim = 100;

SYSCTL_DECL(_net_inet6_icmp6);
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, errppslimit, CTLFLAG_RW,
	&icmp6_errppslim,	0, "");

/* IP6 initialization: fill in IP6 protocol switch table. */
void
ip6_init(void)
{
	struct protosw *pr;

	in6_init();
	nd6_init();

	/* What follows is the same for all. */
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

	netisr_register(NETISR_IPV6, NULL);
}

void
ip6_input(m)
	struct mbuf *m;
{
	struct in6_ifaddr *ia;
	struct ip6_hdr *ip6;

	ip6stat.ip6s_total++;
	IP6_EXTHDR_CHECK(m, 0, (int)sizeof(struct ip6_hdr), /*nothing*/);
	ip6 = mtod(m, struct ip6_hdr *);
	IN6ADDR_TO_IFADDR(&ip6->ip6_dst, ia);
	if (ia == NULL && ip6_forwarding && ip6->ip6_hlim-- > 1) {
		(void)nd6_output(loif, m, &ip6->ip6_dst);
		return;
	}
	if (ia == NULL || ip6_protox[ip6->ip6_nxt] == 0) {
		ip6stat.ip6s_cantforward++;
		m_freem(m);
		return;
	}
	ip6stat.ip6s_delivered++;
	(*inet6sw[ip6_protox[ip6->ip6_nxt]].pr_input)(m, sizeof(*ip6));
}

void
udp6_input(struct mbuf *m, int off)
{

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct udphdr), );
	udp_input(m, off);
}

/*
 * Put the checksum and the IP6 header to a packet and send it.  With ifp, no
 * route is asked for.
 */
int
ip6_send(struct mbuf *m, struct in6_addr *src, struct in6_addr *dst, int proto,
    u_int16_t *sump, struct ifnet *ifp)
{
	struct ip6_hdr *ip6;
	struct rtentry *rt;

	*sump = in_cksum(m, 0, in_pseudo(src, dst, 16, proto) + m->m_len);
	m_prepend(m, sizeof(*ip6));
	ip6 = mtod(m, struct ip6_hdr *);
	ip6->ip6_flow = htonl(6 << 28);
	ip6->ip6_plen = htons(m->m_len - (int)sizeof(*ip6));
	ip6->ip6_nxt = proto;
	ip6->ip6_hlim = ip6_defhlim;
	ip6->ip6_src = *src;
	ip6->ip6_dst = *dst;
	ip6stat.ip6s_localout++;
	if (ifp != NULL)
		return ((*ifp->if_output)(ifp, m, NETISR_IPV6));
	if ((rt = rtalloc1(AF_INET6, dst, 1)) == NULL) {
		ip6stat.ip6s_noroute++;
		m_freem(m);
		return (EHOSTUNREACH);
	}
	ifp = rt->rt_flags & RTF_LOCAL ? loif : rt->rt_ifp;
	RTFREE(rt);
	return (nd6_output(ifp, m, dst));
}

void
icmp6_init(void)
{

	icmp6errpps.rl_last = time_uptime;
}

/* Generate an error packet in response to bad IP6 packet m. */
void
icmp6_error(struct mbuf *m, int code)
{
	struct in_conninfo inc;
	struct icmp6_hdr icmp6;
	struct mbuf *n;

	icmp6stat.icp6s_error++;
	if (icmp6errpps.rl_last != time_uptime) {
		icmp6errpps.rl_last = time_uptime;
		icmp6errpps.rl_count = 0;
	}
	if (icmp6errpps.rl_count++ >= icmp6_errppslim ||
	    (udp_blackhole && code == ICMP6_DST_UNREACH_NOPORT)) {
		icmp6stat.icp6s_toofreq++;
		m_freem(m);
		return;
	}
	bzero(&icmp6, sizeof(icmp6));
	icmp6.icmp6_type = ICMP6_DST_UNREACH;
	icmp6.icmp6_code = code;
	inc.inc6_faddr = mtod(m, struct ip6_hdr *)->ip6_src;
	m_freem(m);
	if (in6_pcbladdr(&inc.inc6_faddr, &inc.inc6_laddr) == 0 &&
	    (n = m_devget(&icmp6, sizeof(icmp6))) != NULL)
		(void)ip6_send(n, &inc.inc6_laddr, &inc.inc6_faddr,
		    IPPROTO_ICMPV6, &mtod(n, struct icmp6_hdr *)->icmp6_cksum,
		    NULL);
}

void
icmp6_input(struct mbuf *m, int off)
{

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct icmp6_hdr), );
	icmp6stat.icp6s_in++;
	nd6log(("icmp6_input: type %d\n", m->m_data[off]));
	m_freem(m);
}
