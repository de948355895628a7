#include <sys/vimage.h>
#include <net/vnet.h>
int hits;
static int misses;

#define	MISS	(V_misses++)

int
look_up(int key)
{
	INIT_VNET_NET(curvnet);

	if (key > 0)
		/* Of one stack. */
		return (++V_hits - V_misses);
	MISS;
	return (0);
}
