/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * After step 3: many network stacks in one process.  Nothing that is done in
 * one shows in another, and a stack that goes leaves nothing behind.  This is
 * compiled like the kernel, with option VIMAGE.  Here is what programs do in a
 * stack; what must hold is in scenes.c.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>

#include <net/if_var.h>
#include <net/vnet.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#include <netinet/vinet.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

#include <user/stacks.h>

struct stack	stacks[NSTACKS];
struct stack	home;
int	failures;

static int	checks;
static char	buf[2048];
static const struct in_addr lo = { htonl(INADDR_LOOPBACK) };

int	fflush(void *);
int	main(int, char **);

void
check(int holds, const char *what, struct stack *s)
{

	checks++;
	if (holds)
		return;
	failures++;
	printf("FAILED: %s (stack %d)\n", what,
	    s != NULL && s != &home ? (int)(s - stacks) : -1);
	fflush(NULL);			/* It may get worse. */
}

/* Make a stack whose interfaces have addresses. */
void
bring_up(struct stack *s, u_int32_t addr)
{
	struct in_addr in = { htonl(addr) };

	*s = (struct stack){ .s_vnet = vnet_alloc(), .s_addr = addr };
	if (s->s_vnet == NULL)
		panic("no stack");
	watch_adopt(s->s_vnet);
	CURVNET_SET(s->s_vnet);
	s->s_raw = rip_attach();
	s->s_udp = udp_attach(0, 7);
	(void)in_control("lo0", lo, 8);
	(void)in_control("disc0", in, 24);
	CURVNET_RESTORE();
}

/* Sockets have to be closed; all else goes with the stack. */
void
take_down(struct stack *s)
{
	struct vnet *vnet = s->s_vnet;

	CURVNET_SET(vnet);
	rip_detach(s->s_raw);
	udp_detach(s->s_udp);
	CURVNET_RESTORE();
	vnet_destroy(vnet);
	check(watch_count(vnet) == 0, "a stack leaves memory", s);
	s->s_vnet = NULL;
}

/* Take what has come for a stack that pings; n were sent. */
static int
answers(struct stack *s)
{
	int n = 0;

	while (ifq_read(s->s_raw, buf) > 0)
		n++;
	s->s_pings += n;
	return (n);
}

static void
echo(struct stack *s, struct in_addr in, int len)
{
	struct icmp *icp = (struct icmp *)buf;

	bzero(buf, len);
	icp->icmp_type = ICMP_ECHO;
	CURVNET_SET(s->s_vnet);
	(void)rip_send(in, buf, len);
	CURVNET_RESTORE();
}

/* Send a packet to oneself; what is sent waits until no stack is selected. */
int
ping(struct stack *s)
{

	echo(s, lo, 64);
	swi_net();
	return (answers(s));
}

void
connect(struct stack *s)
{

	CURVNET_SET(s->s_vnet);
	s->s_server = tcp_attach(0);
	s->s_client = tcp_attach(0);
	(void)tcp_listen(s->s_server, 80);
	(void)tcp_connect(s->s_client, &lo, 80);
	CURVNET_RESTORE();
	swi_net();
}

static void
tcp_end(struct stack *s, struct inpcb *inp)
{

	CURVNET_SET(s->s_vnet);
	tcp_detach(inp);
	CURVNET_RESTORE();
	swi_net();
}

/* What has been learnt about the way to the other side is kept. */
void
hang_up(struct stack *s)
{
	struct vnet_inet *inet = s->s_vnet->mod_data[VNET_MOD_INET];

	tcp_end(s, s->s_client);
	tcp_end(s, s->s_server->inp_accept);
	tcp_end(s, s->s_server);
	check(inet->_tcp_hostcache.cache_count == 1, "host cache", s);
}

/* How many bytes of a connection come through. */
int
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

/* A UDP socket, what it sends, and its end. */
static struct inpcb *
udp_open(struct stack *s, int isipv6, int port)
{
	struct inpcb *inp;

	CURVNET_SET(s->s_vnet);
	inp = udp_attach(isipv6, port);
	CURVNET_RESTORE();
	return (inp);
}

static void
udp_say(struct stack *s, struct inpcb *inp, const void *to, int port, int len)
{

	CURVNET_SET(s->s_vnet);
	(void)udp_send(inp, to, port, buf, len);
	CURVNET_RESTORE();
	swi_net();
}

static void
udp_close(struct stack *s, struct inpcb *inp)
{

	CURVNET_SET(s->s_vnet);
	udp_detach(inp);
	CURVNET_RESTORE();
}

#ifdef INET6
/* UDP to oneself, and to a neighbour that is not there. */
static void
traffic6(struct stack *s)
{
	struct in6_addr lo6 = { { 0, 0, 0, htonl(1) } };
	struct in6_addr far = { { htonl(0x20010db8), 0, 0, htonl(9) } };
	struct in6_addr own = { { htonl(0x20010db8), 0, 0, htonl(1) } };
	struct inpcb *inp, *server;

	CURVNET_SET(s->s_vnet);
	(void)in6_control("disc0", &own, 64);
	CURVNET_RESTORE();
	server = udp_open(s, 1, 7);
	inp = udp_open(s, 1, 0);
	udp_say(s, inp, &lo6, 7, 9);
	udp_say(s, inp, &far, 7, 9);
	check(ifq_read(&server->inp_rcv, buf) == 9, "UDP over IPv6", s);
	udp_close(s, inp);
	udp_close(s, server);
}
#endif

static u_long
discarded(struct stack *s)
{
	u_long packets;

	CURVNET_SET(s->s_vnet);
	packets = ifunit("disc0")->if_opackets;
	CURVNET_RESTORE();
	return (packets);
}

/* Some of all that there is. */
void
traffic(struct stack *s)
{
	struct in_addr gone = { htonl(s->s_addr + 8) };
	u_long packets = discarded(s);
	struct inpcb *inp;

	check(ping(s) == 1, "a ping", s);
	echo(s, lo, 1600);
	swi_net();
	check(answers(s) == 1, "a ping in two fragments", s);
	echo(s, gone, 64);
	check(discarded(s) == packets + 1, "disc0", s);
	inp = udp_open(s, 0, 0);
	udp_say(s, inp, &lo, 7, 5);
	udp_say(s, inp, &lo, 8, 5);		/* Nobody there. */
	check(ifq_read(&s->s_udp->inp_rcv, buf) == 5, "UDP", s);
	udp_close(s, inp);
#ifdef INET6
	traffic6(s);
#endif
	(void)answers(s);
}

/* Half of a packet that waits for the rest, for a stack to go with. */
void
leave_a_mess(struct stack *s)
{
	struct vnet_inet *inet = s->s_vnet->mod_data[VNET_MOD_INET];
	struct mbuf *m;
	struct ip *ip;

	bzero(buf, 100);
	CURVNET_SET(s->s_vnet);
	m = m_devget(buf, 100);
	m->m_rcvif = ifunit("lo0");
	CURVNET_RESTORE();
	ip = mtod(m, struct ip *);
	ip->ip_vhl = 0x45;
	ip->ip_len = htons(100);
	ip->ip_off = htons(IP_MF);
	ip->ip_src = ip->ip_dst = lo;
	(void)netisr_queue(NETISR_IP, m);
	swi_net();
	check(inet->_nipq == 1, "half of a packet waits", s);
}

/*
 * All that main.c does, in a stack besides the default one.  What is printed is
 * the same, but for the number of timers that have run.
 */
static void
demo(void)
{
	struct vnet *vnet = vnet_alloc();

	CURVNET_SET_QUIET(vnet);
	(void)kernel_sysctlbyname("kern.hostname", NULL, NULL,
	    "minikern.example.org", 21);
	(void)kernel_sysctlbyname("kern.domainname", NULL, NULL,
	    "example.org", 12);
	net_demo();
	kern_report();
	pfdrain();
	hardclock(2 * 60 * 60 * hz);
	kern_report();
	sysctl_dump();
	CURVNET_RESTORE();
	vnet_destroy(vnet);
}

int
main(int argc, char **argv)
{
	long left;

	watch();
	kern_boot();
	watch_adopt(vnet0);
	home.s_vnet = vnet0;
	/* From here on nothing is right by chance: no stack is selected. */
	curvnet = NULL;
	if (argc > 1)
		demo();
	else {
		two_stacks();
		many_stacks();
		half_a_stack();
		late_module();
	}
	left = kern_shutdown();
	if (argc == 1)
		printf("%d checks, %d failed\n", checks, failures);
	printf("blocks not given back: %ld\n", left);
	return (failures != 0 || left != 0);
}
