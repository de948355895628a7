/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_IP_VAR_H_
#define	_NETINET_IP_VAR_H_

#include <sys/queue.h>

/*
 * A packet that is being put together.
 */
struct ipq {
	TAILQ_ENTRY(ipq) ipq_list;
	struct mbuf	*ipq_frags;	/* Sorted by offset. */
	int		 ipq_ttl;
	u_int16_t	 ipq_id;
	u_int8_t	 ipq_p;
	struct in_addr	 ipq_src, ipq_dst;
};

struct	ipstat {
	u_long	ips_total;		/* total packets received */
	u_long	ips_badsum;		/* checksum bad */
	u_long	ips_tooshort;		/* packet too short */
	u_long	ips_badvers;		/* not version 4 */
	u_long	ips_fragments;		/* fragments received */
	u_long	ips_fragdropped;	/* frags dropped (dups, out of space) */
	u_long	ips_fragtimeout;	/* fragments timed out */
	u_long	ips_reassembled;	/* total packets reassembled ok */
	u_long	ips_forward;		/* packets forwarded */
	u_long	ips_cantforward;	/* packets rcvd for unreachable dest */
	u_long	ips_noproto;		/* unknown or unsupported protocol */
	u_long	ips_delivered;		/* datagrams delivered to upper level*/
	u_long	ips_localout;		/* total ip packets generated here */
	u_long	ips_noroute;		/* packets discarded due to no route */
	u_long	ips_fragmented;		/* datagrams successfully fragmented */
	u_long	ips_ofragments;		/* output fragments created */
	u_long	ips_fwdrop;		/* the firewall said no */
};

typedef int ip_fw_chk_t(struct mbuf *);

/* flags passed to ip_output */
#define	IP_FORWARDING		0x1	/* most of ip header exists */
#define	IP_ALLOWFRAG		0x2	/* may be cut into pieces */

struct inpcb;

extern struct ipstat ipstat;
extern u_int16_t ip_id;			/* ip packet ctr, for ids */
extern int ip_defttl;			/* default IP ttl */
extern int ipforwarding;		/* ip forwarding */
extern ip_fw_chk_t *ip_fw_chk_ptr;
extern int fw_enable;
extern u_char ip_protox[];
extern struct protosw inetsw[];

/*
 * The id of the next packet that we send, in network byte order.
 */
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
int	ip_output(struct mbuf *, int, struct inpcb *);
int	ip_dscp(int);
void	rip_input(struct mbuf *, int);
void	rip_destroy(void);

extern struct pr_usrreqs rip_usrreqs;

#endif /* !_NETINET_IP_VAR_H_ */
