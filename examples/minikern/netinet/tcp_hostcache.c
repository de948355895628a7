/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * What is known about the ways to other hosts, connections come and gone.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/callout.h>
#include <sys/malloc.h>
#include <sys/mutex.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp_var.h>

#define	TCP_HOSTCACHE_HASHSIZE		64
#define	TCP_HOSTCACHE_BUCKETLIMIT	4
#define	TCP_HOSTCACHE_EXPIRE		(60 * 60)	/* one hour */
#define	TCP_HOSTCACHE_PRUNE		(5 * 60)	/* every 5 minutes */

static MALLOC_DEFINE(M_HOSTCACHE, "hostcache", "TCP hostcache");

TAILQ_HEAD(hc_qhead, hc_metrics);

struct hc_head {
	struct hc_qhead	hch_bucket;
	u_int		hch_length;
};

struct hc_metrics {
	TAILQ_ENTRY(hc_metrics) rmx_q;
	struct hc_head	*rmx_head;	/* head of bucket tail queue */
	struct in_addr	ip4;		/* IP address */
	struct in6_addr	ip6;		/* IP6 address */
	u_long		rmx_mtu;	/* MTU for this path */
	int		rmx_expire;	/* lifetime for object */
};

struct tcp_hostcache {
	struct hc_head	*hashbase;
	struct mtx	 mtx;
	u_int		 hashsize;
	u_int		 hashmask;
	u_int		 bucket_limit;
	u_int		 cache_count;
	u_int		 cache_limit;
	int		 expire;
	int		 purgeall;
};

static struct tcp_hostcache tcp_hostcache;
static struct callout tcp_hc_callout;
static eventhandler_tag tcp_hc_lowmem;

static struct hc_metrics *tcp_hc_lookup(struct in_conninfo *
#ifdef INET6
    , int
#endif
    );
static void	tcp_hc_purge(void *);

SYSCTL_DECL(_net_inet_tcp);
SYSCTL_NODE(_net_inet_tcp, OID_AUTO, hostcache, CTLFLAG_RW, 0,
    "TCP Host cache");
SYSCTL_UINT(_net_inet_tcp_hostcache, OID_AUTO, cachelimit, CTLFLAG_RD,
    &tcp_hostcache.cache_limit, 0, "Overall entry limit for hostcache");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, hashsize, CTLFLAG_RD,
     &tcp_hostcache.hashsize, 0, "Size of TCP hostcache hashtable");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, count, CTLFLAG_RD,
    &tcp_hostcache.cache_count, 0, "Current number of entries in hostcache");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, expire, CTLFLAG_RW,
    &tcp_hostcache.expire, 0, "Expire time of TCP hostcache entries");
SYSCTL_INT(_net_inet_tcp_hostcache, OID_AUTO, purge, CTLFLAG_RW,
    &tcp_hostcache.purgeall, 0, "Expire all entires on next purge run");

#define	HOSTCACHE_HASH(ip)						\
	(((ip)->s_addr ^ ((ip)->s_addr >> 7) ^ ((ip)->s_addr >> 17)) &	\
	  tcp_hostcache.hashmask)

#define	HOSTCACHE_HASH6(ip6)						\
	(((ip6)->s6_addr32[0] ^ (ip6)->s6_addr32[1] ^			\
	  (ip6)->s6_addr32[2] ^ (ip6)->s6_addr32[3]) &			\
	  tcp_hostcache.hashmask)

#define	THC_LOCK()	mtx_lock(&tcp_hostcache.mtx)
#define	THC_UNLOCK()	mtx_unlock(&tcp_hostcache.mtx)

static void
tcp_hc_lowmem_event(void *arg, int howto)
{

	tcp_hc_drain();
}

void
tcp_hc_init(void)
{
	u_int i;
	int hashsize;

	tcp_hostcache.hashsize = TCP_HOSTCACHE_HASHSIZE;
	tcp_hostcache.bucket_limit = TCP_HOSTCACHE_BUCKETLIMIT;
	tcp_hostcache.cache_count = 0;
	tcp_hostcache.expire = TCP_HOSTCACHE_EXPIRE;

	hashsize = tcp_hostcache.hashsize;
	TUNABLE_INT_FETCH("net.inet.tcp.hostcache.hashsize", &hashsize);
	TUNABLE_INT_FETCH("net.inet.tcp.hostcache.expire",
	    &tcp_hostcache.expire);
	if ((hashsize & (hashsize - 1)) == 0)
		tcp_hostcache.hashsize = hashsize;
	tcp_hostcache.hashmask = tcp_hostcache.hashsize - 1;
	tcp_hostcache.cache_limit =
	    tcp_hostcache.hashsize * tcp_hostcache.bucket_limit;
	tcp_hostcache.hashbase = malloc(tcp_hostcache.hashsize *
	    sizeof(struct hc_head), M_HOSTCACHE, M_WAITOK | M_ZERO);
	mtx_init(&tcp_hostcache.mtx, "tcp_hostcache");
	for (i = 0; i < tcp_hostcache.hashsize; i++)
		TAILQ_INIT(&tcp_hostcache.hashbase[i].hch_bucket);

	callout_init(&tcp_hc_callout, 1);
	callout_reset(&tcp_hc_callout, TCP_HOSTCACHE_PRUNE * hz,
	    tcp_hc_purge, 0);
	tcp_hc_lowmem = EVENTHANDLER_REGISTER(vm_lowmem, tcp_hc_lowmem_event,
	    NULL);
}

void
tcp_hc_destroy(void)
{

	EVENTHANDLER_DEREGISTER(vm_lowmem, tcp_hc_lowmem);
	callout_drain(&tcp_hc_callout);
	tcp_hc_drain();
	mtx_destroy(&tcp_hostcache.mtx);
	free(tcp_hostcache.hashbase, M_HOSTCACHE);
}

/*
 * Look up an entry.
 */
static struct hc_metrics *
tcp_hc_lookup(struct in_conninfo *inc
#ifdef INET6
    , int isipv6
#endif
    )
{
	struct hc_head *hc_head;
	struct hc_metrics *hc_entry;

	mtx_assert(&tcp_hostcache.mtx, MA_OWNED);
#ifdef INET6
	if (isipv6)
		hc_head = &tcp_hostcache.hashbase[
		    HOSTCACHE_HASH6(&inc->inc6_faddr)];
	else
#endif
		hc_head = &tcp_hostcache.hashbase[
		    HOSTCACHE_HASH(&inc->inc_faddr)];
	TAILQ_FOREACH(hc_entry, &hc_head->hch_bucket, rmx_q) {
		if (
#ifdef INET6
		    isipv6 ? bcmp(&inc->inc6_faddr, &hc_entry->ip6,
		    sizeof(inc->inc6_faddr)) == 0 :
#endif
		    inc->inc_faddr.s_addr == hc_entry->ip4.s_addr)
			return (hc_entry);
	}
	return (NULL);
}

static void
tcp_hc_remove(struct hc_metrics *hc_entry)
{

	TAILQ_REMOVE(&hc_entry->rmx_head->hch_bucket, hc_entry, rmx_q);
	hc_entry->rmx_head->hch_length--;
	tcp_hostcache.cache_count--;
	free(hc_entry, M_HOSTCACHE);
}

/*
 * The MTU of the way to a host, or 0.
 */
u_long
tcp_hc_getmtu(struct in_conninfo *inc)
{
	struct hc_metrics *hc_entry;
	u_long mtu = 0;

	THC_LOCK();
	hc_entry = tcp_hc_lookup(inc
#ifdef INET6
	    , inc->inc_isipv6
#endif
	    );
	if (hc_entry != NULL) {
		hc_entry->rmx_expire = tcp_hostcache.expire;
		mtu = hc_entry->rmx_mtu;
	}
	THC_UNLOCK();
	return (mtu);
}

void
tcp_hc_updatemtu(struct in_conninfo *inc, u_long mtu)
{
	struct hc_metrics *hc_entry;
	struct hc_head *hc_head;

	THC_LOCK();
	hc_entry = tcp_hc_lookup(inc
#ifdef INET6
	    , inc->inc_isipv6
#endif
	    );
	if (hc_entry == NULL) {
		hc_head = &tcp_hostcache.hashbase[
#ifdef INET6
		    inc->inc_isipv6 ? HOSTCACHE_HASH6(&inc->inc6_faddr) :
#endif
		    HOSTCACHE_HASH(&inc->inc_faddr)];
		if (hc_head->hch_length >= tcp_hostcache.bucket_limit) {
			tcp_hc_remove(TAILQ_FIRST(&hc_head->hch_bucket));
			/* tcpstat.tcps_hc_bucketoverflow++; */
		}
		hc_entry = malloc(sizeof(*hc_entry), M_HOSTCACHE,
		    M_NOWAIT | M_ZERO);
		if (hc_entry == NULL)
			goto out;
		hc_entry->ip4 = inc->inc_faddr;
		hc_entry->ip6 = inc->inc6_faddr;
		hc_entry->rmx_head = hc_head;
		TAILQ_INSERT_TAIL(&hc_head->hch_bucket, hc_entry, rmx_q);
		hc_head->hch_length++;
		tcp_hostcache.cache_count++;
		tcpstat.tcps_hc_added++;
	}
	hc_entry->rmx_mtu = mtu;
	hc_entry->rmx_expire = tcp_hostcache.expire;
out:
	THC_UNLOCK();
}

/*
 * Expire and purge (old|all) entries in the tcp_hostcache.  Runs
 * periodically from the callout.
 */
static void
tcp_hc_purge(void *arg)
{
	struct hc_metrics *hc_entry, *hc_next;
	u_int i;
	int all = 0;

	THC_LOCK();
	if (tcp_hostcache.purgeall) {
		all = 1;
		tcp_hostcache.purgeall = 0;
	}
	for (i = 0; i < tcp_hostcache.hashsize; i++)
		TAILQ_FOREACH_SAFE(hc_entry,
		    &tcp_hostcache.hashbase[i].hch_bucket, rmx_q, hc_next) {
			hc_entry->rmx_expire -= TCP_HOSTCACHE_PRUNE;
			if (all || hc_entry->rmx_expire <= 0) {
				tcp_hc_remove(hc_entry);
				tcpstat.tcps_hc_expired++;
			}
		}
	THC_UNLOCK();
	callout_reset(&tcp_hc_callout, TCP_HOSTCACHE_PRUNE * hz,
	    tcp_hc_purge, 0);
}

/*
 * Memory is short: all must go.
 */
void
tcp_hc_drain(void)
{
	struct hc_metrics *hc_entry;
	u_int i;

	if (tcp_hostcache.hashbase == NULL)
		return;
	for (i = 0; i < tcp_hostcache.hashsize; i++)
		while ((hc_entry = TAILQ_FIRST(
		    &tcp_hostcache.hashbase[i].hch_bucket)) != NULL)
			tcp_hc_remove(hc_entry);
}
