/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * What processes would do: open sockets, send, receive, look and set.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>
#include <netinet/udp_var.h>
#ifdef INET6
#include <netinet6/in6_var.h>
#endif

#define	ADDR(a, b, c, d)						\
	((u_int32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static char	buf[8192];

/*
 * The last few addresses that were asked for.
 */
static struct sockaddr *
demo_addr(u_int32_t addr, int port)
{
	static struct sockaddr_in sins[4];
	static int next;
	struct sockaddr_in *sin = &sins[next++ % nitems(sins)];
	struct in_addr in;

	in.s_addr = htonl(addr);
	in_sockaddr(sin, in, htons(port));
	return ((struct sockaddr *)sin);
}

static void
demo_set(const char *name, int value)
{
	int error;

	error = kernel_sysctlbyname(name, NULL, NULL, &value, sizeof(value));
	printf("set %s=%d: error %d\n", name, value, error);
}

static void
demo_ifconfig(struct socket *so, const char *name, struct sockaddr *sa,
    int plen)
{
	struct ifaliasreq ifra;

	bzero(&ifra, sizeof(ifra));
	strlcpy(ifra.ifra_name, name, sizeof(ifra.ifra_name));
	bcopy(sa, &ifra.ifra_addr, sa->sa_len);
	ifra.ifra_plen = plen;
	printf("ifconfig %s: error %d\n", name,
	    soioctl(so, SIOCAIFADDR, (caddr_t)&ifra));
}

static struct socket *
demo_socket(int family, int type, struct sockaddr *sa)
{
	struct socket *so;
	int error;

	error = socreate(family, &so, type);
	if (error == 0 && sa != NULL)
		error = sobind(so, sa);
	if (error)
		panic("socket: error %d", error);
	return (so);
}

/*
 * A firewall that knows one port.
 */
static int
demo_firewall(struct mbuf *m)
{
	struct udphdr uh;

	if (mtod(m, struct ip *)->ip_p != IPPROTO_UDP)
		return (0);
	m_copydata(m, sizeof(struct ip), sizeof(uh), (caddr_t)&uh);
	return (uh.uh_dport == htons(9));
}

static void
demo_ping(struct socket *so, u_int32_t addr, int size)
{
	struct icmp *icp = (struct icmp *)buf;
	int error, n;

	bzero(buf, size);
	icp->icmp_type = ICMP_ECHO;
	error = sosend(so, demo_addr(addr, 0), buf, size);
	printf("ping %lx: error %d", (u_long)addr, error);
	while ((n = soreceive(so, buf, sizeof(buf))) > 0) {
		icp = (struct icmp *)(buf + sizeof(struct ip));
		printf(", %d bytes of type %d", n, icp->icmp_type);
	}
	printf("\n");
}

static void
demo_udp(int family, struct sockaddr *any, struct sockaddr *to)
{
	struct socket *server, *client;
	int n;

	server = demo_socket(family, SOCK_DGRAM, any);
	client = demo_socket(family, SOCK_DGRAM, NULL);
	printf("udp: connect %d", soconnect(client, to));
	printf(", send %d", sosend(client, NULL, "hello", 5));
	n = soreceive(server, buf, sizeof(buf));
	printf(", got %d, answer %d", n, sosend(server,
	    (struct sockaddr *)&server->so_from, buf, n));
	printf(", got %d\n", soreceive(client, buf, sizeof(buf)));
	soclose(client);
	soclose(server);
}

static void
demo_tcp(int family, struct sockaddr *any, struct sockaddr *to)
{
	struct socket *server, *client, *so;
	int error, n, pieces = 0, total = 0;

	server = demo_socket(family, SOCK_STREAM, any);
	client = demo_socket(family, SOCK_STREAM, NULL);
	error = solisten(server);
	printf("tcp: listen %d, connect %d", error, soconnect(client, to));
	error = soaccept(server, &so);
	printf(", accept %d", error);
	if (error == 0) {
		printf(", send %d", sosend(client, NULL, buf, 4000));
		while ((n = soreceive(so, buf, sizeof(buf))) > 0) {
			pieces++;
			total += n;
		}
		hardclock(hz);
		printf(", got %d in %d pieces\n", total, pieces);
		soclose(client);
		printf("tcp: then %d\n", soreceive(so, buf, sizeof(buf)));
		soclose(so);
	} else {
		printf("\n");
		soclose(client);
	}
	soclose(server);
	hardclock(70 * hz);		/* TIME_WAIT */
}

#ifdef INET6
static void
demo_inet6(void)
{
	struct sockaddr_in6 any, lo, far;
	struct in6_addr in6;
	struct socket *so;

	bzero(&in6, sizeof(in6));
	in6_sockaddr(&any, &in6, htons(7));
	in6.s6_addr[15] = 1;
	in6_sockaddr(&lo, &in6, htons(7));
	demo_udp(AF_INET6, (struct sockaddr *)&any, (struct sockaddr *)&lo);
	demo_tcp(AF_INET6, (struct sockaddr *)&any, (struct sockaddr *)&lo);

	so = demo_socket(AF_INET6, SOCK_DGRAM, NULL);
	in6.s6_addr32[0] = htonl(0x20010db8);
	in6_sockaddr(&far, &in6, 0);
	demo_ifconfig(so, "disc0", (struct sockaddr *)&far, 64);
	in6.s6_addr[15] = 9;
	in6_sockaddr(&far, &in6, htons(7));
	printf("udp6: nobody there: %d", sosend(so, (struct sockaddr *)&far,
	    "hello", 5));
	lo.sin6_port = htons(8);
	printf(", closed port: %d\n", sosend(so, (struct sockaddr *)&lo,
	    "hello", 5));
	hardclock(10 * hz);
	soclose(so);
}
#endif

void
net_demo(void)
{
	struct socket *raw, *so;
	struct ifnet *ifp;
	int i;

	raw = demo_socket(AF_INET, SOCK_RAW, NULL);
	demo_ping(raw, INADDR_LOOPBACK, 64);
	demo_ifconfig(raw, "lo0", demo_addr(INADDR_LOOPBACK, 0), 8);
	demo_ifconfig(raw, "disc0", demo_addr(ADDR(10, 0, 0, 1), 0), 24);
	demo_ifconfig(raw, "none0", demo_addr(ADDR(10, 0, 1, 1), 0), 24);

	demo_ping(raw, INADDR_LOOPBACK, 64);
	demo_ping(raw, INADDR_LOOPBACK, 4000);
	demo_ping(raw, ADDR(10, 0, 0, 1), 64);
	demo_ping(raw, ADDR(10, 0, 0, 9), 64);
	demo_ping(raw, ADDR(192, 0, 2, 1), 64);
	demo_ping(raw, ADDR(127, 0, 0, 2), 64);
	demo_set("net.inet.ip.forwarding", 1);
	demo_ping(raw, ADDR(127, 0, 0, 2), 64);	/* Until its TTL is gone. */
	demo_set("net.inet.ip.forwarding", 0);

	demo_udp(AF_INET, demo_addr(INADDR_ANY, 7),
	    demo_addr(INADDR_LOOPBACK, 7));
	ip_fw_chk_ptr = demo_firewall;
	so = demo_socket(AF_INET, SOCK_DGRAM, demo_addr(INADDR_ANY, 0));
	for (i = 9; i > 7; i--)
		printf("udp: to closed port %d: %d\n", i, sosend(so,
		    demo_addr(INADDR_LOOPBACK, i), "hello", 5));
	ip_fw_chk_ptr = NULL;
	for (i = 0; i < 300; i++)
		(void)sosend(so, demo_addr(INADDR_LOOPBACK, 8), "hello", 5);
	soclose(so);
	ifq_drain(&raw->so_rcv);

	demo_tcp(AF_INET, demo_addr(INADDR_ANY, 80),
	    demo_addr(INADDR_LOOPBACK, 80));
	demo_tcp(AF_INET, demo_addr(INADDR_ANY, 80),
	    demo_addr(INADDR_LOOPBACK, 80));
	so = demo_socket(AF_INET, SOCK_STREAM, NULL);
	printf("tcp: refused: %d\n", soconnect(so,
	    demo_addr(INADDR_LOOPBACK, 81)));
	soclose(so);
	demo_set("net.inet.tcp.blackhole", 1);
	so = demo_socket(AF_INET, SOCK_STREAM, NULL);
	printf("tcp: no answer: %d\n", soconnect(so,
	    demo_addr(INADDR_LOOPBACK, 81)));
	soclose(so);
	demo_set("net.inet.tcp.mssdflt", 10);
	demo_set("net.inet.tcp.mssdflt", 1024);
	demo_set("net.inet.ip.fw.enable", 2);
	demo_set("net.inet.ip.portrange.first", 80);
#ifdef INET6
	demo_inet6();
#endif
	printf("statistics: %d\n", soioctl(raw, 1, NULL));
	printf("got %d counters\n", (int)(soreceive(raw, buf, sizeof(buf)) /
	    (int)sizeof(u_long)));
	soclose(raw);

	TAILQ_FOREACH(ifp, &ifnet, if_link)
		printf("%s: %lu in, %lu out\n", ifp->if_xname,
		    ifp->if_ipackets, ifp->if_opackets);
}
