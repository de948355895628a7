#ifndef _NET_IF_INLINE_H_
#define _NET_IF_INLINE_H_
#include <sys/vimage.h>

static __inline struct ifnet *
if_first(void)
{
	struct ifnet *ifp;

	TAILQ_FOREACH(ifp, &V_ifnet, if_link)
		if (ifp->if_index == V_if_index)
			return (ifp);
	return (TAILQ_FIRST(&V_ifnet));
}

#endif /* !_NET_IF_INLINE_H_ */
