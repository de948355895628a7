/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Routes to IPv6 hosts that nobody uses any more are kept for a while.  The
 * names are those of IPv4's twin of this file.
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
#include <netinet6/in6_var.h>

#define	RTQ_TIMEOUT	(60 * 10)	/* run at least once in ten minutes */

static int	rtq_reallyold = 60 * 60;	/* one hour is "really old" */
static int	rtq_minreallyold = 10;	/* never crank down to less */
static int	rtq_toomany = 128;	/* 128 cached routes is "too many" */
static int	rtq_timeout = RTQ_TIMEOUT;
static u_long	rtq_adjusted;	/* when we last cranked down */
static struct callout rtq_timer;

SYSCTL_DECL(_net_inet6_ip6);
SYSCTL_INT(_net_inet6_ip6, OID_AUTO, rtexpire,
	CTLFLAG_RW, &rtq_reallyold, 0, "");
SYSCTL_INT(_net_inet6_ip6, OID_AUTO, rtminexpire,
	CTLFLAG_RW, &rtq_minreallyold, 0, "");
SYSCTL_INT(_net_inet6_ip6, OID_AUTO, rtmaxcache,
	CTLFLAG_RW, &rtq_toomany, 0, "");

struct rtqk_arg {
	int	killed;
	int	found;
	u_long	nextstop;
};

/*
 * On last reference drop, mark the route as belonging to us, so that it goes
 * rtq_reallyold seconds later.
 */
static void
in6_clsroute(struct rtentry *rt, struct rt_head *rnh)
{

	if ((rt->rt_flags & (RTF_WASCLONED | RTPRF_OURS)) != RTF_WASCLONED)
		return;
	rt->rt_flags |= RTPRF_OURS;
	rt->rt_expire = time_uptime + rtq_reallyold;
}

static int
in6_rtqkill(struct rtentry *rt, void *rock)
{
	struct rtqk_arg *ap = rock;

	if (!(rt->rt_flags & RTPRF_OURS))
		return (0);
	ap->found++;
	if (rt->rt_expire <= time_uptime) {
		ap->killed++;
		return (1);
	}
	ap->nextstop = MIN(ap->nextstop, rt->rt_expire);
	return (0);
}

static void
in6_rtqtimo(void *rock)
{
	struct rtqk_arg arg;

	bzero(&arg, sizeof(arg));
	arg.nextstop = time_uptime + rtq_timeout;
	rt_walk(AF_INET6, in6_rtqkill, &arg);
	/*
	 * We do this no more often than once in rtq_timeout seconds, and
	 * never below rtq_minreallyold.
	 */
	if (arg.found - arg.killed > rtq_toomany &&
	    time_uptime - rtq_adjusted >= (u_long)rtq_timeout) {
		rtq_reallyold = MAX(2 * rtq_reallyold / 3, rtq_minreallyold);
		rtq_adjusted = time_uptime;
	}
	callout_reset(&rtq_timer, hz * (arg.nextstop - time_uptime),
	    in6_rtqtimo, rock);
}

struct rt_head *
in6_inithead(int af)
{
	struct rt_head *rnh;

	rnh = rt_newhead(af, offsetof(struct sockaddr_in6, sin6_addr), 128);
	rnh->rnh_close = in6_clsroute;
	callout_init(&rtq_timer, 0);
	callout_reset(&rtq_timer, hz * rtq_timeout, in6_rtqtimo, NULL);
	return (rnh);
}

void
in6_detachhead(struct rt_head *rnh)
{

	callout_drain(&rtq_timer);
	rt_freehead(rnh);
}
