"""The backend alone: it starts, serves, and says what is wrong."""


def test_health(backend):
    for path in ("/health", "/health/", "/api/health"):
        answer = backend.backend("GET", path)
        assert answer.status == 200 and answer.json["status"] == "healthy"
    assert backend.backend("GET", "/api/health").json["services"]["database"] == "connected"
    assert backend.backend("GET", "/health/ready").json == {"status": "ready", "services": {"database": "connected"}}
