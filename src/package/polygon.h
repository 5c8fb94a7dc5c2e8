/* polygon.h - the parts of polygon_read(). */
#pragma once

#include "inside.h"
#include "xml.h"

/* A package that is being read. */
struct polygon {
	const struct package_tree *tree;
	const struct catalogue *catalogue;
	struct pool *pool;
	struct package *package;
	const struct xml_node *problem; /* problem.xml's root */
	struct error *err;
};

extern const char polygon_file[]; /* "problem.xml" */

/* A note at the node's line. */
void polygon_note(const struct polygon *polygon, const struct xml_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int polygon_out_of_memory(const struct polygon *polygon);
/* A finite number from `least` to `most`; another text is noted. False: there is none. */
bool polygon_number(const struct polygon *polygon, const struct xml_node *node, const char *what,
		    const char *text, double least, double most, double *number);

/* polygon_tests.c: of the judged set of tests its limits, tests, groups and samples. */
int polygon_tests_read(struct polygon *polygon);

/* polygon_programs.c: checker, interactor, validators, and files beside programs. */
int polygon_programs_read(struct polygon *polygon);
/* The program of a <source>. -ENOENT: its file is not there; that is noted. */
int polygon_program(struct polygon *polygon, const struct xml_node *source, bool any_build,
		    struct package_program *program);

/* polygon_solutions.c */
int polygon_solutions_read(struct polygon *polygon);
