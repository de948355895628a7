/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/mbuf.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

static struct netisr {
	netisr_t	*ni_handler;
	struct ifqueue	 ni_queue;
} netisrs[NETISR_MAX];			/* The machine's. */

static int	isr_drops;

SYSCTL_INT(_net, OID_AUTO, isr_drops, CTLFLAG_RD, &isr_drops, 0, "Queue full");

/* NETISR_STR(ip) is "ip"; NETISR_WHO(ifnet, m) is ifnet_who(m). */
#define	NETISR_STR(x)		#x
#define	NETISR_WHO(x, m)	x ## _who(m)

static const char *
ifnet_who(struct mbuf *m)
{

	return (m->m_rcvif == NULL ? "?" : NETISR_STR(ifnet));
}

/* With no handler: take no more, and forget what waits. */
void
netisr_register(int num, netisr_t *handler)
{

	netisrs[num].ni_handler = handler;
	netisrs[num].ni_queue.ifq_maxlen = handler != NULL ? 64 : 0;
	if (handler == NULL)
		ifq_drain(&netisrs[num].ni_queue);
}

int
netisr_queue(int num, struct mbuf *m)
{
	struct ifqueue *ifq = &netisrs[num].ni_queue;

	if (IF_QFULL(ifq)) {
		printf("isr %d: %s drops\n", num, NETISR_WHO(ifnet, m));
		isr_drops++;
		m_freem(m);
		return (ENOBUFS);
	}
	IF_ENQUEUE(ifq, m);
	return (0);
}

static void
netisr_run(struct mbuf *m, netisr_t *handler)
{

	(*handler)(m);
}

/*
 * Hand all packets that wait to their protocols, and those that come of that.
 */
void
swi_net(void)
{
	struct netisr *ni;
	struct mbuf *m;

	for (ni = netisrs; ni < &netisrs[NETISR_MAX]; ) {
		IF_DEQUEUE(&ni->ni_queue, m);
		if (m == NULL) {
			ni++;
			continue;
		}
		netisr_run(m, ni->ni_handler);
		ni = netisrs;
	}
}
