/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET_IN_H_
#define	_NETINET_IN_H_

#define	IPPROTO_ICMP	1
#define	IPPROTO_TCP	6
#define	IPPROTO_UDP	17
#define	IPPROTO_ICMPV6	58
#define	IPPROTO_MAX	256

#define	IPPORT_RESERVED	1024
#define	IPPORT_HIFIRSTAUTO	49152
#define	IPPORT_HILASTAUTO	65535

struct in_addr {
	u_int32_t	s_addr;
};

struct in6_addr {
	u_int32_t	s6_addr32[4];
};

#define	INADDR_ANY	0x00000000U
#define	INADDR_LOOPBACK	0x7f000001U

#define	IN6_ARE_ADDR_EQUAL(a, b)					\
	(bcmp((a), (b), sizeof(struct in6_addr)) == 0)
#define	IN6_IS_ADDR_LINKLOCAL(a)					\
	((ntohl((a)->s6_addr32[0]) & 0xffc00000) == 0xfe800000)

#endif /* !_NETINET_IN_H_ */
