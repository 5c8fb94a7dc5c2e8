#include "transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "net/address.h"

/* ---- where it goes ---- */

static void note_refusal(struct transfer *transfer, const struct sockaddr *address, const char *what)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
			  sizeof text);
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
			  sizeof text);
	snprintf(transfer->refusal, sizeof transfer->refusal, "the address %s is %s", text, what);
}

/* The only place where a socket is made: libcurl connects it to `address` and to nothing else. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	const char *refusal = transfer->allow_private ? NULL : address_refusal(&address->addr);

	if (purpose != CURLSOCKTYPE_IPCXN || refusal) {
		note_refusal(transfer, &address->addr, refusal ? refusal : "not to be connected to");
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- what comes back ---- */

static size_t on_head(char *bytes, size_t one, size_t size, void *context)
{
	struct transfer *transfer = context;

	(void)bytes, (void)one;
	transfer->head_bytes += size;
	transfer->too_large = transfer->head_bytes > transfer->options->response_max_bytes;
	return transfer->too_large ? 0 : size;
}

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
	struct transfer *transfer = context;
	size_t room = transfer->options->response_max_bytes - transfer->head_bytes,
	       taken = transfer->body.size;

	(void)one;
	transfer->too_large = taken > room || size > room - taken;
	if (transfer->too_large)
		return 0;
	buffer_append(&transfer->body, bytes, size);
	return transfer->body.failed ? 0 : size;
}

/* ---- making one ---- */

static bool add_header(struct transfer *transfer, const char *text)
{
	struct curl_slist *longer = curl_slist_append(transfer->headers, text);

	if (longer)
		transfer->headers = longer;
	return longer != NULL;
}

static bool add_headers(struct transfer *transfer, const struct outbound_request *request)
{
	bool added = add_header(transfer, "Expect:"); /* no waiting for 100 Continue */

	for (const char *const *header = request->headers; header && *header && added; header++)
		added = add_header(transfer, *header);
	return added;
}

static CURLcode set_request(CURL *easy, const struct outbound_request *request)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, request->url);

	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
		code = code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
	}
	return code ? code : curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_rules(CURL *easy, struct transfer *transfer)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not by way of what http_proxy happens to say */
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)transfer->options->timeout_ms);
	/* A name server that is silent must not keep the thread: the look-up is left behind to end alone. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

static void free_transfer_at(struct transfer **transfer)
{
	transfer_free(*transfer);
}

int transfer_new(const struct outbound_options *options, const struct outbound_request *request,
		 struct transfer **ret_transfer, struct error *err)
{
	cleanup_with(free_transfer_at) struct transfer *transfer = calloc(1, sizeof *transfer);
	int code;

	if (!transfer || !(transfer->easy = curl_easy_init()))
		return error_set(err, -ENOMEM, "out of memory");
	transfer->options = options;
	transfer->allow_private = request->allow_private;
	if ((code = outbound_check(request->url, request->allow_private, transfer->origin, err)) < 0)
		return code;
	if (!add_headers(transfer, request) || set_request(transfer->easy, request) != CURLE_OK ||
	    curl_easy_setopt(transfer->easy, CURLOPT_USERAGENT, options->user_agent) != CURLE_OK)
		return error_set(err, -ENOMEM, "out of memory");
	set_rules(transfer->easy, transfer);
	*ret_transfer = take_pointer(&transfer);
	return 0;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	buffer_free(&transfer->body);
	free(transfer);
}

/* ---- the end ---- */

/* An answer whose head came counts, even when what followed it was more than we read. */
static enum outbound_end end_of(const struct transfer *transfer, CURLcode code, long status)
{
	if (code == CURLE_OK || (transfer->too_large && status >= 200))
		return OUTBOUND_ANSWERED;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return OUTBOUND_TIMEOUT;
	return code == CURLE_COULDNT_CONNECT && *transfer->refusal ? OUTBOUND_REFUSED : OUTBOUND_FAILED;
}

void transfer_result(struct transfer *transfer, CURLcode code, struct outbound_result *result)
{
	curl_off_t retry_s = 0;
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_s);
	*result = (struct outbound_result){
		.end = end_of(transfer, code, status),
		.body = buffer_text(&transfer->body),
		.body_size = transfer->body.size,
		.took_us = clock_monotonic_us() - transfer->began_us,
		.why = "",
	};
	if (result->end == OUTBOUND_ANSWERED)
		result->status = (int)status, result->retry_after_s = retry_s;
	else
		result->why = result->end == OUTBOUND_REFUSED ? transfer->refusal : curl_easy_strerror(code);
}
