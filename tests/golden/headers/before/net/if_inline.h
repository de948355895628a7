#ifndef _NET_IF_INLINE_H_
#define _NET_IF_INLINE_H_

static __inline struct ifnet *
if_first(void)
{
	struct ifnet *ifp;

	TAILQ_FOREACH(ifp, &ifnet, if_link)
		if (ifp->if_index == if_index)
			return (ifp);
	return (TAILQ_FIRST(&ifnet));
}

#endif /* !_NET_IF_INLINE_H_ */
