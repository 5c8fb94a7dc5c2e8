"""A worker of the tests' own: speaks the protocol, judges nothing."""
import threading
import uuid

from arena import TOKEN, request


class FakeWorker:
    def __init__(self, port, token=TOKEN, languages=("python",)):
        self.port, self.token, self.languages = port, token, list(languages)
        self.session = str(uuid.uuid4())

    def post(self, route, timeout=30, **fields):
        message = {"protocol": 1, "session": self.session, **fields}
        return request(self.port, "POST", f"/internal/v1/{route}", message,
                       {"Authorization": f"Bearer {self.token}"}, timeout=timeout)

    def claim_raw(self, slots=1, wait_ms=5000, **fields):
        return self.post("claim", **{"worker": "test", "arch": "x86_64", "languages": self.languages,
                                     "slots": slots, "wait_ms": wait_ms, **fields})

    def claim(self, slots=1, wait_ms=5000, **fields):
        answer = self.claim_raw(slots, wait_ms, **fields)
        assert answer.status == 200, answer
        return answer.json["jobs"]

    def beat(self, jobs=(), wait_ms=0, **fields):
        leases = [{"job": job["job"], "lease": job["lease"]} for job in jobs]
        answer = self.post("heartbeat", worker="test", lanes=4, leases=leases, wait_ms=wait_ms, **fields)
        assert answer.status == 200, answer
        return answer.json["lost"]

    def finish(self, job, report):
        return self.post("finish", job=job["job"], lease=job["lease"], report=report)

    def give_back(self, job, **fields):
        return self.post("return", job=job["job"], lease=job["lease"], **fields)

    def progress(self, job, done, total, **fields):
        return self.post("progress", job=job["job"], lease=job["lease"], done=done, total=total, **fields)

    def leave(self):
        return self.beat(leaving=True)


def run(verdict="ok", output="done\n", **fields):
    return {"verdict": verdict, "outcome": "exited", "exit_code": 0, "signal": 0, "cpu_us": 1000, "wall_us": 2000,
            "memory_bytes": 1 << 20, "processes_peak": 1, "output": output, "error_output": "",
            "output_cut": False, "error_cut": False, "message": None, **fields}


def report(*runs, verdict="ok", **fields):
    return {"verdict": verdict, "message": None,
            "compile": {"status": "none", "output": "", "time_us": 0, "cached": False},
            "runs": list(runs) or [run()], **fields}


class Later:
    """A call in another thread; join() gives what it returned."""

    def __init__(self, function, *args, **fields):
        def call():
            self.value = function(*args, **fields)

        self.value = None
        self.thread = threading.Thread(target=call)
        self.thread.start()

    def waits(self, seconds=0.2):
        """Still under way after so long."""
        self.thread.join(seconds)
        return self.thread.is_alive()

    def join(self, timeout=30):
        self.thread.join(timeout)
        assert not self.thread.is_alive(), "still waiting"
        return self.value
