/* Any bytes as a Java source: the public class is one word of it, and there is none without a first type. */
#include "fuzz.h"

#include "public_class.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_pool struct pool *pool = pool_new();
	struct class_names names = { 0 };

	must(class_names_scan((const char *)data, size, pool, &names) == 0);
	must(names.first_class || (!names.public_class && !names.main_class));
	if (names.public_class) {
		size_t length = strlen(names.public_class);
		must(length > 0 && memmem(data, size, names.public_class, length));
		must(strcspn(names.public_class, " \t\r\n./-@\"'{}();") == length);
	}
	return 0;
}
