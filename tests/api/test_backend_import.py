"""Packages become problems: over HTTP and by the command line, once and again, and nothing of a hostile one."""
import json
import os
import subprocess

import pytest

from arena import BINARY, request, wait_for
from packages import PROBLEMS, SUM, archive_of, send
from test_backend_submissions import People

ADD = SUM["submissions/accepted/a.py"]


@pytest.fixture(scope="module")
def people(backend):
    return People(backend)


def named(name, **files):
    """The small package under another name."""
    yaml = SUM["problem.yaml"].replace("11111111", f"{abs(hash(name)) % 10**8:08d}")
    return {**SUM, "problem.yaml": yaml, **files}


def brought(people, name, query="", **files):
    answer = send(people.service, archive_of(named(name, **files), name), people.author["token"],
                  f"name={name}&{query}")
    assert answer.status in (200, 201), answer
    return answer.json


def get(people, problem, person=None):
    return people.service.backend("GET", f"/api/problems/{problem}", token=(person or people.author)["token"])


def test_an_archive_becomes_a_problem(people):
    made = send(people.service, archive_of(named("first"), "first"), people.author["token"], "name=first.zip")
    assert made.status == 201, made
    assert made.headers["Location"] == f"/api/problems/{made.json['id']}"
    assert (made.json["title"], made.json["version"]) == ("Sum", 1)
    problem = get(people, made.json["id"]).json
    assert problem["description"] == "Add **two** numbers.\n"
    assert problem["examples"] == [{"input": "1 2\n", "output": "3\n"}]
    assert problem["testCases"] == [{"input": "1 2\n", "expectedOutput": "3\n", "isHidden": False}]
    assert (problem["testCaseCount"], problem["hiddenTestCaseCount"]) == (3, 2)
    assert (problem["timeLimit"], problem["memoryLimit"], problem["isPublic"]) == (2000, 256, False)
    assert problem["package"] == {"shortName": made.json["shortName"], "version": 1, "format": "2025-09",
                                  "languages": None, "statement": "md", "pdf": None}
    assert get(people, made.json["id"], people.student).status == 404
    assert not any(secret in json.dumps(problem) for secret in ("4000017", "4030000", "7000001"))


def test_it_is_public_when_that_is_said(people):
    made = brought(people, "seen", "public=true")
    assert get(people, made["id"], people.student).status == 200


def test_the_same_again_is_refused_or_a_newer_version(people):
    made = brought(people, "again", "public=true")
    before = people.submit(made["id"], ADD).json
    assert before["status"] == "accepted"
    refused = send(people.service, archive_of(named("again"), "again"), people.author["token"], "name=again")
    assert refused.status == 409 and "already" in refused.json["message"]
    other = people.service.user(role="instructor")
    stranger = send(people.service, archive_of(named("again"), "again"), other["token"], "name=again&update=true")
    assert stranger.status == 403

    newer = {"data/secret/3.in": "1 1\n", "data/secret/3.ans": "3\n"}
    updated = send(people.service, archive_of(named("again", **newer), "again"), people.author["token"],
                   "name=again&update=true")
    assert updated.status == 200 and updated.json["id"] == made["id"] and updated.json["version"] == 2
    problem = get(people, made["id"]).json
    assert (problem["testCaseCount"], problem["isPublic"]) == (4, True)
    assert people.get(before["id"]).json == before
    assert people.submit(made["id"], ADD).json["status"] == "wrong_answer"


def test_a_name_is_free_again_when_the_problem_is_deleted(people):
    made = brought(people, "gone", "public=true")
    judged = people.submit(made["id"], ADD).json
    assert people.service.backend("DELETE", f"/api/problems/{made['id']}", token=people.author["token"]).status == 204
    newer = brought(people, "gone")
    assert newer["id"] != made["id"] and newer["version"] == 1
    assert people.get(judged["id"]).json["status"] == "accepted"


def test_what_the_package_says_is_not_changed_by_hand(people):
    made = brought(people, "fixed")
    for fields in ({"timeLimit": 5000}, {"memoryLimit": 64}, {"testCases": [{"input": "", "expectedOutput": ""}]}):
        refused = people.service.backend("PUT", f"/api/problems/{made['id']}", fields, people.author["token"])
        assert refused.status == 400 and "package" in refused.body.decode(), refused
    changed = people.service.backend("PUT", f"/api/problems/{made['id']}",
                                     {"title": "Another", "isPublic": True, "tags": ["x"]}, people.author["token"])
    assert changed.status == 200
    assert people.submit(made["id"], ADD).json["status"] == "accepted"


def test_a_statement_as_a_file(people):
    pdf = b"%PDF-1.4\n" + bytes(range(256)) * 40
    made = brought(people, "printed", "public=true", **{"statement/problem.en.pdf": pdf})
    path = f"/api/problems/{made['id']}/statement"
    assert get(people, made["id"]).json["package"]["pdf"] == path
    answer = people.service.backend("GET", path, token=people.student["token"])
    assert answer.status == 200 and answer.body == pdf
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    plain = brought(people, "unprinted", "public=true")
    assert people.service.backend("GET", f"/api/problems/{plain['id']}/statement",
                                  token=people.student["token"]).status == 404


NO_LIMIT = {**SUM, "problem.yaml": "problem_format_version: 2023-07-draft\nname: Sum\n"}
MANY = {f"data/secret/{i}.in": str(i) for i in range(300)} | {f"data/secret/{i}.ans": str(i) for i in range(300)}
REFUSED = {
    "no archive": (b"PK no archive at all", "no zip archive"),
    "an empty archive": (archive_of({}), ""),
    "no package": (archive_of({"readme.txt": "hello"}), ""),
    "no tests": (archive_of({path: text for path, text in SUM.items() if not path.startswith("data/")}), "no tests"),
    "no time limit": (archive_of(NO_LIMIT), "time limit"),
    "too many tests": (archive_of({**SUM, **MANY}), "LIMIT_TESTS"),
    "too long": (archive_of({**SUM, "problem.yaml": SUM["problem.yaml"].replace("time_limit: 2", "time_limit: 2000")}),
                 "LIMIT_CPU_TIME_MAX"),
    "too much memory": (archive_of({**SUM, "problem.yaml": SUM["problem.yaml"].replace("256", "4096")}),
                        "LIMIT_MEMORY_MAX"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_package_is_refused_in_words(people, name):
    archive, word = REFUSED[name]
    count = len(people.service.backend_rows("SELECT id FROM problem"))
    answer = send(people.service, archive, people.author["token"])
    assert answer.status == 400 and word in answer.json["message"], answer
    assert len(people.service.backend_rows("SELECT id FROM problem")) == count


def test_a_bomb_is_refused(people):
    out = archive_of({**SUM, "data/secret/9.in": b"0" * (600 << 20), "data/secret/9.ans": "0\n"})
    assert len(out) < 2 << 20
    answer = send(people.service, out, people.author["token"])
    assert answer.status == 400, answer
    assert people.service.backend("GET", "/health").status == 200


def test_requests_that_are_none(people):
    port, token = people.service.backend_port, people.author["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert request(port, "POST", "/api/problems/import", b"x", headers).status == 415
    empty = request(port, "POST", "/api/problems/import", b"", {**headers, "Content-Type": "application/zip"})
    assert empty.status == 400, empty
    assert send(people.service, archive_of(SUM), token, "timeLimit=0").status == 400
    large = send(people.service, os.urandom(65 << 20), token)
    assert large.status == 413, large
    timed = send(people.service, archive_of(NO_LIMIT, "timed"), token, "timeLimit=1500&shortName=timed")
    assert timed.status == 201 and get(people, timed.json["id"]).json["timeLimit"] == 1500, timed


def test_the_process_that_reads_can_open_nothing(people):
    """Its secrets are not there: neither in its environment, nor in its reach."""
    done = subprocess.run([BINARY, "problem", "card", "--archive", "x", "--with-data"], input=archive_of(SUM),
                          capture_output=True, env={"PATH": os.environ["PATH"]}, cwd="/")
    size, _, rest = done.stdout.partition(b"\n")
    card = json.loads(rest[:int(size)])
    assert card["title"] == "Sum" and done.returncode == 0
    data = rest[int(size):]
    assert len(data) == sum(each["size"] for each in card["data"])


# ---- the command line ----


def run(service, *words, **environment):
    return subprocess.run([BINARY, "problem", "import", *words], env={**service.environment, **environment},
                          cwd=service.folder, capture_output=True, text=True)


def test_the_command_asks_the_backend_that_runs(people):
    service = people.service
    done = run(service, "--no-verify", "--public", str(PROBLEMS / "courier"))
    assert done.returncode == 0, done.stderr
    again = run(service, "--no-verify", str(PROBLEMS / "courier"))
    assert again.returncode == 1 and "already" in again.stderr
    newer = run(service, "--no-verify", "--update", str(PROBLEMS / "courier"))
    assert newer.returncode == 0 and "version 2" in newer.stdout, newer
    listed = service.backend("GET", "/api/problems?q=Courier", token=people.student["token"]).json
    assert [each["title"] for each in listed] == ["Courier"]


def test_the_command_writes_to_the_database_of_one_that_does_not(make_service, tmp_path):
    service = make_service("backend").start()
    author = service.user(role="instructor")
    service.terminate()
    archive = tmp_path / "sum.zip"
    archive.write_bytes(archive_of(SUM, "sum"))
    os.chmod(tmp_path, 0o755)
    done = run(service, "--no-verify", "--author", author["username"], str(archive), str(PROBLEMS / "courier"))
    assert done.returncode == 0, done.stderr
    assert run(service, "--no-verify", "--author", "nobody", str(archive)).returncode == 1
    service.start()
    listed = service.backend("GET", "/api/problems", token=author["token"]).json
    assert [each["title"] for each in listed] == ["Sum", "Courier"]
    assert {each["authorId"] for each in listed} == {author["id"]}
    answer = service.backend("POST", "/api/submissions", {"problemId": listed[0]["id"], "code": ADD, "language": "python"},
                             author["token"])
    assert answer.json["status"] == "accepted", answer


@pytest.mark.skipif(os.geteuid() != 0, reason="lanes need root")
def test_a_package_is_verified_before_and_its_time_limit_found(people, tmp_path):
    os.chmod(tmp_path, 0o755)
    for name, program in (("right", ADD), ("wrong", "print(7)\n")):
        folder = tmp_path / name
        for path, text in {**NO_LIMIT, "submissions/accepted/a.py": program}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
    done = run(people.service, "--public", str(tmp_path / "right"))
    assert done.returncode == 0, done
    listed = people.service.backend("GET", "/api/problems?q=Sum&page_size=100&page=1", token=people.service.admin()).json
    made = next(each for each in listed["results"] if f"problem {each['id']} (right)" in done.stdout)
    assert made["timeLimit"] >= 1000
    refused = run(people.service, str(tmp_path / "wrong"))
    assert refused.returncode == 1 and "does not verify" in refused.stderr, refused


def test_what_the_command_refuses(backend, tmp_path):
    os.chmod(tmp_path, 0o755)
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "problem.yaml").write_text(NO_LIMIT["problem.yaml"])
    for words, status, text in (((), 2, "which package"), (("/nowhere",), 1, "/nowhere"),
                                (("--no-verify", str(folder)), 1, "time limit"),
                                (("--short-name", "x", "a", "b"), 2, "--short-name")):
        done = run(backend, *words)
        assert done.returncode == status and text in done.stderr, done


def test_what_is_not_used_any_more_is_swept(people):
    """Data of a problem that is gone is kept for a day, and then not."""
    made = brought(people, "swept", **{"data/secret/7.in": "7 " * 2000, "data/secret/7.ans": "0\n"})
    rows = people.service.backend_rows(f"SELECT sha256 FROM package_blob WHERE problem_id = {made['id']}")
    assert rows
    assert people.service.backend("DELETE", f"/api/problems/{made['id']}", token=people.author["token"]).status == 204
    assert people.service.backend_rows(f"SELECT sha256 FROM package_blob WHERE problem_id = {made['id']}") == []
    kept = people.service.backend_rows("SELECT sha256 FROM blob")
    assert all(row in kept for row in rows)


# ---- a first start ----


def seeded(service):
    return "problems of a first start imported" in service.log()


def test_a_first_start_has_problems_and_a_second_has_no_more(make_service):
    service = make_service("backend", SEED_PROBLEMS="true").start()
    wait_for(lambda: seeded(service))
    admin = service.admin()
    listed = service.backend("GET", "/api/problems?page_size=100&page=1", token=service.user()["token"]).json["results"]
    assert len(listed) > 10 and "Courier" in [each["title"] for each in listed]
    gone = listed[0]["id"]
    assert service.backend("DELETE", f"/api/problems/{gone}", token=admin).status == 204
    service.terminate()
    service.start()
    again = service.backend("GET", "/api/problems?page_size=100&page=1", token=service.user()["token"]).json["results"]
    assert [each["id"] for each in again] == [each["id"] for each in listed[1:]]
    assert service.log().count("problems of a first start imported") == 1


@pytest.mark.parametrize("environment", [{"SEED_PROBLEMS": "false"},
                                         {"SEED_PROBLEMS": "true", "NODE_ENV": "production", "JWT_SECRET": "s" * 32}])
def test_none_where_none_are_wanted(make_service, environment):
    service = make_service("backend", **environment).start()
    assert service.backend("GET", "/health").status == 200
    service.terminate()
    assert not seeded(service) and service.backend_rows("SELECT id FROM problem") == []
