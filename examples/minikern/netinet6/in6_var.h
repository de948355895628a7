/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET6_IN6_VAR_H_
#define	_NETINET6_IN6_VAR_H_

struct in6_ifaddr {
	struct ifaddr	ia_ifa;		/* Must be the first. */
	struct in6_ifaddr *ia_next;
	struct sockaddr_in6 ia_addr;
};

#define	IA6_IN6(ia)	(&(ia)->ia_addr.sin6_addr)

extern struct in6_ifaddr *in6_ifaddr;	/* All addresses. */

/*
 * Macro for finding the address structure (in6_ifaddr) of one of our
 * addresses, or NULL.
 */
#define	IN6ADDR_TO_IFADDR(addr, ia)					\
	for ((ia) = in6_ifaddr; (ia) != NULL; (ia) = (ia)->ia_next)	\
		if (IN6_ARE_ADDR_EQUAL(IA6_IN6(ia), (addr)))		\
			break

struct rt_head;

void	in6_destroy(void);
void	in6_init(void);
void	in6_ifattach(struct ifnet *);
int	in6_control(struct socket *, u_long, caddr_t, struct ifnet *);
void	in6_sockaddr(struct sockaddr_in6 *, struct in6_addr *, u_int);
struct in6_addr *in6_selectsrc(struct in6_addr *, struct ifnet *);
struct rt_head *in6_inithead(int);
void	in6_detachhead(struct rt_head *);

#endif /* !_NETINET6_IN6_VAR_H_ */
