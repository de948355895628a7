/*
 * Virtualised globals: V_x is the variable x of the current network stack.
 * There is one network stack as yet, so each macro is the variable itself.
 */

#ifndef	_SYS_VIMAGE_H_
#define	_SYS_VIMAGE_H_

#define	V_pf_count pf_count
#define	V_pf_debug pf_debug
#define	V_pf_list pf_list

#endif /* !_SYS_VIMAGE_H_ */
