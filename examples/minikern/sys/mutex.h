/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_MUTEX_H_
#define	_SYS_MUTEX_H_

/*
 * One processor, no preemption: a lock only remembers that it is held, for
 * the assertions.
 */
struct mtx {
	const char	*mtx_name;
	int		 mtx_held;
};

#define	MA_OWNED	1
#define	MA_NOTOWNED	0

#define	mtx_init(m, name)	((m)->mtx_name = (name), (m)->mtx_held = 0)
#define	mtx_destroy(m)		((m)->mtx_name = NULL)
#define	mtx_lock(m) do {						\
	mtx_assert(m, MA_NOTOWNED);					\
	(m)->mtx_held = 1;						\
} while (0)
#define	mtx_unlock(m) do {						\
	mtx_assert(m, MA_OWNED);					\
	(m)->mtx_held = 0;						\
} while (0)
#ifdef INVARIANTS
#define	mtx_assert(m, what)						\
	KASSERT((m)->mtx_held == (what), ("lock %s", (m)->mtx_name))
#else
#define	mtx_assert(m, what)	do { } while (0)
#endif

#endif /* !_SYS_MUTEX_H_ */
