/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The protocols of IPv4.
 */

#include <sys/param.h>
#include <sys/kernel.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>
#include <netinet/udp_var.h>

static struct domain inetdomain;

#define	NSTATTAB	3

/*
 * The statistics that a monitor may add up, by the name of the protocol.
 */
static struct stattab {
	const char	*st_name;
	u_long		*st_stat;
} inet_stattab[NSTATTAB] = {
	{ "ip",		&ipstat.ips_total },
	{ "udp",	&udpstat.udps_ipackets },
	{ "tcp",	&tcpstat.tcps_rcvtotal }
};

struct protosw inetsw[] = {
{	0,		&inetdomain,	0,
	NULL,		ip_init,	ip_destroy,	ip_slowtimo,
	ip_drain,	NULL
},
{	SOCK_DGRAM,	&inetdomain,	IPPROTO_UDP,
	udp_input,	udp_init,	udp_destroy,	NULL,
	NULL,		&udp_usrreqs
},
{	SOCK_STREAM,	&inetdomain,	IPPROTO_TCP,
	tcp_input,	tcp_init,	tcp_destroy,	tcp_slowtimo,
	tcp_hc_drain,	&tcp_usrreqs
},
{	SOCK_RAW,	&inetdomain,	IPPROTO_ICMP,
	icmp_input,	NULL,		rip_destroy,	icmp_slowtimo,
	NULL,		&rip_usrreqs
},
};

static struct domain inetdomain = {
	.dom_family =		AF_INET,
	.dom_name =		"internet",
	.dom_protosw =		inetsw,
	.dom_protoswNPROTOSW =	&inetsw[nitems(inetsw)],
	.dom_rtattach =		in_inithead,
	.dom_rtdetach =		in_detachhead,
};

DOMAIN_SET(inet, SI_ORDER_SECOND);

SYSCTL_NODE(_net, PF_INET, inet, CTLFLAG_RW, NULL, "Internet Family");
SYSCTL_NODE(_net_inet, 0, ip, CTLFLAG_RW, NULL, "IP");
SYSCTL_NODE(_net_inet, IPPROTO_ICMP, icmp, CTLFLAG_RW, NULL, "ICMP");
SYSCTL_NODE(_net_inet, IPPROTO_UDP, udp, CTLFLAG_RW, NULL, "UDP");
SYSCTL_NODE(_net_inet, IPPROTO_TCP, tcp, CTLFLAG_RW, NULL, "TCP");

static int
sysctl_inet_total(SYSCTL_HANDLER_ARGS)
{
	u_int total = 0;
	int i;

	for (i = 0; i < NSTATTAB; i++)
		total += *inet_stattab[i].st_stat;
	return (sysctl_handle_int(oidp, &total, 0, req));
}
SYSCTL_PROC(_net_inet, OID_AUTO, total, CTLTYPE_UINT | CTLFLAG_RD, NULL, 0,
    sysctl_inet_total, "IU", "Packets that the protocols have seen");
