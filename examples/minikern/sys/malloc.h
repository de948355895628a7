/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_MALLOC_H_
#define	_SYS_MALLOC_H_

#define	M_NOWAIT	0x0001
#define	M_WAITOK	0x0002
#define	M_ZERO		0x0100

struct malloc_type {
	const char	*ks_shortdesc;
	u_long		 ks_inuse;	/* Blocks. */
	u_long		 ks_calls;
};

#define	MALLOC_DEFINE(type, shortdesc, longdesc)			\
	struct malloc_type type[1] = { { shortdesc, 0, 0 } };		\
	DATA_SET(malloc_set, type)
#define	MALLOC_DECLARE(type)	extern struct malloc_type type[1]

#define	malloc(size, type, flags)	kern_malloc((size), (type), (flags))
#define	free(addr, type)		kern_free((addr), (type))
#define	hashinit(n, type, mask)		kern_hashinit((n), (type), (mask))

void	*kern_malloc(size_t, struct malloc_type *, int);
void	 kern_free(void *, struct malloc_type *);
void	*kern_hashinit(int, struct malloc_type *, u_long *);

MALLOC_DECLARE(M_TEMP);

#endif /* !_SYS_MALLOC_H_ */
