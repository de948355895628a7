/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NET_NETISR_H_
#define	_NET_NETISR_H_

#define	NETISR_IP	0
#define	NETISR_IPV6	1
#define	NETISR_MAX	2

struct mbuf;

typedef void netisr_t(struct mbuf *);

void	netisr_register(int, netisr_t *);
void	netisr_unregister(int);
int	netisr_queue(int, struct mbuf *);
int	netisr_qlen(void);
void	swi_net(void);

#endif /* !_NET_NETISR_H_ */
