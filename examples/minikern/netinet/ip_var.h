/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET_IP_VAR_H_
#define	_NETINET_IP_VAR_H_

#include <netinet/in.h>

struct ip {
	u_int8_t	ip_vhl;		/* Version and length of the header. */
	u_int8_t	ip_tos;
	u_int16_t	ip_len;
	u_int16_t	ip_id;
	u_int16_t	ip_off;
#define	IP_MF		0x2000
#define	IP_OFFMASK	0x1fff
	u_int8_t	ip_ttl;
	u_int8_t	ip_p;
	u_int16_t	ip_sum;
	struct in_addr	ip_src, ip_dst;
};

#define	IPDEFTTL	64
#define	IPFRAGTTL	60		/* In slow timeouts. */

/* A packet that is being put together. */
struct ipq {
	TAILQ_ENTRY(ipq) ipq_list;
	struct mbuf	*ipq_frags;	/* What has come of it. */
	int		 ipq_ttl;
};

struct	ipstat {
	u_long	ips_total;		/* total packets received */
	u_long	ips_bad;		/* checksum, version or length bad */
	u_long	ips_fragments;		/* fragments received */
	u_long	ips_fragdropped;	/* frags dropped (dups, out of space) */
	u_long	ips_reassembled;	/* total packets reassembled ok */
	u_long	ips_forward;		/* packets forwarded */
	u_long	ips_cantforward;	/* packets rcvd for unreachable dest */
	u_long	ips_delivered;		/* datagrams delivered to upper level*/
	u_long	ips_localout;		/* total ip packets generated here */
	u_long	ips_noroute;		/* packets discarded due to no route */
};

struct icmp {
	u_int8_t	icmp_type;
	u_int8_t	icmp_code;
	u_int16_t	icmp_cksum;
	u_int32_t	icmp_void;
};

#define	ICMP_MINLEN	8
#define	ICMP_ECHOREPLY	0
#define	ICMP_UNREACH	3
#define	ICMP_ECHO	8
#define	ICMP_TIMXCEED	11
#define	ICMP_MAXTYPE	18

#define	ICMP_UNREACH_PORT	3

struct	icmpstat {
	u_long	icps_error;		/* # of calls to icmp_error */
	u_long	icps_oldicmp;		/* no error 'cuz old was icmp */
	u_long	icps_limited;		/* not sent: too many */
	u_long	icps_reflect;		/* number of responses */
	u_long	icps_inhist[ICMP_MAXTYPE + 1];
};

struct udphdr {
	u_int16_t	uh_sport;
	u_int16_t	uh_dport;
	u_int16_t	uh_ulen;
	u_int16_t	uh_sum;
};

struct	udpstat {
	u_long	udps_ipackets;		/* total input packets */
	u_long	udps_noport;		/* no socket on port */
	u_long	udps_fullsock;		/* not delivered, input socket full */
	u_long	udps_opackets;		/* total output packets */
};

typedef int ip_fw_chk_t(struct mbuf *);

/* flags passed to ip_output */
#define	IP_FORWARDING	0x1		/* most of ip header exists */

extern struct ipstat ipstat;
extern struct icmpstat icmpstat;
extern struct udpstat udpstat;
extern u_int16_t ip_id;			/* ip packet ctr, for ids */
extern int ip_defttl;			/* default IP ttl */
extern ip_fw_chk_t *ip_fw_chk_ptr;
extern u_char ip_protox[];
extern struct protosw inetsw[];

/* The id of the next packet that we send, in network byte order. */
static __inline u_int16_t ip_newid(void);

static __inline u_int16_t
ip_newid(void)
{

	return (htons(ip_id++));
}

void	ip_init(void);
void	ip_destroy(void);
void	ip_slowtimo(void);
void	ip_drain(void);
void	ip_input(struct mbuf *);
int	ip_output(struct mbuf *, int);
int	ip_dscp(int);
void	icmp_error(struct mbuf *, int, int);
void	icmp_input(struct mbuf *, int);
void	icmp_slowtimo(void);
int	icmp_notify(struct ifqueue *);
void	rip_input(struct mbuf *, int);
void	rip_destroy(void);
struct ifqueue *rip_attach(void);
void	rip_detach(void *);
int	rip_send(struct in_addr, const void *, int);
void	udp_init(void);
void	udp_destroy(void);
void	udp_input(struct mbuf *, int);
struct inpcb *udp_attach(int, int);
void	udp_detach(struct inpcb *);
int	udp_send(struct inpcb *, const void *, int, const void *, int);

#endif /* !_NETINET_IP_VAR_H_ */
