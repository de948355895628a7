#ifndef	_SYS_VIMAGE_H_
#define	_SYS_VIMAGE_H_

#define	V_alpha alpha
#define	V_beta beta
#define	V_gamma gamma

#endif /* !_SYS_VIMAGE_H_ */
