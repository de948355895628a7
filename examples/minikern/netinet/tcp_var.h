/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _NETINET_TCP_VAR_H_
#define	_NETINET_TCP_VAR_H_

#include <sys/kernel.h>

struct tcphdr {
	u_int16_t	th_sport;
	u_int16_t	th_dport;
	u_int32_t	th_seq;
	u_int32_t	th_ack;
	u_int8_t	th_off;		/* In the upper four bits. */
	u_int8_t	th_flags;
#define	TH_FIN		0x01
#define	TH_SYN		0x02
#define	TH_RST		0x04
#define	TH_ACK		0x10
	u_int16_t	th_win;
	u_int16_t	th_sum;
	u_int16_t	th_urp;
};

enum tcp_state {
	TCPS_CLOSED, TCPS_LISTEN, TCPS_SYN_SENT, TCPS_SYN_RECEIVED,
	TCPS_ESTABLISHED, TCPS_CLOSE_WAIT, TCPS_FIN_WAIT
};

#define	TCP_MSS		536
#define	TCP6_MSS	1024
#define	TCPTV_KEEP_IDLE	(120 * 60 * 100) /* 2 hours, at 100 Hz */

struct tcpcb {
	struct inpcb	*t_inpcb;
	int		 blackhole;	/* Sends no more; the peer is gone. */
	struct callout	 tt_keep;
	enum tcp_state	 t_state;
	u_int		 t_maxseg;
	int		 t_delack;	/* An ACK is owed. */
	int		 t_idleat;	/* Ticks when it last heard. */
	u_int32_t	 snd_nxt, rcv_nxt;
};

struct	tcpstat {
	u_long	tcps_connattempt;	/* connections initiated */
	u_long	tcps_accepts;		/* connections accepted */
	u_long	tcps_closed;		/* conn. closed (includes drops) */
	u_long	tcps_keepprobe;		/* keepalive probes sent */
	u_long	tcps_sndtotal;		/* total packets sent */
	u_long	tcps_rcvtotal;		/* total packets received */
	u_long	tcps_rcvbyte;		/* bytes received in sequence */
	u_long	tcps_rcvbad;		/* packets received with errs */
	u_long	tcps_hc_added;		/* entry added to hostcache */
};

#define	intotcpcb(ip)	((struct tcpcb *)(ip)->inp_ppcb)

extern struct inpcbhead tcb;
extern struct inpcbinfo tcbinfo;
extern struct tcpstat tcpstat;
extern int tcp_mssdflt;
#ifdef INET6
extern int tcp_v6mssdflt;
#define	tcb6		tcb		/* for KAME src sync over BSD*'s */
#endif
extern int tcp_keepidle;

void	tcp_init(void);
void	tcp_destroy(void);
void	tcp_slowtimo(void);
void	tcp_input(struct mbuf *, int);
int	tcp_output(struct tcpcb *, int, struct mbuf *);
int	tcp_respond(struct in_conninfo *, u_int32_t, u_int32_t, int,
	    struct mbuf *);
struct tcpcb *tcp_close(struct tcpcb *);
struct inpcb *tcp_attach(int);
void	tcp_detach(struct inpcb *);
int	tcp_listen(struct inpcb *, int);
int	tcp_connect(struct inpcb *, const void *, int);
int	tcp_send(struct inpcb *, const char *, int);
u_int32_t tcp_new_isn(void);
void	tcp_timer_keep(void *);
#ifdef INET6
int	tcp_mss(struct tcpcb *, int);
#else
int	tcp_mss(struct tcpcb *);
#endif

void	tcp_hc_init(void);
void	tcp_hc_destroy(void);
void	tcp_hc_drain(void);
u_long	tcp_hc_getmtu(struct in_conninfo *);
void	tcp_hc_updatemtu(struct in_conninfo *, u_long);

#endif /* !_NETINET_TCP_VAR_H_ */
