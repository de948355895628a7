/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * TCP: start-up, control blocks, output, timers.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

#define	TCBHASHSIZE	32

static MALLOC_DEFINE(M_TCPCB, "tcpcb", "TCP control block");

struct inpcbhead tcb;	/* head of queue of active tcpcb's */
struct inpcbinfo tcbinfo;
int	tcp_mssdflt = TCP_MSS;
#ifdef INET6
int	tcp_v6mssdflt = TCP6_MSS;
#endif
static int	tcp_do_sack = 1;
static char	tcp_cc[8] = "reno";
static int	tcp_tcbhashsize = TCBHASHSIZE;	/* boot time */
int	tcp_keepidle = TCPTV_KEEP_IDLE;		/* all stacks alike */

TUNABLE_INT("net.inet.tcp.sack.enable", &tcp_do_sack);

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_NODE(_net_inet_tcp, OID_AUTO, sack, CTLFLAG_RW, NULL, "TCP SACK");
SYSCTL_INT(_net_inet_tcp_sack, OID_AUTO, enable, CTLFLAG_RW,
    &tcp_do_sack, 0, "Enable/Disable TCP SACK support");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, tcbhashsize, CTLFLAG_RD, &tcp_tcbhashsize,
    0, "Size of TCP control-block hashtable");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, keepidle, CTLFLAG_RW, &tcp_keepidle, 0,
    "Ticks until a silent peer is asked");
SYSCTL_STRING(_net_inet_tcp, OID_AUTO, cc, CTLFLAG_RW, &tcp_cc,
    sizeof(tcp_cc), "Congestion control");
SYSCTL_UINT(_net_inet_tcp, OID_AUTO, pcbcount, CTLFLAG_RD,
    &tcbinfo.ipi_count, 0, "Number of active PCBs");

/*
 * Neither a segment of nothing but headers nor one larger than any interface.
 */
static int
sysctl_net_inet_tcp_mss_check(SYSCTL_HANDLER_ARGS)
{
	int error, new;

	new = *(int *)oidp->oid_arg1;
	error = sysctl_handle_int(oidp, &new, 0, req);
	if (error == 0 && req->newptr) {
		if (new < 64 || new > 9000)
			error = EINVAL;
		else if (arg1 == &tcp_mssdflt)
			tcp_mssdflt = new;
#ifdef INET6
		else
			tcp_v6mssdflt = MAX(new, IPV6_MMTU - 60);
#endif
	}
	return (error);
}

SYSCTL_PROC(_net_inet_tcp, OID_AUTO, mssdflt, CTLTYPE_INT|CTLFLAG_RW,
	   &tcp_mssdflt, 0, &sysctl_net_inet_tcp_mss_check, "I",
	   "Default TCP Maximum Segment Size");
#ifdef INET6
SYSCTL_PROC(_net_inet_tcp, OID_AUTO, v6mssdflt, CTLTYPE_INT|CTLFLAG_RW,
	   &tcp_v6mssdflt, 0, &sysctl_net_inet_tcp_mss_check, "I",
	   "Default TCP Maximum Segment Size for IPv6");
#endif

/*
 * Initial sequence numbers: a secret, an offset that grows with time.
 */
#define	ISN_BYTES_PER_TICK	1024

static u_char isn_secret[32];
static int	isn_last_reseed;
static u_int32_t isn_offset, isn_offset_old;

void
tcp_init()
{
	int hashsize = tcp_tcbhashsize;

	TUNABLE_INT_FETCH("net.inet.tcp.tcbhashsize", &hashsize);
	in_pcbinfo_init(&tcbinfo, &tcb, hashsize);
	tcp_tcbhashsize = hashsize;
	isn_last_reseed = 0;
	tcp_hc_init();
}

void
tcp_destroy()
{
	struct inpcb *inp, *ninp;

	INP_INFO_LOCK(&tcbinfo);
	LIST_FOREACH_SAFE(inp, &tcb, inp_list, ninp) {
		KASSERT(inp->inp_socket == NULL, ("tcp sockets left"));
		(void)tcp_close(intotcpcb(inp));
	}
	INP_INFO_UNLOCK(&tcbinfo);
	in_pcbinfo_destroy(&tcbinfo);
	tcp_hc_destroy();
}

u_int32_t
tcp_new_isn(tp)
	struct tcpcb *tp;
{
	u_int32_t x;

	INP_INFO_LOCK_ASSERT(&tcbinfo);
	/* Seed if this is the first use, reseed if requested. */
	if (isn_last_reseed == 0 || ticks - isn_last_reseed > 300 * hz) {
		x = arc4random();
		bcopy(&x, isn_secret, sizeof(x));
		isn_last_reseed = MAX(ticks, 1);
	}
	bcopy(isn_secret, &x, sizeof(x));
	isn_offset += 2048 + (tp->t_inpcb->inp_fport & 0xff);
	return (x + isn_offset);
}

/*
 * Twice a second: the offset grows at least as fast as time.
 */
void
tcp_slowtimo()
{
	u_int32_t projected;

	projected = isn_offset_old + ISN_BYTES_PER_TICK * hz / 2;
	if (SEQ_LT(isn_offset, projected))
		isn_offset = projected;
	isn_offset_old = isn_offset;
}

struct tcpcb *
tcp_newtcpcb(inp)
	struct inpcb *inp;
{
	struct tcpcb *tp;

	tp = malloc(sizeof(*tp), M_TCPCB, M_WAITOK | M_ZERO);
	tp->t_inpcb = inp;
	tp->t_state = TCPS_CLOSED;
	tp->t_maxseg =
#ifdef INET6
		inp->inp_isipv6 ? tcp_v6mssdflt :
#endif /* INET6 */
		tcp_mssdflt;
	callout_init(&tp->tt_keep, 1);
	callout_init(&tp->tt_2msl, 1);
	callout_init(&tp->tt_delack, 1);
	inp->inp_ppcb = tp;
	return (tp);
}

/*
 * What the way to a peer can carry.
 */
u_long
tcp_maxmtu(inc)
	struct in_conninfo *inc;
{
	struct sockaddr_in sin;
	struct rtentry *rt;
	u_long mtu = 0;

#ifdef INET6
	if (inc->inc_isipv6)
		return (IPV6_MMTU);
#endif
	in_sockaddr(&sin, inc->inc_faddr, 0);
	if ((rt = rtalloc1((struct sockaddr *)&sin, 0)) != NULL) {
		mtu = rt->rt_ifp->if_mtu;
		RTFREE(rt);
	}
	return (mtu);
}

/*
 * Close a TCP control block: discard all space held by it, and remember what
 * it has learnt about the way to its peer.
 */
struct tcpcb *
tcp_close(tp)
	struct tcpcb *tp;
{
	struct inpcb *inp = tp->t_inpcb;

	INP_INFO_LOCK_ASSERT(&tcbinfo);
	if (tp->t_state >= TCPS_ESTABLISHED && !tp->blackhole)
		tcp_hc_updatemtu(&inp->inp_inc, tcp_maxmtu(&inp->inp_inc));
	callout_drain(&tp->tt_keep);
	callout_drain(&tp->tt_2msl);
	callout_drain(&tp->tt_delack);
	tcpstat.tcps_closed++;
	free(tp, M_TCPCB);
	in_pcbdetach(inp);
	return (NULL);
}

/*
 * Send one segment of a connection.
 */
int
tcp_output(tp, flags, m)
	struct tcpcb *tp;
	int flags;
	struct mbuf *m;
{
	u_int32_t seq = tp->snd_nxt;

	INP_INFO_LOCK_ASSERT(&tcbinfo);
	if (m != NULL) {
		tcpstat.tcps_sndbyte += m->m_pkthdr.len;
		tp->snd_nxt += m->m_pkthdr.len;
	}
	if (flags & (TH_SYN | TH_FIN))
		tp->snd_nxt++;
	if (flags & TH_ACK && callout_active(&tp->tt_delack))
		callout_stop(&tp->tt_delack);
	return (tcp_respond(&tp->t_inpcb->inp_inc, seq, tp->rcv_nxt, flags, m));
}

/*
 * Send a segment, with or without a connection.
 */
int
tcp_respond(inc, seq, ack, flags, m)
	struct in_conninfo *inc;
	u_int32_t seq, ack;
	int flags;
	struct mbuf *m;
{
	struct tcphdr *th;
	struct ip *ip;
	int hlen = sizeof(struct ip), len;
#ifdef INET6
	struct ip6_hdr *ip6;

	if (inc->inc_isipv6)
		hlen = sizeof(struct ip6_hdr);
#endif

	tcpstat.tcps_sndtotal++;
	if (m == NULL && (m = m_gethdr(M_NOWAIT)) == NULL)
		return (ENOBUFS);
	if ((m = m_prepend(m, hlen + sizeof(*th))) == NULL)
		return (ENOBUFS);
	len = m->m_pkthdr.len - hlen;
	th = (struct tcphdr *)(mtod(m, caddr_t) + hlen);
	bzero(th, sizeof(*th));
	th->th_sport = inc->inc_lport;
	th->th_dport = inc->inc_fport;
	th->th_seq = htonl(seq);
	th->th_ack = htonl(ack);
	th->th_off = (sizeof(*th) >> 2) << 4;
	th->th_flags = flags;
#ifdef INET6
	if (inc->inc_isipv6) {
		th->th_sum = in_cksum(m, hlen, len,
		    in_pseudo(&inc->inc6_laddr, &inc->inc6_faddr,
		    sizeof(struct in6_addr), len, IPPROTO_TCP));
		ip6 = mtod(m, struct ip6_hdr *);
		bzero(ip6, sizeof(*ip6));
		ip6->ip6_nxt = IPPROTO_TCP;
		ip6->ip6_hlim = ip6_defhlim;
		ip6->ip6_src = inc->inc6_laddr;
		ip6->ip6_dst = inc->inc6_faddr;
		return (ip6_output(m, NULL));
	}
#endif
	th->th_sum = in_cksum(m, hlen, len, in_pseudo(&inc->inc_laddr,
	    &inc->inc_faddr, sizeof(struct in_addr), len, IPPROTO_TCP));
	ip = mtod(m, struct ip *);
	ip->ip_tos = ip_dscp(1);
	ip->ip_ttl = ip_defttl;
	ip->ip_p = IPPROTO_TCP;
	ip->ip_src = inc->inc_laddr;
	ip->ip_dst = inc->inc_faddr;
	return (ip_output(m, 0, NULL));
}

/*
 * TCP timer processing.
 */
void
tcp_timer_delack(xtp)
	void *xtp;
{
	struct tcpcb *tp = xtp;

	INP_INFO_LOCK(&tcbinfo);
	if (callout_pending(&tp->tt_delack) ||
	    !callout_active(&tp->tt_delack)) {
		INP_INFO_UNLOCK(&tcbinfo);
		return;
	}
	callout_deactivate(&tp->tt_delack);
	tcpstat.tcps_delack++;
	(void)tcp_output(tp, TH_ACK, NULL);
	INP_INFO_UNLOCK(&tcbinfo);
}

void
tcp_timer_keep(xtp)
	void *xtp;
{
	struct tcpcb *tp = xtp;
	struct inpcb *inp;

	INP_INFO_LOCK(&tcbinfo);
	inp = tp->t_inpcb;
	if (inp == NULL || callout_pending(&tp->tt_keep)) {
		INP_INFO_UNLOCK(&tcbinfo);
		return;
	}
	callout_deactivate(&tp->tt_keep);
	if (tp->t_state < TCPS_ESTABLISHED)
		goto dropit;
	if (ticks - tp->t_idleat >= 8 * tcp_keepidle)
		goto dropit;
	if (tp->t_state > TCPS_CLOSE_WAIT) {
		INP_INFO_UNLOCK(&tcbinfo);
		return;
	}
	if (ticks - tp->t_idleat >= tcp_keepidle) {
		/* One byte before what it waits for: it has to answer. */
		tcpstat.tcps_keepprobe++;
		(void)tcp_respond(&inp->inp_inc, tp->snd_una - 1, tp->rcv_nxt,
		    TH_ACK, NULL);
	}
	callout_reset(&tp->tt_keep, tcp_keepidle, tcp_timer_keep, tp);
	INP_INFO_UNLOCK(&tcbinfo);
	return;

dropit:
	tcpstat.tcps_drops++;
	tp = tcp_close(tp);
	INP_INFO_UNLOCK(&tcbinfo);
}

void
tcp_timer_2msl(xtp)
	void *xtp;
{

	INP_INFO_LOCK(&tcbinfo);
	(void)tcp_close(xtp);
	INP_INFO_UNLOCK(&tcbinfo);
}
