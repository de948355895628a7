/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

struct inpcbhead udb;		/* from udp_var.h */
struct inpcbinfo udbinfo;
struct udpstat udpstat;		/* from udp_var.h */
int	udp_blackhole = 0;

SYSCTL_DECL(_net_inet_udp);
SYSCTL_INT(_net_inet_udp, OID_AUTO, blackhole, CTLFLAG_RW,
	&udp_blackhole, 0, "Do not send port unreachables for refused ones");
SYSCTL_STRUCT(_net_inet_udp, OID_AUTO, stats, CTLFLAG_RW,
    &udpstat, udpstat, "UDP statistics (struct udpstat, netinet/ip_var.h)");

void
udp_init()
{

	in_pcbinfo_init(&udbinfo, &udb);
}

void
udp_destroy()
{

	KASSERT(LIST_EMPTY(&udb), ("udp sockets left"));
}

void
udp_input(m, off)
	struct mbuf *m;
	int off;
{
	struct in_conninfo inc;
	struct inpcb *inp;

	udpstat.udps_ipackets++;
	if ((m = m_pullup(m, off + sizeof(struct udphdr))) == NULL)
		return;
	if (!in_pcbinput(&inc, m, off, IPPROTO_UDP)) {
		m_freem(m);
		return;
	}
	INP_INFO_LOCK(&udbinfo);
	inp = in_pcblookup(&udbinfo, &inc);
	INP_INFO_UNLOCK(&udbinfo);
	if (inp == NULL) {
		udpstat.udps_noport++;
#ifdef INET6
		if (inc.inc_isipv6)
			icmp6_error(m, ICMP6_DST_UNREACH_NOPORT);
		else
#endif
		if (udp_blackhole)
			m_freem(m);
		else
			icmp_error(m, ICMP_UNREACH, ICMP_UNREACH_PORT);
		return;
	}
	if (IF_QFULL(&inp->inp_rcv)) {
		udpstat.udps_fullsock++;
		m_freem(m);
		return;
	}
	m_adj(m, off + sizeof(struct udphdr));
	IF_ENQUEUE(&inp->inp_rcv, m);
}

struct inpcb *
udp_attach(int isipv6, int lport)
{
	struct inpcb *inp = in_pcballoc(&udbinfo, isipv6);

	(void)in_pcbbind(inp, lport);
	return (inp);
}

void
udp_detach(struct inpcb *inp)
{

	INP_INFO_LOCK(&udbinfo);
	in_pcbdetach(inp);
	INP_INFO_UNLOCK(&udbinfo);
}

int
udp_send(struct inpcb *inp, const void *faddr, int fport, const void *buf,
    int len)
{
	struct udphdr *uh;
	struct mbuf *m;
	int error;

	error = in_pcbconnect(inp, faddr, fport);
	if (error != 0 || (m = m_devget(buf, len)) == NULL)
		return (error);
	m_prepend(m, sizeof(*uh));
	uh = mtod(m, struct udphdr *);
	uh->uh_sport = inp->inp_lport;
	uh->uh_dport = inp->inp_fport;
	uh->uh_ulen = htons(m->m_len);
	uh->uh_sum = 0;
	udpstat.udps_opackets++;
	return (in_pcboutput(&inp->inp_inc, m, IPPROTO_UDP, &uh->uh_sum));
}
