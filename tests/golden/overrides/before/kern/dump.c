#include <sys/kernel.h>

void
dump(char *to)
{
	copy(to, hostname);
}
