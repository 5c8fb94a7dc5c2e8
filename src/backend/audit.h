/* audit.h - audit_note() (backend/audit.h) for handlers. */
#pragma once

#include "backend/audit.h"
#include "inside.h"

/* Who asks, and whence; as long as the exchange. */
struct audit_origin audit_origin_of(const struct http_exchange *x);
