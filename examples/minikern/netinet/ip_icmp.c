/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip_var.h>

struct icmpstat icmpstat;

static int	icmplim = 200;		/* Errors in a second. */
static int	icmplim_left = 200;
static int	icmpbmcastecho = 1;

SYSCTL_DECL(_net_inet_icmp);
SYSCTL_STRUCT(_net_inet_icmp, OID_AUTO, stats, CTLFLAG_RW,
	&icmpstat,	icmpstat, "");
SYSCTL_INT(_net_inet_icmp, OID_AUTO, icmplim, CTLFLAG_RW, &icmplim, 0, "");
SYSCTL_INT(_net_inet_icmp, OID_AUTO, bmcastecho, CTLFLAG_RW,
	&icmpbmcastecho, 0, "");

/* Twice a second: that many errors more may go out. */
void
icmp_slowtimo()
{

	icmplim_left = MIN(icmplim_left + icmplim / 2, icmplim);
}

/* Generate an error packet of type type in response to bad packet n. */
void
icmp_error(n, type, code)
	struct mbuf *n;
	int type, code;
{
	struct ip *oip = mtod(n, struct ip *);
	struct in_conninfo inc;
	struct icmp *icp;
	struct mbuf *m;

	icmpstat.icps_error++;
	if (oip->ip_p == IPPROTO_ICMP && type != ICMP_TIMXCEED) {
		icmpstat.icps_oldicmp++;
		goto freeit;
	}
	if (icmplim > 0 && --icmplim_left < 0) {
		icmpstat.icps_limited++;
		goto freeit;
	}
	bzero(&inc, sizeof(inc));
	inc.inc_faddr = oip->ip_src;
	if (in_pcbladdr(inc.inc_faddr, &inc.inc_laddr) != 0 ||
	    (m = m_devget(oip, MIN(n->m_len, 28))) == NULL)
		goto freeit;
	m_prepend(m, ICMP_MINLEN);
	icp = mtod(m, struct icmp *);
	bzero(icp, ICMP_MINLEN);
	icp->icmp_type = type;
	icp->icmp_code = code;
	(void)in_pcboutput(&inc, m, IPPROTO_ICMP, &icp->icmp_cksum);
freeit:
	m_freem(n);
}

/* Process a received ICMP message. */
void
icmp_input(m, off)
	struct mbuf *m;
	int off;
{
	struct ip *ip = mtod(m, struct ip *);
	struct icmp *icp = (struct icmp *)(ip + 1);
	struct in_conninfo inc;

	if ((m = m_pullup(m, off + ICMP_MINLEN)) == NULL)
		return;
	if (icp->icmp_type <= ICMP_MAXTYPE)
		icmpstat.icps_inhist[icp->icmp_type]++;
	if (icp->icmp_type != ICMP_ECHO ||
	    (!icmpbmcastecho && (m->m_flags & M_BCAST) != 0)) {
		rip_input(m, off);
		return;
	}
	icp->icmp_type = ICMP_ECHOREPLY;
	icp->icmp_cksum = 0;
	icmpstat.icps_reflect++;
	bzero(&inc, sizeof(inc));
	inc.inc_faddr = ip->ip_src;
	inc.inc_laddr = ip->ip_dst;
	m_adj(m, off);
	(void)in_pcboutput(&inc, m, IPPROTO_ICMP, &icp->icmp_cksum);
}

/* Queue a copy of the statistics for a monitor to read. */
int
icmp_notify(ifq)
	struct ifqueue *ifq;
{
	struct mbuf *m;

	if ((m = m_gethdr(M_NOWAIT)) == NULL)
		return (ENOBUFS);
	*mtod(m, struct icmpstat *) = icmpstat;
	m->m_len = sizeof(icmpstat);
	IF_ENQUEUE(ifq, m);
	return (0);
}
