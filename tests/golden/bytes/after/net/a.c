/* café count */
#include <sys/param.h>
#include <sys/vimage.h>

int count;

int
f(void)
{
	return (V_count);	/* ÿ */
}
