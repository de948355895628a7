/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * After step 3: many network stacks in one process.  Nothing that is done in
 * one shows in another, and a stack that goes leaves nothing behind.  This is
 * compiled like the kernel, with option VIMAGE.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>
#include <sys/vprocg.h>

#include <net/if_var.h>
#include <net/route.h>
#include <net/vnet.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#include <netinet/vinet.h>
#ifdef INET6
#include <netinet6/ip6.h>
#include <netinet6/vinet6.h>
#endif

#define	NSTACKS		100

static int	checks, failures;
static char	buf[2048];

/* A stack, what runs in it, and the copy of its variables. */
static struct stack {
	struct vnet	*s_vnet;
	struct ifqueue	*s_raw;
	struct inpcb	*s_server, *s_client;
	int		 s_pings;
	struct vnet_net	 s_net;
	struct vnet_inet s_inet;
#ifdef INET6
	struct vnet_inet6 s_inet6;
#endif
	struct vprocg	 s_procg;
} stacks[NSTACKS];

int	main(void);

static void
check(int holds, const char *what, int n)
{

	checks++;
	if (!holds) {
		failures++;
		printf("FAILED: %s (stack %d)\n", what, n);
	}
}

static int
get(struct stack *s, const char *name)
{
	size_t len = sizeof(int);
	int error, value = -1;

	CURVNET_SET(s->s_vnet);
	error = kernel_sysctlbyname(name, &value, &len, NULL, 0);
	CURVNET_RESTORE();
	return (error ? -1 : value);
}

static int
set(struct stack *s, const char *name, const void *value, size_t len)
{
	int error;

	CURVNET_SET(s->s_vnet);
	error = kernel_sysctlbyname(name, NULL, NULL, value, len);
	CURVNET_RESTORE();
	return (error);
}

static int
set_int(struct stack *s, const char *name, int value)
{

	return (set(s, name, &value, sizeof(value)));
}

static void
save(struct stack *s)
{

	memcpy(&s->s_net, s->s_vnet->mod_data[VNET_MOD_NET], sizeof(s->s_net));
	memcpy(&s->s_inet, s->s_vnet->mod_data[VNET_MOD_INET],
	    sizeof(s->s_inet));
#ifdef INET6
	memcpy(&s->s_inet6, s->s_vnet->mod_data[VNET_MOD_INET6],
	    sizeof(s->s_inet6));
#endif
	memcpy(&s->s_procg, s->s_vnet->mod_data[VNET_MOD_PROCG],
	    sizeof(s->s_procg));
}

/* Is every byte of a stack's variables what it was? */
static int
is_same(struct stack *s)
{
	void **data = s->s_vnet->mod_data;

	return (memcmp(&s->s_net, data[VNET_MOD_NET], sizeof(s->s_net)) == 0 &&
	    memcmp(&s->s_inet, data[VNET_MOD_INET], sizeof(s->s_inet)) == 0 &&
#ifdef INET6
	    memcmp(&s->s_inet6, data[VNET_MOD_INET6],
	    sizeof(s->s_inet6)) == 0 &&
#endif
	    memcmp(&s->s_procg, data[VNET_MOD_PROCG],
	    sizeof(s->s_procg)) == 0);
}

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

/* Make a stack whose interfaces have addresses. */
static void
bring_up(struct stack *s, u_int32_t addr)
{
	struct in_addr in = { htonl(INADDR_LOOPBACK) };

	s->s_pings = 0;
	if ((s->s_vnet = vnet_alloc()) == NULL)
		panic("vnet_alloc");
	CURVNET_SET(s->s_vnet);
	s->s_raw = rip_attach();
	(void)in_control("lo0", in, 8);
	in.s_addr = htonl(addr);
	(void)in_control("disc0", in, 24);
	CURVNET_RESTORE();
}

static void
take_down(struct stack *s)
{

	CURVNET_SET(s->s_vnet);
	rip_detach(s->s_raw);
	CURVNET_RESTORE();
	vnet_destroy(s->s_vnet);
	s->s_vnet = NULL;
}

/* Send a packet to oneself; what is sent waits until no stack is selected. */
static int
ping(struct stack *s)
{
	struct icmp *icp = (struct icmp *)buf;
	struct in_addr in = { htonl(INADDR_LOOPBACK) };
	int n = 0;

	bzero(buf, 64);
	icp->icmp_type = ICMP_ECHO;
	CURVNET_SET(s->s_vnet);
	(void)rip_send(in, buf, 64);
	CURVNET_RESTORE();
	swi_net();
	while (ifq_read(s->s_raw, buf) > 0)
		n++;
	s->s_pings += n;
	return (n);
}

static void
connect(struct stack *s)
{
	struct in_addr in = { htonl(INADDR_LOOPBACK) };

	CURVNET_SET(s->s_vnet);
	s->s_server = tcp_attach(0);
	s->s_client = tcp_attach(0);
	(void)tcp_listen(s->s_server, 80);
	(void)tcp_connect(s->s_client, &in, 80);
	CURVNET_RESTORE();
	swi_net();
}

/* How many bytes of a connection come through. */
static int
talk(struct stack *s, int len)
{
	int n, total = 0;

	CURVNET_SET(s->s_vnet);
	(void)tcp_send(s->s_client, buf, len);
	CURVNET_RESTORE();
	swi_net();
	while ((n = ifq_read(&s->s_server->inp_accept->inp_rcv, buf)) > 0)
		total += n;
	return (total);
}

static void
two_stacks(void)
{
	struct stack *a = &stacks[0], *b = &stacks[1];
	long blocks = malloc_inuse;
	int n;

	bring_up(a, 0x0a000001);
	bring_up(b, 0x0a000001);
	save(b);
	for (n = 0; n < 3; n++)
		check(ping(a) == 1, "a ping comes back", 0);
	check(is_same(b), "not a byte of the other stack moves", 1);

	check(set_int(a, "net.inet.ip.ttl", 33) == 0, "a sysctl is set", 0);
	check(set_int(a, "net.inet.tcp.mssdflt", 900) == 0, "a handler", 0);
	check(set_int(a, "net.inet.tcp.mssdflt", 10) == EINVAL, "refuses", 0);
	check(set(a, "kern.hostname", "a", 2) == 0, "the host's name", 0);
	check(get(a, "net.inet.ip.ttl") == 33, "a sysctl is read", 0);
	check(get(a, "net.inet.tcp.mssdflt") == 900, "by a handler", 0);
	check(is_same(b), "not a byte of the other stack moves", 1);
	printf("two stacks: ttl %d in one, %d in the other\n",
	    get(a, "net.inet.ip.ttl"), get(b, "net.inet.ip.ttl"));

	connect(b);
	check(talk(b, 2000) == 2000, "TCP", 1);
	take_down(a);
	check(talk(b, 2000) == 2000, "TCP while another stack goes", 1);
	hardclock(10 * hz);
	check(talk(b, 500) == 500, "TCP ten seconds later", 1);
	take_down(b);
	check(malloc_inuse == blocks, "two stacks give back their memory", 1);
	printf("two stacks: %ld blocks not given back\n",
	    malloc_inuse - blocks);
}

/* The counters of a stack are its own pings and nothing else. */
static void
check_counters(int i)
{
	struct stack *s = &stacks[i];

	CURVNET_SET(s->s_vnet);
	INIT_VNET_INET(curvnet);
	INIT_VNET_NET(curvnet);
	check(V_ipstat.ips_total == 2 * (u_long)s->s_pings, "ipstat", i);
	check(V_icmpstat.icps_reflect == (u_long)s->s_pings, "icmpstat", i);
	check(V_loif->if_opackets == 2 * (u_long)s->s_pings, "lo0", i);
	check(V_if_index == 2, "number of interfaces", i);
	check(routes() == 4, "routes", i);
	CURVNET_RESTORE();
	check(get(s, "net.inet.ip.ttl") == 100 + i, "ttl", i);
}

static void
many_stacks(void)
{
	long blocks = malloc_inuse;
	int i, n;

	for (i = 0; i < NSTACKS; i++) {
		bring_up(&stacks[i], 0x0a000001 + (i << 8));
		(void)set_int(&stacks[i], "net.inet.ip.ttl", 100 + i);
	}
	for (n = 0; n < 3; n++)
		for (i = 0; i < NSTACKS; i++)
			if (i % 3 >= n)
				check(ping(&stacks[i]) == 1, "ping", i);
	for (i = 0; i < NSTACKS; i++)
		check_counters(i);
	connect(&stacks[50]);
	connect(&stacks[51]);
	for (i = 0; i < NSTACKS; i++)
		if (i % 2 != 0 && i != 51) {
			take_down(&stacks[i]);
			check(talk(&stacks[50], 1000) == 1000, "TCP", 50);
			check(talk(&stacks[51], 100) == 100, "TCP", 51);
		}
	hardclock(30 * hz);
	for (n = i = 0; i < NSTACKS; i++)
		if (stacks[i].s_vnet != NULL) {
			n++;
			check(ping(&stacks[i]) == 1, "ping", i);
			if (i != 50 && i != 51)
				check_counters(i);
		}
	printf("%d stacks: %d go, %d carry on\n", NSTACKS, NSTACKS - n, n);
	for (i = 0; i < NSTACKS; i++)
		if (stacks[i].s_vnet != NULL)
			take_down(&stacks[i]);
	check(malloc_inuse == blocks, "memory", -1);
	printf("%d stacks: %ld blocks not given back\n", NSTACKS,
	    malloc_inuse - blocks);
}

/* A module that does not like new stacks. */
static int	refuses;

static int
refusing_iattach(const void *unused)
{

	return (refuses ? ENOMEM : 0);
}

VNET_MOD_DECLARE_STATELESS(NONE, refusing, refusing_iattach, NULL, INET);

static void
half_a_stack(void)
{
	struct stack *s = &stacks[0];
	long blocks;

	refuses = 0;
	bring_up(s, 0x0a000001);
	check(vnet_mod_register(&vnet_refusing_modinfo) == 0, "register", -1);
	blocks = malloc_inuse;
	refuses = 1;
	save(s);
	check(vnet_alloc() == NULL, "no stack without its last part", -1);
	check(malloc_inuse == blocks, "nothing is left of it", -1);
	printf("a constructor that fails: %ld blocks not given back\n",
	    malloc_inuse - blocks);
	check(ping(s) == 1, "the others work", 0);
	(void)vnet_mod_deregister(&vnet_refusing_modinfo);
	take_down(s);
}

int
main(void)
{
	long blocks;

	kern_boot();
	/* From here on nothing is right by chance: no stack is selected. */
	curvnet = NULL;
	two_stacks();
	many_stacks();
	half_a_stack();
	blocks = kern_shutdown();
	printf("%d checks, %d failed; blocks not given back: %ld\n", checks,
	    failures, blocks);
	return (failures != 0 || blocks != 0);
}
