#include <sys/param.h>
#include <sys/vimage.h>

int alpha, beta, gamma;

int
sum(void)
{
	return (V_alpha + V_beta + V_gamma);
}
