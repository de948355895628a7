/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NET_IF_H_
#define	_NET_IF_H_

#define	IFNAMSIZ	16

#define	IFF_UP		0x1
#define	IFF_LOOPBACK	0x8
#define	IFF_POINTOPOINT	0x10

/*
 * An address for an interface, as an ioctl gives it.
 */
struct ifaliasreq {
	char	ifra_name[IFNAMSIZ];
	struct sockaddr_storage ifra_addr;
	int	ifra_plen;		/* Length of the prefix. */
};

#define	SIOCAIFADDR	26
#define	SIOCDIFADDR	25

#include <net/if_var.h>

#endif /* !_NET_IF_H_ */
