/* doctor.c - `arena doctor`: what this host can give, and what to do about the rest.
 *
 * The main job is to run a program of at least one language in a box; the exit status says whether it can. */
#include <jansson.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "print.h"
#include "sandbox/box.h"
#include "startup.h"

struct findings {
	struct utsname kernel;
	struct host_check checks[HOST_CHECKS_MAX];
	size_t check_count;
	struct host_tier tiers[HOST_TIERS];
	const struct catalogue *catalogue;
	const char *tier; /* that would be used; "none" */
	struct error why; /* there is none */
	bool can_run;
};

static void examine(const struct config *config, const struct catalogue *catalogue, struct findings *findings)
{
	enum sandbox_tier tier;
	bool host = true, language = false;
	*findings = (struct findings){ .catalogue = catalogue };
	uname(&findings->kernel);
	findings->check_count = sandbox_check_host(findings->checks);
	for (size_t i = 0; i < findings->check_count; i++)
		host = host && (findings->checks[i].ok || !findings->checks[i].required);
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		language = language ||
			   (catalogue_at(catalogue, i)->available && !catalogue_at(catalogue, i)->unlisted);
	sandbox_check_tiers(findings->tiers);
	const char *socket = config->sandbox_socket;
	bool chosen = sandbox_choose_tier(config->allow_restricted, &tier, &findings->why) == 0;
	if (*socket && access(socket, W_OK) == 0) {
		chosen = true;
		tier = SANDBOX_FULL;
	}
	/* The checks are what the first two need. */
	bool usable = chosen && (host || tier == SANDBOX_RESTRICTED);
	findings->tier = usable ? sandbox_tier_name(tier) : "none";
	findings->can_run = usable && language;
}

static void print_checks(const struct findings *findings)
{
	printf("host: %s %s, %s; tier: %s\n", findings->kernel.sysname, findings->kernel.release,
	       findings->kernel.machine, findings->tier);
	for (size_t i = 0; i < findings->check_count; i++) {
		const struct host_check *check = &findings->checks[i];
		printf("  %-8s %-26s %s\n",
		       check->ok         ? "ok"
		       : check->required ? "MISSING"
					 : "limited",
		       check->name, check->found);
		if (!check->ok && check->advice[0])
			printf("  %-8s   -> %s\n", "", check->advice);
	}
}

static void print_tiers(const struct findings *findings)
{
	printf("tiers:\n");
	for (size_t i = 0; i < HOST_TIERS; i++) {
		const struct host_tier *tier = &findings->tiers[i];
		printf("  %-8s %-26s %s\n", tier->available ? "ok" : "absent", tier->name,
		       tier->available ? tier->cost : tier->missing);
		if (tier->advice[0])
			printf("  %-8s   -> %s\n", "", tier->advice);
	}
}

static void print_languages(const struct catalogue *catalogue)
{
	printf("languages:\n");
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct language *language = catalogue_at(catalogue, i);
		if (language->unlisted)
			continue;
		printf("  %-8s %-26s %s\n", language->available ? "ok" : "absent", language->name,
		       language->available ? language->version : language->unavailable_reason);
	}
}

static int print_findings(const struct findings *findings)
{
	print_checks(findings);
	print_tiers(findings);
	print_languages(findings->catalogue);
	printf(findings->can_run ? "programs can be run here\n"
				 : "programs can NOT be run here: see above\n");
	return findings->can_run ? STATUS_OK : STATUS_FAILED;
}

static json_t *findings_json(const struct findings *findings)
{
	json_t *checks = json_array(), *languages = json_array(), *tiers = json_array();
	for (size_t i = 0; i < HOST_TIERS; i++) {
		const struct host_tier *tier = &findings->tiers[i];
		json_array_append_new(tiers, json_pack("{s:s, s:b, s:s, s:s, s:s}", "name", tier->name,
						       "available", tier->available, "missing", tier->missing,
						       "advice", tier->advice, "cost", tier->cost));
	}
	for (size_t i = 0; i < findings->check_count; i++) {
		const struct host_check *check = &findings->checks[i];
		json_array_append_new(checks,
				      json_pack("{s:s, s:b, s:b, s:s, s:s}", "name", check->name, "ok",
						check->ok, "required", check->required, "found", check->found,
						"advice", check->ok ? "" : check->advice));
	}
	for (size_t i = 0; i < catalogue_count(findings->catalogue); i++) {
		const struct language *language = catalogue_at(findings->catalogue, i);
		if (language->unlisted)
			continue;
		json_array_append_new(languages,
				      json_pack("{s:s, s:s, s:b, s:s?, s:s?}", "id", language->id, "name",
						language->name, "available", language->available, "version",
						language->version, "reason", language->unavailable_reason));
	}
	return json_pack("{s:b, s:s, s:s, s:s, s:o, s:o, s:o}", "ok", findings->can_run, "tier",
			 findings->tier, "kernel", findings->kernel.release, "machine",
			 findings->kernel.machine, "checks", checks, "tiers", tiers, "languages", languages);
}

static int run(int argc, char **argv)
{
	bool json = false;
	const struct option_row rows[] = {
		OPTION_FLAG("json", &json, "one JSON object on standard output"),
		OPTION_END,
	};
	int status;
	if (!options_parse(&doctor_command, rows, argc, argv, NULL, &status))
		return status;
	cleanup_config struct config *config = NULL;
	cleanup_catalogue struct catalogue *catalogue = NULL;
	if ((status = startup_config("doctor", &config)) ||
	    (status = startup_catalogue(config, NULL, true, &catalogue)))
		return status;
	struct findings findings;
	examine(config, catalogue, &findings);
	if (!json)
		return print_findings(&findings);
	status = print_json(findings_json(&findings));
	return findings.can_run ? status : STATUS_FAILED;
}

const struct command doctor_command = {
	.name = "doctor",
	.synopsis = "[--json]",
	.summary = "Says what this host can give, and what to do about what is missing",
	.details = "The exit status is 1 when no program can be run here.\n",
	.run = run,
};
