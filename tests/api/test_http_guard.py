"""What a hostile client sends to the service, byte by byte: each is refused in the service's shape, the
connection ends, and what follows on it is never taken for a second request."""
import json
import socket
import time

import pytest

HOST = b"Host: localhost\r\n"
BODY = b'{"code": "print(1)", "language": "python", "user_id": 1}'
SMUGGLED = (b"POST /api/v1/submissions/ HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection):
    """Everything up to the end of the connection: [(status, body)] in order."""
    data = b""
    while True:
        try:
            got = connection.recv(65536)
        except ConnectionResetError:
            break
        if not got:
            break
        data += got
    answers = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        lengths = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
        size = lengths[0] if lengths else 0
        answers.append((int(lines[0].split()[1]), rest[:size]))
        data = rest[size:]
    return answers


def exchange(port, data):
    with connect(port) as connection:
        connection.sendall(data)
        return receive(connection)


def post(headers, body=b""):
    return b"POST /api/v1/submissions/ HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


@pytest.mark.parametrize("data, status", [
    pytest.param(post(b"Content-Length: 2\r\nContent-Length: 200\r\n", b"{}"), 400, id="two lengths"),
    pytest.param(post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), 400, id="the same length twice"),
    pytest.param(post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400,
                 id="length and encoding"),
    pytest.param(post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 501, id="unknown encoding"),
    pytest.param(post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 400, id="space before the colon"),
    pytest.param(post(b"Transfer-Encoding: chunked\r\n", b"0x0\r\n\r\n"), 400, id="odd chunk size"),
    pytest.param(post(b"Transfer-Encoding: chunked\r\n", b"0\r\nHost: b\r\n\r\n"), 400, id="trailer"),
    pytest.param(post(b"Content-Length: +2\r\n", b"{}"), 400, id="length with a sign"),
    pytest.param(post(b"Content-Length: -1\r\n"), 400, id="negative length"),
    pytest.param(post(b"Content-Length: 0x2\r\n", b"{}"), 400, id="hexadecimal length"),
    pytest.param(post(b"X: a\x00b\r\n"), 400, id="NUL in a header"),
    pytest.param(post(b"\x00\r\n"), 400, id="NUL for a header"),
    pytest.param(post(b"X: a\r\n b\r\n"), 400, id="folded header"),
    pytest.param(post(b"Host: example.org\r\n"), 400, id="two hosts"),
    pytest.param(b"GET /health/ HTTP/1.1\r\n\r\n", 400, id="no host"),
    pytest.param(b"GET /health/ HTTP/1.1\nHost: a\n\n", 400, id="bare line feeds"),
    pytest.param(b"GET /health/ HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED), 400,
                 id="a body for GET"),
    pytest.param(b"GET http://example.org/ HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="a proxy's request"),
    pytest.param(b"BREW /health/ HTTP/1.1\r\n" + HOST + b"\r\n", 501, id="unknown method"),
    pytest.param(b"GET /health/ HTTP/3.0\r\n" + HOST + b"\r\n", 505, id="unknown version"),
    pytest.param(b"GET /health/ HTTP/1.1\r\nX: " + b"a" * 20000, 431, id="huge head"),
    pytest.param(post(b"Content-Length: 999999999\r\n"), 413, id="huge body"),
])
def test_refused_whole(execution, data, status):
    before = execution.get("/api/stats").json["total"]
    answers = exchange(execution.port, data + SMUGGLED)
    assert [each[0] for each in answers] == [status]
    assert json.loads(answers[0][1])["detail"]
    assert execution.get("/api/stats").json["total"] == before


def test_a_body_too_large_is_told_the_limit(make_service):
    service = make_service("execution", HTTP_BODY_MAX=5000).start()
    [(status, body)] = exchange(service.port, post(b"Content-Length: 5001\r\n"))
    assert status == 413 and "5000 bytes" in json.loads(body)["detail"]


def test_pipelined_requests_are_answered_in_order(execution):
    get = b"GET /health/%s HTTP/1.1\r\n" + HOST + b"%s\r\n"
    answers = exchange(execution.port, get % (b"", b"") + get % (b"nothing", b"") +
                       get % (b"", b"Connection: close\r\n"))
    assert [each[0] for each in answers] == [200, 404, 200]


def test_chunked_bodies_and_expectations_are_understood(execution):
    with connect(execution.port) as connection:
        connection.sendall(post(b"Content-Type: application/json\r\nExpect: 100-continue\r\n"
                                b"Transfer-Encoding: chunked\r\nConnection: close\r\n"))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"2\r\n[]\r\n0\r\n\r\n")
        [(status, _)] = receive(connection)
    assert status == 422


def drip(connection):
    """A byte every 20 ms until the server says something: forever, if it let itself be held."""
    connection.setblocking(False)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            connection.send(b"a")
            connection.recv(1, socket.MSG_PEEK)
            break
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            break
    connection.setblocking(True)
    connection.settimeout(20)


@pytest.mark.parametrize("start", [
    pytest.param(b"GET /health/ HTTP/1.1\r\nX: ", id="head"),
    pytest.param(post(b"Content-Length: 100000\r\n"), id="body"),
])
def test_one_byte_at_a_time_does_not_hold_a_connection(make_service, start):
    service = make_service("execution", HTTP_HEAD_TIMEOUT=300, HTTP_BODY_TIMEOUT=300).start()
    with connect(service.port) as connection:
        connection.sendall(start)
        drip(connection)
        [(status, body)] = receive(connection)
    assert status == 408 and json.loads(body)["detail"]
    assert service.get("/health/").status == 200


def test_a_silent_connection_is_closed(make_service):
    service = make_service("execution", HTTP_HEAD_TIMEOUT=300).start()
    with connect(service.port) as connection:
        assert receive(connection) == []
