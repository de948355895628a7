/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NET_ROUTE_H_
#define	_NET_ROUTE_H_

#include <sys/queue.h>

#define	RTF_UP		0x1
#define	RTF_CLONING	0x100
#define	RTF_WASCLONED	0x20000
#define	RTF_LOCAL	0x200000
#define	RTPRF_OURS	0x80000		/* Expires by itself. */

struct ifaddr;

struct rtentry {
	LIST_ENTRY(rtentry) rt_link;
	u_char		 rt_dst[16];
	int		 rt_plen;	/* Length of the prefix, in bits. */
	int		 rt_flags;
	int		 rt_refcnt;
	struct rt_head	*rt_head;
	struct ifaddr	*rt_ifa;
#define	rt_ifp		rt_ifa->ifa_ifp
	u_long		 rt_expire;	/* In seconds of uptime. */
};

/* The routes of one family, the longest prefix first. */
struct rt_head {
	LIST_HEAD(, rtentry) rnh_list;
	int		 rnh_bits;	/* Of an address. */
	void		(*rnh_close)(struct rtentry *);
};

struct rtstat {
	u_long	rts_dynamic;		/* Routes cloned. */
	u_long	rts_unreach;		/* Lookups that failed. */
};

extern struct rt_head *rt_tables[];

#define	RTFREE(rt)	rtfree(rt)

typedef int rt_walk_t(struct rtentry *, void *);

struct rt_head *rt_newhead(int, void (*)(struct rtentry *));
void	rt_freehead(struct rt_head *);
struct rtentry *rtalloc1(int, const void *, int);
void	rtfree(struct rtentry *);
struct rtentry *rtadd(int, const void *, int, int, struct ifaddr *);
void	rt_walk(int, rt_walk_t *, void *);
void	rt_ifa_flush(int, struct ifaddr *);

#endif /* !_NET_ROUTE_H_ */
