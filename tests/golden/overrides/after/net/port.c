#include <sys/kernel.h>
#ifdef __FreeBSD__
#include <sys/vimage.h>
#else
#define	V_count count
#endif

int
port(void)
{
	return (V_count);
}
