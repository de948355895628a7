#include <sys/kernel.h>

int
port(void)
{
	return (count);
}
