/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Raw access to ICMP.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>

static MALLOC_DEFINE(M_RIPCB, "ripcb", "raw IP sockets");

struct ripcb {
	LIST_ENTRY(ripcb) ripcb;	/* The list of all of them. */
	struct socket	*rip_socket;
	struct in_addr	 rip_faddr;	/* INADDR_ANY: from whomever. */
	int		 rip_proto;
};

static LIST_HEAD(, ripcb) ripcb;

/*
 * Every raw socket that listens to the protocol gets a copy, ip header and
 * all.
 */
void
rip_input(m, off)
	struct mbuf *m;
	int off;
{
	struct ip *ip = mtod(m, struct ip *);
	struct sockaddr_in from;
	struct ripcb *rp;
	struct mbuf *n;

	in_sockaddr(&from, ip->ip_src, 0);
	LIST_FOREACH(rp, &ripcb, ripcb) {
		if (rp->rip_proto != ip->ip_p ||
		    (rp->rip_faddr.s_addr != INADDR_ANY &&
		    rp->rip_faddr.s_addr != ip->ip_src.s_addr))
			continue;
		if ((n = m_copym(m, 0, m->m_pkthdr.len)) != NULL)
			sbappend(rp->rip_socket, n, (struct sockaddr *)&from);
	}
	m_freem(m);
}

static int
rip_attach(so, proto)
	struct socket *so;
	int proto;
{
	struct ripcb *rp;

	rp = malloc(sizeof(*rp), M_RIPCB, M_NOWAIT | M_ZERO);
	if (rp == NULL)
		return (ENOBUFS);
	rp->rip_socket = so;
	rp->rip_proto = proto;
	so->so_pcb = rp;
	LIST_INSERT_HEAD(&ripcb, rp, ripcb);
	return (0);
}

static void
rip_detach(so)
	struct socket *so;
{
	struct ripcb *ripcb = so->so_pcb;

	LIST_REMOVE(ripcb, ripcb);
	free(ripcb, M_RIPCB);
	so->so_pcb = NULL;
}

/*
 * What is sent has an icmp header, and gets its checksum here.
 */
static int
rip_send(so, m, nam)
	struct socket *so;
	struct mbuf *m;
	struct sockaddr *nam;
{
	struct ripcb *rp = so->so_pcb;
	struct in_addr laddr;
	struct icmp *icp;
	struct ip *ip;
	int error;

	if (m->m_pkthdr.len < ICMP_MINLEN) {
		m_freem(m);
		return (EINVAL);
	}
	laddr.s_addr = INADDR_ANY;
	error = in_pcbladdr(satosin(nam)->sin_addr, &laddr);
	if (error) {
		m_freem(m);
		return (error);
	}
	icp = mtod(m, struct icmp *);
	icp->icmp_cksum = 0;
	icp->icmp_cksum = in_cksum(m, 0, m->m_pkthdr.len, 0);
	if ((m = m_prepend(m, sizeof(struct ip))) == NULL)
		return (ENOBUFS);
	ip = mtod(m, struct ip *);
	ip->ip_tos = 0;
	ip->ip_ttl = ip_defttl;
	ip->ip_p = rp->rip_proto;
	ip->ip_src = laddr;
	ip->ip_dst = satosin(nam)->sin_addr;
	return (ip_output(m, IP_ALLOWFRAG, NULL));
}

#define	SIOCGSTATS	1		/* Queue the protocol's statistics. */

static int
rip_control(so, cmd, data, ifp)
	struct socket *so;
	u_long cmd;
	caddr_t data;
	struct ifnet *ifp;
{

	if (cmd == SIOCGSTATS)
		return (icmp_notify(so));
	return (in_control(so, cmd, data, ifp));
}

void
rip_destroy()
{

	KASSERT(LIST_EMPTY(&ripcb), ("raw sockets left"));
}

struct pr_usrreqs rip_usrreqs = {
	.pru_attach =	rip_attach,
	.pru_detach =	rip_detach,
	.pru_send =	rip_send,
	.pru_control =	rip_control,
};
