/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* What must hold of network stacks, whatever they do. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>

#include <net/if_var.h>
#include <net/route.h>
#include <net/vnet.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#include <netinet/vinet.h>

#include <user/stacks.h>

#define	A_DAY		(24 * 60 * 60 * hz)

/* Requests for memory that may fail: a stack, its containers, lo0 and disc0. */
#ifdef INET6
#define	REQUESTS	7
#else
#define	REQUESTS	6
#endif

static int
count_route(struct rtentry *rt, void *n)
{

	++*(int *)n;
	return (0);
}

static int
routes(void)
{
	int n = 0;

	rt_walk(AF_INET, count_route, &n);
	return (n);
}

/* What is done in one moves nothing in the other. */
static void
check_apart(struct stack *a, struct stack *b)
{
	struct vnet_inet *own = a->s_vnet->mod_data[VNET_MOD_INET];
	struct ipstat ipstat;
	size_t len = sizeof(ipstat);

	watch_save(b);
	watch_save(&home);
	traffic(a);
	traffic(a);
	check(talk(a, 2000) == 2000, "TCP", a);
	hang_up(a);
	connect(a);
	check(set_int(a, "net.inet.tcp.mssdflt", 10) == EINVAL,
	    "a handler refuses what is too small", a);
	check(watch_same(b), "something of the other stack has changed", b);
	check(watch_same(&home), "the default stack has changed", &home);
	CURVNET_SET(a->s_vnet);
	(void)kernel_sysctlbyname("net.inet.ip.stats", &ipstat, &len, NULL, 0);
	CURVNET_RESTORE();
	check(ipstat.ips_total > 0 && bcmp(&ipstat, &own->_ipstat, len) == 0,
	    "statistics are those of the stack", a);
}

/* One goes, in disorder, and while packets of the other are under way. */
static void
check_going(struct stack *a, struct stack *b)
{
	struct vnet_inet *own = b->s_vnet->mod_data[VNET_MOD_INET];
	struct vnet_inet *first = vnet0->mod_data[VNET_MOD_INET];
	int count = watch_count(a->s_vnet);

	leave_a_mess(a);
	CURVNET_SET(b->s_vnet);
	(void)tcp_send(b->s_client, "hello", 5);
	CURVNET_RESTORE();
	watch_save(b);
	take_down(a);
	check(watch_same(b), "a stack that goes changes another", b);
	check(talk(b, 500) == 505, "TCP while another stack goes", b);
	printf("  one goes: it gives back its %d blocks of memory\n", count);
	hardclock(10 * hz);
	traffic(b);
	check(talk(b, 500) == 500, "TCP ten seconds later", b);
	hardclock(5 * 60 * 60 * hz);
	check(own->_tcpstat.tcps_keepprobe > 0, "no timer of TCP", b);
	check(first->_tcpstat.tcps_keepprobe == 0, "another stack's timer", b);
}

void
two_stacks(void)
{
	struct stack *a = &stacks[0], *b = &stacks[1];
	long before = malloc_inuse;

	printf("two stacks, with the same addresses:\n");
	bring_up(a, 0x0a000001);
	bring_up(b, 0x0a000001);
	connect(a);
	connect(b);
	check_apart(a, b);
	check_apart(b, a);
	printf("  packets in one: no byte of the %d blocks of the other changes"
	    "\n", b->s_saved);
	watch_save(b);
	check_sysctls(a, b);
	check(watch_same(b), "something of the other stack has changed", b);
	check(watch_count(NULL) == 0, "memory that belongs to no stack", NULL);
	check_going(a, b);
	take_down(b);
	check(malloc_inuse == before, "memory", NULL);
}

/* The counters of a stack are its own pings and nothing else. */
static void
check_counters(struct stack *s)
{

	CURVNET_SET(s->s_vnet);
	INIT_VNET_INET(curvnet);
	INIT_VNET_NET(curvnet);
	check(V_ipstat.ips_total == 2 * (u_long)s->s_pings, "ipstat", s);
	check(V_icmpstat.icps_reflect == (u_long)s->s_pings, "icmpstat", s);
	check(V_loif->if_opackets == 2 * (u_long)s->s_pings, "lo0", s);
	check(V_if_index == 2, "number of interfaces", s);
	check(routes() == 4, "routes", s);
	CURVNET_RESTORE();
	check(get(s, "net.inet.ip.ttl") == 100 + (int)(s - stacks), "ttl", s);
}

/* While one of many stacks works, all others stay as they are. */
static void
check_others(struct stack *busy)
{
	struct stack *s;

	for (s = stacks; s < &stacks[NSTACKS]; s++)
		if (s != busy)
			watch_save(s);
	traffic(busy);
	for (s = stacks; s < &stacks[NSTACKS]; s++)
		if (s != busy)
			check(watch_same(s), "another stack has changed", s);
}

/* Every other stack goes, while two of the rest talk. */
static int
thin_out(struct stack *one, struct stack *two)
{
	struct stack *s;
	int left = 0;

	for (s = stacks; s < &stacks[NSTACKS]; s++) {
		if ((s - stacks) % 2 == 0 || s == two) {
			left++;
			continue;
		}
		watch_save(one);
		watch_save(two);
		take_down(s);
		check(watch_same(one) && watch_same(two),
		    "a stack that goes changes another", s);
		check(talk(one, 1000) == 1000, "TCP", one);
		check(talk(two, 100) == 100, "TCP", two);
	}
	return (left);
}

void
many_stacks(void)
{
	struct stack *s;
	long before = malloc_inuse;
	int left, n;

	printf("%d stacks:\n", NSTACKS);
	for (s = stacks; s < &stacks[NSTACKS]; s++) {
		bring_up(s, 0x0a000001 + ((s - stacks) << 8));
		(void)set_int(s, "net.inet.ip.ttl", 100 + (s - stacks));
	}
	for (n = 0; n < 3; n++)
		for (s = stacks; s < &stacks[NSTACKS]; s++)
			if ((s - stacks) % 3 >= n)
				check(ping(s) == 1, "ping", s);
	for (s = stacks; s < &stacks[NSTACKS]; s++)
		check_counters(s);
	printf("  each has counted its own packets\n");
	connect(&stacks[50]);
	connect(&stacks[51]);
	left = thin_out(&stacks[50], &stacks[51]);
	printf("  %d go, %d carry on\n", NSTACKS - left, left);
	hardclock(30 * hz);
	for (s = stacks; s < &stacks[NSTACKS]; s++)
		if (s->s_vnet != NULL && s->s_client == NULL) {
			check(ping(s) == 1, "ping", s);
			check_counters(s);
		} else if (s->s_vnet == NULL)
			bring_up(s, 0x0a000001);
	for (s = stacks; s < &stacks[NSTACKS]; s += 9)
		check_others(s);
	for (s = stacks; s < &stacks[NSTACKS]; s++)
		take_down(s);
	check(malloc_inuse == before, "memory", NULL);
	printf("  all go: %ld blocks of memory not given back\n",
	    malloc_inuse - before);
}

/*
 * Each request for memory that may fail does, in turn: there is no stack, and
 * nothing left of it, be it memory or a timer.
 */
void
half_a_stack(void)
{
	struct stack *s = &stacks[0], *t = &stacks[1];
	struct vnet *vnet;
	long before;
	int n;

	printf("stacks that can't be made:\n");
	bring_up(s, 0x0a000001);
	before = malloc_inuse;
	watch_save(s);
	for (n = 0; ; n++) {
		malloc_fails = n;
		if ((vnet = vnet_alloc()) != NULL)
			break;
		check(malloc_inuse == before, "half a stack is left", NULL);
		check(watch_count(NULL) == 0, "memory of half a stack", NULL);
		check(watch_same(s), "another stack has changed", s);
		check(curvnet == NULL, "a stack is selected", NULL);
	}
	malloc_fails = -1;
	check(n == REQUESTS, "requests for memory", NULL);
	vnet_destroy(vnet);
	check(malloc_inuse == before, "memory", NULL);
	hardclock(A_DAY);			/* All timers there are. */
	check(malloc_inuse == before, "memory a day later", NULL);
	bring_up(t, 0x0a000001);
	traffic(t);
	traffic(s);
	printf("  each of %d requests for memory fails, and nothing is left\n",
	    n);
	take_down(t);
	take_down(s);
}

/* A module that comes when there are stacks, and which some may refuse. */
static int	attached, asked, refuse;

static int
late_iattach(const void *unused)
{

	if (++asked == refuse)
		return (EBUSY);
	attached++;
	return (0);
}

static int
late_idetach(const void *unused)
{

	attached--;
	return (0);
}

VNET_MOD_DECLARE_STATELESS(NONE, late, late_iattach, late_idetach, INET);

void
late_module(void)
{
	struct stack *s;
	long before;

	printf("a module that is loaded late:\n");
	for (s = stacks; s < &stacks[3]; s++)
		bring_up(s, 0x0a000001);
	before = malloc_inuse;
	for (refuse = 4; refuse > 0; refuse--) {
		asked = 0;
		check(vnet_mod_register(&vnet_late_modinfo) == EBUSY,
		    "a stack refuses", NULL);
		check(attached == 0, "it is undone in the others", NULL);
	}
	check(vnet_mod_register(&vnet_late_modinfo) == 0, "register", NULL);
	check(attached == 4, "it is in all stacks", NULL);
	refuse = asked + 1;
	check(vnet_alloc() == NULL, "no stack without its last part", NULL);
	check(malloc_inuse == before, "half a stack is left", NULL);
	check(attached == 4, "the others keep it", NULL);
	check(vnet_mod_deregister(&vnet_late_modinfo) == 0, "leave", NULL);
	check(attached == 0, "it is gone from all", NULL);
	printf("  it is in all stacks or in none\n");
	for (s = stacks; s < &stacks[3]; s++) {
		traffic(s);
		take_down(s);
	}
}
