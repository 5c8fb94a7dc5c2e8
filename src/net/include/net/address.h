/* address.h - which addresses a stranger may make us connect to: those of the public internet, no others.
 *
 * Pure. The table behind it follows IANA's registries of special-purpose addresses (RFC 6890 and its
 * successors); what wraps an IPv4 address (mapped, NAT64) is judged by what it wraps. */
#pragma once

#include <sys/socket.h>

/* NULL for a public address; else what it is instead, for messages: "loopback", "private", "link-local", ... */
const char *address_refusal(const struct sockaddr *address);
