#ifndef _NET_IF_H_
#define _NET_IF_H_

struct ifnet {
	int	if_index;
	TAILQ_ENTRY(ifnet) if_link;
};
TAILQ_HEAD(ifnethead, ifnet);

extern struct ifnethead ifnet;
extern int if_index;

#endif /* !_NET_IF_H_ */
