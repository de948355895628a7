/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Queues between the interfaces and the protocols.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/sysctl.h>

#include <net/netisr.h>

static struct netisr {
	netisr_t	*ni_handler;
	struct ifqueue	 ni_queue;
} netisrs[NETISR_MAX];

static struct isrstat {
	u_long	isrs_queued;
	u_long	isrs_drop;
} isrstat;

SYSCTL_NODE(_net, OID_AUTO, isr, CTLFLAG_RW, NULL, "Network queues");
SYSCTL_STRUCT(_net_isr, OID_AUTO, stats, CTLFLAG_RD, &isrstat, isrstat,
    "Queue statistics");

/* NETISR_STR(ip) is "ip"; NETISR_WHO(ifnet, m) is ifnet_who(m). */
#define	NETISR_STR(x)		#x
#define	NETISR_WHO(x, m)	x ## _who(m)

static const char *
ifnet_who(struct mbuf *m)
{

	return (m->m_pkthdr.rcvif == NULL ? "?" : NETISR_STR(ifnet));
}

void
netisr_register(int num, netisr_t *handler)
{

	KASSERT(num >= 0 && num < NETISR_MAX, ("bad isr %d", num));
	netisrs[num].ni_handler = handler;
	netisrs[num].ni_queue.ifq_maxlen = 64;
}

void
netisr_unregister(int num)
{

	netisrs[num].ni_handler = NULL;
	ifq_drain(&netisrs[num].ni_queue);
}

int
netisr_queue(int num, struct mbuf *m)
{
	struct netisr *ni = &netisrs[num];

	if (ni->ni_handler == NULL || IF_QFULL(&ni->ni_queue)) {
		if (ni->ni_handler != NULL)
			printf("isr %d: %s drops\n", num,
			    NETISR_WHO(ifnet, m));
		isrstat.isrs_drop++;
		m_freem(m);
		return (ENOBUFS);
	}
	isrstat.isrs_queued++;
	IF_ENQUEUE(&ni->ni_queue, m);
	return (0);
}

int
netisr_qlen(void)
{
	int i, n = 0;

	for (i = 0; i < NETISR_MAX; i++)
		n += netisrs[i].ni_queue.ifq_len;
	return (n);
}

/*
 * Hand all packets that wait to their protocols, and those that come of that.
 */
void
swi_net(void)
{
	static int running;		/* A handler may send. */
	struct mbuf *m;
	int i;

	if (running)
		return;
	running = 1;
	while (netisr_qlen() > 0)
		for (i = 0; i < NETISR_MAX; i++) {
			IF_DEQUEUE(&netisrs[i].ni_queue, m);
			if (m != NULL)
				(*netisrs[i].ni_handler)(m);
		}
	running = 0;
}
