/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Boot, let processes talk, show the variables, shut down.
 */

#include <stdio.h>

#include "minikern.h"

int
main(void)
{

	kern_boot();
	net_demo();
	kern_report();
	pfdrain();			/* As if memory were short. */
	hardclock(2 * 60 * 60 * 100);	/* Two hours: all timers. */
	kern_report();
	sysctl_dump();
	kern_shutdown();
	printf("blocks not given back: %ld\n", host_blocks());
	return (host_blocks() != 0 || ferror(stdout) || fflush(stdout) != 0);
}
