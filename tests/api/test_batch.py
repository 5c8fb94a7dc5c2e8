"""/api/v1/submissions/batch"""
import pytest

from fake_worker import FakeWorker, report

BATCH = "/api/v1/submissions/batch"


def element(code="print(1)", **fields):
    return {"code": code, "language": "python", "user_id": 1, "execute": False, **fields}


def post(service, *elements):
    return service.post(BATCH, {"submissions": list(elements)})


def test_all_in_the_order_of_the_request(execution):
    answer = post(execution, *(element(f"print({i})", user_id=f"u{i}") for i in range(100)))
    assert answer.status == 200
    assert [each["code"] for each in answer.json] == [f"print({i})" for i in range(100)]
    assert [each["user_id"] for each in answer.json] == [f"u{i}" for i in range(100)]
    ids = [each["id"] for each in answer.json]
    assert len(set(ids)) == 100 and all(each["status"] == "pending" for each in answer.json)
    some = ids[5:0:-1]
    got = execution.get(f"{BATCH}?ids={','.join(map(str, some))}")
    assert got.status == 200 and [each["id"] for each in got.json] == some


def test_each_has_an_answer_of_its_own(execution):
    inactive = execution.post("/api/v1/contests/", {"title": "x", "is_active": False}).json["id"]
    answer = post(execution, element("a"), element(language="cobol"), 7, element(contest_id=999999),
                  element(contest_id=inactive), {"code": 1}, element("b"))
    assert answer.status == 200
    first, language, number, missing, closed, wrong, last = answer.json
    assert (first["code"], last["code"]) == ("a", "b")
    [fault] = language["detail"]
    assert fault["loc"] == ["body", "submissions", 1, "language"] and fault["type"] == "unsupported_language"
    assert number["detail"][0]["loc"] == ["body", "submissions", 2]
    assert missing == {"detail": "Contest not found"} and closed == {"detail": "Contest is not active"}
    assert {each["loc"][-1] for each in wrong["detail"]} == {"code", "language", "user_id"}


def test_they_are_run(execution):
    worker = FakeWorker(execution.port)
    made = post(execution, element(execute=True), element(execute=True)).json
    jobs = worker.claim(slots=5)
    assert {job["submission_id"] for job in jobs} == {each["id"] for each in made}
    for job in jobs:
        assert worker.finish(job, report()).status == 200
    got = execution.get(f"{BATCH}?ids={made[0]['id']},{made[1]['id']}").json
    assert [each["status"] for each in got] == ["completed", "completed"]
    worker.leave()


def test_twins_within_and_across_batches(execution):
    answer = post(execution, element("first", external_id="batch-twin"), element("second", external_id="batch-twin"),
                  element("third", idempotency_key="k"), element("fourth", idempotency_key="k"))
    ids = [each["id"] for each in answer.json]
    assert ids[0] == ids[1] and ids[2] == ids[3] and ids[0] != ids[2]
    assert [each["code"] for each in answer.json] == ["first", "first", "third", "third"]
    again = post(execution, element("other", external_id="batch-twin"))
    assert again.json[0]["id"] == ids[0]


@pytest.mark.parametrize("body, place, kind", [
    ({}, ["body", "submissions"], "missing"),
    ({"submissions": []}, ["body", "submissions"], "too_short"),
    ({"submissions": [{}] * 101}, ["body", "submissions"], "too_large"),
    ({"submissions": {}}, ["body", "submissions"], "array_type"),
    ({"submissions": [{}], "wait": 1}, ["body", "wait"], "unknown_field"),
    ([], ["body"], "object_type"),
])
def test_faults_of_the_whole(execution, body, place, kind):
    answer = execution.post(BATCH, body)
    assert answer.status == 422
    assert [(each["loc"], each["type"]) for each in answer.json["detail"]] == [(place, kind)]


def test_a_key_for_the_whole_is_refused(execution):
    answer = execution.post(BATCH, {"submissions": [element()]}, {"Idempotency-Key": "k"})
    assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["header", "Idempotency-Key"]


def test_unknown_ids(execution):
    made = execution.submit("1", execute=False)["id"]
    got = execution.get(f"{BATCH}?ids=999999,{made},{made}").json
    assert got[0] == {"detail": "Submission not found"} and got[1]["id"] == made and got[2] == got[1]


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=1,", "?ids=a", "?ids=-1", "?ids=1;2", "?ids=" + "1," * 100 + "1",
                                   "?ids=99999999999999999999"])
def test_ids_with_faults(execution, query):
    answer = execution.get(BATCH + query)
    assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["query", "ids"]


def test_the_most_is_a_variable(make_service):
    service = make_service("execution", BATCH_MAX=2).start()
    assert post(service, element(), element()).status == 200
    assert post(service, element(), element(), element()).status == 422
    assert service.get(f"{BATCH}?ids=1,2,1").status == 422
