/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Raw access to ICMP. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>

static MALLOC_DEFINE(M_RIPCB, "ripcb", "raw IP sockets");

struct ripcb {
	struct ifqueue	 rip_rcv;	/* Must be the first. */
	LIST_ENTRY(ripcb) ripcb;	/* The list of all of them. */
};

static LIST_HEAD(, ripcb) ripcb;

/* Every listener gets a copy, ip header and all. */
void
rip_input(m, off)
	struct mbuf *m;
	int off;
{
	struct ripcb *rp;
	struct mbuf *n;

	LIST_FOREACH(rp, &ripcb, ripcb)
		if (!IF_QFULL(&rp->rip_rcv) &&
		    (n = m_devget(m->m_data, m->m_len)) != NULL)
			IF_ENQUEUE(&rp->rip_rcv, n);
	m_freem(m);
}

struct ifqueue *
rip_attach(void)
{
	struct ripcb *rp;

	rp = malloc(sizeof(*rp), M_RIPCB, M_WAITOK | M_ZERO);
	rp->rip_rcv.ifq_maxlen = 64;
	LIST_INSERT_HEAD(&ripcb, rp, ripcb);
	return (&rp->rip_rcv);
}

void
rip_detach(ifq)
	void *ifq;
{
	struct ripcb *ripcb = ifq;

	ifq_drain(ifq);
	LIST_REMOVE(ripcb, ripcb);
	free(ripcb, M_RIPCB);
}

/* What is sent has an icmp header, and gets its checksum here. */
int
rip_send(struct in_addr dst, const void *buf, int len)
{
	struct in_conninfo inc;
	struct mbuf *m;
	int error;

	bzero(&inc, sizeof(inc));
	inc.inc_faddr = dst;
	error = in_pcbladdr(dst, &inc.inc_laddr);
	if (error == 0 && (m = m_devget(buf, len)) != NULL)
		error = in_pcboutput(&inc, m, IPPROTO_ICMP,
		    &mtod(m, struct icmp *)->icmp_cksum);
	return (error);
}

void
rip_destroy()
{

	KASSERT(LIST_EMPTY(&ripcb), ("raw sockets left"));
}
