#include <sys/param.h>
#include <sys/systm.h>

#include <net/if.h>

int if_index;
int if_log = 1;

/* A head in two forms, and a statement cut in the middle. */
int
#ifdef INET6
if_check(int family, int scope)
#else
if_check(int family)
#endif
{
	if (family == 2
#ifdef INET6
	    || (family == 10 && scope == if_index)
#endif
	    )
		return (if_log);
#if 0
	if_log = 0;
#endif
	return (0);
}

#ifdef notyet
void
if_count(void)
{
#ifdef LOCAL_INDEX
	int if_index = 0;
#endif

	if_index++;
}
#endif
