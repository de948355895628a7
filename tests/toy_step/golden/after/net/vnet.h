#ifndef _NET_VNET_H_
#define	_NET_VNET_H_

/*
 * The variables of vnet_net: V_x is the member x of the one that
 * INIT_VNET_NET() has selected.
 */
#define	INIT_VNET_NET(vnet) \
	INIT_FROM_VNET(vnet, VNET_MOD_NET, struct vnet_net, vnet_net)

#define	VNET_NET(sym)	VSYM(vnet_net, sym)

#define	V_hits		VNET_NET(hits)
#define	V_misses	VNET_NET(misses)

#endif /* !_NET_VNET_H_ */
