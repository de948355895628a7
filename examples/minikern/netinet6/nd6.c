/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Neighbours: who they are, and whether they answer. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet6/ip6.h>

static MALLOC_DEFINE(M_IP6NDP, "ip6ndp", "IPv6 Neighbor Discovery");

/* timer values */
static int	nd6_prune = 60;	/* walk list every 60 seconds */
static int	nd6_mmaxtries = 3;	/* maximum multicast query */
static int	nd6_inuse, nd6_allocated;

#ifdef ND6_DEBUG
int	nd6_debug = 1;
#else
int	nd6_debug = 0;
#endif

struct llinfo_nd6 llinfo_nd6 = {&llinfo_nd6, &llinfo_nd6};
static struct llinfo_nd6 *nd6_hint = &llinfo_nd6;	/* Found last. */
static struct callout nd6_timer_ch;

SYSCTL_DECL(_net_inet6_icmp6);
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_mmaxtries, CTLFLAG_RW,
   &nd6_mmaxtries, 0, "Solicitations that are not answered, at most");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_debug, CTLFLAG_RW,
	&nd6_debug,		0, "");
SYSCTL_INT(_net_inet6_icmp6, OID_AUTO, nd6_inuse, CTLFLAG_RD, &nd6_inuse, 0,
	"");

/* Every nd6_prune seconds: count anew, in case a count went wrong. */
static void
nd6_timer(void *ignored_arg)
{
	struct llinfo_nd6 *ln;

	callout_reset(&nd6_timer_ch, nd6_prune * hz, nd6_timer, NULL);
	nd6_inuse = 0;
	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = ln->ln_next)
		nd6_inuse++;
}

void
nd6_init(void)
{

	callout_init(&nd6_timer_ch, 0);
	nd6_timer(NULL);
}

void
nd6_destroy(void)
{

	KASSERT(llinfo_nd6.ln_next == &llinfo_nd6, ("neighbours left"));
	callout_drain(&nd6_timer_ch);
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

/* An interface goes: forget who is behind it. */
void
nd6_purge(struct ifnet *ifp)
{
	struct llinfo_nd6 *ln, *nln;

	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = nln) {
		nln = ln->ln_next;
		if (ln->ln_ifp == ifp)
			nd6_free(ln);
	}
}

static struct llinfo_nd6 *
nd6_lookup(addr6, ifp)
	struct in6_addr *addr6;
	struct ifnet *ifp;
{
	struct llinfo_nd6 *ln = nd6_hint;

	if (ln != &llinfo_nd6 && IN6_ARE_ADDR_EQUAL(&ln->ln_addr, addr6))
		return (ln);
	for (ln = llinfo_nd6.ln_next; ln != &llinfo_nd6; ln = ln->ln_next)
		if (IN6_ARE_ADDR_EQUAL(&ln->ln_addr, addr6))
			return (nd6_hint = ln);
	ln = malloc(sizeof(*ln), M_IP6NDP, M_WAITOK | M_ZERO);
	nd6_inuse++;
	nd6_allocated++;
	ln->ln_ifp = ifp;
	ln->ln_addr = *addr6;
	ln->ln_next = llinfo_nd6.ln_next;
	llinfo_nd6.ln_next = ln;
	ln->ln_prev = &llinfo_nd6;
	ln->ln_next->ln_prev = ln;
	return (nd6_hint = ln);
}

/* ND6 timer routine to handle an entry that has not answered. */
static void
nd6_llinfo_timer(arg)
	void *arg;
{
	struct llinfo_nd6 *ln = (struct llinfo_nd6 *)arg;
	struct icmp6_hdr ns;
	struct in6_addr *src;
	struct mbuf *m;

	if (ln == NULL) {
		printf("%s: NULL entry!\n", __func__);
		return;
	}
	if (ln->ln_asked++ >= nd6_mmaxtries)
		goto dead;
	callout_reset(&ln->ln_timer_ch, hz, nd6_llinfo_timer, ln);
	if ((src = in6_selectsrc(&ln->ln_addr, ln->ln_ifp)) == NULL)
		return;
	bzero(&ns, sizeof(ns));
	ns.icmp6_type = ND_NEIGHBOR_SOLICIT;
	ns.icmp6_target = ln->ln_addr;
	if ((m = m_devget(&ns, sizeof(ns))) == NULL)
		return;
	icmp6stat.icp6s_nsout++;
	(void)ip6_send(m, src, &ln->ln_addr, IPPROTO_ICMPV6,
	    &mtod(m, struct icmp6_hdr *)->icmp6_cksum, ln->ln_ifp);
	return;
dead:
	m = ln->ln_hold;
	ln->ln_hold = NULL;
	nd6log(("nd6_llinfo_timer: no answer\n"));
	nd6_free(ln);
	icmp6_error(m, ICMP6_DST_UNREACH);
}

/* Send a packet to a neighbour, as soon as it is known that there is one. */
int
nd6_output(struct ifnet *ifp, struct mbuf *m, struct in6_addr *dst)
{
	struct llinfo_nd6 *ln;

	if (ifp->if_flags & IFF_LOOPBACK)
		return ((*ifp->if_output)(ifp, m, NETISR_IPV6));
	ln = nd6_lookup(dst, ifp);
	m_freem(ln->ln_hold);
	ln->ln_hold = m;
	if (!callout_pending(&ln->ln_timer_ch))
		nd6_llinfo_timer(ln);
	return (0);
}
