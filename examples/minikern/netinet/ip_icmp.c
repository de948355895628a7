/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * The Internet Control Message Protocol.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>

#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>

struct icmpstat icmpstat;

static u_int	icmpmaskfake = 0;	/* What to say of our mask. */
static int	icmplim = 200;		/* Errors in a second. */
static int	icmplim_left = 200;
static int	icmplim_output = 0;
static int	icmpbmcastecho = 1;
static char	reply_src[IFNAMSIZ];

SYSCTL_DECL(_net_inet_icmp);
SYSCTL_STRUCT(_net_inet_icmp, OID_AUTO, stats, CTLFLAG_RW,
	&icmpstat,	icmpstat, "");
SYSCTL_UINT(_net_inet_icmp, OID_AUTO, maskfake, CTLFLAG_RW,
	&icmpmaskfake, 0, "Fake reply to ICMP Address Mask Request packets.");
SYSCTL_INT(_net_inet_icmp, OID_AUTO, icmplim, CTLFLAG_RW, &icmplim, 0,
	"Errors that may be sent in a second");
SYSCTL_INT(_net_inet_icmp, OID_AUTO, icmplim_output, CTLFLAG_RW,
	&icmplim_output, 0, "Say when the limit is met");
SYSCTL_INT(_net_inet_icmp, OID_AUTO, bmcastecho, CTLFLAG_RW,
	&icmpbmcastecho, 0, "");
SYSCTL_STRING(_net_inet_icmp, OID_AUTO, reply_src, CTLFLAG_RW,
	&reply_src, IFNAMSIZ, "icmp reply source for non-local packets.");

static void	icmp_send __P((struct mbuf *, struct in_addr, struct in_addr));

/*
 * Twice a second: that many errors more may go out.
 */
void
icmp_slowtimo()
{

	icmplim_left = MIN(icmplim_left + icmplim / 2, icmplim);
}

/*
 * Generate an error packet of type type in response to bad packet n.
 */
void
icmp_error(n, type, code)
	struct mbuf *n;
	int type, code;
{
	struct ip *oip = mtod(n, struct ip *), *nip;
	struct icmp *icp;
	struct in_addr src, dst;
	struct mbuf *m = NULL;
	int icmplen;

	icmpstat.icps_error++;
	if (oip->ip_p == IPPROTO_ICMP && type != ICMP_TIMXCEED) {
		icmpstat.icps_oldicmp++;
		goto freeit;
	}
	if (icmplim > 0 && --icmplim_left < 0) {
		icmpstat.icps_limited++;
		icmplim_left = 0;
		if (icmplim_output)
			printf("icmplim: limiting error %d/%d\n", type, code);
		goto freeit;
	}
	icmplen = MIN(n->m_pkthdr.len, (int)sizeof(struct ip) + 8);
	if ((m = m_copym(n, 0, icmplen)) == NULL ||
	    (m = m_prepend(m, ICMP_MINLEN)) == NULL)
		goto freeit;
	icp = mtod(m, struct icmp *);
	bzero(icp, ICMP_MINLEN);
	icp->icmp_type = type;
	icp->icmp_code = code;
	icmpstat.icps_outhist[type]++;
	src = oip->ip_dst;
	dst = oip->ip_src;
	if ((m = m_prepend(m, sizeof(struct ip))) == NULL)
		goto freeit;
	nip = mtod(m, struct ip *);
	nip->ip_tos = ip_dscp(2);
	if (in_pcbladdr(dst, &src) != 0)
		src = oip->ip_dst;
	icmp_send(m, src, dst);
freeit:
	m_freem(n);
}

/*
 * Send an icmp packet: its ip header is still to be filled in.
 */
static void
icmp_send(m, src, dst)
	struct mbuf *m;
	struct in_addr src, dst;
{
	struct ip *ip = mtod(m, struct ip *);
	struct icmp *icp = (struct icmp *)(ip + 1);

	ip->ip_p = IPPROTO_ICMP;
	ip->ip_ttl = ip_defttl;
	ip->ip_src = src;
	ip->ip_dst = dst;
	icp->icmp_cksum = 0;
	icp->icmp_cksum = in_cksum(m, sizeof(*ip),
	    m->m_pkthdr.len - (int)sizeof(*ip), 0);
	(void)ip_output(m, IP_ALLOWFRAG, (struct inpcb *)NULL);
}

/*
 * Process a received ICMP message.
 */
void
icmp_input(m, off)
	struct mbuf *m;
	int off;
{
	struct ip *ip;
	struct icmp *icp;
	struct in_addr src;

	if ((m = m_pullup(m, off + ICMP_MINLEN)) == NULL)
		return;
	ip = mtod(m, struct ip *);
	icp = (struct icmp *)(mtod(m, caddr_t) + off);
	if (in_cksum(m, off, m->m_pkthdr.len - off, 0) != 0) {
		icmpstat.icps_checksum++;
		m_freem(m);
		return;
	}
	if (icp->icmp_type > ICMP_MAXTYPE) {
		icmpstat.icps_badcode++;
		goto raw;
	}
	icmpstat.icps_inhist[icp->icmp_type]++;
	switch (icp->icmp_type) {
	case ICMP_ECHO:
		if (!icmpbmcastecho && (m->m_flags & M_BCAST) != 0)
			break;
		icp->icmp_type = ICMP_ECHOREPLY;
		icmpstat.icps_reflect++;
		icmpstat.icps_outhist[icp->icmp_type]++;
		src = ip->ip_dst;
		icmp_send(m, src, ip->ip_src);
		return;
	case ICMP_UNREACH:
	case ICMP_TIMXCEED:
	default:
		break;
	}
raw:
	rip_input(m, off);
}

/*
 * Queue a copy of the statistics on a socket, for a monitor to read.
 */
int
icmp_notify(so)
	struct socket *so;
{
	struct mbuf *m;

	if ((m = m_gethdr(M_NOWAIT)) == NULL)
		return (ENOBUFS);
	KASSERT(sizeof(struct icmpstat) <= MLEN - MAX_LINKHDR,
	    ("icmpstat does not fit"));
	*mtod(m, struct icmpstat *) = icmpstat;
	m->m_len = m->m_pkthdr.len = sizeof(icmpstat);
	sbappend(so, m, NULL);
	return (0);
}
