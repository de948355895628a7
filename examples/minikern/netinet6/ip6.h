/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET6_IP6_H_
#define	_NETINET6_IP6_H_

#include <sys/kernel.h>

#include <netinet/in.h>

struct ip6_hdr {
	u_int32_t	ip6_flow;	/* Version, class, label. */
	u_int16_t	ip6_plen;
	u_int8_t	ip6_nxt;
	u_int8_t	ip6_hlim;
	struct in6_addr	ip6_src;
	struct in6_addr	ip6_dst;
};

#define	IPV6_DEFHLIM	64
#define	IPV6_MMTU	1280

struct ip6stat {
	u_long	ip6s_total;		/* total packets received */
	u_long	ip6s_tooshort;		/* packet too short */
	u_long	ip6s_exthdrtoolong;	/* ext hdr are not contiguous */
	u_long	ip6s_cantforward;	/* packets rcvd for unreachable dest */
	u_long	ip6s_delivered;		/* datagrams delivered to upper level */
	u_long	ip6s_localout;		/* total ip packets generated here */
	u_long	ip6s_noroute;		/* packets discarded due to no route */
	u_long	ip6s_sources_rule[3];	/* Why a source was chosen */
};

/*
 * See that the header of the next protocol is in one piece.  A statement that
 * may return from the function it stands in.
 */
#define	IP6_EXTHDR_CHECK(m, off, hlen, ret)				\
do {									\
	if ((m)->m_len < (off) + (hlen)) {				\
		ip6stat.ip6s_tooshort++;				\
		m_freem(m);						\
		return ret;						\
	}								\
	if (((m) = m_pullup((m), (off) + (hlen))) == NULL) {		\
		ip6stat.ip6s_exthdrtoolong++;				\
		return ret;						\
	}								\
} while (/*CONSTCOND*/ 0)

struct icmp6_hdr {
	u_int8_t	icmp6_type;
	u_int8_t	icmp6_code;
	u_int16_t	icmp6_cksum;
	struct in6_addr	icmp6_target;
};

#define	ICMP6_DST_UNREACH	1
#define	ICMP6_DST_UNREACH_NOPORT 4
#define	ND_NEIGHBOR_SOLICIT	135

struct icmp6stat {
	u_long	icp6s_error;		/* # of calls to icmp6_error */
	u_long	icp6s_toofreq;		/* no error 'cuz rate limitation */
	u_long	icp6s_nsout;		/* solicitations sent */
	u_long	icp6s_in;
};

struct in6_ifaddr {
	struct ifaddr	ia_ifa;		/* Must be the first. */
	struct in6_ifaddr *ia_next;
	struct in6_addr	ia_addr;
};

/*
 * Macro for finding the address structure (in6_ifaddr) of one of our
 * addresses, or NULL.
 */
#define	IN6ADDR_TO_IFADDR(addr, ia)					\
	for ((ia) = in6_ifaddr; (ia) != NULL; (ia) = (ia)->ia_next)	\
		if (IN6_ARE_ADDR_EQUAL(&(ia)->ia_addr, (addr)))		\
			break

/*
 * A neighbour.  They are in a ring, of which the variable of the same name is
 * the head.
 */
struct llinfo_nd6 {
	struct llinfo_nd6 *ln_next;
	struct llinfo_nd6 *ln_prev;
	struct ifnet	*ln_ifp;
	struct in6_addr	 ln_addr;
	struct mbuf	*ln_hold;	/* Sent when it answers. */
	int		 ln_asked;	/* Solicitations unanswered. */
	struct callout	 ln_timer_ch;
};

extern struct ip6stat ip6stat;
extern struct icmp6stat icmp6stat;
extern struct in6_ifaddr *in6_ifaddr;	/* All addresses. */
extern int ip6_defhlim;
extern int ip6_forwarding;
extern int ip6_auto_linklocal;
extern int nd6_debug;
extern u_char ip6_protox[];
extern struct protosw inet6sw[];

#define	nd6log(x)	do { if (nd6_debug) printf x; } while (/*CONSTCOND*/ 0)

struct rt_head;

void	ip6_init(void);
void	ip6_destroy(void);
void	ip6_input(struct mbuf *);
int	ip6_send(struct mbuf *, struct in6_addr *, struct in6_addr *, int,
	    u_int16_t *, struct ifnet *);
void	tcp6_input(struct mbuf *, int);
void	udp6_input(struct mbuf *, int);
void	icmp6_init(void);
void	icmp6_input(struct mbuf *, int);
void	icmp6_error(struct mbuf *, int);
void	in6_init(void);
void	in6_destroy(void);
void	in6_ifattach(struct ifnet *);
int	in6_control(const char *, struct in6_addr *, int);
struct in6_addr *in6_selectsrc(struct in6_addr *, struct ifnet *);
struct rt_head *in6_inithead(int);
void	in6_detachhead(struct rt_head *);
void	nd6_init(void);
void	nd6_destroy(void);
void	nd6_purge(struct ifnet *);
int	nd6_output(struct ifnet *, struct mbuf *, struct in6_addr *);

#endif /* !_NETINET6_IP6_H_ */
