/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Protocol control blocks, and the packets that belong to them. */

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
#ifdef INET6
#include <netinet6/ip6.h>
#endif

static MALLOC_DEFINE(M_PCB, "pcb", "protocol control block");

static int	ipport_firstauto = IPPORT_HIFIRSTAUTO;	/* 49152 */
static int	ipport_lastauto = IPPORT_HILASTAUTO;	/* 65535 */

#define	RANGECHK(var, min, max)						\
	if ((var) < (min)) { (var) = (min); }				\
	else if ((var) > (max)) { (var) = (max); }

static int
sysctl_net_ipport_check(SYSCTL_HANDLER_ARGS)
{
	int error;

	error = sysctl_handle_int(oidp, oidp->oid_arg1, oidp->oid_arg2, req);
	if (error == 0) {
		RANGECHK(ipport_firstauto, IPPORT_RESERVED, 65535);
		RANGECHK(ipport_lastauto, IPPORT_RESERVED, 65535);
	}
	return (error);
}

#undef RANGECHK

SYSCTL_DECL(_net_inet_ip);
SYSCTL_NODE(_net_inet_ip, OID_AUTO, portrange, CTLFLAG_RW, NULL, "IP Ports");

SYSCTL_PROC(_net_inet_ip_portrange, OID_AUTO, first, CTLTYPE_INT|CTLFLAG_RW,
	   &ipport_firstauto, 0, &sysctl_net_ipport_check, "I", "");
SYSCTL_PROC(_net_inet_ip_portrange, OID_AUTO, last, CTLTYPE_INT|CTLFLAG_RW,
	   &ipport_lastauto, 0, &sysctl_net_ipport_check, "I", "");

void
in_pcbinfo_init(struct inpcbinfo *pcbinfo, struct inpcbhead *listhead)
{

	bzero(pcbinfo, sizeof(*pcbinfo));
	LIST_INIT(listhead);
	pcbinfo->ipi_listhead = listhead;
}

struct inpcb *
in_pcballoc(struct inpcbinfo *pcbinfo, int isipv6)
{
	struct inpcb *inp;

	inp = malloc(sizeof(*inp), M_PCB, M_WAITOK | M_ZERO);
	inp->inp_pcbinfo = pcbinfo;
	inp->inp_isipv6 = isipv6;
	inp->inp_rcv.ifq_maxlen = 64;
	LIST_INSERT_HEAD(pcbinfo->ipi_listhead, inp, inp_list);
	pcbinfo->ipi_count++;
	return (inp);
}

void
in_pcbdetach(inp)
	struct inpcb *inp;
{

	INP_INFO_LOCK_ASSERT(inp->inp_pcbinfo);
	LIST_REMOVE(inp, inp_list);
	inp->inp_pcbinfo->ipi_count--;
	ifq_drain(&inp->inp_rcv);
	free(inp, M_PCB);
}

int
in_pcbbind(inp, lport)
	struct inpcb *inp;
	int lport;
{
	struct inpcbinfo *pcbinfo = inp->inp_pcbinfo;
	struct inpcb *t;

	if (lport == 0) {
		lport = ++pcbinfo->ipi_lastport;
		if (lport < ipport_firstauto || lport > ipport_lastauto)
			lport = pcbinfo->ipi_lastport = ipport_firstauto;
	}
	inp->inp_lport = htons(lport);
	LIST_FOREACH(t, pcbinfo->ipi_listhead, inp_list)
		if (t != inp && t->inp_lport == inp->inp_lport &&
		    t->inp_isipv6 == inp->inp_isipv6)
			return (EADDRINUSE);
	return (0);
}

/* The address to use as our own towards faddr. */
int
in_pcbladdr(struct in_addr faddr, struct in_addr *laddr)
{
	struct in_ifaddr *ia;
	struct rtentry *rt;

	if (TAILQ_EMPTY(&in_ifaddrhead))
		return (EADDRNOTAVAIL);
	if ((rt = rtalloc1(AF_INET, &faddr, 1)) == NULL)
		return (ENETUNREACH);
	IFP_TO_IA(rt->rt_ifp, ia);
	*laddr = (rt->rt_flags & RTF_LOCAL) ? faddr : ia->ia_addr;
	RTFREE(rt);
	return (0);
}

int
in_pcbconnect(inp, faddr, fport)
	struct inpcb *inp;
	const void *faddr;
	int fport;
{
	int error;

	inp->inp_fport = htons(fport);
#ifdef INET6
	if (inp->inp_isipv6) {
		inp->in6p_faddr = *(const struct in6_addr *)faddr;
		error = in6_pcbladdr(&inp->in6p_faddr, &inp->in6p_laddr);
	} else
#endif
	{
		inp->inp_faddr = *(const struct in_addr *)faddr;
		error = in_pcbladdr(inp->inp_faddr, &inp->inp_laddr);
	}
	if (error == 0 && inp->inp_lport == 0)
		error = in_pcbbind(inp, 0);
	return (error);
}

/* The pcb of a connection, or else that of a listener. */
struct inpcb *
in_pcblookup(pcbinfo, inc)
	struct inpcbinfo *pcbinfo;
	struct in_conninfo *inc;
{
	struct inpcb *inp, *wild = NULL;

	INP_INFO_LOCK_ASSERT(pcbinfo);
	LIST_FOREACH(inp, pcbinfo->ipi_listhead, inp_list) {
		if (bcmp(&inp->inp_inc, inc, sizeof(*inc)) == 0)
			return (inp);
		if (inp->inp_isipv6 == inc->inc_isipv6 &&
		    inp->inp_lport == inc->inc_lport && inp->inp_fport == 0)
			wild = inp;
	}
	return (wild);
}

/*
 * Who sent a packet, and to whom.  Its protocol's header is at off, and begins
 * with the ports.  Returns whether the checksum is right.
 */
int
in_pcbinput(struct in_conninfo *inc, struct mbuf *m, int off, int proto)
{
	struct ip *ip = mtod(m, struct ip *);
	u_int16_t *ports = (u_int16_t *)(m->m_data + off);
	u_int32_t sum;

	bzero(inc, sizeof(*inc));
	inc->inc_fport = ports[0];
	inc->inc_lport = ports[1];
#ifdef INET6
	if (ip->ip_vhl >> 4 == 6) {
		struct ip6_hdr *ip6 = mtod(m, struct ip6_hdr *);

		inc->inc_isipv6 = 1;
		inc->inc6_faddr = ip6->ip6_src;
		inc->inc6_laddr = ip6->ip6_dst;
		sum = in_pseudo(&ip6->ip6_src, &ip6->ip6_dst, 16, proto);
	} else {
#else
	{
#endif
		inc->inc_faddr = ip->ip_src;
		inc->inc_laddr = ip->ip_dst;
		sum = in_pseudo(&ip->ip_src, &ip->ip_dst, 4, proto);
	}
	return (in_cksum(m, off, sum + m->m_len - off) == 0);
}

/* Put the last touches to a packet, its checksum among them, and send it. */
int
in_pcboutput(struct in_conninfo *inc, struct mbuf *m, int proto,
    u_int16_t *sump)
{
	struct ip *ip;

#ifdef INET6
	if (inc->inc_isipv6)
		return (ip6_send(m, &inc->inc6_laddr, &inc->inc6_faddr, proto,
		    sump, NULL));
#endif
	*sump = in_cksum(m, 0, in_pseudo(&inc->inc_laddr, &inc->inc_faddr, 4,
	    proto) + m->m_len);
	m_prepend(m, sizeof(struct ip));
	ip = mtod(m, struct ip *);
	ip->ip_tos = ip_dscp(proto == IPPROTO_TCP);
	ip->ip_ttl = ip_defttl;
	ip->ip_p = proto;
	ip->ip_src = inc->inc_laddr;
	ip->ip_dst = inc->inc_faddr;
	return (ip_output(m, 0));
}
