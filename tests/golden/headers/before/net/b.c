#include <sys/queue.h>
#include <net/if.h>
#include <net/if_inline.h>

int
b(void)
{
	return (if_first() != 0);
}
