/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_IP_ICMP_H_
#define	_NETINET_IP_ICMP_H_

struct icmp {
	u_int8_t	icmp_type;
	u_int8_t	icmp_code;
	u_int16_t	icmp_cksum;
	u_int16_t	icmp_id;
	u_int16_t	icmp_seq;
};

#define	ICMP_MINLEN		8
#define	ICMP_ECHOREPLY		0
#define	ICMP_UNREACH		3
#define	ICMP_UNREACH_HOST	1
#define	ICMP_UNREACH_PORT	3
#define	ICMP_UNREACH_NEEDFRAG	4
#define	ICMP_ECHO		8
#define	ICMP_TIMXCEED		11
#define	ICMP_TIMXCEED_INTRANS	0
#define	ICMP_MAXTYPE		18

struct	icmpstat {
	u_long	icps_error;		/* # of calls to icmp_error */
	u_long	icps_oldicmp;		/* no error 'cuz old was icmp */
	u_long	icps_badcode;
	u_long	icps_checksum;
	u_long	icps_reflect;		/* number of responses */
	u_long	icps_limited;		/* not sent: too many */
	u_long	icps_outhist[ICMP_MAXTYPE + 1];
	u_long	icps_inhist[ICMP_MAXTYPE + 1];
};

extern struct icmpstat icmpstat;

void	icmp_error(struct mbuf *, int, int);
void	icmp_input(struct mbuf *, int);
void	icmp_slowtimo(void);
int	icmp_notify(struct socket *);

#endif /* !_NETINET_IP_ICMP_H_ */
