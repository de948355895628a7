/*-
 * minikern: a small kernel to try vrefactor on.  BSD-2-Clause, see LICENSE.
 */

#ifndef _SYS_SYSTM_H_
#define	_SYS_SYSTM_H_

/*
 * What the machine gives us.  user/host.c provides these; nothing else of the
 * C library is used but what a compiler may call by itself.
 */
void	 host_write(const char *, size_t);
void	*host_alloc(size_t);
void	 host_free(void *);
void	 host_abort(void) __dead2;

void	*memcpy(void *, const void *, size_t);
void	*memset(void *, int, size_t);
int	 memcmp(const void *, const void *, size_t);
size_t	 strlen(const char *);
int	 strcmp(const char *, const char *);

#define	bcopy(from, to, len)	memcpy((to), (from), (len))
#define	bzero(buf, len)		memset((buf), 0, (len))
#define	bcmp(a, b, len)		memcmp((a), (b), (len))
#define	strlcpy			kern_strlcpy	/* Some C libraries have it. */
#define	printf			kern_printf

size_t	 strlcpy(char *, const char *, size_t);
int	 printf(const char *, ...) __printflike(1, 2);
void	 panic(const char *, ...) __printflike(1, 2) __dead2;

#ifdef INVARIANTS
#define	KASSERT(exp, msg)	do {					\
	if (!(exp))							\
		panic msg;						\
} while (0)
#else
#define	KASSERT(exp, msg)	do { } while (0)
#endif

extern int	hz;			/* Ticks in a second. */
extern int	ticks;			/* Since boot. */
#define	time_uptime	((u_long)(ticks / hz))

extern char	hostname[MAXHOSTNAMELEN];
extern char	domainname[MAXHOSTNAMELEN];

u_int32_t arc4random(void);
void	 hardclock(int);

/* What main() may call. */
void	 kern_boot(void);
void	 kern_shutdown(void);
void	 kern_report(void);
void	 net_demo(void);
void	 sysctl_dump(void);

#endif /* !_SYS_SYSTM_H_ */
