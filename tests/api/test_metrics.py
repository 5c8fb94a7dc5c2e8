"""What Prometheus reads: by the parser of its own Python library, by the rules of `promtool check metrics`, and by
promtool itself where there is one (Debian's package of it is 100 MB, and a server; so it is not asked for)."""
import json
import re
import shutil
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from arena import ROOT, request, wait_for
from receiver import Receiver, statuses

UNITS = ("seconds", "bytes")
NOT_UNITS = ("ms", "us", "milliseconds", "microseconds", "minutes", "kb", "mb", "kilobytes", "megabytes", "percent")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped", "info", "timestamp")


def scrape(port):
    answer = request(port, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def samples(text):
    """{(name, frozenset of labels): value}; none is there twice."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, key
            found[key] = sample.value
    return found


def value(text, name, **labels):
    return samples(text).get((name, frozenset(labels.items())), 0)


def check_rules(text):
    """Those of promtool (and of the exposition format, where the parser is lenient)."""
    helps, types, seen = {}, {}, []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert name not in helps and words.strip(), line
            helps[name] = words
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types and kind in TYPES, line
            types[name] = kind
            seen.append(name)
        else:  # samples stand beneath their family's head
            name = re.match(r"[a-z][a-z0-9_]*", line)[0]
            family = seen[-1]
            suffixes = ("_bucket", "_sum", "_count") if types[family] == "histogram" else ("",)
            assert name in [family + suffix for suffix in suffixes], line
    assert helps.keys() == types.keys()
    for name, kind in types.items():
        parts = name.split("_")
        assert name.endswith("_total") == (kind == "counter"), name
        assert not set(parts) & set(NOT_UNITS) and not set(parts) & {"counter", "gauge", "histogram"}, name
        for unit in set(parts) & set(UNITS):  # a unit stands last, but for _total
            assert parts[-1] == unit or parts[-2:] == [unit, "total"], name
        assert kind != "histogram" or parts[-1] in UNITS, name


def check_histograms(text):
    buckets = {}
    found = samples(text)
    for (name, labels), count in found.items():
        if name.endswith("_bucket"):
            rest = frozenset(pair for pair in labels if pair[0] != "le")
            buckets.setdefault((name[:-7], rest), []).append((float(dict(labels)["le"]), count))
    assert buckets
    for (name, labels), counts in buckets.items():
        counts.sort()
        assert [count for _, count in counts] == sorted(count for _, count in counts), name
        assert counts[-1] == (float("inf"), found[f"{name}_count", labels])
        assert found[f"{name}_sum", labels] >= 0


@pytest.fixture(scope="module")
def busy(serve):
    """The shared service after something of everything, and its webhook's receiver."""
    serve.run("print(1)")
    serve.run("nonsense(")
    serve.run("int main(){}", language="c")
    serve.submit("1", execute=False)
    serve.get("/nowhere")
    serve.get("/api/v1/submissions/x")
    serve.request("BREW", "/coffee")
    return serve


def test_the_rules_are_kept(busy):
    for port in (busy.port, busy.worker_port):
        text = scrape(port)
        check_rules(text)
        check_histograms(text)


def test_each_figure_is_explained(busy):
    document = (ROOT / "docs" / "operating.md").read_text()
    for port in (busy.port, busy.worker_port):
        for name in re.findall(r"^# TYPE (\S+)", scrape(port), re.MULTILINE):
            assert f"`{name}`" in document or f"`{name}{{" in document, name


@pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool here")
def test_promtool_accepts_it(busy):
    for port in (busy.port, busy.worker_port):
        done = subprocess.run(["promtool", "check", "metrics"], input=scrape(port), text=True, capture_output=True)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_is_counted(busy):
    before = scrape(busy.port)
    submission = busy.run("print(1)")
    assert submission["verdict"] == "ok"
    busy.run("raise SystemExit(3)")
    busy.get("/nowhere")
    after = wait_for(lambda: (text := scrape(busy.port)) and grown(before, text, "arena_http_requests_total",
                                                                   method="other", route="", status="404") and text)
    for name, labels, by in [
        ("arena_submissions_total", {"api": "v1"}, 2),
        ("arena_claims_total", {"class": "submission", "language": "python"}, 2),
        ("arena_queue_wait_seconds_count", {"class": "submission"}, 2),
        ("arena_results_total", {"status": "completed", "verdict": "ok"}, 1),
        ("arena_results_total", {"status": "error", "verdict": "runtime_error"}, 1),
        ("arena_run_seconds_count", {"language": "python"}, 2),
        ("arena_overhead_seconds_count", {}, 2),
        ("arena_http_requests_total", {"method": "POST", "route": "/api/v1/submissions", "status": "201"}, 2),
    ]:
        assert grown(before, after, name, **labels) == by, name
    for name, labels in [("arena_database_transactions_total", {"kind": "write", "result": "ok"}),
                         ("arena_database_transaction_seconds_sum", {"kind": "write"}),
                         ("arena_http_request_seconds_count", {"method": "POST", "route": "/internal/v1/claim"}),
                         ("arena_uptime_seconds", {}), ("process_cpu_seconds_total", {})]:
        assert grown(before, after, name, **labels) > 0, name
    assert value(after, "arena_database_up") == 1
    assert value(after, "arena_workers") == 1 and value(after, "arena_worker_slots") == 2
    assert value(after, "process_resident_memory_bytes") > 1 << 20
    assert value(after, "arena_compile_seconds_count", language="c") >= 1


def grown(before, after, name, **labels):
    return value(after, name, **labels) - value(before, name, **labels)


def test_what_the_worker_counts(busy):
    before = scrape(busy.worker_port)
    busy.run("print(1)")
    after = wait_for(lambda: (text := scrape(busy.worker_port)) and grown(before, text, "arena_worker_judged_total",
                                                                         verdict="ok") and text)
    assert grown(before, after, "arena_worker_task_seconds_count") == 1
    assert grown(before, after, "arena_worker_overhead_seconds_count") == 1
    assert 0 < grown(before, after, "arena_worker_overhead_seconds_sum") <= grown(before, after,
                                                                                 "arena_worker_task_seconds_sum")


def test_what_waits_is_told_by_class_and_language(execution):
    text = scrape(execution.port)
    assert value(text, "arena_queue_ready_jobs", **{"class": "contest", "language": "java"}) == 0
    made = execution.submit("x", language="java", priority="contest")
    try:
        labels = {"class": "contest", "language": "java"}
        wait_for(lambda: value(scrape(execution.port), "arena_queue_ready_age_seconds", **labels) > 0)
        text = scrape(execution.port)
        assert value(text, "arena_queue_ready_jobs", **labels) == 1
        assert value(text, "arena_queue_jobs", state="ready") >= 1
    finally:
        execution.request("DELETE", f"/api/jobs/{made['job_id']}")
    assert "java" not in [dict(labels).get("language") for name, labels in samples(scrape(execution.port))
                          if name == "arena_queue_ready_jobs"]


def test_webhooks_are_counted(make_service):
    with Receiver(statuses(500, 200, 410)) as backend:
        service = make_service("execution", BACKEND_SERVICE_URL=backend.url, WEBHOOK_RETRIES="1").start()
        for _ in range(2):
            made = service.submit("1")
            service.request("DELETE", f"/api/jobs/{made['job_id']}")
            wait_for(lambda: service.get(f"/api/v1/webhooks?submission_id={made['id']}").json[0]["status"] != "pending")
        text = wait_for(lambda: (text := scrape(service.port)) and value(text, "arena_webhooks_dead") and text)
        for outcome in ("delivered", "failed", "dead"):
            assert value(text, "arena_webhooks_total", outcome=outcome) == 1
        assert value(text, "arena_webhook_seconds_count") == 3 and value(text, "arena_webhooks_pending") == 0


def test_the_client_s_request_is_named_from_end_to_end(serve):
    """In the service's log and the worker's, and in what comes back."""
    answer = serve.request("POST", "/api/v1/submissions", {"code": "print(1)", "language": "python", "user_id": 1},
                           {"X-Request-Id": "mine-from-end-to-end",
                            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    assert answer.headers["X-Request-Id"] == "mine-from-end-to-end"
    serve.result(answer.json["id"])

    def lines():
        named = [json.loads(line) for line in serve.log().splitlines() if '"mine-from-end-to-end"' in line]
        return {(each["role"], each["event"], each.get("to", "")): each for each in named}

    wanted = {("execution", "submission created", ""), ("execution", "submission", "running"),
              ("execution", "submission", "completed"), ("worker", "judged", "")}
    wait_for(lambda: wanted <= lines().keys())
    assert "0af7651916cd43dd8448eb211c80319c" in lines()["execution", "submission created", ""]["trace"]
