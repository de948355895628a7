/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Input of IPv4 packets: check them, put fragments together, hand them up or
 * send them on.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <net/if.h>
#include <net/netisr.h>
#include <net/route.h>

#include <netinet/in.h>
#include <netinet/in_var.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip_var.h>

#ifdef DEBUG
#define	DEB(x)		x
#else
#define	DEB(x)
#endif

static MALLOC_DEFINE(M_FTABLE, "fragment", "fragment reassembly header");

int	ipforwarding = 0;
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
SYSCTL_INT(_net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW,
    &ip_defttl, 0, "Maximum TTL on IP packets");
SYSCTL_INT(_net_inet_ip, OID_AUTO, nosourceroute, CTLFLAG_RW,
    &ip_nosourceroute, 0, "Refuse source routes");
SYSCTL_INT(_net_inet_ip, OID_AUTO, check_interface, CTLFLAG_RW,
    &ip_checkinterface, 0, "Verify packet arrives on correct interface");
SYSCTL_STRUCT(_net_inet_ip, OID_AUTO, stats, CTLFLAG_RW,
    &ipstat, ipstat, "IP statistics (struct ipstat, netinet/ip_var.h)");

/*
 * Reassembly.  A packet waits on the list that its id and source choose.
 */
#define	IPREASS_NHASH_LOG2	3
#define	IPREASS_NHASH		(1 << IPREASS_NHASH_LOG2)
#define	IPREASS_HMASK		(IPREASS_NHASH - 1)
#define	IPREASS_HASH(x, y)						\
	(((((x) & 0xF) | ((((x) >> 8) & 0xF) << 4)) ^ (y)) & IPREASS_HMASK)

static TAILQ_HEAD(ipqhead, ipq) ipq[IPREASS_NHASH]; /* ip reass. queue */
static int	nipq;		/* Total # of reass queues */
static int	maxnipq = 16;	/* Administrative limit on # reass queues. */

SYSCTL_INT(_net_inet_ip, OID_AUTO, fragpackets, CTLFLAG_RD, &nipq, 0,
    "Current number of IPv4 fragment reassembly queue entries");
SYSCTL_INT(_net_inet_ip, OID_AUTO, maxfragpackets, CTLFLAG_RW, &maxnipq, 0,
    "Maximum number of IPv4 fragment reassembly queue entries");

/*
 * The firewall: a hook, and two switches with one handler.
 */
ip_fw_chk_t *ip_fw_chk_ptr = NULL;
int	fw_enable = 1;
static int	(*ip_fw_log_ptr)(const char *, ...) = printf;
static int	fw_verbose = 0;

static int	ip_dscpmap[4] = { 0x00, 0x28, 0x48, 0xb8 };
static char	ip_policy[16] = "strict";
static struct	in_addr ip_redirsrc = { INADDR_ANY };

static int
sysctl_fw_switch(SYSCTL_HANDLER_ARGS)
{
	int error, value = *(int *)arg1;

	error = sysctl_handle_int(oidp, &value, 0, req);
	if (error || req->newptr == NULL)
		return (error);
	if (value != 0 && value != 1)
		return (EINVAL);
	if (arg1 == &fw_enable && value == 0 && fw_verbose)
		(*ip_fw_log_ptr)("firewall: off\n");
	*(int *)arg1 = value;
	return (0);
}

SYSCTL_NODE(_net_inet_ip, OID_AUTO, fw, CTLFLAG_RW, NULL, "Firewall");
SYSCTL_PROC(_net_inet_ip_fw, OID_AUTO, enable, CTLTYPE_INT | CTLFLAG_RW,
    &fw_enable, 0, sysctl_fw_switch, "I", "Enable ipfw");
SYSCTL_PROC(_net_inet_ip_fw, OID_AUTO, verbose, CTLTYPE_INT | CTLFLAG_RW,
    &fw_verbose, 0, sysctl_fw_switch, "I", "Log what ipfw does");
SYSCTL_STRING(_net_inet_ip, OID_AUTO, policy, CTLFLAG_RW, &ip_policy,
    sizeof(ip_policy), "Forwarding policy, \"strict\" or \"loose\"");

static void	ip_forward __P((struct mbuf *));
static struct mbuf *ip_reass __P((struct mbuf *));
static void	ip_freef __P((struct ipqhead *, struct ipq *));

/*
 * Fragments may not eat more than a quarter of the mbufs.
 */
static void
ip_sizing(dummy)
	void *dummy;
{

	if (maxnipq > nmbufs / 4)
		maxnipq = nmbufs / 4;
}
SYSINIT(ip_sizing, SI_SUB_MBUF, SI_ORDER_FIRST, ip_sizing, NULL);

/*
 * IP initialization: fill in IP protocol switch table.
 */
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
	for (i = 0; i < IPPROTO_MAX; i++)
		ip_protox[i] = 0;
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

	netisr_unregister(NETISR_IP);
}

/*
 * The type of service for one of four classes.
 */
int
ip_dscp(class)
	int class;
{

	return (ip_dscpmap[class & 3]);
}

/*
 * Ip input routine.  Checksum and byte swap header.  If fragmented
 * try to reassemble.  Process options.  Pass to next level.
 */
void
ip_input(m)
	struct mbuf *m;
{
	struct ip *ip = NULL;
	struct ifnet *ifp;
	int hlen;

	ipstat.ips_total++;

	if (m->m_pkthdr.len < (int)sizeof(struct ip))
		goto tooshort;
	if ((m = m_pullup(m, sizeof(struct ip))) == NULL) {
		ipstat.ips_tooshort++;
		return;
	}
	ip = mtod(m, struct ip *);
	if (ip->ip_vhl >> 4 != IPVERSION) {
		ipstat.ips_badvers++;
		goto bad;
	}
	hlen = (ip->ip_vhl & 0xf) << 2;
	if (hlen != sizeof(struct ip) && ip_nosourceroute)
		goto bad;		/* No options here. */
	if (in_cksum(m, 0, hlen, 0) != 0) {
		ipstat.ips_badsum++;
		goto bad;
	}
	if (ntohs(ip->ip_len) < hlen || m->m_pkthdr.len < ntohs(ip->ip_len)) {
tooshort:
		ipstat.ips_tooshort++;
		goto bad;
	}
	if (m->m_pkthdr.len > ntohs(ip->ip_len))
		m_adj(m, ntohs(ip->ip_len) - m->m_pkthdr.len);

	DEB(printf("ip_input: %lu so far\n", ipstat.ips_total);)
	if (fw_enable && ip_fw_chk_ptr != NULL && (*ip_fw_chk_ptr)(m) != 0) {
		ipstat.ips_fwdrop++;
		goto bad;
	}

	/*
	 * Is it for us?  The address may be that of another interface than
	 * the one it came by, unless ip_checkinterface is set.
	 */
	INADDR_TO_IFP(ip->ip_dst, ifp);
	if (ifp != NULL && (!ip_checkinterface ||
	    ifp == m->m_pkthdr.rcvif || m->m_flags & M_LOOP))
		goto ours;

	if (!ipforwarding) {
		ipstat.ips_cantforward++;
		m_freem(m);
	} else
		ip_forward(m);
	return;

ours:
	if (ntohs(ip->ip_off) & (IP_MF | IP_OFFMASK)) {
		if (maxnipq == 0) {
			ipstat.ips_fragments++;
			ipstat.ips_fragdropped++;
			goto bad;
		}
		if ((m = ip_reass(m)) == NULL)
			return;
		ip = mtod(m, struct ip *);
		hlen = (ip->ip_vhl & 0xf) << 2;
	}

	if (ip_protox[ip->ip_p] == 0) {
		ipstat.ips_noproto++;
		/* ipstat.ips_delivered--; */
		goto bad;
	}
	ipstat.ips_delivered++;
	(*inetsw[ip_protox[ip->ip_p]].pr_input)(m, hlen);
	return;
bad:
	m_freem(m);
}

/*
 * Forward a packet.  If some error occurs return the sender an icmp packet.
 */
static void
ip_forward(m)
	struct mbuf *m;
{
	struct ip *ip = mtod(m, struct ip *);
	struct mbuf *mcopy;
	int error;

	if (ip->ip_ttl <= 1) {
		icmp_error(m, ICMP_TIMXCEED, ICMP_TIMXCEED_INTRANS);
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
	mcopy = m_copym(m, 0, MIN(m->m_pkthdr.len,
	    (int)sizeof(struct ip) + ICMP_MINLEN));
	error = ip_output(m, IP_FORWARDING | IP_ALLOWFRAG, NULL);
	if (error)
		ipstat.ips_cantforward++;
	else
		ipstat.ips_forward++;
	if (mcopy == NULL)
		return;
	if (error)
		icmp_error(mcopy, ICMP_UNREACH, error == EMSGSIZE ?
		    ICMP_UNREACH_NEEDFRAG : ICMP_UNREACH_HOST);
	else
		m_freem(mcopy);
}

/*
 * Take a fragment.  When it was the last one missing, return the packet.
 */
static struct mbuf *
ip_reass(m)
	struct mbuf *m;
{
	struct ip *ip = mtod(m, struct ip *);
	struct mbuf *p, *q, **pp, *t;
	struct ipqhead *head;
	struct ipq *fp;
	int hash, off, next;

#define	FRAGOFF(m)							\
	((ntohs(mtod((m), struct ip *)->ip_off) & IP_OFFMASK) << 3)

	ipstat.ips_fragments++;
	hash = IPREASS_HASH(ntohl(ip->ip_src.s_addr), ntohs(ip->ip_id));
	head = &ipq[hash];
	TAILQ_FOREACH(fp, head, ipq_list)
		if (ip->ip_id == fp->ipq_id &&
		    ip->ip_src.s_addr == fp->ipq_src.s_addr &&
		    ip->ip_dst.s_addr == fp->ipq_dst.s_addr &&
		    ip->ip_p == fp->ipq_p)
			break;
	if (fp == NULL) {
		if (nipq >= maxnipq ||
		    (fp = malloc(sizeof *fp, M_FTABLE, M_NOWAIT)) == NULL)
			goto dropfrag;
		nipq++;
		fp->ipq_ttl = IPFRAGTTL;
		fp->ipq_p = ip->ip_p;
		fp->ipq_id = ip->ip_id;
		fp->ipq_src = ip->ip_src;
		fp->ipq_dst = ip->ip_dst;
		fp->ipq_frags = NULL;
		TAILQ_INSERT_TAIL(head, fp, ipq_list);
	}

	off = FRAGOFF(m);
	for (pp = &fp->ipq_frags; (p = *pp) != NULL; pp = &p->m_nextpkt)
		if (FRAGOFF(p) >= off)
			break;
	if (p != NULL && FRAGOFF(p) == off)
		goto dropfrag;			/* A duplicate. */
	m->m_nextpkt = p;
	*pp = m;

	/* Is it whole? */
	next = 0;
	q = NULL;
	for (p = fp->ipq_frags; p != NULL; p = p->m_nextpkt) {
		if (FRAGOFF(p) != next)
			return (NULL);
		next += p->m_pkthdr.len - (int)sizeof(struct ip);
		q = p;
	}
	if (ntohs(mtod(q, struct ip *)->ip_off) & IP_MF)
		return (NULL);

	m = fp->ipq_frags;
	fp->ipq_frags = NULL;
	t = m->m_nextpkt;
	m->m_nextpkt = NULL;
	while ((q = t) != NULL) {
		t = q->m_nextpkt;
		q->m_nextpkt = NULL;
		m_adj(q, sizeof(struct ip));
		m_cat(m, q);
	}
	ip_freef(head, fp);
	ip = mtod(m, struct ip *);
	ip->ip_off = 0;
	ip->ip_len = htons(m->m_pkthdr.len);
	ipstat.ips_reassembled++;
	return (m);

dropfrag:
	ipstat.ips_fragdropped++;
	m_freem(m);
	return (NULL);
#undef FRAGOFF
}

/*
 * Free a fragment reassembly header and all associated datagrams.
 */
static void
ip_freef(fhp, fp)
	struct ipqhead *fhp;
	struct ipq *fp;
{
	struct mbuf *q;

	while ((q = fp->ipq_frags) != NULL) {
		fp->ipq_frags = q->m_nextpkt;
		m_freem(q);
	}
	TAILQ_REMOVE(fhp, fp, ipq_list);
	free(fp, M_FTABLE);
	nipq--;
}

/*
 * IP timer processing; if a timer expires on a reassembly queue, discard it.
 */
void
ip_slowtimo()
{
	struct ipq *fp, *nfp;
	int i;

	for (i = 0; i < IPREASS_NHASH; i++)
		TAILQ_FOREACH_SAFE(fp, &ipq[i], ipq_list, nfp)
			if (--fp->ipq_ttl == 0) {
				ipstat.ips_fragtimeout++;
				ip_freef(&ipq[i], fp);
			}
}

/*
 * Drain off all datagram fragments.
 */
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
