/* A static array of exactly the limit's size: free until it is touched. */
enum { LIMIT_BYTES = 32 << 20 };
static volatile char block[LIMIT_BYTES];

int main(void)
{
	for (int at = 0; at < LIMIT_BYTES; at += 4096)
		block[at] = 1;
	return 0;
}
