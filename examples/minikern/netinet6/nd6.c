/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Neighbours: who they are, and whether they answer.
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
#include <netinet6/icmp6.h>
#include <netinet6/in6_var.h>
#include <netinet6/ip6.h>
#include <netinet6/nd6.h>

#define	ND6_SLOWTIMER_INTERVAL	(60 * 60)	/* 1 hour */
#define	ND6_PREFIX_LIFETIME	7200

static MALLOC_DEFINE(M_IP6NDP, "ip6ndp", "IPv6 Neighbor Discovery");

/* timer values */
static int	nd6_prune = 1;	/* walk list every 1 seconds */
int	nd6_delay = 5;		/* delay first probe time 5 second */
int	nd6_mmaxtries = 3;	/* maximum multicast query */
static int	nd6_inuse, nd6_allocated;

#ifdef ND6_DEBUG
int	nd6_debug = 1;
#else
int	nd6_debug = 0;
#endif

struct llinfo_nd6 llinfo_nd6 = {&llinfo_nd6, &llinfo_nd6};
struct nd_prhead nd_prefix = { 0 };
static struct llinfo_nd6 *nd6_hint = &llinfo_nd6;	/* Found last. */

static struct callout nd6_timer_ch, nd6_slowtimo_ch;

static void	nd6_llinfo_timer(void *);
static void	nd6_slowtimo(void *);
static void	nd6_timer(void *);

SYSCTL_DECL(_net_inet6_icmp6);
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_prune, CTLFLAG_RW,
    &nd6_prune,		0, "");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_delay, CTLFLAG_RW,
	&nd6_delay,	0, "");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_mmaxtries, CTLFLAG_RW,
   &nd6_mmaxtries, 0, "Solicitations that are not answered, at most");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_debug, CTLFLAG_RW,
	&nd6_debug,		0, "");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_inuse, CTLFLAG_RD, &nd6_inuse, 0,
	"");

void
nd6_init(void)
{

	LIST_INIT(&nd_prefix);
	/* start timers */
	callout_init(&nd6_timer_ch, 0);
	callout_init(&nd6_slowtimo_ch, 0);
	callout_reset(&nd6_timer_ch, hz, nd6_timer, NULL);
	callout_reset(&nd6_slowtimo_ch, ND6_SLOWTIMER_INTERVAL * hz,
	    nd6_slowtimo, NULL);
}

static void
nd6_free(struct llinfo_nd6 *ln)
{

	if (nd6_hint == ln)
		nd6_hint = &llinfo_nd6;
	callout_drain(&ln->ln_timer_ch);
	ln->ln_next->ln_prev = ln->ln_prev;
	ln->ln_prev->ln_next = ln->ln_next;
	m_freem(ln->ln_hold);
	free(ln, M_IP6NDP);
	nd6_inuse--;
}

/*
 * An interface goes: forget who is behind it.
 */
void
nd6_purge(struct ifnet *ifp)
{
	struct llinfo_nd6 *ln, *nln;
	struct nd_prefix *pr, *npr;

	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = nln) {
		nln = ln->ln_next;
		if (ln->ln_ifp == ifp)
			nd6_free(ln);
	}
	LIST_FOREACH_SAFE(pr, &nd_prefix, ndpr_entry, npr)
		if (pr->ndpr_ifp == ifp) {
			LIST_REMOVE(pr, ndpr_entry);
			free(pr, M_IP6NDP);
		}
}

void
nd6_destroy(void)
{

	KASSERT(llinfo_nd6.ln_next == &llinfo_nd6, ("neighbours left"));
	KASSERT(LIST_EMPTY(&nd_prefix), ("prefixes left"));
	callout_drain(&nd6_timer_ch);
	callout_drain(&nd6_slowtimo_ch);
}

void
nd6_prelist_add(struct ifnet *ifp, struct in6_addr *addr, int plen)
{
	struct nd_prefix *pr;

	pr = malloc(sizeof(*pr), M_IP6NDP, M_WAITOK | M_ZERO);
	pr->ndpr_ifp = ifp;
	pr->ndpr_addr = *addr;
	pr->ndpr_plen = plen;
	if (!IN6_IS_ADDR_LINKLOCAL(addr))
		pr->ndpr_expire = time_uptime + ND6_PREFIX_LIFETIME;
	LIST_INSERT_HEAD(&nd_prefix, pr, ndpr_entry);
}

/*
 * Every nd6_prune seconds: prefixes whose time is over.
 */
static void
nd6_timer(void *ignored_arg)
{
	struct nd_prefix *pr, *npr;

	callout_reset(&nd6_timer_ch, nd6_prune * hz, nd6_timer, NULL);
	LIST_FOREACH_SAFE(pr, &nd_prefix, ndpr_entry, npr)
		if (pr->ndpr_expire != 0 && pr->ndpr_expire <= time_uptime) {
			nd6log(("nd6_timer: prefix/%d expires\n",
			    pr->ndpr_plen));
			LIST_REMOVE(pr, ndpr_entry);
			free(pr, M_IP6NDP);
		}
}

/*
 * Once an hour: count anew, in case a count went wrong.
 */
static void
nd6_slowtimo(void *ignored_arg)
{
	struct llinfo_nd6 *ln;

	callout_reset(&nd6_slowtimo_ch, ND6_SLOWTIMER_INTERVAL * hz,
	    nd6_slowtimo, NULL);
	nd6_inuse = 0;
	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = ln->ln_next)
		nd6_inuse++;
}

static struct llinfo_nd6 *
nd6_lookup(addr6, create, ifp)
	struct in6_addr *addr6;
	int create;
	struct ifnet *ifp;
{
	struct llinfo_nd6 *ln = nd6_hint;

	if (ln != &llinfo_nd6 && ln->ln_ifp == ifp &&
	    IN6_ARE_ADDR_EQUAL(&ln->ln_addr, addr6))
		return (ln);
	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = ln->ln_next)
		if (ln->ln_ifp == ifp &&
		    IN6_ARE_ADDR_EQUAL(&ln->ln_addr, addr6))
			return (nd6_hint = ln);
	if (!create ||
	    (ln = malloc(sizeof(*ln), M_IP6NDP, M_NOWAIT | M_ZERO)) == NULL)
		return (NULL);
	nd6_inuse++;
	nd6_allocated++;
	callout_init(&ln->ln_timer_ch, 0);
	ln->ln_ifp = ifp;
	ln->ln_addr = *addr6;
	ln->ln_state = ND6_LLINFO_INCOMPLETE;
	ln->ln_next = llinfo_nd6.ln_next;
	llinfo_nd6.ln_next = ln;
	ln->ln_prev = &llinfo_nd6;
	ln->ln_next->ln_prev = ln;
	return (nd6_hint = ln);
}

static void
nd6_ns_output(struct llinfo_nd6 *ln)
{
	struct in6_addr *src;

	ln->ln_asked++;
	if ((src = in6_selectsrc(&ln->ln_addr, ln->ln_ifp)) == NULL)
		return;
	icmp6stat.icp6s_nsout++;
	icmp6_output(ND_NEIGHBOR_SOLICIT, 0, 0, &ln->ln_addr,
	    sizeof(ln->ln_addr), src, &ln->ln_addr, ln->ln_ifp);
}

/*
 * ND6 timer routine to handle an entry that has not answered.
 */
static void
nd6_llinfo_timer(arg)
	void *arg;
{
	struct llinfo_nd6 *ln = (struct llinfo_nd6 *)arg;
	struct mbuf *m;

	if (ln == NULL) {
		printf("%s: NULL entry!\n", __func__);
		return;
	}
	if (ln->ln_state != ND6_LLINFO_INCOMPLETE)
		goto done;
	if (ln->ln_asked < nd6_mmaxtries) {
		callout_reset(&ln->ln_timer_ch, hz, nd6_llinfo_timer, ln);
		nd6_ns_output(ln);
		return;
	}
	m = ln->ln_hold;
	ln->ln_hold = NULL;
	nd6log(("nd6_llinfo_timer: no answer\n"));
	nd6_free(ln);
	if (m != NULL)
		icmp6_error(m, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR);
	return;
done:
	ln->ln_asked = 0;
}

/*
 * A neighbour has answered.
 */
void
nd6_na_input(struct in6_addr *addr6, struct ifnet *ifp)
{
	struct llinfo_nd6 *ln;
	struct sockaddr_in6 dst;
	struct mbuf *m;

	if ((ln = nd6_lookup(addr6, 0, ifp)) == NULL)
		return;
	ln->ln_state = ND6_LLINFO_REACHABLE;
	m = ln->ln_hold;
	ln->ln_hold = NULL;
	in6_sockaddr(&dst, addr6, 0);
	if (m != NULL)
		(void)(*ifp->if_output)(ifp, m, (struct sockaddr *)&dst, NULL);
}

/*
 * Is the address on a link of ours?
 */
static int
nd6_onlink(addr6, ifp)
	struct in6_addr *addr6;
	struct ifnet *ifp;
{
	struct nd_prefix *pr;

	LIST_FOREACH(pr, &nd_prefix, ndpr_entry)
		if (pr->ndpr_ifp == ifp &&
		    bcmp(&pr->ndpr_addr, addr6, pr->ndpr_plen >> 3) == 0)
			return (1);
	return (0);
}

/*
 * Send a packet to a neighbour, as soon as it is known that there is one.
 */
int
nd6_output(ifp, m, dst, rt)
	struct ifnet *ifp;
	struct mbuf *m;
	struct sockaddr_in6 *dst;
	struct rtentry *rt;
{
	struct llinfo_nd6 *ln;

	if (ifp->if_flags & IFF_LOOPBACK || rt == NULL ||
	    !nd6_onlink(&dst->sin6_addr, ifp))
		goto sendpkt;
	if ((ln = nd6_lookup(&dst->sin6_addr, 1, ifp)) == NULL) {
		m_freem(m);
		return (ENOBUFS);
	}
	if (ln->ln_state == ND6_LLINFO_REACHABLE)
		goto sendpkt;
	m_freem(ln->ln_hold);
	ln->ln_hold = m;
	if (!callout_pending(&ln->ln_timer_ch)) {
		callout_reset(&ln->ln_timer_ch, hz, nd6_llinfo_timer, ln);
		nd6_ns_output(ln);
	}
	return (0);

sendpkt:
	return ((*ifp->if_output)(ifp, m, (struct sockaddr *)dst, rt));
}
