/* Seven digits are what a float has. */
#include <math.h>
#include <stdio.h>

static float x[1000], y[1000];

int main(void)
{
	float length = 0;
	int n;

	scanf("%d", &n);
	for (int i = 0; i < n; i++)
		scanf("%f %f", &x[i], &y[i]);
	for (int i = 0; i < n; i++)
		length += hypotf(x[i] - x[(i + 1) % n], y[i] - y[(i + 1) % n]);
	printf("%.2f\n", length);
}
