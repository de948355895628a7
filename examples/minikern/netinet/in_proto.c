/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>
#include <netinet/tcp_var.h>

static struct domain inetdomain;

#define	NSTATTAB	3

/* The statistics that a monitor may add up, by the name of the protocol. */
static struct stattab {
	const char	*st_name;
	u_long		*st_stat;
} inet_stattab[NSTATTAB] = {
	{ "ip",		&ipstat.ips_total },
	{ "udp",	&udpstat.udps_ipackets },
	{ "tcp",	&tcpstat.tcps_rcvtotal }
};

struct protosw inetsw[] = {
{	&inetdomain,	0,
	NULL,		ip_init,	ip_destroy,	ip_slowtimo,
	ip_drain
},
{	&inetdomain,	IPPROTO_UDP,
	udp_input,	udp_init,	udp_destroy,	NULL,
	NULL
},
{	&inetdomain,	IPPROTO_TCP,
	tcp_input,	tcp_init,	tcp_destroy,	tcp_slowtimo,
	tcp_hc_drain
},
{	&inetdomain,	IPPROTO_ICMP,
	icmp_input,	NULL,		rip_destroy,	icmp_slowtimo,
	NULL
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
