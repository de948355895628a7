/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* TCP: start-up, control blocks, output, the timer, what a process asks for. */

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
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

static MALLOC_DEFINE(M_TCPCB, "tcpcb", "TCP control block");

struct inpcbhead tcb;	/* head of queue of active tcpcb's */
struct inpcbinfo tcbinfo;
int	tcp_mssdflt = TCP_MSS;
#ifdef INET6
int	tcp_v6mssdflt = TCP6_MSS;
#endif
static int	tcp_do_sack = 1;
int	tcp_keepidle = TCPTV_KEEP_IDLE;		/* all stacks alike */

TUNABLE_INT("net.inet.tcp.sack.enable", &tcp_do_sack);

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_NODE(_net_inet_tcp, OID_AUTO, sack, CTLFLAG_RW, NULL, "TCP SACK");
SYSCTL_INT(_net_inet_tcp_sack, OID_AUTO, enable, CTLFLAG_RW,
    &tcp_do_sack, 0, "Enable/Disable TCP SACK support");
SYSCTL_INT(_net_inet_tcp, OID_AUTO, keepidle, CTLFLAG_RW, &tcp_keepidle, 0, "");
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

/* Initial sequence numbers: a secret, an offset that grows with time. */
static u_char isn_secret[32];
static int	isn_last_reseed;
static u_int32_t isn_offset;

void
tcp_init()
{

	in_pcbinfo_init(&tcbinfo, &tcb);
	isn_last_reseed = 0;
	tcp_hc_init();
}

void
tcp_destroy()
{

	INP_INFO_LOCK(&tcbinfo);
	while (!LIST_EMPTY(&tcb))
		(void)tcp_close(intotcpcb(LIST_FIRST(&tcb)));
	INP_INFO_UNLOCK(&tcbinfo);
	tcp_hc_destroy();
}

u_int32_t
tcp_new_isn()
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
	return (x + isn_offset);
}

void
tcp_slowtimo()
{

	isn_offset += 1024 * hz / 2;
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
	struct rtentry *rt = NULL;

	INP_INFO_LOCK_ASSERT(&tcbinfo);
#ifdef INET6
	if (inp->inp_isipv6)
		rt = rtalloc1(AF_INET6, &inp->in6p_faddr, 0);
	else
#endif
	rt = rtalloc1(AF_INET, &inp->inp_faddr, 0);
	if (rt != NULL) {
		if (tp->t_state >= TCPS_ESTABLISHED && !tp->blackhole)
			tcp_hc_updatemtu(&inp->inp_inc, rt->rt_ifp->if_mtu);
		RTFREE(rt);
	}
	callout_drain(&tp->tt_keep);
	tcpstat.tcps_closed++;
	free(tp, M_TCPCB);
	in_pcbdetach(inp);
	return (NULL);
}

/* Send one segment of a connection. */
int
tcp_output(struct tcpcb *tp, int flags, struct mbuf *m)
{
	u_int32_t seq = tp->snd_nxt;

	INP_INFO_LOCK_ASSERT(&tcbinfo);
	tp->snd_nxt += (m != NULL ? m->m_len : 0) +
	    ((flags & (TH_SYN | TH_FIN)) != 0);
	tp->t_delack = 0;
	return (tcp_respond(&tp->t_inpcb->inp_inc, seq, tp->rcv_nxt, flags, m));
}

/* Send a segment, with or without a connection. */
int
tcp_respond(struct in_conninfo *inc, u_int32_t seq, u_int32_t ack, int flags,
    struct mbuf *m)
{
	struct tcphdr *th;

	tcpstat.tcps_sndtotal++;
	if (m == NULL && (m = m_gethdr(M_NOWAIT)) == NULL)
		return (ENOBUFS);
	m_prepend(m, sizeof(*th));
	th = mtod(m, struct tcphdr *);
	bzero(th, sizeof(*th));
	th->th_sport = inc->inc_lport;
	th->th_dport = inc->inc_fport;
	th->th_seq = htonl(seq);
	th->th_ack = htonl(ack);
	th->th_off = (sizeof(*th) >> 2) << 4;
	th->th_flags = flags;
	return (in_pcboutput(inc, m, IPPROTO_TCP, &th->th_sum));
}

void
tcp_timer_keep(xtp)
	void *xtp;
{
	struct tcpcb *tp = xtp;
	int idle = ticks - tp->t_idleat;

	INP_INFO_LOCK(&tcbinfo);
	if (callout_pending(&tp->tt_keep)) {
		INP_INFO_UNLOCK(&tcbinfo);
		return;
	}
	if (tp->t_state < TCPS_ESTABLISHED || idle >= 8 * tcp_keepidle)
		goto dropit;
	if (idle >= tcp_keepidle) {
		/* One byte before what it waits for: it has to answer. */
		tcpstat.tcps_keepprobe++;
		(void)tcp_respond(&tp->t_inpcb->inp_inc, tp->snd_nxt - 1,
		    tp->rcv_nxt, TH_ACK, NULL);
	}
	callout_reset(&tp->tt_keep, tcp_keepidle, tcp_timer_keep, tp);
	INP_INFO_UNLOCK(&tcbinfo);
	return;

dropit:
	tp = tcp_close(tp);
	INP_INFO_UNLOCK(&tcbinfo);
}

struct inpcb *
tcp_attach(int isipv6)
{
	struct inpcb *inp = in_pcballoc(&tcbinfo, isipv6);
	struct tcpcb *tp;

	KASSERT(!LIST_EMPTY(&tcb), ("tcp_attach: not on the list"));
	tp = inp->inp_ppcb = malloc(sizeof(*tp), M_TCPCB, M_WAITOK | M_ZERO);
	tp->t_inpcb = inp;
	tp->t_maxseg =
#ifdef INET6
		inp->inp_isipv6 ? tcp_v6mssdflt :
#endif /* INET6 */
		tcp_mssdflt;
	return (inp);
}

void
tcp_detach(struct inpcb *inp)
{
	struct tcpcb *tp = intotcpcb(inp);

	INP_INFO_LOCK(&tcbinfo);
	if (tp->t_state >= TCPS_ESTABLISHED)
		(void)tcp_output(tp, TH_FIN | TH_ACK, NULL);
	if (tp->t_state == TCPS_ESTABLISHED)
		tp->t_state = TCPS_FIN_WAIT;
	else
		(void)tcp_close(tp);
	INP_INFO_UNLOCK(&tcbinfo);
}

int
tcp_listen(struct inpcb *inp, int lport)
{

	intotcpcb(inp)->t_state = TCPS_LISTEN;
	return (in_pcbbind(inp, lport));
}

int
tcp_connect(struct inpcb *inp, const void *faddr, int fport)
{
	struct tcpcb *tp = intotcpcb(inp);
	int error;

	INP_INFO_LOCK(&tcbinfo);
	error = in_pcbconnect(inp, faddr, fport);
	if (error == 0) {
		tcpstat.tcps_connattempt++;
		tp->t_state = TCPS_SYN_SENT;
		tp->snd_nxt = tcp_new_isn();
		tp->t_maxseg = tcp_mss(tp
#ifdef INET6
		    , inp->inp_isipv6
#endif
		    );
		error = tcp_output(tp, TH_SYN, NULL);
	}
	INP_INFO_UNLOCK(&tcbinfo);
	return (error);
}

int
tcp_send(struct inpcb *inp, const char *buf, int len)
{
	struct tcpcb *tp = intotcpcb(inp);
	struct mbuf *m;
	int error = 0, n;

	INP_INFO_LOCK(&tcbinfo);
	if (tp->t_state < TCPS_ESTABLISHED)
		error = ENOTCONN;
	for (; error == 0 && len > 0; buf += n, len -= n) {
		n = MIN((int)tp->t_maxseg, len);
		m = m_devget(buf, n);
		error = m == NULL ? ENOBUFS : tcp_output(tp, TH_ACK, m);
	}
	INP_INFO_UNLOCK(&tcbinfo);
	return (error);
}

#if 0
/* Once there are windows: half of what is free, for all connections. */
static int
tcp_space(void)
{
	struct inpcb *inp;
	int space = 0;

	LIST_FOREACH(inp, &tcb, inp_list)
		space += tcp_mssdflt;
	return (space / 2);
}
#endif
