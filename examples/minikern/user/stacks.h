/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _USER_STACKS_H_
#define	_USER_STACKS_H_

#define	NSTACKS		100

/* A network stack, and what runs in it. */
struct stack {
	struct vnet	*s_vnet;
	u_int32_t	 s_addr;	/* Of disc0. */
	struct ifqueue	*s_raw;
	struct inpcb	*s_udp;		/* Listens on port 7. */
	struct inpcb	*s_server, *s_client;
	int		 s_pings;	/* That were answered. */
	int		 s_saved;	/* Blocks, for watch_same(). */
};

extern struct stack stacks[NSTACKS];
extern struct stack home;		/* The default one: nobody uses it. */
extern int	failures;

/* stacks.c: what programs do in a stack. */
void	check(int, const char *, struct stack *);
void	bring_up(struct stack *, u_int32_t);
void	take_down(struct stack *);
void	connect(struct stack *);
void	hang_up(struct stack *);
void	leave_a_mess(struct stack *);
int	ping(struct stack *);
int	talk(struct stack *, int);
void	traffic(struct stack *);

/* watch.c: the memory that belongs to a stack. */
void	watch(void);
int	watch_count(struct vnet *);
void	watch_adopt(struct vnet *);
void	watch_save(struct stack *);
int	watch_same(struct stack *);

/* sysctls.c */
int	get(struct stack *, const char *);
int	set(struct stack *, const char *, const void *, size_t);
int	set_int(struct stack *, const char *, int);
void	check_sysctls(struct stack *, struct stack *);

/* scenes.c: what must hold. */
void	two_stacks(void);
void	many_stacks(void);
void	half_a_stack(void);
void	late_module(void);

#endif /* !_USER_STACKS_H_ */
