#include "net/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* The multi interface, for one request at a time, has the one thing that the easy one lacks:
 * curl_multi_wakeup(), with which another thread ends the waiting at once. It also keeps the connection. */
struct http_client {
	CURLM *multi;
	CURL *easy;
	const char *ca_file; /* NULL: the host's */
	atomic_bool aborted;
};

struct transfer {
	const struct http_client_request *request;
	struct buffer body;
	bool too_large;
};

static void free_headers(struct curl_slist **headers)
{
	curl_slist_free_all(*headers);
}

static void init_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

int http_client_new(struct http_client **client, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init_curl);
	struct http_client *made = calloc(1, sizeof *made);
	if (made) {
		made->multi = curl_multi_init();
		made->easy = curl_easy_init();
	}
	if (!made || !made->multi || !made->easy) {
		http_client_free(made);
		return error_set(err, -ENOMEM, "make an HTTP client: out of memory");
	}
	*client = made;
	return 0;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->easy);
	curl_multi_cleanup(client->multi);
	free(client);
}

void http_client_trust(struct http_client *client, const char *ca_file)
{
	client->ca_file = ca_file;
}

void http_client_abort(struct http_client *client)
{
	atomic_store(&client->aborted, true);
	curl_multi_wakeup(client->multi);
}

static size_t on_body(char *bytes, size_t one, size_t size, void *arg)
{
	struct transfer *transfer = arg;
	transfer->too_large = size > transfer->request->response_max_bytes - transfer->body.size;
	if (transfer->too_large)
		return CURL_WRITEFUNC_ERROR;
	buffer_append(&transfer->body, bytes, size);
	return transfer->body.failed ? CURL_WRITEFUNC_ERROR : size;
}

/* Keeps the list that it was given when memory is out. */
static bool add_header(struct curl_slist **headers, const char *text)
{
	struct curl_slist *longer = text ? curl_slist_append(*headers, text) : NULL;
	if (longer)
		*headers = longer;
	return longer != NULL;
}

static bool add_value(struct curl_slist **headers, const char *name, const char *value)
{
	cleanup_free char *text = NULL;
	return !value || (asprintf(&text, "%s%s", name, value) >= 0 && add_header(headers, text));
}

static bool make_headers(const struct http_client_request *request, struct curl_slist **headers)
{
	return add_header(headers, "Expect:") && /* no waiting for 100 Continue */
	       add_value(headers, "Authorization: Bearer ", request->bearer) &&
	       add_value(headers, "X-Request-Id: ", request->request_id) &&
	       (!request->body ||
		add_value(headers, "Content-Type: ",
			  request->content_type ? request->content_type : "application/json"));
}

static void set_method(CURL *easy, const struct http_client_request *request)
{
	if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (request->body || strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_options(CURL *easy, struct transfer *transfer, struct curl_slist *headers)
{
	curl_easy_reset(easy); /* keeps the connection */
	curl_easy_setopt(easy, CURLOPT_URL, transfer->request->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	set_method(easy, transfer->request);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not by way of what http_proxy happens to say */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)transfer->request->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static int error_code(CURL *easy, CURLcode code)
{
	long os_error = 0;
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT: return -ETIMEDOUT;
	case CURLE_COULDNT_CONNECT: return os_error > 0 ? -(int)os_error : -ECONNREFUSED;
	case CURLE_COULDNT_RESOLVE_HOST: return -EHOSTUNREACH;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL: return -EINVAL;
	case CURLE_OUT_OF_MEMORY: return -ENOMEM;
	default: return -EIO;
	}
}

/* Runs the transfer to its end, or until the abort. */
static int perform(struct http_client *client, CURLcode *result)
{
	int running = 1;
	while (!atomic_load(&client->aborted)) {
		curl_multi_perform(client->multi, &running);
		if (running == 0)
			break;
		curl_multi_poll(client->multi, NULL, 0, 1000, NULL);
	}
	int left;
	const CURLMsg *message = curl_multi_info_read(client->multi, &left);
	if (!message)
		return -ECANCELED;
	*result = message->data.result;
	return 0;
}

static int describe(struct http_client *client, const struct transfer *transfer, CURLcode result,
		    struct error *err)
{
	const struct http_client_request *request = transfer->request;
	if (transfer->too_large)
		return error_set(err, -EMSGSIZE, "%s %s: the response is larger than %zu bytes",
				 request->method, request->url, request->response_max_bytes);
	return error_set(err, error_code(client->easy, result), "%s %s: %s", request->method, request->url,
			 curl_easy_strerror(result));
}

int http_client_run(struct http_client *client, const struct http_client_request *request, int *status,
		    struct buffer *response, struct error *err)
{
	cleanup_with(free_headers) struct curl_slist *headers = NULL;
	struct transfer transfer = { .request = request };
	CURLcode result = CURLE_OK;
	long code = 0;

	if (!make_headers(request, &headers))
		return error_set(err, -ENOMEM, "%s %s: out of memory", request->method, request->url);
	set_options(client->easy, &transfer, headers);
	if (client->ca_file)
		curl_easy_setopt(client->easy, CURLOPT_CAINFO, client->ca_file);
	curl_multi_add_handle(client->multi, client->easy);
	int failed = perform(client, &result);
	curl_multi_remove_handle(client->multi, client->easy);

	if (failed) {
		error_set(err, failed, "%s %s: aborted", request->method, request->url);
	} else if (result != CURLE_OK) {
		failed = describe(client, &transfer, result, err);
	} else {
		curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &code);
		*status = (int)code;
		buffer_append(response, buffer_text(&transfer.body), transfer.body.size);
	}
	buffer_free(&transfer.body);
	return failed;
}
