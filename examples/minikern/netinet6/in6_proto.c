/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/ip_var.h>
#include <netinet6/ip6.h>

static struct domain inet6domain;

struct protosw inet6sw[] = {
{	&inet6domain,	0,
	NULL,		ip6_init,	ip6_destroy,	NULL,
	NULL
},
{	&inet6domain,	IPPROTO_UDP,
	udp6_input,	NULL,		NULL,		NULL,
	NULL
},
{	&inet6domain,	IPPROTO_TCP,
	tcp6_input,	NULL,		NULL,		NULL,
	NULL
},
{	&inet6domain,	IPPROTO_ICMPV6,
	icmp6_input,	icmp6_init,	NULL,		NULL,
	NULL
},
};

static struct domain inet6domain = {
	.dom_family =		AF_INET6,
	.dom_name =		"internet6",
	.dom_protosw =		inet6sw,
	.dom_protoswNPROTOSW =	&inet6sw[nitems(inet6sw)],
	.dom_rtattach =		in6_inithead,
	.dom_rtdetach =		in6_detachhead,
	.dom_ifattach =		in6_ifattach,
};

DOMAIN_SET(inet6, SI_ORDER_THIRD);

/* Internet configuration info */
#ifndef	IPV6FORWARDING
#define	IPV6FORWARDING	0	/* forward IP6 packets not for us */
#endif

int	ip6_forwarding = IPV6FORWARDING;	/* act as router? */
int	ip6_defhlim = IPV6_DEFHLIM;
#ifdef IP6_AUTO_LINKLOCAL
int	ip6_auto_linklocal = IP6_AUTO_LINKLOCAL;
#else
int	ip6_auto_linklocal = 1;	/* enable by default */
#endif
static u_int32_t ip6_temp_preferred_lifetime = 86400;

TUNABLE_INT("net.inet6.ip6.auto_linklocal", &ip6_auto_linklocal);

SYSCTL_NODE(_net, PF_INET6, inet6, CTLFLAG_RW, NULL, "Internet6 Family");
SYSCTL_NODE(_net_inet6, 0, ip6, CTLFLAG_RW, NULL, "IP6");
SYSCTL_NODE(_net_inet6, IPPROTO_ICMPV6, icmp6, CTLFLAG_RW, NULL, "ICMP6");

/* Not less than a minute. */
static int
sysctl_ip6_temppltime(SYSCTL_HANDLER_ARGS)
{
	u_int32_t old = ip6_temp_preferred_lifetime;
	int error;

	error = SYSCTL_OUT(req, arg1, sizeof(u_int32_t));
	if (error || !req->newptr)
		return (error);
	error = SYSCTL_IN(req, arg1, sizeof(u_int32_t));
	if (ip6_temp_preferred_lifetime < 60) {
		ip6_temp_preferred_lifetime = old;
		error = EINVAL;
	}
	return (error);
}

SYSCTL_INT(_net_inet6_ip6, OID_AUTO,
	forwarding, CTLFLAG_RW, 	&ip6_forwarding,	0, "");
SYSCTL_INT(_net_inet6_ip6, OID_AUTO, hlim, CTLFLAG_RW, &ip6_defhlim, 0, "");
SYSCTL_STRUCT(_net_inet6_ip6, OID_AUTO, stats, CTLFLAG_RD,
	&ip6stat, ip6stat, "");
SYSCTL_INT(_net_inet6_ip6, OID_AUTO, auto_linklocal, CTLFLAG_RW,
	&ip6_auto_linklocal,	0, "");
SYSCTL_OID(_net_inet6_ip6, OID_AUTO, temppltime,
	   CTLTYPE_INT|CTLFLAG_RW, &ip6_temp_preferred_lifetime, 0,
	   sysctl_ip6_temppltime, "I", "");
SYSCTL_STRUCT(_net_inet6_icmp6, OID_AUTO, stats, CTLFLAG_RD,
	&icmp6stat, icmp6stat, "");
