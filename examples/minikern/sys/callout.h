/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_CALLOUT_H_
#define	_SYS_CALLOUT_H_

struct callout {
	struct callout	*c_next;
	int		 c_time;	/* When, in ticks. */
	int		 c_flags;
	void		*c_arg;
	void		(*c_func)(void *);
};

#define	CALLOUT_PENDING	0x0001
#define	CALLOUT_ACTIVE	0x0002

#define	callout_pending(c)	((c)->c_flags & CALLOUT_PENDING)
#define	callout_active(c)	((c)->c_flags & CALLOUT_ACTIVE)
#define	callout_deactivate(c)	((c)->c_flags &= ~CALLOUT_ACTIVE)
#define	callout_drain(c)	callout_stop(c)

void	callout_init(struct callout *, int);
int	callout_reset(struct callout *, int, void (*)(void *), void *);
int	callout_stop(struct callout *);

#endif /* !_SYS_CALLOUT_H_ */
