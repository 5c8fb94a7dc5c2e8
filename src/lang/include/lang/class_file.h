/* class_file.h - whether a Java class file has a method that the java command starts.
 *
 * The bytes are a compiler's output from hostile hands, or no class file at all: every size is checked against what
 * is there, nothing is allocated, and the time is linear. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* `public static void main(String[])`. False, too, for what is no whole class file (JVMS 4). */
bool class_file_has_main(const void *bytes, size_t size);
