/*
 * Virtualised globals: V_x is the variable x of the current network stack.
 * There is one network stack as yet, so each macro is the variable itself.
 */

#ifndef	_SYS_VIMAGE_H_
#define	_SYS_VIMAGE_H_

#define	V_if_index if_index
#define	V_if_log if_log

#endif /* !_SYS_VIMAGE_H_ */
