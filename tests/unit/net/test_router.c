#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "router.h"

static const struct http_route routes[] = {
	{ "GET", "/", NULL },
	{ "GET", "/health", NULL },
	{ "GET", "/items", NULL },
	{ "POST", "/items", NULL },
	{ "GET", "/items/batch", NULL },
	{ "GET", "/items/{id}", NULL },
	{ "DELETE", "/items/{id}", NULL },
	{ "POST", "/items/{id}/parts/{part}/run", NULL },
};

static const struct {
	const char *method, *path;
	int status;
	int row;            /* of routes[] for 200 */
	const char *params; /* "id=1 part=2 ", or what is allowed */
} cases[] = {
	{ "GET", "/", 200, 0, "" },
	{ "GET", "/health", 200, 1, "" },
	{ "HEAD", "/health", 200, 1, "" },
	{ "GET", "/health/", 200, 1, "" },
	{ "GET", "/items", 200, 2, "" },
	{ "POST", "/items/", 200, 3, "" },
	{ "GET", "/items/batch", 200, 4, "" },
	{ "GET", "/items/7", 200, 5, "id=7 " },
	{ "GET", "/items/7/", 200, 5, "id=7 " },
	{ "DELETE", "/items/a%2Fb%20c", 200, 6, "id=a/b c " },
	{ "POST", "/items/1/parts/two/run", 200, 7, "id=1 part=two " },

	{ "GET", "/nothing", 404, -1, "" },
	{ "GET", "/healthy", 404, -1, "" },
	{ "GET", "/healt", 404, -1, "" },
	{ "GET", "/HEALTH", 404, -1, "" },
	{ "GET", "/%68ealth", 404, -1, "" },
	{ "GET", "/items//", 404, -1, "" },
	{ "GET", "/items/1/parts", 404, -1, "" },
	{ "GET", "/../health", 404, -1, "" },

	{ "POST", "/health", 405, -1, "GET, HEAD" },
	{ "PUT", "/items", 405, -1, "GET, HEAD, POST" },
	{ "PATCH", "/items/7", 405, -1, "GET, HEAD, DELETE" },
	{ "HEAD", "/items/1/parts/2/run", 405, -1, "POST" },

	{ "GET", "/items/%zz", 400, -1, "" },
	{ "GET", "/items/%00", 400, -1, "" },
};

static void every_path_finds_its_row(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cleanup_pool struct pool *pool = pool_new();
		struct route_match match;
		cleanup_buffer struct buffer params = { 0 };
		route_find(routes, sizeof routes / sizeof routes[0], cases[i].method, cases[i].path, pool,
			   &match);
		if (match.status != cases[i].status)
			fail_msg("%s %s: %d, expected %d", cases[i].method, cases[i].path, match.status,
				 cases[i].status);
		if (match.status == 200 && match.route - routes != cases[i].row)
			fail_msg("%s %s: row %d, expected %d", cases[i].method, cases[i].path,
				 (int)(match.route - routes), cases[i].row);
		for (size_t p = 0; match.status == 200 && p < match.param_count; p++)
			buffer_printf(&params, "%s=%s ", match.params[p].name, match.params[p].value);
		assert_string_equal(match.status == 405 ? match.allow : buffer_text(&params),
				    cases[i].params);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_path_finds_its_row) };
	return cmocka_run_group_tests_name("net router", tests, NULL, NULL);
}
