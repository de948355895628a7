/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET6_ND6_H_
#define	_NETINET6_ND6_H_

#include <sys/callout.h>
#include <sys/queue.h>

/*
 * A neighbour.  They are in a ring, of which the variable of the same name is
 * the head.
 */
struct llinfo_nd6 {
	struct llinfo_nd6 *ln_next;
	struct llinfo_nd6 *ln_prev;
	struct ifnet	*ln_ifp;
	struct in6_addr	 ln_addr;
	struct mbuf	*ln_hold;	/* Sent when it answers. */
	int		 ln_asked;	/* Solicitations unanswered. */
	int		 ln_state;
	struct callout	 ln_timer_ch;
};

#define	ND6_LLINFO_INCOMPLETE	0
#define	ND6_LLINFO_REACHABLE	1

/*
 * A prefix that is on the link.
 */
struct nd_prefix {
	LIST_ENTRY(nd_prefix) ndpr_entry;
	struct ifnet	*ndpr_ifp;
	struct in6_addr	 ndpr_addr;
	int		 ndpr_plen;
	u_long		 ndpr_expire;	/* In seconds of uptime; 0: never. */
};

LIST_HEAD(nd_prhead, nd_prefix);

extern int nd6_delay;
extern int nd6_mmaxtries;
extern int nd6_debug;
extern struct llinfo_nd6 llinfo_nd6;
extern struct nd_prhead nd_prefix;

#define	nd6log(x)	do { if (nd6_debug) printf x; } while (/*CONSTCOND*/ 0)

void	nd6_init(void);
void	nd6_destroy(void);
int	nd6_output(struct ifnet *, struct mbuf *, struct sockaddr_in6 *,
	    struct rtentry *);
void	nd6_na_input(struct in6_addr *, struct ifnet *);
void	nd6_purge(struct ifnet *);
void	nd6_prelist_add(struct ifnet *, struct in6_addr *, int);

#endif /* !_NETINET6_ND6_H_ */
