"""Judging again: what would change is seen first, changes when that is wanted, and can be put back."""
import pytest

from arena import POSTGRES, Service, new_schema, wait_for
from test_backend_submissions import People

ECHO = "print(input())"
RIGHT = [{"input": "7", "expectedOutput": "7"}, {"input": "8", "expectedOutput": "8", "isHidden": True}]
WRONG = [{"input": "7", "expectedOutput": "9"}, {"input": "8", "expectedOutput": "8", "isHidden": True}]


class Judges(People):
    def __init__(self, service):
        super().__init__(service)
        self.admin = {"token": service.admin()}

    def rejudge(self, person=None, **scope):
        return self.service.backend("POST", "/api/admin/rejudges", scope, (person or self.admin)["token"])

    def look(self, rejudge, person=None, query=""):
        return self.service.backend("GET", f"/api/admin/rejudges/{rejudge}{query}", token=(person or self.admin)["token"])

    def judged(self, rejudge, timeout=60):
        def done():
            got = self.look(rejudge).json
            return got if got["state"] != "running" else None
        return wait_for(done, timeout)

    def do(self, rejudge, step, person=None):
        return self.service.backend("POST", f"/api/admin/rejudges/{rejudge}/{step}",
                                    token=(person or self.admin)["token"])

    def correct(self, problem, cases):
        answer = self.service.backend("PUT", f"/api/problems/{problem}", {"testCases": cases}, self.author["token"])
        assert answer.status == 200, answer


@pytest.fixture(scope="module")
def judges(backend):
    return Judges(backend)


def test_nothing_changes_before_it_is_applied_and_all_can_be_put_back(judges):
    problem = judges.problem(testCases=WRONG)
    first = judges.submit(problem, ECHO).json
    assert (first["status"], first["score"]) == ("partial", "50.00")
    right = judges.submit(problem, "print({'7': 9, '8': 8}[input()])").json
    assert right["status"] == "accepted"
    judges.correct(problem, RIGHT)
    made = judges.rejudge(problemId=problem, reason="the answer to the sample was wrong")
    assert made.status == 202, made
    assert made.headers["Location"] == f"/api/admin/rejudges/{made.json['id']}"
    assert made.json["counts"]["total"] == 2 and made.json["state"] in ("running", "judged")

    seen = judges.judged(made.json["id"])
    assert seen["counts"] == {"total": 2, "judged": 2, "changed": 2}
    assert seen["reason"] == "the answer to the sample was wrong" and seen["problemId"] == problem
    assert seen["changed"] == [
        {"submission": first["id"], "user": judges.student["id"], "problem": problem,
         "before": {"status": "partial", "score": "50.00"}, "after": {"status": "accepted", "score": "100.00"}},
        {"submission": right["id"], "user": judges.student["id"], "problem": problem,
         "before": {"status": "accepted", "score": "100.00"}, "after": {"status": "partial", "score": "50.00"}}]
    assert judges.get(first["id"]).json == first

    applied = judges.do(seen["id"], "apply")
    assert applied.status == 200 and applied.json["state"] == "applied" and applied.json["appliedAt"]
    after = judges.get(first["id"]).json
    assert (after["status"], after["score"], after["passedCount"]) == ("accepted", "100.00", 2)
    assert [result["passed"] for result in after["results"]] == [True, True]
    assert after["submittedAt"] == first["submittedAt"]
    assert judges.do(seen["id"], "apply").status == 409
    gone = judges.service.backend("DELETE", f"/api/admin/rejudges/{seen['id']}", token=judges.admin["token"])
    assert gone.status == 409, gone

    assert judges.do(seen["id"], "undo").json["state"] == "undone"
    assert judges.get(first["id"]).json == first
    assert judges.get(right["id"]).json == right
    assert judges.do(seen["id"], "undo").status == 409
    assert judges.do(seen["id"], "apply").json["state"] == "applied"
    assert judges.get(first["id"]).json["status"] == "accepted"


def test_what_was_judged_again_since_is_not_put_back_over_it(judges):
    problem = judges.problem(testCases=WRONG)
    submission = judges.submit(problem, ECHO).json["id"]
    judges.correct(problem, RIGHT)
    earlier = judges.judged(judges.rejudge(problemId=problem).json["id"])["id"]
    judges.do(earlier, "apply")
    later = judges.judged(judges.rejudge(submissionId=submission).json["id"])["id"]
    assert judges.do(later, "apply").status == 200
    refused = judges.do(earlier, "undo")
    assert refused.status == 409 and f"Rejudge {later}" in refused.json["message"]
    assert judges.do(later, "undo").status == 200
    assert judges.do(earlier, "undo").status == 200


def test_a_contests_scores_follow(judges):
    service = judges.service
    problem, other = judges.problem(testCases=WRONG), judges.problem(testCases=RIGHT)
    contest = service.backend("POST", "/api/code-execution/contests/", {"title": "Race", "problems": [problem, other]},
                              judges.author["token"]).json["id"]
    second = service.user()
    judges.submit(problem, ECHO, contestId=contest)                                        # 50
    judges.submit(other, ECHO, contestId=contest)                                          # 100
    judges.submit(problem, "print({'7': 9, '8': 8}[input()])", contestId=contest, person=second)  # 100

    def board():
        rows = service.backend("GET", f"/api/code-execution/contests/{contest}/leaderboard/",
                               token=judges.author["token"]).json["results"]
        return [(row["user"], row["final_score"], row["rank"]) for row in rows]

    before = board()
    assert before == [(judges.student["id"], "150.00", 1), (second["id"], "100.00", 2)]
    judges.correct(problem, [{"input": "7", "expectedOutput": "6"}, {"input": "8", "expectedOutput": "6"}])
    assert judges.rejudge(judges.author, contestId=contest).status == 403
    rejudge = judges.judged(judges.rejudge(contestId=contest).json["id"])
    assert rejudge["counts"] == {"total": 3, "judged": 3, "changed": 2}
    assert board() == before
    judges.do(rejudge["id"], "apply")
    assert board() == [(judges.student["id"], "100.00", 1), (second["id"], "0.00", 2)]
    judges.do(rejudge["id"], "undo")
    assert board() == before


def test_who_may_and_what_is_refused(judges):
    problem = judges.problem(testCases=RIGHT)
    other = judges.service.user(role="instructor")
    assert judges.rejudge(problemId=problem).status == 400  # nobody has handed anything in
    judges.submit(problem, ECHO)
    assert judges.rejudge(other, problemId=problem).status == 403
    own = judges.rejudge(judges.author, problemId=problem)
    assert own.status == 202
    assert judges.look(own.json["id"], other).status == 404
    assert judges.look(own.json["id"], judges.author).status == 200
    mine = judges.service.backend("GET", "/api/admin/rejudges", token=judges.author["token"]).json
    assert own.json["id"] in [each["id"] for each in mine]
    assert judges.service.backend("GET", "/api/admin/rejudges", token=other["token"]).json == []
    for scope, status in (({}, 400), ({"problemId": problem, "contestId": 1}, 400), ({"problemId": 999999}, 404),
                          ({"submissionId": 999999}, 404), ({"contestId": 999999}, 404), ({"problem": 1}, 400),
                          ({"problemId": "1"}, 400)):
        assert judges.rejudge(**scope).status == status, scope
    assert judges.look(999999).status == 404
    assert judges.do(999999, "apply").status == 404


def test_one_that_is_cancelled_changes_nothing(judges):
    problem = judges.problem(testCases=WRONG)
    submission = judges.submit(problem, ECHO).json
    judges.correct(problem, RIGHT)
    made = judges.rejudge(problemId=problem).json["id"]
    gone = judges.service.backend("DELETE", f"/api/admin/rejudges/{made}", token=judges.admin["token"])
    assert gone.status == 204
    assert judges.look(made).json["state"] == "cancelled"
    assert judges.do(made, "apply").status == 409
    assert judges.get(submission["id"]).json == submission


def test_all_of_it_is_in_the_audit_log(judges):
    problem = judges.problem(testCases=RIGHT)
    judges.submit(problem, ECHO)
    made = judges.judged(judges.rejudge(problemId=problem, reason="to be sure").json["id"])["id"]
    judges.do(made, "apply")
    judges.do(made, "undo")
    log = judges.service.backend("GET", f"/api/admin/audit?object=rejudge%20{made}", token=judges.admin["token"]).json
    assert sorted(entry["action"] for entry in log["results"]) == ["rejudge.apply", "rejudge.create", "rejudge.undo"]
    created = next(entry for entry in log["results"] if entry["action"] == "rejudge.create")
    assert created["detail"] == {"problemId": problem, "reason": "to be sure"}


def test_a_submission_that_is_deleted_meanwhile_is_left_out(judges):
    problem = judges.problem(testCases=WRONG)
    kept, gone = judges.submit(problem, ECHO).json["id"], judges.submit(problem, ECHO).json["id"]
    judges.correct(problem, RIGHT)
    made = judges.judged(judges.rejudge(problemId=problem).json["id"])["id"]
    assert judges.service.backend("DELETE", f"/api/submissions/{gone}", token=judges.admin["token"]).status == 204
    assert judges.do(made, "apply").status == 200
    assert judges.get(kept).json["status"] == "accepted"
    assert judges.look(made).json["counts"]["total"] == 1


def test_whoever_waits_comes_first_and_a_killed_backend_goes_on(make_service):
    service = make_service("backend", LANES=1, DIRECT_SLOTS=1).start()
    judges = Judges(service)
    slow = "import time\ntime.sleep(0.3)\nprint(input())"
    problem = judges.problem(testCases=RIGHT)
    for _ in range(6):
        judges.submit(problem, slow, query="?async=true")
    wait_for(lambda: all(each["status"] == "accepted" for each in judges.list(f"?problemId={problem}")))
    made = judges.rejudge(problemId=problem).json["id"]
    wait_for(lambda: judges.look(made).json["counts"]["judged"] > 0)
    assert judges.submit(problem, ECHO).json["status"] == "accepted"
    assert judges.look(made).json["counts"]["judged"] < 6
    service.kill()
    service.start()
    done = judges.judged(made)
    assert done["state"] == "judged" and done["counts"] == {"total": 6, "judged": 6, "changed": 0}


@pytest.mark.skipif(not POSTGRES, reason="needs a database that several can use")
def test_another_replica_goes_on_when_one_dies():
    schema = new_schema()
    replicas = [Service("backend", BACKEND_DATABASE_URL=schema, JWT_SECRET="s" * 32, LANES=1, DIRECT_SLOTS=1)
                for _ in range(2)]
    try:
        for replica in replicas:
            replica.start()
        judges = Judges(replicas[0])
        problem = judges.problem(testCases=RIGHT)
        for _ in range(8):
            judges.submit(problem, "import time\ntime.sleep(0.3)\nprint(input())", query="?async=true")
        wait_for(lambda: all(each["status"] == "accepted" for each in judges.list(f"?problemId={problem}")))
        made = judges.rejudge(problemId=problem).json["id"]
        wait_for(lambda: judges.look(made).json["counts"]["judged"] > 0)
        token = judges.admin["token"]
        replicas[0].kill()

        def done():
            got = replicas[1].backend("GET", f"/api/admin/rejudges/{made}", token=token).json
            return got if got["state"] == "judged" else None
        assert wait_for(done, 60)["counts"]["judged"] == 8
    finally:
        for replica in replicas:
            replica.close()


def test_a_rejudge_goes_to_the_queue_behind_all_others(make_service):
    service = make_service("serve", EXECUTION_MODE="queue").start()
    judges = Judges(service)
    problem = judges.problem(testCases=RIGHT)
    judges.submit(problem, ECHO)
    made = judges.judged(judges.rejudge(problemId=problem).json["id"])
    assert made["counts"] == {"total": 1, "judged": 1, "changed": 0}
    status = service.backend("GET", "/api/execution/status", token=judges.admin["token"]).json
    assert status["fallbacks"] == 0, status
    assert service.rows("SELECT class FROM submission ORDER BY id") == [["0"], ["3"]]
