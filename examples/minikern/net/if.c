/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* The list of interfaces. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

struct ifnethead ifnet;			/* List of ifnets. */
int	if_index = 0;			/* Highest number so far. */
static struct callout if_slowtimo_callout;	/* One for all stacks. */

SYSCTL_NODE(_net, OID_AUTO, link, CTLFLAG_RW, NULL, "Link layers");
SYSCTL_INT(_net_link, OID_AUTO, ifcount, CTLFLAG_RD, &if_index, 0, "");

static void
if_init(void *dummy)
{

	TAILQ_INIT(&ifnet);
}
SYSINIT(interfaces, SI_SUB_INIT_IF, SI_ORDER_FIRST, if_init, NULL);

/* The watchdogs: one timer for all interfaces there are. */
static void
if_slowtimo(void *arg)
{
	struct ifnet *ifp;

	TAILQ_FOREACH(ifp, &ifnet, if_link)
		if (ifp->if_timer != 0 && --ifp->if_timer == 0)
			(*ifp->if_watchdog)(ifp);
	callout_reset(&if_slowtimo_callout, hz, if_slowtimo, NULL);
}
SYSINIT(if_check, SI_SUB_CLOCKS, SI_ORDER_SECOND, if_slowtimo, NULL);

static void
if_uncheck(void *dummy)
{

	callout_drain(&if_slowtimo_callout);
}
SYSUNINIT(if_check, SI_SUB_CLOCKS, SI_ORDER_SECOND, if_uncheck, NULL);

void
if_attach(struct ifnet *ifp, const char *name, int mtu)
{
	struct domain *dp;

	strlcpy(ifp->if_xname, name, sizeof(ifp->if_xname));
	ifp->if_mtu = mtu;
	ifp->if_index = ++if_index;
	TAILQ_INSERT_TAIL(&ifnet, ifp, if_link);
	for (dp = domains; dp != NULL; dp = dp->dom_next)
		if (dp->dom_ifattach)
			(*dp->dom_ifattach)(ifp);
}

void
if_detach(struct ifnet *ifp)
{

	EVENTHANDLER_INVOKE(ifnet_departure_event, ifp);
	TAILQ_REMOVE(&ifnet, ifp, if_link);
}

struct ifnet *
ifunit(const char *name)
{
	struct ifnet *ifp;

	IFNET_FOREACH(ifp)
		if (strcmp(name, ifp->if_xname) == 0)
			return (ifp);
	return (NULL);
}

#ifdef DDB
/*
 * For the debugger.  The string "ifnet" is for people, the addresses are the
 * variables'.
 */
const struct {
	const char	*n_name;
	const void	*n_value;
	size_t		 n_size;
} if_nlist[] = {
	{ "ifnet",	&ifnet,		sizeof(ifnet) },
	{ "if_index",	&if_index,	sizeof if_index },
	{ "loif",	&loif,		sizeof(struct ifnet *) },
};
#endif /* DDB */
