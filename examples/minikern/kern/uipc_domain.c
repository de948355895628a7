/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Families of protocols, and the timer and the drain that serve them all.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/route.h>

struct domain *domains;
static struct callout pfslow_callout;

/*
 * The first and the last that the protocols of a family hear.
 */
void
domain_init(struct domain *dp)
{
	struct protosw *pr;

	rt_attachdomain(dp);
	for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
		if (pr->pr_init)
			(*pr->pr_init)();
}

void
domain_fini(struct domain *dp)
{
	struct protosw *pr;

	for (pr = dp->dom_protoswNPROTOSW; pr-- > dp->dom_protosw; )
		if (pr->pr_destroy)
			(*pr->pr_destroy)();
	rt_detachdomain(dp);
}

void
net_add_domain(void *data)
{
	struct domain *dp = data;

	dp->dom_next = domains;
	domains = dp;
	domain_init(dp);
}

void
net_remove_domain(void *data)
{
	struct domain *dp = data, **dpp;

	domain_fini(dp);
	for (dpp = &domains; *dpp != dp; dpp = &(*dpp)->dom_next)
		continue;
	*dpp = dp->dom_next;
}

struct protosw *
pffindproto(int family, int type)
{
	struct domain *dp;
	struct protosw *pr;

	for (dp = domains; dp != NULL; dp = dp->dom_next) {
		if (dp->dom_family != family)
			continue;
		for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
			if (pr->pr_type == type && pr->pr_usrreqs != NULL)
				return (pr);
	}
	return (NULL);
}

/*
 * Memory is short: every protocol is to give back what it can do without.
 */
void
pfdrain(void)
{
	struct domain *dp;
	struct protosw *pr;

	for (dp = domains; dp != NULL; dp = dp->dom_next)
		for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
			if (pr->pr_drain)
				(*pr->pr_drain)();
	EVENTHANDLER_INVOKE(vm_lowmem, 0);
}

static void
pfslowtimo(void *arg)
{
	struct domain *dp;
	struct protosw *pr;

	for (dp = domains; dp != NULL; dp = dp->dom_next)
		for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
			if (pr->pr_slowtimo)
				(*pr->pr_slowtimo)();
	callout_reset(&pfslow_callout, hz / 2, pfslowtimo, NULL);
}

static void
pfslow_start(void *arg)
{

	callout_init(&pfslow_callout, 0);
	callout_reset(&pfslow_callout, hz / 2, pfslowtimo, NULL);
}
SYSINIT(pfslow, SI_SUB_CLOCKS, SI_ORDER_FIRST, pfslow_start, NULL);

static void
pfslow_stop(void *arg)
{

	callout_drain(&pfslow_callout);
}
SYSUNINIT(pfslow, SI_SUB_CLOCKS, SI_ORDER_FIRST, pfslow_stop, NULL);
