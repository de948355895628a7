/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NET_IF_VAR_H_
#define	_NET_IF_VAR_H_

#include <sys/queue.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>

struct rtentry;

TAILQ_HEAD(ifnethead, ifnet);		/* The tag of the variable's elements */
TAILQ_HEAD(ifaddrhead, ifaddr);		/* is the variable's own name. */

struct ifnet {
	TAILQ_ENTRY(ifnet) if_link;
	char		 if_xname[IFNAMSIZ];
	void		*if_softc;
	int		 if_index;
	int		 if_flags;
	int		 if_mtu;
	int		 if_timer;	/* Seconds until the watchdog barks. */
	struct ifaddrhead if_addrhead;
	int		(*if_output)(struct ifnet *, struct mbuf *,
			    struct sockaddr *, struct rtentry *);
	void		(*if_watchdog)(struct ifnet *);
	u_long		 if_ipackets;
	u_long		 if_opackets;
	u_long		 if_oerrors;
};

/*
 * An address of an interface.  The protocols' own kinds begin with this.
 */
struct ifaddr {
	TAILQ_ENTRY(ifaddr) ifa_link;
	struct ifnet	*ifa_ifp;
	struct sockaddr	*ifa_addr;
	int		 ifa_plen;
};

typedef void (*ifnet_event_handler_t)(void *, struct ifnet *);
EVENTHANDLER_DECLARE(ifnet_departure_event, ifnet_event_handler_t);

extern struct ifnethead ifnet;
extern struct ifnet *loif;		/* The loopback interface. */
extern int if_index;
extern int ifqmaxlen;

#define	IFNET_FOREACH(ifp)	TAILQ_FOREACH(ifp, &ifnet, if_link)
#define	IF_IS_LO(ifp)		((ifp) == loif)

void	if_attach(struct ifnet *, const char *, int);
void	if_detach(struct ifnet *);
struct ifnet *ifunit(const char *);
struct ifnet *ifnet_byindex(int);
int	if_simloop(struct ifnet *, struct mbuf *, int);

#endif /* !_NET_IF_VAR_H_ */
