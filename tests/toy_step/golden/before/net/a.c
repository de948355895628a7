int hits;
static int misses;

#define	MISS	(misses++)

int
look_up(int key)
{
	if (key > 0)
		return (++hits - misses);
	MISS;
	return (0);
}
