/* What a worker of ours says, and what is no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "direct_link.h"

#define REPORT                                                                                               \
	"{\"verdict\":\"ok\",\"message\":null,\"compile\":{\"status\":\"none\",\"output\":\"\",\"time_us\":" \
	"0,"                                                                                                 \
	"\"cached\":false},\"runs\":[{\"verdict\":\"ok\",\"outcome\":\"exited\",\"exit_code\":0,\"signal\":" \
	"0,"                                                                                                 \
	"\"cpu_us\":1,\"wall_us\":2,\"memory_bytes\":3,\"processes_peak\":-1,\"output\":\"4\\n\","           \
	"\"error_output\":\"\",\"output_cut\":false,\"error_cut\":false,\"message\":null}]}"

static const struct {
	const char *text;
	int code;
	enum link_route route;
	uint64_t job;
} messages[] = {
	{ "{\"route\":\"hello\",\"body\":{\"protocol\":1,\"slots\":2}}", 0, LINK_HELLO, 0 },
	{ "{\"route\":\"failed\",\"body\":{\"why\":\"no lanes\"}}", 0, LINK_FAILED, 0 },
	{ "{\"route\":\"idle\",\"body\":{\"job\":7}}", 0, LINK_IDLE, 7 },
	{ "{\"route\":\"finish\",\"body\":{\"protocol\":1,\"session\":\"x\",\"job\":7,\"report\":" REPORT
	  "}}",
	  0, LINK_FINISH, 7 },
	{ "{\"route\":\"return\",\"body\":{\"job\":7,\"reason\":\"gone\",\"count_attempt\":true}}", 0,
	  LINK_RETURN, 7 },
	{ "{\"route\":\"progress\",\"body\":{\"job\":7,\"done\":0,\"total\":1,\"verdicts\":[],\"output\":"
	  "\"x\","
	  "\"output_cut\":false}}",
	  0, LINK_PROGRESS, 7 },

	{ "", -EINVAL, 0, 0 },
	{ "{", -EINVAL, 0, 0 },
	{ "[]", -EPROTO, 0, 0 },
	{ "{\"route\":\"claim\",\"body\":{}}", -EPROTO, 0, 0 },
	{ "{\"route\":7,\"body\":{}}", -EPROTO, 0, 0 },
	{ "{\"route\":\"idle\"}", -EINVAL, 0, 0 },
	{ "{\"route\":\"idle\",\"body\":{\"job\":0}}", -EINVAL, 0, 0 },
	{ "{\"route\":\"idle\",\"body\":{\"job\":\"7\"}}", -EINVAL, 0, 0 },
	{ "{\"route\":\"hello\",\"body\":{\"slots\":0}}", -EINVAL, 0, 0 },
	{ "{\"route\":\"hello\",\"body\":{\"slots\":257}}", -EINVAL, 0, 0 },
	{ "{\"route\":\"finish\",\"body\":{\"job\":7}}", -EPROTO, 0, 0 },
	{ "{\"route\":\"finish\",\"body\":{\"job\":7,\"report\":{}}}", -EINVAL, 0, 0 },
	{ "{\"route\":\"progress\",\"body\":{\"job\":7,\"done\":2,\"total\":1}}", -EINVAL, 0, 0 },
};

static void messages_are_understood_or_refused(void **state)
{
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		struct link_message message = { 0 };
		struct error err = { 0 };
		int code = link_decode(messages[i].text, strlen(messages[i].text), &message, &err);

		if (code != messages[i].code)
			fail_msg("%s: %d %s", messages[i].text, code, err.text);
		if (code == 0) {
			assert_int_equal(message.route, messages[i].route);
			assert_int_equal(message.job, messages[i].job);
		}
		pool_free(message.pool);
	}
}

static int control[2];

/* The worker's end of a conversation, as the nursery would get it. */
static int take_fd_from(int socket)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} room;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = room.bytes,
				  .msg_controllen = sizeof room.bytes };
	int fd = -1;

	assert_int_equal(recvmsg(socket, &message, 0), 1);
	const struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (rights)
		memcpy(&fd, CMSG_DATA(rights), sizeof fd);
	assert_true(fd >= 0);
	return fd;
}

static void a_job_arrives_whole(void **state)
{
	struct direct_link link = { .socket = -1, .data = -1 };
	cleanup_frames struct frames frames = { .max = 1 << 20 };
	cleanup_json json_t *json = NULL;
	const char *bytes;
	struct error err;
	size_t size;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	assert_int_equal(link_open(&link, control[0], 1000, &err), 0);
	cleanup_fd int worker = take_fd_from(control[1]), data = take_fd_from(worker);
	char byte = 'x';
	assert_int_equal(send(link.data, &byte, 1, 0), 1);
	assert_int_equal(recv(data, &byte, 1, 0), 1);
	assert_int_equal(link_job(&link, 7, "a \"b\"", "{\"x\":1}", 7), 0);
	assert_int_equal(link_cancel(&link, 8), 0);
	assert_int_equal(link_send(&link), 0);
	assert_true(frames_read(&frames, worker) > 0);
	assert_int_equal(frames_next(&frames, &bytes, &size), 1);
	assert_int_equal(json_parse(bytes, size, &json, &err), 0);
	const json_t *job = json_object_get(json, "job");
	assert_int_equal(json_integer_value(json_object_get(job, "job")), 7);
	assert_string_equal(json_string_value(json_object_get(job, "request_id")), "a \"b\"");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(job, "task"), "x")), 1);
	assert_int_equal(frames_next(&frames, &bytes, &size), 1);
	assert_memory_equal(bytes, "{\"cancel\":8}", size);
	close_fd(&worker);
	assert_int_equal(link_receive(&link, &err), -EPIPE);
	link_close(&link);
	close(control[0]);
	close(control[1]);
}

static void nobody_there_is_told(void **state)
{
	struct direct_link link = { .socket = -1, .data = -1 };
	struct error err = { 0 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, control), 0);
	close(control[1]);
	assert_true(link_open(&link, control[0], 1000, &err) < 0);
	assert_false(link_is_open(&link));
	assert_true(err.text[0]);
	close(control[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_understood_or_refused),
		cmocka_unit_test(a_job_arrives_whole),
		cmocka_unit_test(nobody_there_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
