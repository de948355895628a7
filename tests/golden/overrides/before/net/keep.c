#include <sys/kernel.h>

int
keep(void)
{
	return (count);
}
