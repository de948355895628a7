#include <sys/kernel.h>

void
show(char *to)
{
	copy(to, hostname);
}
