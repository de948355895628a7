#include <sys/queue.h>
#include <sys/vimage.h>
#include <net/if.h>

struct ifnethead ifnet = TAILQ_HEAD_INITIALIZER(V_ifnet);
int if_index;

static struct ifnet *first = (struct ifnet *)&V_ifnet;
