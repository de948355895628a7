#include <sys/kernel.h>
#include <sys/vimage.h>

void
dump(char *to)
{
	copy(to, G_hostname);
}
