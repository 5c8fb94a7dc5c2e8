/* Prints the backend's table of routes as Markdown, for docs/api.md and for the tests that try each. */
#include <stdio.h>

#include "routes.h"

int main(void)
{
	puts("| method | path | least role |\n| --- | --- | --- |");
	for (size_t i = 0; i < backend_route_count; i++) {
		const struct backend_route *route = &backend_routes[i];

		printf("| %s | `%s` | %s |\n", route->method, route->path,
		       route->least == ROLE_NOBODY ? "none" : role_name(route->least));
	}
	return 0;
}
