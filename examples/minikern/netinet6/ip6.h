/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET6_IP6_H_
#define	_NETINET6_IP6_H_

struct ip6_hdr {
	u_int32_t	ip6_flow;	/* Version, class, label. */
	u_int16_t	ip6_plen;
	u_int8_t	ip6_nxt;
	u_int8_t	ip6_hlim;
	struct in6_addr	ip6_src;
	struct in6_addr	ip6_dst;
};

#define	IPV6_VERSION	0x60
#define	IPV6_DEFHLIM	64
#define	IPV6_MMTU	1280

struct ip6stat {
	u_long	ip6s_total;		/* total packets received */
	u_long	ip6s_tooshort;		/* packet too short */
	u_long	ip6s_badvers;		/* not version 6 */
	u_long	ip6s_exthdrtoolong;	/* ext hdr are not contiguous */
	u_long	ip6s_forward;		/* packets forwarded */
	u_long	ip6s_cantforward;	/* packets rcvd for unreachable dest */
	u_long	ip6s_noproto;		/* unknown or unsupported protocol */
	u_long	ip6s_delivered;		/* datagrams delivered to upper level */
	u_long	ip6s_localout;		/* total ip packets generated here */
	u_long	ip6s_noroute;		/* packets discarded due to no route */
	u_long	ip6s_odropped;		/* lost packets due to nobufs, etc. */
	u_long	ip6s_sources_none;	/* No source address */
	u_long	ip6s_sources_rule[4];	/* Why a source was chosen */
};

extern struct ip6stat ip6stat;
extern int ip6_defhlim;
extern int ip6_forwarding;
extern int ip6_auto_linklocal;
extern u_char ip6_protox[];
extern struct protosw inet6sw[];
extern struct pr_usrreqs udp6_usrreqs;

/*
 * See that the header of the next protocol is in one piece.  A statement that
 * may return from the function it stands in.
 */
#define	IP6_EXTHDR_CHECK(m, off, hlen, ret)				\
do {									\
	if ((m)->m_pkthdr.len < (off) + (hlen)) {			\
		ip6stat.ip6s_tooshort++;				\
		m_freem(m);						\
		return ret;						\
	}								\
	if (((m) = m_pullup((m), (off) + (hlen))) == NULL) {		\
		ip6stat.ip6s_exthdrtoolong++;				\
		return ret;						\
	}								\
} while (/*CONSTCOND*/ 0)

void	ip6_init(void);
void	ip6_destroy(void);
void	ip6_input(struct mbuf *);
int	ip6_output(struct mbuf *, struct ifnet *);
void	tcp6_input(struct mbuf *, int);
void	udp6_input(struct mbuf *, int);

#endif /* !_NETINET6_IP6_H_ */
