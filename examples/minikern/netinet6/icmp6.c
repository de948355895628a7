/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The Internet Control Message Protocol of IPv6.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet6/icmp6.h>
#include <netinet6/in6_var.h>
#include <netinet6/ip6.h>
#include <netinet6/nd6.h>

struct ratelimit {
	u_long	rl_last;		/* The second it is about. */
	int	rl_count;
};

struct icmp6stat icmp6stat;
static struct ratelimit icmp6errpps = { 0, 0 };
static int	icmp6_errppslim = 100;
static int	icmp6_nodeinfo = 3;

SYSCTL_DECL(_net_inet6_icmp6);
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, errppslimit, CTLFLAG_RW,
	&icmp6_errppslim,	0, "");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nodeinfo, CTLFLAG_RW,
	&icmp6_nodeinfo,	0, "");

void
icmp6_init(void)
{

	icmp6errpps.rl_last = time_uptime;
}

static int
icmp6_ratelimit(void)
{

	if (icmp6errpps.rl_last != time_uptime) {
		icmp6errpps.rl_last = time_uptime;
		icmp6errpps.rl_count = 0;
	}
	return (icmp6errpps.rl_count++ >= icmp6_errppslim);
}

/*
 * Send a message of len bytes of data.
 */
void
icmp6_output(type, code, data32, data, len, src, dst, ifp)
	int type, code, len;
	u_int data32;
	const void *data;
	struct in6_addr *src, *dst;
	struct ifnet *ifp;
{
	struct in6_addr laddr;
	struct icmp6_hdr *icmp6;
	struct ip6_hdr *ip6;
	struct mbuf *m;

	if (src == NULL) {
		if (in6_pcbladdr(dst, &laddr) != 0)
			return;
		src = &laddr;
	}
	if ((m = m_devget(data, len)) == NULL ||
	    (m = m_prepend(m, sizeof(*ip6) + sizeof(*icmp6))) == NULL)
		return;
	ip6 = mtod(m, struct ip6_hdr *);
	icmp6 = (struct icmp6_hdr *)(ip6 + 1);
	icmp6->icmp6_type = type;
	icmp6->icmp6_code = code;
	icmp6->icmp6_data32 = data32;
	icmp6->icmp6_cksum = 0;
	len += sizeof(*icmp6);
	icmp6->icmp6_cksum = in_cksum(m, sizeof(*ip6), len, in_pseudo(src,
	    dst, sizeof(*src), len, IPPROTO_ICMPV6));
	ip6->ip6_nxt = IPPROTO_ICMPV6;
	ip6->ip6_hlim = ip6_defhlim;
	ip6->ip6_src = *src;
	ip6->ip6_dst = *dst;
	icmp6stat.icp6s_out++;
	(void)ip6_output(m, ifp);
}

/*
 * Generate an error packet of type type in response to bad IP6 packet m.
 */
void
icmp6_error(m, type, code)
	struct mbuf *m;
	int type, code;
{
	struct ip6_hdr *ip6 = mtod(m, struct ip6_hdr *);

	icmp6stat.icp6s_error++;
	if (ip6->ip6_nxt == IPPROTO_ICMPV6) {
		icmp6stat.icp6s_canterror++;
		goto freeit;
	}
	if (icmp6_ratelimit()) {
		icmp6stat.icp6s_toofreq++;
		goto freeit;
	}
	icmp6_output(type, code, 0, ip6, sizeof(*ip6), NULL, &ip6->ip6_src,
	    NULL);
freeit:
	m_freem(m);
}

void
icmp6_input(m, off)
	struct mbuf *m;
	int off;
{
	struct icmp6_hdr *icmp6;
	struct ip6_hdr *ip6;
	char buf[256];
	int len;

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct icmp6_hdr), );
	ip6 = mtod(m, struct ip6_hdr *);
	icmp6 = (struct icmp6_hdr *)(mtod(m, caddr_t) + off);
	len = m->m_pkthdr.len - off;
	icmp6stat.icp6s_in++;
	if (in_cksum(m, off, len, in_pseudo(&ip6->ip6_src, &ip6->ip6_dst,
	    sizeof(ip6->ip6_src), len, IPPROTO_ICMPV6)) != 0) {
		icmp6stat.icp6s_checksum++;
		goto freeit;
	}
	len = MIN(len - (int)sizeof(*icmp6), (int)sizeof(buf));
	m_copydata(m, off + sizeof(*icmp6), len, buf);
	switch (icmp6->icmp6_type) {
	case ICMP6_ECHO_REQUEST:
		icmp6stat.icp6s_reflect++;
		icmp6_output(ICMP6_ECHO_REPLY, 0, icmp6->icmp6_data32, buf,
		    len, &ip6->ip6_dst, &ip6->ip6_src, NULL);
		break;
	case ICMP6_WRUREQUEST:
		/* Bit 0 of icmp6_nodeinfo: may we tell our hostname? */
		if (!(icmp6_nodeinfo & 1))
			break;
		icmp6stat.icp6s_nodeinfo++;
		len = strlcpy(buf, hostname, sizeof(buf));
		icmp6_output(ICMP6_WRUREPLY, 0, icmp6->icmp6_data32, buf,
		    len, &ip6->ip6_dst, &ip6->ip6_src, NULL);
		break;
	case ND_NEIGHBOR_ADVERT:
		nd6_na_input(&ip6->ip6_src, m->m_pkthdr.rcvif);
		break;
	case ICMP6_DST_UNREACH:
	case ICMP6_TIME_EXCEEDED:
	case ICMP6_ECHO_REPLY:
	case ICMP6_WRUREPLY:
		nd6log(("icmp6_input: type %d\n", icmp6->icmp6_type));
		break;
	default:
		icmp6stat.icp6s_badtype++;
		break;
	}
freeit:
	m_freem(m);
}
