/*
 * Virtualised globals: V_x is the variable x of the current network stack.
 * There is one network stack as yet, so each macro is the variable itself.
 */

#ifndef	_SYS_VIMAGE_H_
#define	_SYS_VIMAGE_H_

/*
 * There is one network stack as yet: what selects one, walks over all of them or
 * finds their data expands to nothing, and what names a member is the variable.
 */
#define	CURVNET_SET(arg)
#define	CURVNET_SET_QUIET(arg)
#define	CURVNET_RESTORE()
#define	VNET_ASSERT(condition)
#define	VSYM(base, sym) (sym)
#define	INIT_FROM_VNET(vnet, modindex, modtype, sym)
#define	VNET_ITERATOR_DECL(arg)
#define	VNET_FOREACH(arg)
#define	VNET_LIST_RLOCK()
#define	VNET_LIST_RUNLOCK()
#define	INIT_VCPU(arg)
#define	VCPU(sym) VSYM(vcpu, sym)
#define	TD_TO_VIMAGE(td)
#define	TD_TO_VNET(td)
#define	TD_TO_VPROCG(td)
#define	TD_TO_VCPU(td)
#define	P_TO_VIMAGE(p)
#define	P_TO_VNET(p)
#define	P_TO_VPROCG(p)
#define	P_TO_VCPU(p)

#endif /* !_SYS_VIMAGE_H_ */
