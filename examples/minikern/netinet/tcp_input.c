/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Input of TCP segments.  There are no windows, no options and no losses
 * here: a segment that is not the next one is answered with an ACK.
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
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

struct	tcpstat tcpstat;

static int blackhole = 0;
int	tcp_delack_enabled = 1;
static int drop_synfin = 0;
static int tcp_log_in_vain = 0;

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_STRUCT(_net_inet_tcp, OID_AUTO, stats, CTLFLAG_RW,
    &tcpstat , tcpstat, "TCP statistics (struct tcpstat, netinet/tcp_var.h)");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, log_in_vain, CTLFLAG_RW,
    &tcp_log_in_vain, 0, "Log all incoming TCP segments to closed ports");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, blackhole, CTLFLAG_RW,
	&blackhole, 0, "Do not send RST on segments to closed ports");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, delayed_ack, CTLFLAG_RW,
    &tcp_delack_enabled, 0,
    "Delay ACK to try and piggyback it onto a data packet");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, drop_synfin, CTLFLAG_RW,
    &drop_synfin, 0, "Drop TCP packets with SYN+FIN set");

/* Is a segment one that may wait for a companion before it is ACKed? */
#define	DELAY_ACK(tp)							\
	(tcp_delack_enabled && (tp)->t_state == TCPS_ESTABLISHED &&	\
	    !callout_active(&(tp)->tt_delack))

static struct tcpcb *tcp_dolisten __P((struct inpcb *, struct in_conninfo *,
			    u_int32_t));

#ifdef INET6
void
tcp6_input(m, off)
	struct mbuf *m;
	int off;
{

	IP6_EXTHDR_CHECK(m, off, (int)sizeof(struct tcphdr), );
	tcp_input(m, off);
}
#endif

/*
 * Somebody wants to connect to the listener inp.
 */
static struct tcpcb *
tcp_dolisten(inp, inc, irs)
	struct inpcb *inp;
	struct in_conninfo *inc;
	u_int32_t irs;
{
	struct socket *so;
	struct tcpcb *tp;

	if ((so = sonewconn(inp->inp_socket)) == NULL)
		return (NULL);
	tp = sototcpcb(so);
	tp->t_inpcb->inp_inc = *inc;
	in_pcbinshash(tp->t_inpcb);
	tp->t_state = TCPS_SYN_RECEIVED;
	tp->irs = irs;
	tp->rcv_nxt = irs + 1;
	tp->iss = tp->snd_una = tp->snd_nxt = tcp_new_isn(tp);
	tp->t_maxseg = tcp_mss(tp, 0
#ifdef INET6
	    , inc->inc_isipv6
#endif
	    );
	return (tp);
}

void
tcp_input(m, off0)
	struct mbuf *m;
	int off0;
{
	struct tcphdr *th;
	struct ip *ip = NULL;
	struct in_conninfo inc;
	struct inpcb *inp;
	struct tcpcb *tp = NULL;
	struct socket *so = NULL;
	int thflags, len, rstreason = 0, needack = 0;
	u_int32_t sum;
#ifdef INET6
	struct ip6_hdr *ip6 = NULL;
	int isipv6;

	isipv6 = mtod(m, struct ip *)->ip_vhl >> 4 == 6;
#endif

	tcpstat.tcps_rcvtotal++;
	if ((m = m_pullup(m, off0 + sizeof(*th))) == NULL)
		return;
	th = (struct tcphdr *)(mtod(m, caddr_t) + off0);
	len = m->m_pkthdr.len - off0;
	bzero(&inc, sizeof(inc));
	inc.inc_fport = th->th_sport;
	inc.inc_lport = th->th_dport;
#ifdef INET6
	if (isipv6) {
		ip6 = mtod(m, struct ip6_hdr *);
		inc.inc_isipv6 = 1;
		inc.inc6_faddr = ip6->ip6_src;
		inc.inc6_laddr = ip6->ip6_dst;
		sum = in_pseudo(&ip6->ip6_src, &ip6->ip6_dst,
		    sizeof(struct in6_addr), len, IPPROTO_TCP);
	} else {
#else
	{
#endif
		ip = mtod(m, struct ip *);
		inc.inc_faddr = ip->ip_src;
		inc.inc_laddr = ip->ip_dst;
		sum = in_pseudo(&ip->ip_src, &ip->ip_dst,
		    sizeof(struct in_addr), len, IPPROTO_TCP);
	}
	if (in_cksum(m, off0, len, sum) != 0) {
		tcpstat.tcps_rcvbadsum++;
		m_freem(m);
		return;
	}
	thflags = th->th_flags;
	if (drop_synfin &&
	    (thflags & (TH_SYN | TH_FIN)) == (TH_SYN | TH_FIN)) {
		m_freem(m);
		return;
	}
	len -= sizeof(*th);

	INP_INFO_LOCK(&tcbinfo);
#ifdef INET6
	if (isipv6)
		inp = in6_pcblookup_hash(&tcbinfo, &inc.inc6_faddr,
		    inc.inc_fport, &inc.inc6_laddr, inc.inc_lport, 1);
	else
#endif
	inp = in_pcblookup_hash(&tcbinfo, inc.inc_faddr, inc.inc_fport,
	    inc.inc_laddr, inc.inc_lport, 1);
	if (inp == NULL) {
		if (tcp_log_in_vain)
			printf("TCP: port %d is closed\n",
			    ntohs(inc.inc_lport));
		/*
		 * When blackholing do not respond with a RST but completely
		 * ignore the segment and drop it.
		 */
		if ((blackhole == 1 && (thflags & TH_SYN)) || blackhole == 2)
			goto blackhole;
		goto dropwithreset;
	}
	tp = intotcpcb(inp);
	so = inp->inp_socket;
	tp->t_idleat = ticks;

	if (tp->t_state == TCPS_LISTEN) {
		if (thflags & TH_RST)
			goto drop;
		if ((thflags & (TH_ACK | TH_SYN)) != TH_SYN) {
			tcpstat.tcps_badsyn++;
			tp = NULL;
			goto dropwithreset;
		}
		if ((tp = tcp_dolisten(inp, &inc, ntohl(th->th_seq))) == NULL)
			goto drop;
		(void)tcp_output(tp, TH_SYN | TH_ACK, NULL);
		goto drop;
	}

	if (tp->t_state == TCPS_SYN_SENT) {
		if (!(thflags & TH_ACK) || ntohl(th->th_ack) != tp->snd_nxt) {
			rstreason = 1;
			goto dropwithreset;
		}
		if (thflags & TH_RST) {
			if (so != NULL)
				so->so_error = ECONNREFUSED;
			tcpstat.tcps_drops++;
			tp = tcp_close(tp);
			goto drop;
		}
		if (!(thflags & TH_SYN))
			goto drop;
		tp->irs = ntohl(th->th_seq);
		tp->rcv_nxt = tp->irs + 1;
		tp->snd_una = ntohl(th->th_ack);
		tp->t_state = TCPS_ESTABLISHED;
		if (so != NULL)
			so->so_state |= SS_ISCONNECTED;
		tcpstat.tcps_connects++;
		(void)tcp_output(tp, TH_ACK, NULL);
		goto drop;
	}

	/*
	 * A reset is for the next byte, or it is a forgery.
	 */
	if (ntohl(th->th_seq) != tp->rcv_nxt) {
		tcpstat.tcps_rcvduppack++;
		if (!(thflags & TH_RST))
			(void)tcp_output(tp, TH_ACK, NULL);
		goto drop;
	}
	if (thflags & TH_RST) {
		if (so != NULL)
			so->so_error = ECONNRESET;
		tcpstat.tcps_drops++;
		tp->blackhole = 1;
		tp = tcp_close(tp);
		goto drop;
	}

	if (thflags & TH_ACK && SEQ_LT(tp->snd_una, ntohl(th->th_ack)))
		tp->snd_una = ntohl(th->th_ack);
	if (tp->snd_una == tp->snd_nxt)
		switch (tp->t_state) {
		case TCPS_SYN_RECEIVED:
			tp->t_state = TCPS_ESTABLISHED;
			if (so != NULL)
				so->so_state |= SS_ISCONNECTED;
			tcpstat.tcps_accepts++;
			callout_reset(&tp->tt_keep, tcp_keepidle,
			    tcp_timer_keep, tp);
			break;
		case TCPS_FIN_WAIT_1:
			tp->t_state = TCPS_FIN_WAIT_2;
			break;
		case TCPS_LAST_ACK:
			tp = tcp_close(tp);
			goto drop;
		default:
			break;
		}

	if (len > 0) {
		tp->rcv_nxt += len;
		tcpstat.tcps_rcvbyte += len;
		if (DELAY_ACK(tp) && !(thflags & TH_FIN))
			callout_reset(&tp->tt_delack, hz / 10,
			    tcp_timer_delack, tp);
		else
			needack = 1;
		m_adj(m, off0 + sizeof(*th));
		if (so != NULL) {
			sbappend(so, m, NULL);
			m = NULL;
		}
	}
	if (thflags & TH_FIN) {
		tp->rcv_nxt++;
		needack = 1;
		if (so != NULL)
			so->so_state |= SS_CANTRCVMORE;
		if (tp->t_state == TCPS_ESTABLISHED)
			tp->t_state = TCPS_CLOSE_WAIT;
		else {
			tp->t_state = TCPS_TIME_WAIT;
			callout_reset(&tp->tt_2msl, 2 * TCPTV_MSL,
			    tcp_timer_2msl, tp);
		}
	}
	if (needack)
		(void)tcp_output(tp, TH_ACK, NULL);
drop:
blackhole:
	INP_INFO_UNLOCK(&tcbinfo);
	m_freem(m);
	return;

dropwithreset:
	/* Never answer a RST with a RST. */
	if (thflags & TH_RST || rstreason)
		goto drop;
	if (thflags & TH_ACK)
		(void)tcp_respond(&inc, ntohl(th->th_ack), 0, TH_RST, NULL);
	else
		(void)tcp_respond(&inc, 0, ntohl(th->th_seq) + len +
		    ((thflags & TH_SYN) != 0), TH_RST | TH_ACK, NULL);
	goto drop;
}

/*
 * The size of the segments that we send: the default, unless the host cache
 * remembers a path that can do better, and never more than was offered.
 */
int
#ifdef INET6
tcp_mss(struct tcpcb *tp, u_int offer, int isipv6)
#else
tcp_mss(struct tcpcb *tp, u_int offer)
#endif
{
	struct inpcb *inp = tp->t_inpcb;
	u_long mtu;
	u_int mss;

	mss =
#ifdef INET6
	    isipv6 ? tcp_v6mssdflt :
#endif
	    tcp_mssdflt;
	mtu = tcp_hc_getmtu(&inp->inp_inc);
	if (mtu > mss + 60)
		mss = mtu - 60;
	if (offer != 0 && offer < mss)
		mss = offer;
	return (mss);
}
