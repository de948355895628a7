/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_IN_H_
#define	_NETINET_IN_H_

#define	IPPROTO_ICMP	1
#define	IPPROTO_TCP	6
#define	IPPROTO_UDP	17
#define	IPPROTO_ICMPV6	58
#define	IPPROTO_RAW	255
#define	IPPROTO_MAX	256

#define	IPPORT_RESERVED	1024
#define	IPPORT_HIFIRSTAUTO	49152
#define	IPPORT_HILASTAUTO	65535

struct in_addr {
	u_int32_t	s_addr;
};

struct sockaddr_in {
	u_char		sin_len;
	u_char		sin_family;
	u_int16_t	sin_port;
	struct in_addr	sin_addr;
	char		sin_zero[8];
};

#define	INADDR_ANY	0x00000000U
#define	INADDR_LOOPBACK	0x7f000001U

#define	satosin(sa)	((struct sockaddr_in *)(void *)(sa))

struct mbuf;
struct socket;
struct sockaddr;

int	in_cksum(struct mbuf *, int, int, u_int32_t);
u_int32_t in_pseudo(const void *, const void *, int, int, int);
void	in_sockaddr(struct sockaddr_in *, struct in_addr, u_int);

#include <netinet6/in6.h>

#endif /* !_NETINET_IN_H_ */
