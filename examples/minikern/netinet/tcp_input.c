/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input of TCP segments.  There are no windows, no options and no losses
 * here: a segment that is not the next one is answered with an ACK.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

struct	tcpstat tcpstat;

static int blackhole = 0;
static int tcp_delack_enabled = 1;
static int drop_synfin = 0;
static int tcp_log_in_vain = 0;

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_STRUCT(_net_inet_tcp, OID_AUTO, stats, CTLFLAG_RW,
    &tcpstat , tcpstat, "TCP statistics (struct tcpstat, netinet/tcp_var.h)");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, log_in_vain, CTLFLAG_RW,
    &tcp_log_in_vain, 0, "Log all incoming TCP segments to closed ports");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, blackhole, CTLFLAG_RW, &blackhole, 0, "");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, delayed_ack, CTLFLAG_RW,
    &tcp_delack_enabled, 0, "");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, drop_synfin, CTLFLAG_RW,
    &drop_synfin, 0, "Drop TCP packets with SYN+FIN set");

/* Is a segment one that may wait for a companion before it is ACKed? */
#define	DELAY_ACK(tp)	(tcp_delack_enabled && !(tp)->t_delack)

#ifdef INET6
void
tcp6_input(struct mbuf *m, int off)
{

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct tcphdr), );
	KASSERT(tcbinfo.ipi_listhead == &tcb6, ("one list for both"));
	tcp_input(m, off);
}
#endif

/* Somebody wants to connect to the listener inp. */
static struct tcpcb *
tcp_dolisten(inp, inc, irs)
	struct inpcb *inp;
	struct in_conninfo *inc;
	u_int32_t irs;
{
	struct tcpcb *tp;

	inp->inp_accept = tcp_attach(inc->inc_isipv6);
	inp->inp_accept->inp_inc = *inc;
	tp = intotcpcb(inp->inp_accept);
	tp->t_state = TCPS_SYN_RECEIVED;
	tp->rcv_nxt = irs + 1;
	tp->snd_nxt = tcp_new_isn();
	tp->t_maxseg = tcp_mss(tp
#ifdef INET6
	    , inc->inc_isipv6
#endif
	    );
	return (tp);
}

void
tcp_input(m, off)
	struct mbuf *m;
	int off;
{
	struct tcphdr *th = (struct tcphdr *)(mtod(m, caddr_t) + off);
	struct in_conninfo inc;
	struct inpcb *inp;
	struct tcpcb *tp;
	int thflags, len;

	tcpstat.tcps_rcvtotal++;
	len = m->m_len - off - (int)sizeof(*th);
	if (len < 0 || !in_pcbinput(&inc, m, off, IPPROTO_TCP)) {
		tcpstat.tcps_rcvbad++;
		m_freem(m);
		return;
	}
	thflags = th->th_flags;

	INP_INFO_LOCK(&tcbinfo);
	if (drop_synfin && (thflags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN))
		goto drop;
	inp = in_pcblookup(&tcbinfo, &inc);
	if (inp == NULL) {
		if (tcp_log_in_vain)
			printf("TCP: port %d closed\n", ntohs(inc.inc_lport));
		/*
		 * When blackholing do not respond with a RST but completely
		 * ignore the segment and drop it.
		 */
		if ((blackhole == 1 && (thflags & TH_SYN)) || blackhole == 2)
			goto blackhole;
		goto dropwithreset;
	}
	tp = intotcpcb(inp);
	tp->t_idleat = ticks;

	switch (tp->t_state) {
	case TCPS_LISTEN:
		if ((thflags & (TH_RST | TH_ACK | TH_SYN)) == TH_SYN)
			(void)tcp_output(tcp_dolisten(inp, &inc,
			    ntohl(th->th_seq)), TH_SYN | TH_ACK, NULL);
		goto drop;
	case TCPS_SYN_SENT:
		tp->rcv_nxt = ntohl(th->th_seq) + 1;
		if (thflags & TH_RST) {
			tp->t_state = TCPS_CLOSED;
			goto drop;
		}
		tp->t_state = TCPS_ESTABLISHED;
		(void)tcp_output(tp, TH_ACK, NULL);
		goto drop;
	default:
		break;
	}

	if (ntohl(th->th_seq) != tp->rcv_nxt) {
		(void)tcp_output(tp, TH_ACK, NULL);
		goto drop;
	}
	if (thflags & TH_RST) {
		tp->blackhole = 1;
		tp->t_state = TCPS_CLOSED;
		goto drop;
	}
	if (tp->t_state == TCPS_SYN_RECEIVED) {
		tp->t_state = TCPS_ESTABLISHED;
		tcpstat.tcps_accepts++;
		callout_reset(&tp->tt_keep, tcp_keepidle, tcp_timer_keep, tp);
	}
	if (len > 0) {
		tp->rcv_nxt += len;
		tcpstat.tcps_rcvbyte += len;
		if (DELAY_ACK(tp))
			tp->t_delack = 1;
		else
			(void)tcp_output(tp, TH_ACK, NULL);
		m_adj(m, off + sizeof(*th));
		IF_ENQUEUE(&inp->inp_rcv, m);
		m = NULL;
	}
	if (thflags & TH_FIN) {
		tp->rcv_nxt++;
		if (tp->t_state == TCPS_FIN_WAIT)
			(void)tcp_close(tp);
		else
			tp->t_state = TCPS_CLOSE_WAIT;
	}
drop:
blackhole:
	INP_INFO_UNLOCK(&tcbinfo);
	m_freem(m);
	return;

dropwithreset:
	/* Never answer a RST with a RST. */
	if (!(thflags & TH_RST))
		(void)tcp_respond(&inc, ntohl(th->th_ack), ntohl(th->th_seq) +
		    len, TH_RST | TH_ACK, NULL);
	goto drop;
}

/*
 * The size of the segments that we send: the default, unless the host cache
 * remembers a path that can do better.
 */
int
#ifdef INET6
tcp_mss(struct tcpcb *tp, int isipv6)
#else
tcp_mss(struct tcpcb *tp)
#endif
{
	u_int mtu, mss;

	mss =
#ifdef INET6
	    isipv6 ? tcp_v6mssdflt :
#endif
	    tcp_mssdflt;
	mtu = tcp_hc_getmtu(&tp->t_inpcb->inp_inc);
	return (mtu > mss + 60 ? mtu - 60 : mss);
}
