#include <sys/kernel.h>
#include <sys/vimage.h>

void
show(char *to)
{
	copy(to, V_hostname);
}
