/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input of IPv4 packets: check them, put fragments together, hand them up or
 * send them on.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/protosw.h>
#include <sys/sysctl.h>

#include <net/if_var.h>
#include <net/route.h>

#include <netinet/in_var.h>
#include <netinet/ip_var.h>

#ifdef DEBUG
#define	DEB(x)		x
#else
#define	DEB(x)
#endif

static MALLOC_DEFINE(M_FTABLE, "fragment", "fragment reassembly header");

static int	ipforwarding = 0;
int	ip_defttl = IPDEFTTL;
static int	ipsendredirects = 1;
static int	ip_checkinterface = 0, ip_nosourceroute = 1;
u_char	ip_protox[IPPROTO_MAX];		/* The same for all, set but once. */
struct ipstat ipstat;
u_int16_t ip_id;

SYSCTL_DECL(_net_inet_ip);
SYSCTL_INT(_net_inet_ip, OID_AUTO, forwarding, CTLFLAG_RW,
    &ipforwarding, 0, "Enable IP forwarding between interfaces");
SYSCTL_INT(_net_inet_ip, OID_AUTO, redirect, CTLFLAG_RW,
    &ipsendredirects, 0, "Enable sending IP redirects");
SYSCTL_INT(_net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW, &ip_defttl, 0, "");
SYSCTL_INT(_net_inet_ip, OID_AUTO, nosourceroute, CTLFLAG_RW,
    &ip_nosourceroute, 0, "Refuse source routes");
SYSCTL_INT(_net_inet_ip, OID_AUTO, check_interface, CTLFLAG_RW,
    &ip_checkinterface, 0, "Verify packet arrives on correct interface");
SYSCTL_STRUCT(_net_inet_ip, OID_AUTO, stats, CTLFLAG_RW,
    &ipstat, ipstat, "IP statistics (struct ipstat, netinet/ip_var.h)");

/* Reassembly.  A packet waits on the list that its id chooses. */
#define	IPREASS_NHASH	4

static TAILQ_HEAD(ipqhead, ipq) ipq[IPREASS_NHASH]; /* ip reass. queue */
static int	nipq;		/* Total # of reass queues */
static int	maxnipq = 16;	/* Administrative limit on # reass queues. */

SYSCTL_INT(_net_inet_ip, OID_AUTO, maxfragpackets, CTLFLAG_RW, &maxnipq, 0, "");

/* The firewall: a hook, and two switches with one handler. */
ip_fw_chk_t *ip_fw_chk_ptr = NULL;
static int	fw_enable = 1;
static int	(*ip_fw_log_ptr)(const char *, ...) = printf;
static int	fw_verbose = 0;

static int	ip_dscpmap[4] = { 0x00, 0x28, 0x48, 0xb8 };
static char	ip_policy[16] = "strict";
static struct	in_addr ip_redirsrc = { INADDR_ANY };

static int
sysctl_fw_switch(SYSCTL_HANDLER_ARGS)
{
	int error;

	error = sysctl_handle_int(oidp, arg1, 0, req);
	if (error == 0 && arg1 == &fw_enable && !fw_enable && fw_verbose)
		(*ip_fw_log_ptr)("firewall: off\n");
	return (error);
}

SYSCTL_PROC(_net_inet_ip, OID_AUTO, fw_enable, CTLTYPE_INT | CTLFLAG_RW,
    &fw_enable, 0, sysctl_fw_switch, "I", "Enable ipfw");
SYSCTL_PROC(_net_inet_ip, OID_AUTO, fw_verbose, CTLTYPE_INT | CTLFLAG_RW,
    &fw_verbose, 0, sysctl_fw_switch, "I", "Log what ipfw does");
SYSCTL_STRING(_net_inet_ip, OID_AUTO, policy, CTLFLAG_RW, &ip_policy,
    16, "Forwarding policy, \"strict\" or \"loose\"");

/* Fragments may not eat more than a quarter of the mbufs. */
static void
ip_sizing(dummy)
	void *dummy;
{

	if (maxnipq > nmbufs / 4)
		maxnipq = nmbufs / 4;
}
SYSINIT(ip_sizing, SI_SUB_MBUF, SI_ORDER_FIRST, ip_sizing, NULL);

/* IP initialization: fill in IP protocol switch table. */
void
ip_init()
{
	struct protosw *pr;
	int i;

	for (i = 0; i < IPREASS_NHASH; i++)
	    TAILQ_INIT(&ipq[i]);

	ip_id = arc4random() & 0xffff;
	in_init();

	/* What follows is the same for all. */
	for (pr = inetsw; pr < inetsw->pr_domain->dom_protoswNPROTOSW; pr++)
		if (pr->pr_protocol != 0)
			ip_protox[pr->pr_protocol] = pr - inetsw;
	netisr_register(NETISR_IP, ip_input);
}

void
ip_destroy()
{

	ip_drain();
	in_destroy();

	netisr_register(NETISR_IP, NULL);
}

/* The type of service for one of four classes. */
int
ip_dscp(class)
	int class;
{

	return (ip_dscpmap[class & 3]);
}

/* Free a fragment reassembly header and all associated datagrams. */
static void
ip_freef(fhp, fp)
	struct ipqhead *fhp;
	struct ipq *fp;
{

	m_freem(fp->ipq_frags);
	TAILQ_REMOVE(fhp, fp, ipq_list);
	free(fp, M_FTABLE);
	nipq--;
}

/*
 * Take a fragment: they come in order here.  After the last one, return the
 * packet.
 */
static struct mbuf *
ip_reass(m)
	struct mbuf *m;
{
	struct ip *ip = mtod(m, struct ip *);
	struct ipqhead *head = &ipq[ntohs(ip->ip_id) % IPREASS_NHASH];
	struct ipq *fp;
	int more = ip->ip_off & htons(IP_MF);

	ipstat.ips_fragments++;
	TAILQ_FOREACH(fp, head, ipq_list)
		if (mtod(fp->ipq_frags, struct ip *)->ip_id == ip->ip_id)
			break;
	if (fp == NULL) {
		if (ip->ip_off & htons(IP_OFFMASK) || nipq >= maxnipq ||
		    (fp = malloc(sizeof *fp, M_FTABLE, M_NOWAIT)) == NULL)
			goto dropfrag;
		nipq++;
		fp->ipq_ttl = IPFRAGTTL;
		fp->ipq_frags = m;
		TAILQ_INSERT_TAIL(head, fp, ipq_list);
		return (NULL);
	}
	if (!m_append(fp->ipq_frags, ip + 1, m->m_len - (int)sizeof(*ip)))
		goto dropfrag;
	m_freem(m);
	if (more)
		return (NULL);
	m = fp->ipq_frags;
	fp->ipq_frags = NULL;
	ip_freef(head, fp);
	mtod(m, struct ip *)->ip_off = 0;
	ipstat.ips_reassembled++;
	return (m);

dropfrag:
	ipstat.ips_fragdropped++;
	m_freem(m);
	return (NULL);
}

/* Forward a packet.  If some error occurs return the sender an icmp packet. */
static void
ip_forward(m)
	struct mbuf *m;
{
	struct ip *ip = mtod(m, struct ip *);

	if (ip->ip_ttl <= 1) {
		icmp_error(m, ICMP_TIMXCEED, 0);
		return;
	}
#ifdef notyet
	if (ipsendredirects && ip_redirsrc.s_addr == INADDR_ANY)
		ip_redirsrc = ip->ip_dst;
#else
	if (ip_redirsrc.s_addr != INADDR_ANY)
		ip->ip_src = ip_redirsrc;
#endif
	ip->ip_ttl--;
	ipstat.ips_forward++;
	(void)ip_output(m, IP_FORWARDING);
}

/*
 * Ip input routine.  Checksum.  If fragmented try to reassemble.  Pass to
 * next level.
 */
void
ip_input(m)
	struct mbuf *m;
{
	struct ip *ip = mtod(m, struct ip *);
	struct ifnet *ifp;
	int hlen = (ip->ip_vhl & 0xf) << 2;

	ipstat.ips_total++;

	if (m->m_len < (int)sizeof(struct ip) || ip->ip_vhl >> 4 != 4 ||
	    m->m_len != ntohs(ip->ip_len)) {
		ipstat.ips_bad++;
		goto bad;
	}
	if (hlen != sizeof(struct ip) && ip_nosourceroute)
		goto bad;		/* No options here. */

	DEB(printf("ip_input: %lu so far\n", ipstat.ips_total);)
	if (fw_enable && ip_fw_chk_ptr != NULL && (*ip_fw_chk_ptr)(m) != 0)
		goto bad;

	/*
	 * Is it for us?  The address may be that of another interface than
	 * the one it came by, unless ip_checkinterface is set.
	 */
	INADDR_TO_IFP(ip->ip_dst, ifp);
	if (ifp == NULL || (ip_checkinterface && ifp != m->m_rcvif &&
	    !(m->m_flags & M_LOOP))) {
		if (ipforwarding) {
			ip_forward(m);
			return;
		}
		ipstat.ips_cantforward++;
		goto bad;
	}

	if (ip->ip_off & htons(IP_MF | IP_OFFMASK)) {
		if ((m = ip_reass(m)) == NULL)
			return;
		ip = mtod(m, struct ip *);
	}
	if (ip_protox[ip->ip_p] == 0) {
		/* ipstat.ips_delivered--; */
		goto bad;
	}
	ipstat.ips_delivered++;
	(*inetsw[ip_protox[ip->ip_p]].pr_input)(m, hlen);
	return;
bad:
	m_freem(m);
}

/* IP timer processing; if a timer expires on a reassembly queue, discard it. */
void
ip_slowtimo()
{
	struct ipq *fp, *nfp;
	int i;

	for (i = 0; i < IPREASS_NHASH; i++)
		TAILQ_FOREACH_SAFE(fp, &ipq[i], ipq_list, nfp)
			if (--fp->ipq_ttl == 0)
				ip_freef(&ipq[i], fp);
}

/* Drain off all datagram fragments. */
void
ip_drain()
{
	int i;

	for (i = 0; i < IPREASS_NHASH; i++)
		while (!TAILQ_EMPTY(&ipq[i])) {
			ipstat.ips_fragdropped++;
			ip_freef(&ipq[i], TAILQ_FIRST(&ipq[i]));
		}
}
