#include <sys/vimage.h>
#include <net/pfil.h>

#define	NAME(x)		#x
#define	COUNTER(x)	x##_total

int pf_count;
int pf_debug;
int pf_list[4];
int pf_count_total;

SYSCTL_INT(_net, OID_AUTO, debug, CTLFLAG_RW, &pf_debug, 0, "pf_debug");

void
pf_run(void)
{
	PF_COUNT();
	PF_DEBUG(("%s\n", NAME(pf_count)));
	COUNTER(pf_count) = PF_NTH(pf_alias);
}
