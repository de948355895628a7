/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _USER_MINIKERN_H_
#define	_USER_MINIKERN_H_

#include <stddef.h>

/* What the kernel gives. */
void	 kern_boot(void);
void	 kern_shutdown(void);
void	 kern_report(void);
void	 net_demo(void);
void	 sysctl_dump(void);
void	 pfdrain(void);
void	 hardclock(int);

/* What the kernel takes. */
void	 host_write(const char *, size_t);
void	*host_alloc(size_t);
void	 host_free(void *);
void	 host_abort(void) __attribute__((__noreturn__));
long	 host_blocks(void);

#endif /* !_USER_MINIKERN_H_ */
