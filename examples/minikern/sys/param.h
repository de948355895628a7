/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_PARAM_H_
#define	_SYS_PARAM_H_

typedef unsigned char	u_char;
typedef unsigned short	u_short;
typedef unsigned int	u_int;
typedef unsigned long	u_long;
typedef unsigned char	u_int8_t;
typedef unsigned short	u_int16_t;
typedef unsigned int	u_int32_t;
typedef unsigned long long u_int64_t;
typedef int		int32_t;
typedef __SIZE_TYPE__	size_t;
typedef char		*caddr_t;

#define	NULL		((void *)0)
#define	offsetof(type, field)	__builtin_offsetof(type, field)

#define	__P(protos)	protos
#define	__unused	__attribute__((__unused__))
#define	__used		__attribute__((__used__))
#define	__section(x)	__attribute__((__section__(x)))
#define	__printflike(fmtarg, firstvararg)				\
	__attribute__((__format__(__printf__, fmtarg, firstvararg)))
#define	__dead2		__attribute__((__noreturn__))

#define	MAXHOSTNAMELEN	64
#define	MIN(a, b)	((a) < (b) ? (a) : (b))
#define	MAX(a, b)	((a) > (b) ? (a) : (b))
#define	nitems(x)	(sizeof(x) / sizeof((x)[0]))
#define	roundup4(x)	(((x) + 3) & ~3)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define	htons(x)	((u_int16_t)__builtin_bswap16(x))
#define	htonl(x)	((u_int32_t)__builtin_bswap32(x))
#else
#define	htons(x)	((u_int16_t)(x))
#define	htonl(x)	((u_int32_t)(x))
#endif
#define	ntohs(x)	htons(x)
#define	ntohl(x)	htonl(x)

#define	ENOENT		2
#define	EIO		5
#define	ENOMEM		12
#define	EEXIST		17
#define	ENODEV		19
#define	EINVAL		22
#define	EAGAIN		35
#define	EMSGSIZE	40
#define	EOPNOTSUPP	45
#define	EADDRINUSE	48
#define	EADDRNOTAVAIL	49
#define	ENETUNREACH	51
#define	ECONNRESET	54
#define	ENOBUFS		55
#define	ENOTCONN	57
#define	ECONNREFUSED	61
#define	EHOSTUNREACH	65

#endif /* !_SYS_PARAM_H_ */
