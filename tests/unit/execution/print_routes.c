/* Prints the table of routes as Markdown, for docs/api.md and for the tests that try each. */
#include <stdio.h>

#include "access.h"
#include "routes.h"

int main(void)
{
	puts("| method | path | scope |\n| --- | --- | --- |");
	for (size_t i = 0; i < execution_route_count; i++) {
		const struct execution_route *route = &execution_routes[i];
		char scopes[KEY_SCOPES_BYTES];

		key_scopes_text(route->scopes, scopes);
		printf("| %s | `%s` | %s |\n", route->method, route->path, *scopes ? scopes : "none");
	}
	return 0;
}
