#ifndef _NET_PFIL_H_
#define	_NET_PFIL_H_

extern int pf_count, pf_debug, pf_list[];

#define	PF_COUNT()	(pf_count++)
#define	PF_DEBUG(x)	do {			\
	if (pf_debug)				\
		printf x;			\
} while (0)
#define	PF_NTH(n)	(pf_list[(n) % pf_count])
#define	pf_alias	pf_debug

#endif
