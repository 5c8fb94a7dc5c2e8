#include "breaker.h"

enum { PROBE_AGAIN_US = 1000000 };

bool breaker_admits(struct breaker *breaker, int64_t now_us)
{
	if (breaker->open_until_us == 0)
		return true;
	if (breaker->probing || now_us < breaker->open_until_us)
		return false;
	return breaker->probing = true;
}

void breaker_note(struct breaker *breaker, const struct breaker_rules *rules, bool answered, int64_t now_us)
{
	bool was_probe = breaker->probing;

	if (answered) {
		*breaker = (struct breaker){ 0 };
		return;
	}
	breaker->probing = false;
	breaker->failures++;
	/* Of those that were under way when it opened, later failures tell nothing new. */
	if (breaker->open_until_us != 0 ? !was_probe : breaker->failures < rules->failures)
		return;
	breaker->pause_us = was_probe ? 2 * breaker->pause_us : rules->pause_us;
	if (breaker->pause_us > rules->pause_max_us)
		breaker->pause_us = rules->pause_max_us;
	breaker->open_until_us = now_us + breaker->pause_us;
}

void breaker_forget(struct breaker *breaker)
{
	breaker->probing = false;
}

int64_t breaker_retry_us(const struct breaker *breaker, int64_t now_us)
{
	int64_t left = breaker->open_until_us - now_us;

	return left > 0 ? left : PROBE_AGAIN_US;
}
