/* handlers.h - every handler of the table in routes.c, by file. */
#pragma once

#include "inside.h"

/* execute.c */
void execute(struct http_exchange *x);
void execute_module(struct http_exchange *x);
/* status.c */
void execution_status(struct http_exchange *x);
/* health.c */
void health(struct http_exchange *x);
void health_ready(struct http_exchange *x);
void health_api(struct http_exchange *x);
/* metrics.c */
void metrics_get(struct http_exchange *x);

/* auth.c */
void auth_register(struct http_exchange *x);
void auth_login(struct http_exchange *x);
void auth_user(struct http_exchange *x);
void auth_logout(struct http_exchange *x);
void auth_refresh(struct http_exchange *x);
void auth_password(struct http_exchange *x);
/* admin_users.c */
void admin_user_list(struct http_exchange *x);
void admin_user_post(struct http_exchange *x);
void admin_user_get(struct http_exchange *x);
void admin_user_patch(struct http_exchange *x);
void admin_user_password(struct http_exchange *x);
/* admin_submissions.c */
void admin_submission_list(struct http_exchange *x);
void admin_statistics(struct http_exchange *x);
/* rejudges.c */
void rejudge_post(struct http_exchange *x);
void rejudge_get(struct http_exchange *x);
void rejudge_get_list(struct http_exchange *x);
void rejudge_post_apply(struct http_exchange *x);
void rejudge_post_undo(struct http_exchange *x);
void rejudge_delete_one(struct http_exchange *x);
/* admin_service.c */
void admin_queue(struct http_exchange *x);
void admin_workers(struct http_exchange *x);
void admin_deliveries(struct http_exchange *x);
void admin_delivery_replay(struct http_exchange *x);
/* audit.c */
void admin_audit(struct http_exchange *x);
/* problems.c */
void problem_get_list(struct http_exchange *x);
void problem_get(struct http_exchange *x);
void problem_post(struct http_exchange *x);
void problem_put(struct http_exchange *x);
void problem_delete_one(struct http_exchange *x);
void problem_get_statement(struct http_exchange *x);
/* problem_import.c */
void problem_import_post(struct http_exchange *x);
void admin_problem_import(struct http_exchange *x);
/* problem_run.c */
void problem_run(struct http_exchange *x);
void problem_run_custom(struct http_exchange *x);
/* submission_post.c, submissions.c */
void submission_post(struct http_exchange *x);
void submission_get_list(struct http_exchange *x);
void submission_get(struct http_exchange *x);
void submission_delete_one(struct http_exchange *x);
/* live.c */
void submission_events(struct http_exchange *x);
void submission_ws(struct http_exchange *x);
/* ticket.c */
void live_ticket(struct http_exchange *x);

/* contests.c */
void contest_post(struct http_exchange *x);
void contest_get(struct http_exchange *x);
void contest_get_list(struct http_exchange *x);
void contest_put(struct http_exchange *x);
void contest_delete_one(struct http_exchange *x);
/* standings.c */
void contest_join(struct http_exchange *x);
void contest_get_participants(struct http_exchange *x);
void contest_get_leaderboard(struct http_exchange *x);
/* code_submissions.c */
void code_submission_post(struct http_exchange *x);
void code_submission_get(struct http_exchange *x);
void code_submission_get_list(struct http_exchange *x);
/* code_health.c */
void code_execution_health(struct http_exchange *x);
/* webhook_in.c */
void webhook_code_execution(struct http_exchange *x);
/* courses.c */
void course_post(struct http_exchange *x);
void course_get(struct http_exchange *x);
void course_get_list(struct http_exchange *x);
void course_put(struct http_exchange *x);
void course_delete_one(struct http_exchange *x);
void course_enroll_in(struct http_exchange *x);
void course_leave_it(struct http_exchange *x);
void course_get_progress(struct http_exchange *x);
/* modules.c */
void module_get_list(struct http_exchange *x);
void module_post(struct http_exchange *x);
void module_get(struct http_exchange *x);
void module_put(struct http_exchange *x);
void module_delete_one(struct http_exchange *x);
void module_post_complete(struct http_exchange *x);
