/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_UDP_VAR_H_
#define	_NETINET_UDP_VAR_H_

struct udphdr {
	u_int16_t	uh_sport;
	u_int16_t	uh_dport;
	u_int16_t	uh_ulen;
	u_int16_t	uh_sum;
};

struct	udpstat {
	u_long	udps_ipackets;		/* total input packets */
	u_long	udps_hdrops;		/* packet shorter than header */
	u_long	udps_badsum;		/* checksum error */
	u_long	udps_noport;		/* no socket on port */
	u_long	udps_fullsock;		/* not delivered, input socket full */
	u_long	udps_opackets;		/* total output packets */
};

extern struct inpcbhead udb;
extern struct inpcbinfo udbinfo;
extern struct udpstat udpstat;

void	udp_init(void);
void	udp_destroy(void);
void	udp_input(struct mbuf *, int);
int	udp_attach(struct socket *, int);
void	udp_detach(struct socket *);
int	udp_bind(struct socket *, struct sockaddr *);
int	udp_connect(struct socket *, struct sockaddr *);

extern struct pr_usrreqs udp_usrreqs;

#endif /* !_NETINET_UDP_VAR_H_ */
