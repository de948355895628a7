/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * A report for people who know nothing of the network.  So does this file: it
 * includes none of its headers, asks sysctl only, and calls things by names
 * that have other meanings there.  None of them is a variable of the network.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

/* A typedef, a tag, members, enumerators. */
typedef struct {
	u_long	ips_total;
	u_long	ip_id;			/* What was seen last. */
} tcpstat;

struct ifnet {
	const char	*nd6_hint;	/* What its line ends with. */
	const char	*mib;
	tcpstat		 tcbinfo;
};

enum report_kind { ipstat, udpstat, icmpstat, REPORT_MAX };

static struct ifnet report[REPORT_MAX] = {
	[ipstat] =	{ "packets", "net.inet.ip.stats", { 0, 0 } },
	[udpstat] =	{ "datagrams", "net.inet.udp.stats", { 0, 0 } },
	[icmpstat] =	{ "errors", "net.inet.icmp.stats", { 0, 0 } },
};

static int	udp_blackhole = 1;	/* Lines without news are left out. */

SYSCTL_INT(_kern, OID_AUTO, report_quiet, CTLFLAG_RW, &udp_blackhole, 0, "");

/* A macro's parameter. */
#define	REPORT(ipstat)	printf("report: %lu %s\n", (ipstat)->tcbinfo.ip_id, \
			    (ipstat)->nd6_hint)

/* A parameter of a K&R function, and a label. */
static int
report_fetch(ifnet, icmplim)
	struct ifnet *ifnet;
	int icmplim;
{
	u_long stats[64];
	size_t len = sizeof(stats);
	tcpstat *tcpstat = &ifnet->tcbinfo;

	if (kernel_sysctlbyname(ifnet->mib, stats, &len, NULL, 0) != 0 ||
	    stats[0] - tcpstat->ips_total < (u_long)icmplim)
		goto rttrash;
	tcpstat->ip_id = stats[0] - tcpstat->ips_total;
	tcpstat->ips_total = stats[0];
	return (1);
rttrash:
	return (!udp_blackhole);
}

/* A parameter of a prototype, a function, a local of an inner block. */
static void	loif(enum report_kind ipforwarding);

static void
loif(enum report_kind ip_defttl)
{

	if (ip_defttl < REPORT_MAX) {
		struct ifnet *ifnet = &report[ip_defttl];

		if (report_fetch(ifnet, 1))
			REPORT(ifnet);
	}
}

void
kern_report(void)
{
	enum { rtstat, rtrest } in6_ifaddr = rtstat;

	KASSERT(offsetof(struct ifnet, tcbinfo) != 0, ("ifnet"));
	for (; in6_ifaddr == rtstat; in6_ifaddr = rtrest) {
		loif(ipstat);
		loif(udpstat);
		loif(icmpstat);
	}
}
