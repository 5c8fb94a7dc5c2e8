/* decode_task.h - the part of a request that becomes the worker's task: files, arguments, tests, limits. */
#pragma once

#include "request.h"

/* Fills request->task from the fields and from code, input and language, which are decoded before. */
void decode_task(enum api api, struct fields *fields, const struct request_rules *rules, struct pool *pool,
		 struct submission_request *request);
