#ifndef _NET_PFIL_H_
#define	_NET_PFIL_H_

extern int pf_count, pf_debug, pf_list[];

#define	PF_COUNT()	(V_pf_count++)
#define	PF_DEBUG(x)	do {			\
	if (V_pf_debug)				\
		printf x;			\
} while (0)
#define	PF_NTH(n)	(V_pf_list[(n) % V_pf_count])
#define	pf_alias	V_pf_debug

#endif
