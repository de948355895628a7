/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Families of protocols, and the timer and the drain that serve them all. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>

#include <net/route.h>

struct domain *domains;
static struct callout pfslow_callout;

void
net_add_domain(void *data)
{
	struct domain *dp = data;
	struct protosw *pr;

	dp->dom_next = domains;
	domains = dp;
	rt_tables[dp->dom_family] = (*dp->dom_rtattach)(dp->dom_family);
	for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
		if (pr->pr_init)
			(*pr->pr_init)();
}

/* The families go in the order opposite to that in which they came. */
void
net_remove_domain(void *data)
{
	struct domain *dp = data;
	struct protosw *pr;

	for (pr = dp->dom_protoswNPROTOSW; pr-- > dp->dom_protosw; )
		if (pr->pr_destroy)
			(*pr->pr_destroy)();
	(*dp->dom_rtdetach)(rt_tables[dp->dom_family]);
	domains = dp->dom_next;
}

#define	PROTO_FOREACH(dp, pr)						\
	for (dp = domains; dp != NULL; dp = dp->dom_next)		\
		for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)

/* Memory is short: every protocol is to give back what it can do without. */
void
pfdrain(void)
{
	struct domain *dp;
	struct protosw *pr;

	PROTO_FOREACH(dp, pr)
		if (pr->pr_drain)
			(*pr->pr_drain)();
}

static void
pfslowtimo(void *arg)
{
	struct domain *dp;
	struct protosw *pr;

	PROTO_FOREACH(dp, pr)
		if (pr->pr_slowtimo)
			(*pr->pr_slowtimo)();
	callout_reset(&pfslow_callout, hz / 2, pfslowtimo, NULL);
}
SYSINIT(pfslow, SI_SUB_CLOCKS, SI_ORDER_FIRST, pfslowtimo, NULL);

static void
pfslow_stop(void *arg)
{

	callout_drain(&pfslow_callout);
}
SYSUNINIT(pfslow, SI_SUB_CLOCKS, SI_ORDER_FIRST, pfslow_stop, NULL);
