/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET6_ICMP6_H_
#define	_NETINET6_ICMP6_H_

struct icmp6_hdr {
	u_int8_t	icmp6_type;
	u_int8_t	icmp6_code;
	u_int16_t	icmp6_cksum;
	u_int32_t	icmp6_data32;
};

#define	ICMP6_DST_UNREACH	1
#define	ICMP6_DST_UNREACH_ADDR	3
#define	ICMP6_DST_UNREACH_NOPORT 4
#define	ICMP6_TIME_EXCEEDED	3
#define	ICMP6_ECHO_REQUEST	128
#define	ICMP6_ECHO_REPLY	129
#define	ND_NEIGHBOR_SOLICIT	135
#define	ND_NEIGHBOR_ADVERT	136
#define	ICMP6_WRUREQUEST	139	/* who are you request */
#define	ICMP6_WRUREPLY		140

struct icmp6stat {
	u_long	icp6s_error;		/* # of calls to icmp6_error */
	u_long	icp6s_canterror;	/* no error 'cuz old was icmp */
	u_long	icp6s_toofreq;		/* no error 'cuz rate limitation */
	u_long	icp6s_checksum;		/* bad checksum */
	u_long	icp6s_reflect;		/* number of responses */
	u_long	icp6s_badtype;
	u_long	icp6s_nodeinfo;		/* somebody asked who we are */
	u_long	icp6s_nsout;		/* solicitations sent */
	u_long	icp6s_in;
	u_long	icp6s_out;
};

extern struct icmp6stat icmp6stat;

struct in6_addr;

void	icmp6_init(void);
void	icmp6_input(struct mbuf *, int);
void	icmp6_error(struct mbuf *, int, int);
void	icmp6_output(int, int, u_int, const void *, int, struct in6_addr *,
	    struct in6_addr *, struct ifnet *);

#endif /* !_NETINET6_ICMP6_H_ */
