/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _NETINET_TCP_VAR_H_
#define	_NETINET_TCP_VAR_H_

#include <sys/callout.h>

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
#define	TH_PUSH		0x08
#define	TH_ACK		0x10
	u_int16_t	th_win;
	u_int16_t	th_sum;
	u_int16_t	th_urp;
};

enum tcp_state {
	TCPS_CLOSED, TCPS_LISTEN, TCPS_SYN_SENT, TCPS_SYN_RECEIVED,
	TCPS_ESTABLISHED, TCPS_CLOSE_WAIT, TCPS_FIN_WAIT_1, TCPS_FIN_WAIT_2,
	TCPS_LAST_ACK, TCPS_TIME_WAIT
};

#define	TCP_MSS		536
#define	TCP6_MSS	1024
#define	TCPTV_MSL	(30 * hz)
#define	TCPTV_KEEP_IDLE	(120 * 60 * 100) /* 2 hours, at 100 Hz */

struct tcpcb {
	struct inpcb	*t_inpcb;
	int		 blackhole;	/* Sends no more; the peer is gone. */
	struct callout	 tt_keep;
	struct callout	 tt_2msl;
	struct callout	 tt_delack;
	enum tcp_state	 t_state;
	u_int		 t_maxseg;
	int		 t_idleat;	/* Ticks when it last heard. */
	u_int32_t	 iss, snd_una, snd_nxt, irs, rcv_nxt;
};

struct	tcpstat {
	u_long	tcps_connattempt;	/* connections initiated */
	u_long	tcps_accepts;		/* connections accepted */
	u_long	tcps_connects;		/* connections established */
	u_long	tcps_drops;		/* connections dropped */
	u_long	tcps_closed;		/* conn. closed (includes drops) */
	u_long	tcps_delack;		/* delayed acks sent */
	u_long	tcps_keepprobe;		/* keepalive probes sent */
	u_long	tcps_sndtotal;		/* total packets sent */
	u_long	tcps_sndbyte;		/* data bytes sent */
	u_long	tcps_rcvtotal;		/* total packets received */
	u_long	tcps_rcvbyte;		/* bytes received in sequence */
	u_long	tcps_rcvbadsum;		/* packets received with ccksum errs */
	u_long	tcps_rcvduppack;	/* duplicate-only packets received */
	u_long	tcps_badsyn;		/* bogus SYN, e.g. premature ACK */
	u_long	tcps_hc_added;		/* entry added to hostcache */
	u_long	tcps_hc_expired;	/* entries that grew too old */
};

#define	intotcpcb(ip)	((struct tcpcb *)(ip)->inp_ppcb)
#define	sototcpcb(so)	(intotcpcb(sotoinpcb(so)))

extern struct inpcbhead tcb;
extern struct inpcbinfo tcbinfo;
extern struct tcpstat tcpstat;
extern int tcp_mssdflt;
#ifdef INET6
extern int tcp_v6mssdflt;
#define	tcb6		tcb		/* for KAME src sync over BSD*'s */
#endif
extern int tcp_delack_enabled;
extern int tcp_keepidle;

#define	SEQ_LT(a, b)	((int32_t)((a) - (b)) < 0)

void	tcp_init(void);
void	tcp_destroy(void);
void	tcp_slowtimo(void);
u_long	tcp_maxmtu(struct in_conninfo *);
void	tcp_input(struct mbuf *, int);
int	tcp_output(struct tcpcb *, int, struct mbuf *);
struct tcpcb *tcp_close(struct tcpcb *);
struct tcpcb *tcp_newtcpcb(struct inpcb *);
u_int32_t tcp_new_isn(struct tcpcb *);
int	tcp_respond(struct in_conninfo *, u_int32_t, u_int32_t, int,
	    struct mbuf *);
void	tcp_timer_delack(void *);
void	tcp_timer_keep(void *);
void	tcp_timer_2msl(void *);
#ifdef INET6
int	tcp_mss(struct tcpcb *, u_int, int);
#else
int	tcp_mss(struct tcpcb *, u_int);
#endif

void	tcp_hc_init(void);
void	tcp_hc_destroy(void);
void	tcp_hc_drain(void);
u_long	tcp_hc_getmtu(struct in_conninfo *);
void	tcp_hc_updatemtu(struct in_conninfo *, u_long);

extern struct pr_usrreqs tcp_usrreqs;

#endif /* !_NETINET_TCP_VAR_H_ */
