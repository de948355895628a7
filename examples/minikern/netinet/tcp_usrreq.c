/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * TCP: what a socket asks for.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/in6_var.h>
#endif

static int
tcp_usr_attach(struct socket *so, int proto)
{
	int error;

	error = in_pcballoc(so, &tcbinfo);
	if (error)
		return (error);
	(void)tcp_newtcpcb(sotoinpcb(so));
	KASSERT(!LIST_EMPTY(&tcb), ("tcp_usr_attach: not on the list"));
	return (0);
}

static void
tcp_usr_detach(struct socket *so)
{
	struct inpcb *inp;
	struct tcpcb *tp;

	INP_INFO_LOCK(&tcbinfo);
	if ((inp = sotoinpcb(so)) == NULL)
		goto out;
	tp = intotcpcb(inp);
	switch (tp->t_state) {
	case TCPS_ESTABLISHED:
		tp->t_state = TCPS_FIN_WAIT_1;
		(void)tcp_output(tp, TH_FIN | TH_ACK, NULL);
		break;
	case TCPS_CLOSE_WAIT:
		tp->t_state = TCPS_LAST_ACK;
		(void)tcp_output(tp, TH_FIN | TH_ACK, NULL);
		break;
	case TCPS_TIME_WAIT:
		break;
	default:
		(void)tcp_close(tp);
		goto out;
	}
	inp->inp_socket = NULL;
	so->so_pcb = NULL;
out:
	INP_INFO_UNLOCK(&tcbinfo);
}

static int
tcp_usr_bind(struct socket *so, struct sockaddr *nam)
{
	int error;

	INP_INFO_LOCK(&tcbinfo);
	error = in_pcbbind(sotoinpcb(so), nam);
	INP_INFO_UNLOCK(&tcbinfo);
	return (error);
}

static int
tcp_usr_listen(struct socket *so)
{
	struct tcpcb *tp = sototcpcb(so);
	int error = 0;

	INP_INFO_LOCK(&tcbinfo);
	if (tp->t_inpcb->inp_lport == 0)
		error = in_pcbbind(tp->t_inpcb, NULL);
	if (error == 0)
		tp->t_state = TCPS_LISTEN;
	INP_INFO_UNLOCK(&tcbinfo);
	return (error);
}

static int
tcp_usr_connect(struct socket *so, struct sockaddr *nam)
{
	struct inpcb *inp = sotoinpcb(so);
	struct tcpcb *tp = intotcpcb(inp);
	int error;

	INP_INFO_LOCK(&tcbinfo);
	error = in_pcbconnect(inp, nam);
	if (error)
		goto out;
	tcpstat.tcps_connattempt++;
	tp->t_state = TCPS_SYN_SENT;
	tp->iss = tp->snd_una = tp->snd_nxt = tcp_new_isn(tp);
	tp->t_maxseg = tcp_mss(tp, 0
#ifdef INET6
	    , inp->inp_isipv6
#endif
	    );
	error = tcp_output(tp, TH_SYN, NULL);
out:
	INP_INFO_UNLOCK(&tcbinfo);
	return (error);
}

static int
tcp_usr_send(struct socket *so, struct mbuf *m, struct sockaddr *nam)
{
	struct tcpcb *tp;
	struct mbuf *n;
	int error = 0, off, len;

	INP_INFO_LOCK(&tcbinfo);
	if (so->so_pcb == NULL ||
	    (tp = sototcpcb(so))->t_state < TCPS_ESTABLISHED)
		error = ENOTCONN;
	for (off = 0; error == 0 && off < m->m_pkthdr.len; off += len) {
		len = MIN((int)tp->t_maxseg, m->m_pkthdr.len - off);
		if ((n = m_copym(m, off, len)) == NULL)
			error = ENOBUFS;
		else
			error = tcp_output(tp, TH_ACK | TH_PUSH, n);
	}
	INP_INFO_UNLOCK(&tcbinfo);
	m_freem(m);
	return (error);
}

static int
tcp_usr_control(struct socket *so, u_long cmd, caddr_t data, struct ifnet *ifp)
{

#ifdef INET6
	if (so->so_proto->pr_domain->dom_family == AF_INET6)
		return (in6_control(so, cmd, data, ifp));
#endif
	return (in_control(so, cmd, data, ifp));
}

#if 0
/*
 * Once there are windows: half of what is free, for all connections.
 */
static int
tcp_usr_space(struct socket *so)
{
	struct inpcb *inp;
	int space = 0;

	LIST_FOREACH(inp, &tcb, inp_list)
		space += tcp_mssdflt;
	tcpstat.tcps_closed += 0;
	return (space / 2);
}
#endif

struct pr_usrreqs tcp_usrreqs = {
	.pru_attach =	tcp_usr_attach,
	.pru_detach =	tcp_usr_detach,
	.pru_bind =	tcp_usr_bind,
	.pru_listen =	tcp_usr_listen,
	.pru_connect =	tcp_usr_connect,
	.pru_send =	tcp_usr_send,
	.pru_control =	tcp_usr_control,
};
