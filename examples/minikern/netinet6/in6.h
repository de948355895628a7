/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET6_IN6_H_
#define	_NETINET6_IN6_H_

struct in6_addr {
	union {
		u_int8_t	__u6_addr8[16];
		u_int32_t	__u6_addr32[4];
	} __u6_addr;
};
#define	s6_addr		__u6_addr.__u6_addr8
#define	s6_addr32	__u6_addr.__u6_addr32

struct sockaddr_in6 {
	u_char		sin6_len;
	u_char		sin6_family;
	u_int16_t	sin6_port;
	u_int32_t	sin6_flowinfo;
	struct in6_addr	sin6_addr;
	u_int32_t	sin6_scope_id;
};

#define	satosin6(sa)	((struct sockaddr_in6 *)(void *)(sa))

#define	IN6_ARE_ADDR_EQUAL(a, b)					\
	(bcmp((a), (b), sizeof(struct in6_addr)) == 0)
#define	IN6_IS_ADDR_UNSPECIFIED(a)					\
	((a)->s6_addr32[0] == 0 && (a)->s6_addr32[1] == 0 &&		\
	    (a)->s6_addr32[2] == 0 && (a)->s6_addr32[3] == 0)
#define	IN6_IS_ADDR_LINKLOCAL(a)					\
	((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)
#define	IN6_IS_ADDR_MULTICAST(a)	((a)->s6_addr[0] == 0xff)

#endif /* !_NETINET6_IN6_H_ */
