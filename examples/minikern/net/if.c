/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The list of interfaces.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/malloc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

static MALLOC_DEFINE(M_IFNET, "ifnet", "interface internals");

static void	if_slowtimo(void *);

struct ifnethead ifnet;			/* List of ifnets. */
int	if_index = 0;			/* Highest number so far. */
static int	if_indexlim = 2;	/* Entries of ifindex_table. */
static struct ifnet **ifindex_table;
int	ifqmaxlen = 50;			/* Boot time; the same for all. */
static struct callout if_slowtimo_callout;

SYSCTL_NODE(_net, OID_AUTO, link, CTLFLAG_RW, NULL, "Link layers");
SYSCTL_INT(_net_link, OID_AUTO, ifcount, CTLFLAG_RD, &if_index, 0,
    "Number of interfaces");
SYSCTL_INT(_net_link, OID_AUTO, ifqmaxlen, CTLFLAG_RD, &ifqmaxlen, 0,
    "Length of a send queue");

/*
 * Make room for twice as many interfaces.
 */
static void
if_grow(void)
{
	struct ifnet **e;

	if_indexlim <<= 1;
	e = malloc(if_indexlim * sizeof(*e), M_IFNET, M_WAITOK | M_ZERO);
	if (ifindex_table != NULL) {
		bcopy(ifindex_table, e, (if_indexlim >> 1) * sizeof(*e));
		free(ifindex_table, M_IFNET);
	}
	ifindex_table = e;
}

static void
if_init(void *dummy)
{

	TAILQ_INIT(&ifnet);
	if_grow();				/* create initial table */
}
SYSINIT(interfaces, SI_SUB_INIT_IF, SI_ORDER_FIRST, if_init, NULL);

static void
if_fini(void *dummy)
{

	KASSERT(TAILQ_EMPTY(&ifnet), ("interfaces left"));
	free(ifindex_table, M_IFNET);
	ifindex_table = NULL;
}
SYSUNINIT(interfaces, SI_SUB_INIT_IF, SI_ORDER_FIRST, if_fini, NULL);

/*
 * The watchdogs: one timer for all interfaces there are.
 */
static void
if_check(void *dummy)
{

	callout_init(&if_slowtimo_callout, 0);
	if_slowtimo(NULL);
}
SYSINIT(if_check, SI_SUB_CLOCKS, SI_ORDER_SECOND, if_check, NULL);

static void
if_uncheck(void *dummy)
{

	callout_drain(&if_slowtimo_callout);
}
SYSUNINIT(if_check, SI_SUB_CLOCKS, SI_ORDER_SECOND, if_uncheck, NULL);

static void
if_slowtimo(void *arg)
{
	struct ifnet *ifp;

	TAILQ_FOREACH(ifp, &ifnet, if_link) {
		if (ifp->if_timer == 0 || --ifp->if_timer)
			continue;
		if (ifp->if_watchdog)
			(*ifp->if_watchdog)(ifp);
	}
	callout_reset(&if_slowtimo_callout, hz, if_slowtimo, NULL);
}

/*
 * Call the interfaces to the families of protocols, once those are there.
 */
static void
if_attachdomain(void *dummy)
{
	struct ifnet *ifp;
	struct domain *dp;

	IFNET_FOREACH(ifp)
		for (dp = domains; dp != NULL; dp = dp->dom_next)
			if (dp->dom_ifattach)
				(*dp->dom_ifattach)(ifp);
}
SYSINIT(domainifattach, SI_SUB_PROTO_IFATTACHDOMAIN, SI_ORDER_SECOND,
    if_attachdomain, NULL);

void
if_attach(struct ifnet *ifp, const char *name, int mtu)
{

	while (if_index + 1 >= if_indexlim)
		if_grow();
	strlcpy(ifp->if_xname, name, sizeof(ifp->if_xname));
	ifp->if_mtu = mtu;
	ifp->if_index = ++if_index;
	ifindex_table[if_index] = ifp;
	TAILQ_INIT(&ifp->if_addrhead);
	TAILQ_INSERT_TAIL(&ifnet, ifp, if_link);
}

void
if_detach(struct ifnet *ifp)
{

	EVENTHANDLER_INVOKE(ifnet_departure_event, ifp);
	KASSERT(TAILQ_EMPTY(&ifp->if_addrhead), ("addresses left"));
	TAILQ_REMOVE(&ifnet, ifp, if_link);
	ifindex_table[ifp->if_index] = NULL;
	while (if_index > 0 && ifindex_table[if_index] == NULL)
		if_index--;
}

struct ifnet *
ifnet_byindex(int idx)
{

	if (idx < 1 || idx > if_index)
		return (NULL);
	return (ifindex_table[idx]);
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
 * For the debugger: where is what.  The comment, the string "ifnet" and the
 * sizes are for people, the addresses are the variables'.
 */
static const struct {
	const char	*n_name;
	const void	*n_value;
	size_t		 n_size;
} if_nlist[] = {
	{ "ifnet",	&ifnet,		sizeof(ifnet) },
	{ "if_index",	&if_index,	sizeof if_index },
	{ "loif",	&loif,		sizeof(struct ifnet *) },
};

void	db_show_ifnet(void);

void
db_show_ifnet(void)
{
	u_int i;

	for (i = 0; i < nitems(if_nlist); i++)
		printf("%s: %lu bytes\n", if_nlist[i].n_name,
		    (u_long)if_nlist[i].n_size);
}
#endif /* DDB */
