/* minikern: try vrefactor on it.  SPDX-License-Identifier: BSD-2-Clause */

#ifndef _SYS_SYSTM_H_
#define	_SYS_SYSTM_H_

/* What the machine gives us. */
void	*memcpy(void *, const void *, size_t);
void	*memset(void *, int, size_t);
int	 memcmp(const void *, const void *, size_t);
size_t	 strlen(const char *);
int	 strcmp(const char *, const char *);
int	 printf(const char *, ...) __printflike(1, 2);
void	 abort(void) __dead2;

#define	bcopy(from, to, len)	memcpy((to), (from), (len))
#define	bzero(buf, len)		memset((buf), 0, (len))
#define	bcmp(a, b, len)		memcmp((a), (b), (len))
#define	panic(...)		do { printf(__VA_ARGS__); abort(); } while (0)
#ifdef INVARIANTS
#define	KASSERT(exp, msg)	do { if (!(exp)) panic msg; } while (0)
#else
#define	KASSERT(exp, msg)	do { } while (0)
#endif

extern int	hz;			/* Ticks in a second. */
extern int	ticks;			/* Since boot. */
#define	time_uptime	((u_long)(ticks / hz))

extern char	hostname[MAXHOSTNAMELEN];
extern char	domainname[MAXHOSTNAMELEN];

#define	strlcpy		kern_strlcpy	/* Some C libraries have it. */

size_t	 strlcpy(char *, const char *, size_t);
u_int32_t arc4random(void);
void	 hardclock(int);
void	 kern_boot(void);
void	 kern_report(void);
long	 kern_shutdown(void);
void	 net_demo(void);
void	 sysctl_dump(void);

#endif /* !_SYS_SYSTM_H_ */
