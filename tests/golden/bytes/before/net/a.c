/* café count */
#include <sys/param.h>

int count;

int
f(void)
{
	return (count);	/* ÿ */
}
