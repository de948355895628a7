/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

/*
 * Sockets: what a process would see.  Nothing blocks; a call that would have
 * to wait returns EAGAIN.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/mbuf.h>
#include <sys/socket.h>

#include <net/netisr.h>

static MALLOC_DEFINE(M_SOCKET, "socket", "sockets");

static struct socket *
soalloc(struct protosw *pr)
{
	struct socket *so;

	so = malloc(sizeof(*so), M_SOCKET, M_WAITOK | M_ZERO);
	so->so_type = pr->pr_type;
	so->so_proto = pr;
	so->so_rcv.ifq_maxlen = 64;
	return (so);
}

int
socreate(int dom, struct socket **aso, int type)
{
	struct protosw *pr;
	struct socket *so;
	int error;

	pr = pffindproto(dom, type);
	if (pr == NULL)
		return (EOPNOTSUPP);
	so = soalloc(pr);
	error = (*pr->pr_usrreqs->pru_attach)(so, pr->pr_protocol);
	if (error) {
		free(so, M_SOCKET);
		return (error);
	}
	*aso = so;
	return (0);
}

/*
 * A peer has come to a listening socket: make the one that talks to it.
 */
struct socket *
sonewconn(struct socket *head)
{
	struct socket *so;

	so = soalloc(head->so_proto);
	so->so_head = head;
	if ((*so->so_proto->pr_usrreqs->pru_attach)(so,
	    so->so_proto->pr_protocol)) {
		free(so, M_SOCKET);
		return (NULL);
	}
	so->so_accept = head->so_accept;
	head->so_accept = so;
	return (so);
}

void
soclose(struct socket *so)
{
	struct socket *so2;

	if (so->so_options & SO_ACCEPTCONN)
		while ((so2 = so->so_accept) != NULL) {
			so->so_accept = so2->so_accept;
			soclose(so2);
		}
	(*so->so_proto->pr_usrreqs->pru_detach)(so);
	swi_net();
	ifq_drain(&so->so_rcv);
	free(so, M_SOCKET);
}

int
sobind(struct socket *so, struct sockaddr *nam)
{

	return ((*so->so_proto->pr_usrreqs->pru_bind)(so, nam));
}

int
solisten(struct socket *so)
{
	struct pr_usrreqs *pru = so->so_proto->pr_usrreqs;
	int error;

	error = pru->pru_listen ? (*pru->pru_listen)(so) : EOPNOTSUPP;
	if (error == 0)
		so->so_options |= SO_ACCEPTCONN;
	return (error);
}

int
soaccept(struct socket *head, struct socket **aso)
{
	struct socket **sop, *so;

	for (sop = &head->so_accept; (so = *sop) != NULL; sop = &so->so_accept)
		if (so->so_state & SS_ISCONNECTED) {
			*sop = so->so_accept;
			so->so_accept = NULL;
			so->so_head = NULL;
			*aso = so;
			return (0);
		}
	return (EAGAIN);
}

int
soconnect(struct socket *so, struct sockaddr *nam)
{
	struct pr_usrreqs *pru = so->so_proto->pr_usrreqs;
	int error;

	if (pru->pru_connect == NULL)
		return (EOPNOTSUPP);
	error = (*pru->pru_connect)(so, nam);
	swi_net();
	if (error == 0) {
		error = so->so_error;
		so->so_error = 0;
	}
	return (error);
}

int
sosend(struct socket *so, struct sockaddr *nam, const void *buf, int len)
{
	struct mbuf *m;
	int error;

	if ((m = m_devget(buf, len)) == NULL)
		return (ENOBUFS);
	error = (*so->so_proto->pr_usrreqs->pru_send)(so, m, nam);
	swi_net();
	return (error);
}

/*
 * Returns the length of the datagram, or of the piece of the stream, that was
 * waiting, or -errno.
 */
int
soreceive(struct socket *so, void *buf, int len)
{
	struct mbuf *m;
	int error;

	IF_DEQUEUE(&so->so_rcv, m);
	if (m == NULL) {
		error = so->so_error;
		so->so_error = 0;
		if (error == 0 && so->so_state & SS_CANTRCVMORE)
			return (0);
		return (error ? -error : -EAGAIN);
	}
	len = MIN(len, m->m_pkthdr.len);
	m_copydata(m, 0, len, buf);
	m_freem(m);
	return (len);
}

int
soioctl(struct socket *so, u_long cmd, caddr_t data)
{

	return ((*so->so_proto->pr_usrreqs->pru_control)(so, cmd, data, NULL));
}

void
sbappend(struct socket *so, struct mbuf *m, struct sockaddr *from)
{

	if (IF_QFULL(&so->so_rcv)) {
		so->so_rcv.ifq_drops++;
		m_freem(m);
		return;
	}
	if (from != NULL)
		bcopy(from, &so->so_from, from->sa_len);
	IF_ENQUEUE(&so->so_rcv, m);
}
