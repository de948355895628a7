/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The routing tables, one a family.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/route.h>

static MALLOC_DEFINE(M_RTABLE, "routetbl", "routing tables");

struct rt_head *rt_tables[AF_MAX + 1];
struct rtstat rtstat;
static int	rttrash;		/* Routes not in table but not freed. */

SYSCTL_NODE(_net, OID_AUTO, route, CTLFLAG_RW, NULL, "Routing");
SYSCTL_STRUCT(_net_route, OID_AUTO, stats, CTLFLAG_RD, &rtstat, rtstat,
    "Routing statistics (struct rtstat, net/route.h)");
SYSCTL_INT(_net_route, OID_AUTO, rttrash, CTLFLAG_RD, &rttrash, 0,
    "Routes not in table but not freed");

/*
 * The number of routes of family arg2.
 */
static int
sysctl_rtcount(SYSCTL_HANDLER_ARGS)
{
	int count = RT_NRTHASH(arg2);

	return (sysctl_handle_int(oidp, &count, 0, req));
}
SYSCTL_PROC(_net_route, OID_AUTO, inetcount, CTLTYPE_INT | CTLFLAG_RD, NULL,
    AF_INET, sysctl_rtcount, "I", "Routes of IPv4");

struct rt_head *
rt_newhead(int af, int off, int bits)
{
	struct rt_head *rnh;

	rnh = malloc(sizeof(*rnh), M_RTABLE, M_WAITOK | M_ZERO);
	rnh->rnh_af = af;
	rnh->rnh_off = off;
	rnh->rnh_bits = bits;
	return (rnh);
}

static void
rt_unlink(struct rt_head *rnh, struct rtentry *rt)
{

	LIST_REMOVE(rt, rt_link);
	rnh->rnh_count--;
	rt->rt_flags &= ~RTF_UP;
	rttrash++;
	if (rt->rt_refcnt == 0) {
		rttrash--;
		free(rt, M_RTABLE);
	}
}

void
rt_freehead(struct rt_head *rnh)
{
	struct rtentry *rt;

	while ((rt = LIST_FIRST(&rnh->rnh_list)) != NULL)
		rt_unlink(rnh, rt);
	free(rnh, M_RTABLE);
}

void
rt_attachdomain(struct domain *dp)
{

	if (dp->dom_rtattach)
		rt_tables[dp->dom_family] =
		    (*dp->dom_rtattach)(dp->dom_family);
}

void
rt_detachdomain(struct domain *dp)
{

	if (dp->dom_rtdetach == NULL)
		return;
	(*dp->dom_rtdetach)(rt_tables[dp->dom_family]);
	rt_tables[dp->dom_family] = NULL;
}

/*
 * Are the first plen bits of the two addresses the same?
 */
static int
rt_match(struct rt_head *rnh, const void *a, const void *b, int plen)
{
	const u_char *ap = (const u_char *)a + rnh->rnh_off;
	const u_char *bp = (const u_char *)b + rnh->rnh_off;

	for (; plen >= 8; plen -= 8)
		if (*ap++ != *bp++)
			return (0);
	return (plen == 0 || ((*ap ^ *bp) >> (8 - plen)) == 0);
}

static struct rtentry *
rt_clone(struct rt_head *rnh, struct rtentry *parent, struct sockaddr *dst)
{
	struct rtentry *rt;
	int error;

	error = rtrequest(RTM_ADD, dst, (struct sockaddr *)&parent->rt_gateway,
	    rnh->rnh_bits, (parent->rt_flags & ~RTF_CLONING) | RTF_HOST |
	    RTF_WASCLONED, parent->rt_ifa, &rt);
	if (error)
		return (parent);
	rt->rt_parent = parent;
	rtstat.rts_dynamic++;
	return (rt);
}

/*
 * The best route to dst, with a reference for the caller.
 */
struct rtentry *
rtalloc1(struct sockaddr *dst, int report)
{
	struct rt_head *rnh = rt_tables[dst->sa_family];
	struct rtentry *rt;

	if (rnh == NULL)
		return (NULL);
	LIST_FOREACH(rt, &rnh->rnh_list, rt_link)
		if (rt_match(rnh, &rt->rt_dst, dst, rt->rt_plen))
			break;
	if (rt == NULL) {
		if (report)
			rtstat.rts_unreach++;
		return (NULL);
	}
	if (rt->rt_plen == 0)
		rtstat.rts_wildcard++;
	if (rt->rt_flags & RTF_CLONING && report)
		rt = rt_clone(rnh, rt, dst);
	rt->rt_refcnt++;
	rt->rt_flags &= ~RTPRF_OURS;
	return (rt);
}

void
rtfree(struct rtentry *rt)
{
	struct rt_head *rnh = rt_tables[rt->rt_dst.ss_family];

	KASSERT(rt->rt_refcnt > 0, ("rtfree: no reference"));
	if (--rt->rt_refcnt > 0)
		return;
	if (rt->rt_flags & RTF_UP) {
		if (rnh->rnh_close)
			(*rnh->rnh_close)(rt, rnh);
		return;
	}
	rttrash--;
	free(rt, M_RTABLE);
}

int
rtrequest(int req, struct sockaddr *dst, struct sockaddr *gateway, int plen,
    int flags, struct ifaddr *ifa, struct rtentry **ret_nrt)
{
	struct rt_head *rnh = rt_tables[dst->sa_family];
	struct rtentry *rt, *prev = NULL;

	if (rnh == NULL)
		return (EINVAL);
	LIST_FOREACH(rt, &rnh->rnh_list, rt_link) {
		if (rt->rt_plen < plen)
			break;
		if (rt->rt_plen == plen &&
		    rt_match(rnh, &rt->rt_dst, dst, plen)) {
			if (req == RTM_ADD)
				return (EEXIST);
			rt_unlink(rnh, rt);
			return (0);
		}
		prev = rt;
	}
	if (req != RTM_ADD)
		return (ENOENT);
	rt = malloc(sizeof(*rt), M_RTABLE, M_NOWAIT | M_ZERO);
	if (rt == NULL)
		return (ENOBUFS);
	bcopy(dst, &rt->rt_dst, dst->sa_len);
	if (gateway != NULL)
		bcopy(gateway, &rt->rt_gateway, gateway->sa_len);
	rt->rt_plen = plen;
	rt->rt_flags = flags | RTF_UP;
	rt->rt_ifa = ifa;
	rt->rt_ifp = ifa->ifa_ifp;
	if (prev != NULL)
		LIST_INSERT_AFTER(prev, rt, rt_link);
	else
		LIST_INSERT_HEAD(&rnh->rnh_list, rt, rt_link);
	rnh->rnh_count++;
	if (ret_nrt != NULL)
		*ret_nrt = rt;
	return (0);
}

/*
 * Show each route of a family to f, which wants it deleted when it returns
 * other than 0.
 */
void
rt_walk(int af, rt_walk_t *f, void *arg)
{
	struct rt_head *rnh = rt_tables[af];
	struct rtentry *rt, *nrt;

	LIST_FOREACH_SAFE(rt, &rnh->rnh_list, rt_link, nrt)
		if ((*f)(rt, arg))
			rt_unlink(rnh, rt);
}

static int
rt_ifa_match(struct rtentry *rt, void *arg)
{

	return (rt->rt_ifa == arg);
}

/*
 * An address goes, and all routes that rest on it go with it.
 */
void
rt_ifa_flush(struct ifaddr *ifa)
{

	rt_walk(ifa->ifa_addr->sa_family, rt_ifa_match, ifa);
}
