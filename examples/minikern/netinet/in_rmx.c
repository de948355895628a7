/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* Routes to hosts that nobody uses any more are kept for a while. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_var.h>

#define	RTQ_TIMEOUT	(60 * 10)	/* run at least once in ten minutes */

static int	rtq_reallyold = 60 * 60;	/* one hour is "really old" */
static int	rtq_toomany = 128;	/* 128 cached routes is "too many" */
static int	rtq_timeout = RTQ_TIMEOUT;
static struct callout rtq_timer;

SYSCTL_DECL(_net_inet_ip);
SYSCTL_INT(_net_inet_ip, OID_AUTO, rtexpire, CTLFLAG_RW, &rtq_reallyold, 0, "");
SYSCTL_INT(_net_inet_ip, OID_AUTO, rtmaxcache, CTLFLAG_RW, &rtq_toomany, 0, "");

/*
 * On last reference drop, mark the route as belonging to us, to expire in
 * rtq_reallyold seconds.
 */
static void
in_clsroute(struct rtentry *rt)
{

	if (!(rt->rt_flags & RTF_WASCLONED))
		return;
	rt->rt_flags |= RTPRF_OURS;
	rt->rt_expire = time_uptime + rtq_reallyold;
}

static int
in_rtqkill(struct rtentry *rt, void *found)
{

	if (!(rt->rt_flags & RTPRF_OURS))
		return (0);
	return (rt->rt_expire <= time_uptime || ++*(int *)found > rtq_toomany);
}

static void
in_rtqtimo(void *rock)
{
	int found = 0;

	/*
	 * If there are "too many" routes sitting around, those beyond
	 * rtq_toomany go even before rtq_reallyold seconds are over.
	 */
	rt_walk(AF_INET, in_rtqkill, &found);
	callout_reset(&rtq_timer, hz * rtq_timeout, in_rtqtimo, rock);
}

struct rt_head *
in_inithead(int af)
{

	callout_init(&rtq_timer, 0);
	callout_reset(&rtq_timer, hz * rtq_timeout, in_rtqtimo, NULL);
	return (rt_newhead(32, in_clsroute));
}

void
in_detachhead(struct rt_head *rnh)
{

	callout_drain(&rtq_timer);
	rt_freehead(rnh);
}
