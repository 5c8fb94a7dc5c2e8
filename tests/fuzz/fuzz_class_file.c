/* Any bytes as a Java class file: what is cut short has no main, whatever it had. */
#include "fuzz.h"

#include "lang/class_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char name[] = "main", type[] = "([Ljava/lang/String;)V";

	if (!class_file_has_main(data, size))
		return 0;
	must(memmem(data, size, name, sizeof name - 1) && memmem(data, size, type, sizeof type - 1));
	must(!class_file_has_main(data, size / 2));
	return 0;
}
