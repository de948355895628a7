/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NET_IF_VAR_H_
#define	_NET_IF_VAR_H_

#include <sys/queue.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>

#define	IFNAMSIZ	16
#define	IFF_LOOPBACK	0x8

TAILQ_HEAD(ifnethead, ifnet);		/* The elements' tag: its own name. */

struct ifnet {
	TAILQ_ENTRY(ifnet) if_link;
	char		 if_xname[IFNAMSIZ];
	void		*if_softc;
	int		 if_index;
	int		 if_flags;
	int		 if_mtu;
	int		 if_timer;	/* Seconds until the watchdog barks. */
	int		(*if_output)(struct ifnet *, struct mbuf *, int);
	void		(*if_watchdog)(struct ifnet *);
	u_long		 if_ipackets;
	u_long		 if_opackets;
};

/* An address of an interface.  The protocols' own kinds begin with this. */
struct ifaddr {
	struct ifnet	*ifa_ifp;
};

typedef void (*ifnet_event_handler_t)(void *, struct ifnet *);
EVENTHANDLER_DECLARE(ifnet_departure_event, ifnet_event_handler_t);

extern struct ifnethead ifnet;
extern struct ifnet *loif;		/* The loopback interface. */
extern int if_index;

#define	IFNET_FOREACH(ifp)	TAILQ_FOREACH(ifp, &ifnet, if_link)
#define	IF_IS_LO(ifp)		((ifp) == loif)

void	if_attach(struct ifnet *, const char *, int);
void	if_detach(struct ifnet *);
struct ifnet *ifunit(const char *);

/* Queues between the interfaces and the protocols. */
#define	NETISR_IP	0
#define	NETISR_IPV6	1
#define	NETISR_MAX	2

typedef void netisr_t(struct mbuf *);

void	netisr_register(int, netisr_t *);
int	netisr_queue(int, struct mbuf *);
void	swi_net(void);

#endif /* !_NET_IF_VAR_H_ */
