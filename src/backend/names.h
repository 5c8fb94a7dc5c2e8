/* names.h - names that the backend shares with the execution service, or with the command line. They do the same things
 * in the same words, and all are in one program, where a function's name can be had once: here the backend's get their
 * layer in front.
 *
 * A name is added when the linker says "multiple definition". Every header of this folder that declares one of these
 * includes this first (inside.h does). */
#pragma once

#define reply_error              backend_error
#define reply_problems           backend_problems
#define reply_failure            backend_failure
#define query_int                backend_query_int
#define path_id                  backend_path_id
#define key_submission           backend_key_submission
#define language_find            backend_language_find
#define run_json                 backend_run_json
#define rates_take_address       backend_rates_take_address
#define health                   backend_health
#define health_ready             backend_health_ready
#define metrics_get              backend_metrics_get
#define metrics_note_transaction backend_metrics_note_transaction
#define metrics_note_request     backend_metrics_note_request
#define submission_post          backend_submission_post
#define submission_get           backend_submission_get
#define submission_list          backend_submission_list
#define submission_events        backend_submission_events
#define submission_ws            backend_submission_ws
#define contest_post             backend_contest_post
#define contest_get              backend_contest_get
#define contest_get_list         backend_contest_get_list
#define contest_put              backend_contest_put
#define contest_delete_one       backend_contest_delete_one
#define contest_insert           backend_contest_insert
#define contest_load             backend_contest_load
#define contest_list             backend_contest_list
#define contest_update           backend_contest_update
#define contest_delete           backend_contest_delete
