#include <sys/vimage.h>
#include "a.h"

struct state state = { 0 };
int count;

int
shadow(int count)
{
	struct state *p = &V_state;

	return (p->count + count);
}

struct state *
old(state, n)
	struct state *state;
	int n;
{
	int i;

	for (i = 0; i < n; i++) {
		enum { count = 3 };

		state->count += count;
	}
	goto count;
count:
	return (state);
}

int
use(void)
{
	extern int count;

	return (V_state.count + V_count);
}
