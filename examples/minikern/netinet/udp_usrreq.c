/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The User Datagram Protocol.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>
#include <netinet/udp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

#define	UDBHASHSIZE	16

struct inpcbhead udb;		/* from udp_var.h */
struct inpcbinfo udbinfo;
struct udpstat udpstat;		/* from udp_var.h */
int	udp_blackhole = 0;

static int	udp_log_in_vain = 0;	/* The same for all stacks. */

SYSCTL_DECL(_net_inet_udp);
SYSCTL_INT(_net_inet_udp, OID_AUTO, log_in_vain, CTLFLAG_RW,
    &udp_log_in_vain, 0, "Log all incoming UDP packets");
SYSCTL_INT(_net_inet_udp, OID_AUTO, blackhole, CTLFLAG_RW,
	&udp_blackhole, 0, "Do not send port unreachables for refused ones");
SYSCTL_STRUCT(_net_inet_udp, OID_AUTO, stats, CTLFLAG_RW,
    &udpstat, udpstat, "UDP statistics (struct udpstat, netinet/udp_var.h)");

static int	udp_output __P((struct inpcb *, struct mbuf *,
		    struct sockaddr *));

void
udp_init()
{

	in_pcbinfo_init(&udbinfo, &udb, UDBHASHSIZE);
}

void
udp_destroy()
{

	KASSERT(LIST_EMPTY(&udb), ("udp sockets left"));
	in_pcbinfo_destroy(&udbinfo);
}

void
udp_input(m, off)
	struct mbuf *m;
	int off;
{
	struct ip *ip;
	struct udphdr *uh;
	struct inpcb *inp;
	struct sockaddr_in from;
	int len;

	udpstat.udps_ipackets++;
	if (m->m_pkthdr.len < off + (int)sizeof(*uh)) {
		udpstat.udps_hdrops++;
		m_freem(m);
		return;
	}
	if ((m = m_pullup(m, off + sizeof(*uh))) == NULL)
		return;
	ip = mtod(m, struct ip *);
	uh = (struct udphdr *)(mtod(m, caddr_t) + off);
	len = m->m_pkthdr.len - off;
	if (uh->uh_sum && in_cksum(m, off, len, in_pseudo(&ip->ip_src,
	    &ip->ip_dst, sizeof(ip->ip_src), len, IPPROTO_UDP)) != 0) {
		udpstat.udps_badsum++;
		m_freem(m);
		return;
	}

	INP_INFO_LOCK(&udbinfo);
	inp = in_pcblookup_hash(&udbinfo, ip->ip_src, uh->uh_sport,
	    ip->ip_dst, uh->uh_dport, 1);
	if (inp == NULL) {
		INP_INFO_UNLOCK(&udbinfo);
		if (udp_log_in_vain)
			printf("Connection attempt to UDP port %d\n",
			    ntohs(uh->uh_dport));
		udpstat.udps_noport++;
		if (udp_blackhole)
			m_freem(m);
		else
			icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_PORT);
		return;
	}
	in_sockaddr(&from, ip->ip_src, uh->uh_sport);
	m_adj(m, off + sizeof(*uh));
	if (IF_QFULL(&inp->inp_socket->so_rcv))
		udpstat.udps_fullsock++;
	sbappend(inp->inp_socket, m, (struct sockaddr *)&from);
	INP_INFO_UNLOCK(&udbinfo);
}

static int
udp_output(inp, m, nam)
	struct inpcb *inp;
	struct mbuf *m;
	struct sockaddr *nam;
{
	struct in_addr laddr = inp->inp_laddr, faddr = inp->inp_faddr;
	u_int fport = inp->inp_fport;
	struct udphdr *uh;
	struct ip *ip;
	int len, error;

	INP_INFO_LOCK_ASSERT(&udbinfo);
	if (nam != NULL) {
		faddr = satosin(nam)->sin_addr;
		fport = satosin(nam)->sin_port;
	}
	if (fport == 0)
		error = ENOTCONN;
	else if (laddr.s_addr == INADDR_ANY)
		error = in_pcbladdr(faddr, &laddr);
	else
		error = 0;
	if (error == 0 && inp->inp_lport == 0)
		error = in_pcbbind(inp, NULL);
	if (error) {
		m_freem(m);
		return (error);
	}
	len = m->m_pkthdr.len + sizeof(*uh);
	if ((m = m_prepend(m, sizeof(*ip) + sizeof(*uh))) == NULL)
		return (ENOBUFS);
	ip = mtod(m, struct ip *);
	uh = (struct udphdr *)(ip + 1);
	uh->uh_sport = inp->inp_lport;
	uh->uh_dport = fport;
	uh->uh_ulen = htons(len);
	uh->uh_sum = 0;
	uh->uh_sum = in_cksum(m, sizeof(*ip), len, in_pseudo(&laddr, &faddr,
	    sizeof(laddr), len, IPPROTO_UDP));
	ip->ip_tos = ip_dscp(0);
	ip->ip_ttl = ip_defttl;
	ip->ip_p = IPPROTO_UDP;
	ip->ip_src = laddr;
	ip->ip_dst = faddr;
	udpstat.udps_opackets++;
	return (ip_output(m, IP_ALLOWFRAG, inp));
}

int
udp_attach(so, proto)
	struct socket *so;
	int proto;
{

	return (in_pcballoc(so, &udbinfo));
}

void
udp_detach(so)
	struct socket *so;
{

	INP_INFO_LOCK(&udbinfo);
	in_pcbdetach(sotoinpcb(so));
	INP_INFO_UNLOCK(&udbinfo);
}

int
udp_bind(so, nam)
	struct socket *so;
	struct sockaddr *nam;
{
	int error;

	INP_INFO_LOCK(&udbinfo);
	error = in_pcbbind(sotoinpcb(so), nam);
	INP_INFO_UNLOCK(&udbinfo);
	return (error);
}

int
udp_connect(so, nam)
	struct socket *so;
	struct sockaddr *nam;
{
	int error;

	INP_INFO_LOCK(&udbinfo);
	error = in_pcbconnect(sotoinpcb(so), nam);
	INP_INFO_UNLOCK(&udbinfo);
	if (error == 0)
		so->so_state |= SS_ISCONNECTED;
	return (error);
}

static int
udp_send(so, m, nam)
	struct socket *so;
	struct mbuf *m;
	struct sockaddr *nam;
{
	int error;

	INP_INFO_LOCK(&udbinfo);
	error = udp_output(sotoinpcb(so), m, nam);
	INP_INFO_UNLOCK(&udbinfo);
	return (error);
}

struct pr_usrreqs udp_usrreqs = {
	.pru_attach =	udp_attach,
	.pru_detach =	udp_detach,
	.pru_bind =	udp_bind,
	.pru_connect =	udp_connect,
	.pru_send =	udp_send,
	.pru_control =	in_control,
};
