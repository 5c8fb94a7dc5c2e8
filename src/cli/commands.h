/* commands.h - every subcommand there is; main.c has their table. */
#pragma once

#include "command.h"

extern const struct command run_command, serve_command, backend_command, execution_command, worker_command,
	lanes_command, languages_command, doctor_command, bench_command, config_command, migrate_command,
	admin_command, problem_command;
