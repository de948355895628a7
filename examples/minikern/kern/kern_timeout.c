/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* The clock, and what is to be done at a later tick of it. */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>

#include <net/if_var.h>

int	hz = 100;
int	ticks;

static struct callout *callwheel;	/* Soonest first. */
static u_int64_t callout_runs;
static int	rtq_timer;		/* Run-time queue; no route in sight. */

SYSCTL_INT(_kern, OID_AUTO, hz, CTLFLAG_RD, &hz, 0, "Ticks in a second");
SYSCTL_INT(_kern, OID_AUTO, rtq_timer, CTLFLAG_RW, &rtq_timer, 0, "");
SYSCTL_QUAD(_kern, OID_AUTO, callout_runs, CTLFLAG_RD, &callout_runs, 0, "");

void
callout_init(struct callout *c, int mpsafe)
{

	bzero(c, sizeof(*c));
}

int
callout_stop(struct callout *c)
{
	struct callout **cp;

	if (!callout_pending(c))
		return (0);
	for (cp = &callwheel; *cp != c; cp = &(*cp)->c_next)
		continue;
	*cp = c->c_next;
	c->c_flags &= ~CALLOUT_PENDING;
	return (1);
}

int
callout_reset(struct callout *c, int to_ticks, void (*func)(void *), void *arg)
{
	struct callout **cp;
	int cancelled;

	cancelled = callout_stop(c);
	c->c_func = func;
	c->c_arg = arg;
	c->c_time = ticks + MAX(to_ticks, 1);
	c->c_flags |= CALLOUT_PENDING;
	for (cp = &callwheel; *cp != NULL; cp = &(*cp)->c_next)
		if ((*cp)->c_time > c->c_time)
			break;
	c->c_next = *cp;
	*cp = c;
	return (cancelled);
}

/* Let time pass. */
void
hardclock(int n)
{
	struct callout *c;

	while (n-- > 0) {
		rtq_timer = ++ticks;
		while ((c = callwheel) != NULL && c->c_time <= ticks) {
			(void)callout_stop(c);
			callout_runs++;
			(*c->c_func)(c->c_arg);
		}
		swi_net();
	}
}
