/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Routes to hosts that nobody uses any more are kept for a while.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_var.h>

#define	RTQ_TIMEOUT	(60 * 10)	/* run at least once in ten minutes */

static int	rtq_reallyold = 60 * 60;	/* one hour is "really old" */
static int	rtq_minreallyold = 10;	/* never crank down to less */
static int	rtq_toomany = 128;	/* 128 cached routes is "too many" */
static int	rtq_timeout = RTQ_TIMEOUT;
static u_long	rtq_adjusted;	/* when we last cranked down */
static struct callout rtq_timer;

SYSCTL_DECL(_net_inet_ip);
SYSCTL_INT(_net_inet_ip, OID_AUTO, rtexpire, CTLFLAG_RW, &rtq_reallyold, 0,
    "Default expiration time on dynamically learned routes");
SYSCTL_INT(_net_inet_ip, OID_AUTO, rtminexpire, CTLFLAG_RW,
    &rtq_minreallyold, 0,
    "Minimum time to attempt to hold onto dynamically learned routes");
SYSCTL_INT(_net_inet_ip, OID_AUTO, rtmaxcache, CTLFLAG_RW, &rtq_toomany, 0,
    "Upper limit on dynamically learned routes");

struct rtqk_arg {
	int	draining;
	int	killed;
	int	found;
	u_long	nextstop;
};

/*
 * On last reference drop, mark the route as belonging to us, to expire in
 * rtq_reallyold seconds.
 */
static void
in_clsroute(struct rtentry *rt, struct rt_head *rnh)
{

	if ((rt->rt_flags & (RTF_WASCLONED | RTPRF_OURS)) != RTF_WASCLONED)
		return;
	if (rtq_reallyold != 0) {
		rt->rt_flags |= RTPRF_OURS;
		rt->rt_expire = time_uptime + rtq_reallyold;
	} else
		(void)rtrequest(RTM_DELETE, (struct sockaddr *)&rt->rt_dst,
		    NULL, rt->rt_plen, 0, NULL, NULL);
}

/*
 * Find routes that are ours and too old, and have them deleted.
 */
static int
in_rtqkill(struct rtentry *rt, void *rock)
{
	struct rtqk_arg *ap = rock;

	if (!(rt->rt_flags & RTPRF_OURS))
		return (0);
	ap->found++;
	if (ap->draining || rt->rt_expire <= time_uptime) {
		ap->killed++;
		return (1);
	}
	if (rt->rt_expire > time_uptime + rtq_reallyold)
		rt->rt_expire = time_uptime + rtq_reallyold;
	ap->nextstop = MIN(ap->nextstop, rt->rt_expire);
	return (0);
}

static void
in_rtqtimo(void *rock)
{
	struct rtqk_arg arg;

	bzero(&arg, sizeof(arg));
	arg.nextstop = time_uptime + rtq_timeout;
	rt_walk(AF_INET, in_rtqkill, &arg);

	/*
	 * Attempt to be somewhat dynamic about this: if there are "too many"
	 * routes sitting around taking up space, then crank down the timeout,
	 * and see if we can't make some more go away.  However, we do this no
	 * more often than once in rtq_timeout seconds, and never below
	 * rtq_minreallyold.
	 */
	if (arg.found - arg.killed > rtq_toomany &&
	    time_uptime - rtq_adjusted >= (u_long)rtq_timeout &&
	    rtq_reallyold > rtq_minreallyold) {
		rtq_reallyold = MAX(2 * rtq_reallyold / 3, rtq_minreallyold);
		rtq_adjusted = time_uptime;
		bzero(&arg, sizeof(arg));
		arg.nextstop = time_uptime + rtq_timeout;
		rt_walk(AF_INET, in_rtqkill, &arg);
	}
	callout_reset(&rtq_timer, hz * (arg.nextstop - time_uptime),
	    in_rtqtimo, rock);
}

struct rt_head *
in_inithead(int af)
{
	struct rt_head *rnh;

	rnh = rt_newhead(af, offsetof(struct sockaddr_in, sin_addr), 32);
	rnh->rnh_close = in_clsroute;
	callout_init(&rtq_timer, 0);
	callout_reset(&rtq_timer, hz * rtq_timeout, in_rtqtimo, NULL);
	return (rnh);
}

void
in_detachhead(struct rt_head *rnh)
{

	callout_drain(&rtq_timer);
	rt_freehead(rnh);
}
