/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* What is known about the ways to other hosts, connections come and gone. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/queue.h>
#include <sys/sysctl.h>

#include <netinet/in_pcb.h>
#include <netinet/tcp_var.h>

#define	TCP_HOSTCACHE_HASHSIZE	4
#define	TCP_HOSTCACHE_EXPIRE	(60 * 60)	/* one hour */
#define	TCP_HOSTCACHE_PRUNE	(5 * 60)	/* every 5 minutes */

static MALLOC_DEFINE(M_HOSTCACHE, "hostcache", "TCP hostcache");

LIST_HEAD(hc_head, hc_metrics);

struct hc_metrics {
	LIST_ENTRY(hc_metrics) rmx_q;
	struct in_addr	ip4;		/* IP address */
	struct in6_addr	ip6;		/* IP6 address */
	u_long		rmx_mtu;	/* MTU for this path */
	int		rmx_expire;	/* lifetime for object */
};

struct tcp_hostcache {
	struct hc_head	*hashbase;
	u_long		 hashmask;
	struct mtx	 mtx;
	int		 cache_count;
	u_int		 cache_limit;
	int		 purgeall;
};

static struct tcp_hostcache tcp_hostcache;
static struct callout tcp_hc_callout;

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_NODE(_net_inet_tcp, OID_AUTO, hostcache, CTLFLAG_RW, 0,
    "TCP Host cache");
SYSCTL_UINT(_net_inet_tcp_hostcache, OID_AUTO, cachelimit, CTLFLAG_RD,
    &tcp_hostcache.cache_limit, 0, "Overall entry limit for hostcache");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, count, CTLFLAG_RD,
    &tcp_hostcache.cache_count, 0, "Current number of entries in hostcache");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, purge, CTLFLAG_RW,
    &tcp_hostcache.purgeall, 0, "Expire all entires on next purge run");

#define	HOSTCACHE_HASH(ip)	((ip)->s_addr & tcp_hostcache.hashmask)
#define	HOSTCACHE_HASH6(ip6)						\
	(((ip6)->s6_addr32[0] ^ (ip6)->s6_addr32[3]) &			\
	  tcp_hostcache.hashmask)

#define	THC_LOCK()	mtx_lock(&tcp_hostcache.mtx)
#define	THC_UNLOCK()	mtx_unlock(&tcp_hostcache.mtx)

/*
 * Expire and purge (old|all) entries in the tcp_hostcache.  Runs
 * periodically from the callout.
 */
static void
tcp_hc_purge(void *arg)
{
	struct hc_metrics *hc_entry, *hc_next;
	u_int i;

	THC_LOCK();
	for (i = 0; i <= tcp_hostcache.hashmask; i++)
		LIST_FOREACH_SAFE(hc_entry, &tcp_hostcache.hashbase[i], rmx_q,
		    hc_next) {
			hc_entry->rmx_expire -= TCP_HOSTCACHE_PRUNE;
			if (!tcp_hostcache.purgeall && hc_entry->rmx_expire > 0)
				continue;
			LIST_REMOVE(hc_entry, rmx_q);
			tcp_hostcache.cache_count--;
			free(hc_entry, M_HOSTCACHE);
		}
	tcp_hostcache.purgeall = 0;
	THC_UNLOCK();
	callout_reset(&tcp_hc_callout, TCP_HOSTCACHE_PRUNE * hz,
	    tcp_hc_purge, 0);
}

void
tcp_hc_init(void)
{
	int hashsize = TCP_HOSTCACHE_HASHSIZE;

	TUNABLE_INT_FETCH("net.inet.tcp.hostcache.hashsize", &hashsize);
	TUNABLE_INT_FETCH("net.inet.tcp.hostcache.purge",
	    &tcp_hostcache.purgeall);
	tcp_hostcache.cache_limit = 4 * hashsize;
	tcp_hostcache.hashbase = hashinit(hashsize, M_HOSTCACHE,
	    &tcp_hostcache.hashmask);
	callout_init(&tcp_hc_callout, 1);
	callout_reset(&tcp_hc_callout, TCP_HOSTCACHE_PRUNE * hz,
	    tcp_hc_purge, 0);
}

/* Memory is short: all must go. */
void
tcp_hc_drain(void)
{

	tcp_hostcache.purgeall = 1;
	tcp_hc_purge(NULL);
}

void
tcp_hc_destroy(void)
{

	tcp_hc_drain();
	callout_drain(&tcp_hc_callout);
	free(tcp_hostcache.hashbase, M_HOSTCACHE);
}

/* Look up an entry. */
static struct hc_metrics *
tcp_hc_lookup(struct in_conninfo *inc
#ifdef INET6
    , int isipv6
#endif
    )
{
	struct hc_head *hc_head;
	struct hc_metrics *hc_entry;

	mtx_assert(&tcp_hostcache.mtx);
#ifdef INET6
	if (isipv6)
		hc_head = &tcp_hostcache.hashbase[
		    HOSTCACHE_HASH6(&inc->inc6_faddr)];
	else
#endif
		hc_head = &tcp_hostcache.hashbase[
		    HOSTCACHE_HASH(&inc->inc_faddr)];
	LIST_FOREACH(hc_entry, hc_head, rmx_q) {
		if (
#ifdef INET6
		    isipv6 ? IN6_ARE_ADDR_EQUAL(&inc->inc6_faddr,
		    &hc_entry->ip6) :
#endif
		    inc->inc_faddr.s_addr == hc_entry->ip4.s_addr)
			return (hc_entry);
	}
	/* tcpstat.tcps_hc_missed++; */
	return (NULL);
}

/* The MTU of the way to a host, or 0. */
u_long
tcp_hc_getmtu(struct in_conninfo *inc)
{
	struct hc_metrics *hc_entry;

	THC_LOCK();
	hc_entry = tcp_hc_lookup(inc
#ifdef INET6
	    , inc->inc_isipv6
#endif
	    );
	THC_UNLOCK();
	return (hc_entry != NULL ? hc_entry->rmx_mtu : 0);
}

void
tcp_hc_updatemtu(struct in_conninfo *inc, u_long mtu)
{
	struct hc_metrics *hc_entry;

	if (tcp_hc_getmtu(inc) == mtu ||
	    (u_int)tcp_hostcache.cache_count >= tcp_hostcache.cache_limit)
		return;
	THC_LOCK();
	hc_entry = malloc(sizeof(*hc_entry), M_HOSTCACHE, M_WAITOK);
	hc_entry->ip4 = inc->inc_faddr;
	hc_entry->ip6 = inc->inc6_faddr;
	hc_entry->rmx_mtu = mtu;
	hc_entry->rmx_expire = TCP_HOSTCACHE_EXPIRE;
	LIST_INSERT_HEAD(&tcp_hostcache.hashbase[
#ifdef INET6
	    inc->inc_isipv6 ? HOSTCACHE_HASH6(&inc->inc6_faddr) :
#endif
	    HOSTCACHE_HASH(&inc->inc_faddr)], hc_entry, rmx_q);
	tcp_hostcache.cache_count++;
	tcpstat.tcps_hc_added++;
	THC_UNLOCK();
}
