/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_SOCKET_H_
#define	_SYS_SOCKET_H_

#include <sys/mbuf.h>

#define	SOCK_STREAM	1
#define	SOCK_DGRAM	2
#define	SOCK_RAW	3

#define	AF_INET		2
#define	AF_INET6	28
#define	AF_MAX		30
#define	PF_INET		AF_INET
#define	PF_INET6	AF_INET6

struct sockaddr {
	u_char	sa_len;
	u_char	sa_family;
	char	sa_data[14];
};

struct sockaddr_storage {
	u_char	ss_len;
	u_char	ss_family;
	char	ss_pad[26];
} __attribute__((__aligned__(4)));

/*
 * Protocols and families of them.
 */
struct socket;

struct pr_usrreqs {
	int	(*pru_attach)(struct socket *, int);
	void	(*pru_detach)(struct socket *);
	int	(*pru_bind)(struct socket *, struct sockaddr *);
	int	(*pru_listen)(struct socket *);
	int	(*pru_connect)(struct socket *, struct sockaddr *);
	int	(*pru_send)(struct socket *, struct mbuf *, struct sockaddr *);
	int	(*pru_control)(struct socket *, u_long, caddr_t,
		    struct ifnet *);
};

struct domain;

struct protosw {
	int		 pr_type;
	struct domain	*pr_domain;
	int		 pr_protocol;
	void		(*pr_input)(struct mbuf *, int);
	void		(*pr_init)(void);
	void		(*pr_destroy)(void);	/* The house is torn down. */
	void		(*pr_slowtimo)(void);	/* Twice a second. */
	void		(*pr_drain)(void);	/* Give memory back. */
	struct pr_usrreqs *pr_usrreqs;
};

struct rt_head;

struct domain {
	int		 dom_family;
	const char	*dom_name;
	struct protosw	*dom_protosw;
	struct protosw	*dom_protoswNPROTOSW;
	struct domain	*dom_next;
	struct rt_head	*(*dom_rtattach)(int);
	void		(*dom_rtdetach)(struct rt_head *);
	void		(*dom_ifattach)(struct ifnet *);
};

extern struct domain *domains;

#define	DOMAIN_SET(name, order)						\
	SYSINIT(domain_ ## name, SI_SUB_PROTO_DOMAIN, order,		\
	    net_add_domain, &name ## domain);				\
	SYSUNINIT(domain_ ## name, SI_SUB_PROTO_DOMAIN, order,		\
	    net_remove_domain, &name ## domain)

void	domain_init(struct domain *);
void	domain_fini(struct domain *);
void	net_add_domain(void *);
void	net_remove_domain(void *);
void	pfdrain(void);
struct protosw *pffindproto(int, int);

/*
 * Sockets.
 */
#define	SS_ISCONNECTED	0x0002
#define	SS_CANTRCVMORE	0x0020
#define	SO_ACCEPTCONN	0x0002

struct socket {
	int		 so_type;
	int		 so_options;
	int		 so_state;
	int		 so_error;
	struct protosw	*so_proto;
	void		*so_pcb;
	struct socket	*so_head;	/* Who listens for us. */
	struct socket	*so_accept;	/* Ready to be accepted. */
	struct ifqueue	 so_rcv;
	struct sockaddr_storage so_from; /* Sender of the last datagram. */
};

int	socreate(int, struct socket **, int);
int	sobind(struct socket *, struct sockaddr *);
int	solisten(struct socket *);
int	soaccept(struct socket *, struct socket **);
int	soconnect(struct socket *, struct sockaddr *);
int	sosend(struct socket *, struct sockaddr *, const void *, int);
int	soreceive(struct socket *, void *, int);
int	soioctl(struct socket *, u_long, caddr_t);
void	soclose(struct socket *);
struct socket *sonewconn(struct socket *);
void	sbappend(struct socket *, struct mbuf *, struct sockaddr *);

#endif /* !_SYS_SOCKET_H_ */
