/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* What processes would do: send, receive, look and set. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#ifdef INET6
#include <netinet6/ip6.h>
#endif

static char	buf[2048];
static struct in_addr lo;
static struct in6_addr lo6;

#define	LO(isipv6)	((isipv6) ? (void *)&lo6 : (void *)&lo)

/* Let go what has been sent. */
static int
demo_wait(int error)
{

	swi_net();
	return (error);
}

static void
demo_set(const char *name, int value)
{

	printf("set %s=%d: error %d\n", name, value,
	    kernel_sysctlbyname(name, NULL, NULL, &value, sizeof(value)));
}

static void
demo_ifconfig(const char *name, u_int32_t addr, int plen)
{
	struct in_addr in = { htonl(addr) };

	printf("ifconfig %s: error %d\n", name, in_control(name, in, plen));
}

/* A firewall that lets no UDP pass. */
static int
demo_firewall(struct mbuf *m)
{

	return (mtod(m, struct ip *)->ip_p == IPPROTO_UDP);
}

static void
demo_ping(struct ifqueue *raw, u_int32_t addr, int size)
{
	struct icmp *icp = (struct icmp *)buf;
	struct in_addr in = { htonl(addr) };
	int n;

	bzero(buf, size);
	icp->icmp_type = ICMP_ECHO;
	printf("ping %x: error %d", addr, demo_wait(rip_send(in, buf, size)));
	icp = (struct icmp *)(buf + sizeof(struct ip));
	while ((n = ifq_read(raw, buf)) > 0)
		printf(", %d bytes of type %d", n, icp->icmp_type);
	printf("\n");
}

static void
demo_udp(int isipv6)
{
	struct inpcb *server, *client;
	int n;

	server = udp_attach(isipv6, 7);
	client = udp_attach(isipv6, 0);
	printf("udp: send %d", demo_wait(udp_send(client, LO(isipv6), 7,
	    "hello", 5)));
	printf(", got %d", ifq_read(&server->inp_rcv, buf));
	ip_fw_chk_ptr = demo_firewall;
	printf(", again %d", demo_wait(udp_send(client, LO(isipv6), 7, buf,
	    5)));
	printf(", got %d", ifq_read(&server->inp_rcv, buf));
	ip_fw_chk_ptr = NULL;
	for (n = 0; n < 300; n++)
		(void)demo_wait(udp_send(client, LO(isipv6), 8, buf, 5));
	printf(", closed port %d\n", demo_wait(udp_send(client, LO(isipv6), 8,
	    buf, 5)));
	udp_detach(client);
	udp_detach(server);
}

static void
demo_tcp(int isipv6)
{
	struct inpcb *server, *client;
	int n, pieces = 0, total = 0;

	server = tcp_attach(isipv6);
	client = tcp_attach(isipv6);
	printf("tcp: listen %d", tcp_listen(server, 80));
	printf(", connect %d", demo_wait(tcp_connect(client, LO(isipv6), 80)));
	printf(", send %d", demo_wait(tcp_send(client, buf, 2000)));
	for (; (n = ifq_read(&server->inp_accept->inp_rcv, buf)) > 0; pieces++)
		total += n;
	hardclock(3 * hz);
	printf(", got %d in %d pieces\n", total, pieces);
	tcp_detach(client);
	swi_net();
	tcp_detach(server->inp_accept);
	swi_net();
	tcp_detach(server);
	client = tcp_attach(isipv6);
	n = demo_wait(tcp_connect(client, LO(isipv6), 81));
	printf("tcp: closed port: %d, state %d\n", n,
	    intotcpcb(client)->t_state);
	tcp_detach(client);
}

void
net_demo(void)
{
	struct ifqueue *raw;
	struct ifnet *ifp;

	lo.s_addr = htonl(INADDR_LOOPBACK);
	lo6.s6_addr32[3] = htonl(1);
	raw = rip_attach();
	demo_ping(raw, INADDR_LOOPBACK, 64);
	demo_ifconfig("lo0", INADDR_LOOPBACK, 8);
	demo_ifconfig("disc0", 0x0a000001, 24);
	demo_ifconfig("none0", 0x0a000101, 24);
	demo_ping(raw, INADDR_LOOPBACK, 64);
	demo_ping(raw, INADDR_LOOPBACK, 1600);		/* Two fragments. */
	demo_ping(raw, 0x0a000009, 64);			/* Is not there. */
	demo_ping(raw, 0xc0000201, 64);			/* No route. */
	demo_set("net.inet.ip.forwarding", 1);
	demo_ping(raw, INADDR_LOOPBACK + 1, 64);	/* Until no TTL is. */

	demo_udp(0);
	ifq_drain(raw);
	demo_set("net.inet.tcp.keepidle", 100);
	demo_tcp(0);
	demo_set("net.inet.tcp.blackhole", 1);
	demo_tcp(0);					/* Knows the MTU now. */
	demo_set("net.inet.tcp.mssdflt", 10);
	demo_set("net.inet.tcp.mssdflt", 1024);
	demo_set("net.inet.ip.portrange.first", 80);
#ifdef INET6
	struct in6_addr far = { { htonl(0x20010db8), 0, 0, htonl(1) } };
	struct inpcb *inp = udp_attach(1, 0);

	demo_udp(1);
	demo_tcp(1);
	printf("ifconfig disc0: error %d\n", in6_control("disc0", &far, 64));
	far.s6_addr32[3] = htonl(9);
	printf("udp6: nobody there: %d\n", udp_send(inp, &far, 7, "hello", 5));
	hardclock(10 * hz);
	udp_detach(inp);
#endif
	(void)icmp_notify(raw);
	printf("got %d counters\n", ifq_read(raw, buf) / (int)sizeof(u_long));
	rip_detach(raw);
	TAILQ_FOREACH(ifp, &ifnet, if_link)
		printf("%s: %lu in, %lu out\n", ifp->if_xname,
		    ifp->if_ipackets, ifp->if_opackets);
}
