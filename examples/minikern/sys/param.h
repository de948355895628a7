/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_PARAM_H_
#define	_SYS_PARAM_H_

typedef unsigned char	u_char;
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
#define	__used		__attribute__((__used__))
#define	__dead2		__attribute__((__noreturn__))
#define	__printflike(f, a)	__attribute__((__format__(__printf__, f, a)))
#define	__section(x)	__attribute__((__section__(x)))

#define	MAXHOSTNAMELEN	64
#define	MIN(a, b)	((a) < (b) ? (a) : (b))
#define	MAX(a, b)	((a) > (b) ? (a) : (b))
#define	nitems(x)	(sizeof(x) / sizeof((x)[0]))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define	htons(x)	((u_int16_t)__builtin_bswap16(x))
#define	htonl(x)	((u_int32_t)__builtin_bswap32(x))
#else
#define	htons(x)	((u_int16_t)(x))
#define	htonl(x)	((u_int32_t)(x))
#endif
#define	ntohs(x)	htons(x)
#define	ntohl(x)	htonl(x)

enum {
	ENOENT = 2, ENOMEM = 12, EBUSY = 16, EEXIST = 17, ENODEV = 19, EINVAL = 22,
	EAGAIN = 35, EADDRINUSE = 48, EADDRNOTAVAIL = 49, ENETUNREACH = 51,
	ENOBUFS = 55, ENOTCONN = 57, EHOSTUNREACH = 65
};

#endif /* !_SYS_PARAM_H_ */
