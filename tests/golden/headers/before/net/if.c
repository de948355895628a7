#include <sys/queue.h>
#include <net/if.h>

struct ifnethead ifnet = TAILQ_HEAD_INITIALIZER(ifnet);
int if_index;

static struct ifnet *first = (struct ifnet *)&ifnet;
