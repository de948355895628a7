/* A static of the same name is another variable. */
static int count;

int
other(void)
{
	return (count++);
}
