#include <net/pfil.h>

/* Only macros that carry the names are used here. */
int
user(void)
{
	return (PF_NTH(1));
}
