/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NET_ROUTE_H_
#define	_NET_ROUTE_H_

#include <sys/queue.h>

#define	RTF_UP		0x1
#define	RTF_GATEWAY	0x2
#define	RTF_HOST	0x4
#define	RTF_REJECT	0x8
#define	RTF_CLONING	0x100
#define	RTF_WASCLONED	0x20000
#define	RTF_LOCAL	0x200000
#define	RTPRF_OURS	0x80000		/* Expires by itself. */

#define	RTM_ADD		1
#define	RTM_DELETE	2

struct rtentry {
	LIST_ENTRY(rtentry) rt_link;
	struct sockaddr_storage rt_dst;
	struct sockaddr_storage rt_gateway;
	int		 rt_plen;	/* Length of the prefix, in bits. */
	int		 rt_flags;
	int		 rt_refcnt;
	struct ifnet	*rt_ifp;
	struct ifaddr	*rt_ifa;
	struct rtentry	*rt_parent;	/* Cloned from. */
	u_long		 rt_expire;	/* In seconds of uptime; 0: never. */
};

/*
 * The routes of one family, the longest prefix first.
 */
struct rt_head {
	LIST_HEAD(, rtentry) rnh_list;
	int		 rnh_af;
	int		 rnh_off;	/* Of the address in a sockaddr. */
	int		 rnh_bits;	/* Its length. */
	int		 rnh_count;
	void		(*rnh_close)(struct rtentry *, struct rt_head *);
};

struct rtstat {
	u_long	rts_badredirect;
	u_long	rts_dynamic;		/* Routes cloned. */
	u_long	rts_unreach;		/* Lookups that failed. */
	u_long	rts_wildcard;		/* Met by the default route. */
};

extern struct rt_head *rt_tables[AF_MAX + 1];
extern struct rtstat rtstat;

#define	RTFREE(rt)	rtfree(rt)
#define	RT_NRTHASH(af)	(rt_tables[(af)] ? rt_tables[(af)]->rnh_count : 0)

typedef int rt_walk_t(struct rtentry *, void *);

struct rt_head *rt_newhead(int, int, int);
void	rt_freehead(struct rt_head *);
void	rt_attachdomain(struct domain *);
void	rt_detachdomain(struct domain *);
struct rtentry *rtalloc1(struct sockaddr *, int);
void	rtfree(struct rtentry *);
int	rtrequest(int, struct sockaddr *, struct sockaddr *, int, int,
	    struct ifaddr *, struct rtentry **);
void	rt_walk(int, rt_walk_t *, void *);
void	rt_ifa_flush(struct ifaddr *);

#endif /* !_NET_ROUTE_H_ */
