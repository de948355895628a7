/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_IP_H_
#define	_NETINET_IP_H_

struct ip {
	u_int8_t	ip_vhl;		/* Version and length of the header. */
	u_int8_t	ip_tos;
	u_int16_t	ip_len;
	u_int16_t	ip_id;
	u_int16_t	ip_off;
#define	IP_DF		0x4000
#define	IP_MF		0x2000
#define	IP_OFFMASK	0x1fff
	u_int8_t	ip_ttl;
	u_int8_t	ip_p;
	u_int16_t	ip_sum;
	struct in_addr	ip_src, ip_dst;
};

#define	IPVERSION	4
#define	IPDEFTTL	64
#define	IPFRAGTTL	60		/* In slow timeouts. */
#define	IP_VHL		(IPVERSION << 4 | sizeof(struct ip) >> 2)

#endif /* !_NETINET_IP_H_ */
