/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

/* What happens: boot, let processes talk, show the variables, shut down. */

#include <stdio.h>

void	 kern_boot(void);
void	 kern_report(void);
long	 kern_shutdown(void);
void	 net_demo(void);
void	 sysctl_dump(void);
void	 pfdrain(void);
void	 hardclock(int);

int
main(void)
{
	long blocks;

	kern_boot();
	net_demo();
	kern_report();
	pfdrain();			/* As if memory were short. */
	hardclock(2 * 60 * 60 * 100);	/* Two hours: all timers. */
	kern_report();
	sysctl_dump();
	blocks = kern_shutdown();
	printf("blocks not given back: %ld\n", blocks);
	return (blocks != 0 || ferror(stdout) || fflush(stdout) != 0);
}
