/*
 * Virtualised globals: V_x is the variable x of the current network stack.
 * There is one network stack as yet, so each macro is the variable itself.
 */

#ifndef	_SYS_VIMAGE_H_
#define	_SYS_VIMAGE_H_

#define	V_count count

#endif /* !_SYS_VIMAGE_H_ */
