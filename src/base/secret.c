#include "base/secret.h"

#include <string.h>

#include "base/fd.h"
#include "base/hash.h"

enum { RANDOM_BYTES = 32, FILE_BYTES_MAX = 4096 };

static int read_line(const char *path, char secret[SECRET_TEXT_BYTES], struct error *err)
{
	cleanup_buffer struct buffer text = { 0 };
	int code = file_read_all(path, FILE_BYTES_MAX, &text, err);

	if (code < 0)
		return code;
	size_t size = strcspn(buffer_text(&text), "\r\n");
	if (size < SECRET_BYTES_MIN || size >= SECRET_TEXT_BYTES)
		return error_set(err, -EINVAL, "%s: expected a line of %d to %d bytes", path,
				 SECRET_BYTES_MIN, SECRET_TEXT_BYTES - 1);
	memcpy(secret, text.data, size);
	secret[size] = '\0';
	return 0;
}

static int make_line(const char *path, struct error *err)
{
	char line[2 * RANDOM_BYTES + 2];

	random_hex(line, RANDOM_BYTES);
	line[sizeof line - 2] = '\n';
	return file_replace(path, line, sizeof line - 1, 0600, err);
}

int secret_keep(const char *path, char secret[SECRET_TEXT_BYTES], struct error *err)
{
	int code = read_line(path, secret, err);

	if (code != -ENOENT)
		return code;
	code = make_line(path, err);
	return code < 0 ? code : read_line(path, secret, err);
}
