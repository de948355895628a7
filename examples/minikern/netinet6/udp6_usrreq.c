/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * UDP over IPv6.  The pcbs are on UDP's one list.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/udp_var.h>
#include <netinet6/icmp6.h>
#include <netinet6/in6_var.h>
#include <netinet6/ip6.h>

extern int udp_blackhole;

void
udp6_input(struct mbuf *m, int off)
{
	struct ip6_hdr *ip6;
	struct udphdr *uh;
	struct inpcb *inp;
	struct sockaddr_in6 from;
	int len;

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct udphdr), );
	udpstat.udps_ipackets++;
	ip6 = mtod(m, struct ip6_hdr *);
	uh = (struct udphdr *)(mtod(m, caddr_t) + off);
	len = m->m_pkthdr.len - off;
	if (in_cksum(m, off, len, in_pseudo(&ip6->ip6_src, &ip6->ip6_dst,
	    sizeof(ip6->ip6_src), len, IPPROTO_UDP)) != 0) {
		udpstat.udps_badsum++;
		m_freem(m);
		return;
	}
	INP_INFO_LOCK(&udbinfo);
	inp = in6_pcblookup_hash(&udbinfo, &ip6->ip6_src, uh->uh_sport,
	    &ip6->ip6_dst, uh->uh_dport, 1);
	if (inp == NULL) {
		udpstat.udps_noport++;
		INP_INFO_UNLOCK(&udbinfo);
		if (udp_blackhole)
			m_freem(m);
		else
			icmp6_error(m, ICMP6_DST_UNREACH,
			    ICMP6_DST_UNREACH_NOPORT);
		return;
	}
	in6_sockaddr(&from, &ip6->ip6_src, uh->uh_sport);
	m_adj(m, off + sizeof(*uh));
	if (IF_QFULL(&inp->inp_socket->so_rcv))
		udpstat.udps_fullsock++;
	sbappend(inp->inp_socket, m, (struct sockaddr *)&from);
	INP_INFO_UNLOCK(&udbinfo);
}

static int
udp6_output(struct inpcb *inp, struct mbuf *m, struct sockaddr_in6 *nam)
{
	struct in6_addr laddr = inp->in6p_laddr, faddr = inp->in6p_faddr;
	u_int fport = inp->inp_fport;
	struct ip6_hdr *ip6;
	struct udphdr *uh;
	int error = 0, len;

	INP_INFO_LOCK_ASSERT(&udbinfo);
	if (nam != NULL) {
		faddr = nam->sin6_addr;
		fport = nam->sin6_port;
	}
	if (fport == 0)
		error = ENOTCONN;
	else if (IN6_IS_ADDR_UNSPECIFIED(&laddr))
		error = in6_pcbladdr(&faddr, &laddr);
	if (error == 0 && inp->inp_lport == 0)
		error = in_pcbbind(inp, NULL);
	if (error) {
		m_freem(m);
		return (error);
	}
	len = m->m_pkthdr.len + sizeof(*uh);
	if ((m = m_prepend(m, sizeof(*ip6) + sizeof(*uh))) == NULL)
		return (ENOBUFS);
	ip6 = mtod(m, struct ip6_hdr *);
	uh = (struct udphdr *)(ip6 + 1);
	uh->uh_sport = inp->inp_lport;
	uh->uh_dport = fport;
	uh->uh_ulen = htons(len);
	uh->uh_sum = 0;
	uh->uh_sum = in_cksum(m, sizeof(*ip6), len, in_pseudo(&laddr, &faddr,
	    sizeof(laddr), len, IPPROTO_UDP));
	ip6->ip6_nxt = IPPROTO_UDP;
	ip6->ip6_hlim = ip6_defhlim;
	ip6->ip6_src = laddr;
	ip6->ip6_dst = faddr;
	udpstat.udps_opackets++;
	return (ip6_output(m, NULL));
}

static int
udp6_send(struct socket *so, struct mbuf *m, struct sockaddr *nam)
{
	int error;

	INP_INFO_LOCK(&udbinfo);
	error = udp6_output(sotoinpcb(so), m, satosin6(nam));
	INP_INFO_UNLOCK(&udbinfo);
	return (error);
}

struct pr_usrreqs udp6_usrreqs = {
	.pru_attach =	udp_attach,
	.pru_detach =	udp_detach,
	.pru_bind =	udp_bind,
	.pru_connect =	udp_connect,
	.pru_send =	udp6_send,
	.pru_control =	in6_control,
};
