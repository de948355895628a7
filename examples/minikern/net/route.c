/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* The routing tables, one a family. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>
#include <net/route.h>

static MALLOC_DEFINE(M_RTABLE, "routetbl", "routing tables");

struct rt_head *rt_tables[AF_MAX + 1];
static struct rtstat rtstat;
static int	rttrash;		/* Routes not in table but not freed. */

SYSCTL_NODE(_net, OID_AUTO, route, CTLFLAG_RW, NULL, "Routing");
SYSCTL_STRUCT(_net_route, OID_AUTO, stats, CTLFLAG_RD, &rtstat, rtstat,
    "Routing statistics (struct rtstat, net/route.h)");
SYSCTL_INT(_net_route, OID_AUTO, rttrash, CTLFLAG_RD, &rttrash, 0, "");

struct rt_head *
rt_newhead(int bits, void (*close)(struct rtentry *))
{
	struct rt_head *rnh;

	rnh = malloc(sizeof(*rnh), M_RTABLE, M_WAITOK | M_ZERO);
	rnh->rnh_bits = bits;
	rnh->rnh_close = close;
	return (rnh);
}

static void
rt_unlink(struct rtentry *rt)
{

	LIST_REMOVE(rt, rt_link);
	rt->rt_flags &= ~RTF_UP;
	rttrash++;
	rt->rt_refcnt++;
	RTFREE(rt);
}

void
rt_freehead(struct rt_head *rnh)
{

	while (!LIST_EMPTY(&rnh->rnh_list))
		rt_unlink(LIST_FIRST(&rnh->rnh_list));
	free(rnh, M_RTABLE);
}

/* Are the first plen bits of the two addresses the same? */
static int
rt_match(const u_char *a, const u_char *b, int plen)
{

	for (; plen >= 8; plen -= 8)
		if (*a++ != *b++)
			return (0);
	return (plen == 0 || ((*a ^ *b) >> (8 - plen)) == 0);
}

/* The best route to dst, with a reference for the caller. */
struct rtentry *
rtalloc1(int af, const void *dst, int report)
{
	struct rtentry *rt;

	LIST_FOREACH(rt, &rt_tables[af]->rnh_list, rt_link)
		if (rt_match(rt->rt_dst, dst, rt->rt_plen))
			break;
	if (rt == NULL) {
		if (report)
			rtstat.rts_unreach++;
		return (NULL);
	}
	if (rt->rt_flags & RTF_CLONING && report) {
		rt = rtadd(af, dst, rt_tables[af]->rnh_bits, RTF_WASCLONED,
		    rt->rt_ifa);
		rtstat.rts_dynamic++;
	}
	rt->rt_refcnt++;
	rt->rt_flags &= ~RTPRF_OURS;
	return (rt);
}

void
rtfree(struct rtentry *rt)
{

	KASSERT(rt->rt_refcnt > 0, ("rtfree: no reference"));
	if (--rt->rt_refcnt > 0)
		return;
	if (rt->rt_flags & RTF_UP) {
		(*rt->rt_head->rnh_close)(rt);
		return;
	}
	rttrash--;
	free(rt, M_RTABLE);
}

struct rtentry *
rtadd(int af, const void *dst, int plen, int flags, struct ifaddr *ifa)
{
	struct rt_head *rnh = rt_tables[af];
	struct rtentry *rt, **rtp;

	rt = malloc(sizeof(*rt), M_RTABLE, M_WAITOK | M_ZERO);
	bcopy(dst, rt->rt_dst, rnh->rnh_bits >> 3);
	rt->rt_plen = plen;
	rt->rt_flags = flags | RTF_UP;
	rt->rt_head = rnh;
	rt->rt_ifa = ifa;
	for (rtp = &LIST_FIRST(&rnh->rnh_list); *rtp != NULL &&
	    (*rtp)->rt_plen > plen; rtp = &LIST_NEXT(*rtp, rt_link))
		continue;
	LIST_INSERT(rtp, rt, rt_link);
	return (rt);
}

/*
 * Show each route of a family to f, which wants it deleted when it returns
 * other than 0.
 */
void
rt_walk(int af, rt_walk_t *f, void *arg)
{
	struct rtentry *rt, *nrt;

	LIST_FOREACH_SAFE(rt, &rt_tables[af]->rnh_list, rt_link, nrt)
		if ((*f)(rt, arg))
			rt_unlink(rt);
}

static int
rt_ifa_match(struct rtentry *rt, void *arg)
{

	return (rt->rt_ifa == arg);
}

/* An address goes, and all routes that rest on it go with it. */
void
rt_ifa_flush(int af, struct ifaddr *ifa)
{

	rt_walk(af, rt_ifa_match, ifa);
}
