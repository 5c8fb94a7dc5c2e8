/* crew.h - the tests of one task, run by one judge or by several.
 *
 * The judge whose task it is offers its tests while it runs them; others, each with its lane and thread, may join
 * and take some. What comes of it is the same however many there are: results stand in the tests' order, and with
 * early stop nothing beyond the first failing test counts. A helper can be called away (judge_cancel()): what it
 * was at is run again by somebody else. */
#pragma once

#include "judge/judge.h"

struct crew;

/* Whom a judge tells, in judge_run()'s thread, that others may join, and that they may not any more: when
 * withdraw() has returned no crew_join() may come. NULL: its tests are its own. */
struct judge_sharing {
	void (*offer)(struct crew *crew, void *context);
	void (*withdraw)(struct crew *crew, void *context);
	void *context;
};
void judge_set_sharing(struct judge *judge, const struct judge_sharing *sharing);

/* While it is offered: whether there is something left to take, and whoever joins must then help. From here on
 * judge_cancel() calls the helper away. */
bool crew_join(struct crew *crew, struct judge *helper);
/* Runs tests until there are no more, or until it is called away. */
void crew_help(struct crew *crew, struct judge *helper);
