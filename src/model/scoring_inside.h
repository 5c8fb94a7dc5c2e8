/* scoring_inside.h - what the three sets of rules share: a tree of groups, and what was noted of each.
 *
 * A group is over when the last test beneath it was noted; its result then counts in the group above. One that is
 * stopped has all its further tests skipped. */
#pragma once

#include "model/scoring.h"
#include "model/task.h"

/* What came of the tests and groups in a group, as they come. */
struct tally {
	size_t count;
	double sum, least, most;
	enum verdict worst, first; /* of those that failed; VERDICT_ACCEPTED: none did */
	bool any_accepted;
};
void tally_add(struct tally *tally, enum verdict verdict, double score);

struct group {
	const char *name;
	struct group *parent; /* NULL: the root */
	const struct group_settings *settings;
	size_t tests, tests_left; /* beneath it; tests_left were not noted yet */
	size_t own_tests;         /* directly in it */
	size_t static_tests;      /* of those beneath it: the static validator's */
	double static_points;     /* and what they are worth */
	bool ran, over, stopped;
	struct tally tally;
	enum verdict verdict; /* once it is over */
	double score;

	/* The rules' own: */
	struct group_settings effective; /* with what is inherited */
	double max_score, points;        /* points: of the tests in it */
	bool is_bounded, failed;
};

struct scoring {
	const struct task *task;
	const struct rules *rules;
	struct pool *pool;
	struct group groups[SCORING_GROUPS_MAX];
	size_t group_count;
	size_t *of_test;            /* whose group it is, by its index */
	enum verdict first_failure; /* VERDICT_ACCEPTED: none */
	const char *fault;          /* why there is a judge_error, or NULL */
	bool failed;                /* memory is out */
};

struct rules {
	bool flat; /* names are no paths */
	/* Once, when all groups are known. */
	int (*prepare)(struct scoring *scoring, struct error *err);
	/* A test of this group came out so; its score is for the rules to say. */
	void (*note)(struct scoring *scoring, struct group *group, size_t test, const struct run_report *run);
	/* All beneath it was noted. */
	void (*end)(struct scoring *scoring, struct group *group);
	/* Sets the report's verdict and score. */
	void (*finish)(struct scoring *scoring, struct report *report);
};
extern const struct rules scoring_legacy, scoring_2025_09, scoring_polygon;

struct group *scoring_group(struct scoring *scoring, const char *name); /* NULL: there is none */
/* Nothing more beneath it is run. */
void scoring_stop(struct group *group);
/* Stops those that need this one. */
void scoring_stop_dependents(struct scoring *scoring, const struct group *group);
/* Whether all that it needs did not fail. */
bool scoring_has_needs(struct scoring *scoring, const struct group *group);
/* The first one counts. */
void scoring_fault(struct scoring *scoring, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A score against what could be had: accepted, partial, or the first failure where there is nothing to score. */
enum verdict scoring_verdict(const struct scoring *scoring, double score, bool is_bounded, double max_score);
bool scoring_is_less(double score, double than);
