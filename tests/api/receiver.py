"""Receivers of webhooks: real servers on 127.0.0.1 that keep what they get, and misbehave on request."""
import base64
import hashlib
import hmac
import json
import socket
import threading
import time

from arena import wait_for


class Delivery:
    """One request as it arrived."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, headers, body, time.monotonic()

    @property
    def json(self):
        return json.loads(self.body)

    def plain_signature(self, secret):
        return hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()

    def standard_signature(self, secret):
        key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()

    def is_signed_with(self, secret):
        return (self.headers.get("x-webhook-secret") == self.plain_signature(secret)
                and self.headers.get("webhook-signature") == self.standard_signature(secret))

    def is_unsigned(self):
        return "x-webhook-secret" not in self.headers and "webhook-signature" not in self.headers


def read_request(stream):
    """(path, headers, body) or None at the end."""
    line = stream.readline().decode("latin-1")
    if not line.strip():
        return None
    method, path, _ = line.split()
    assert method == "POST"
    headers = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return path, headers, stream.read(int(headers.get("content-length", 0)))


def answer(status, extra=b"", body=b""):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), extra, body)


class Receiver:
    """`behaviour(receiver, connection, number)` answers the request with that number (from 0)."""

    def __init__(self, behaviour=None, port=0):
        self.behaviour = behaviour or (lambda receiver, connection, number: connection.sendall(answer(200)))
        self.deliveries, self.open, self.most_open = [], 0, 0
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while not self.closing.is_set() and (request := read_request(stream)):
                    with self.lock:
                        number = len(self.deliveries)
                        self.deliveries.append(Delivery(*request))
                        self.open += 1
                        self.most_open = max(self.most_open, self.open)
                    try:
                        self.behaviour(self, connection, number)
                    finally:
                        with self.lock:
                            self.open -= 1
            except OSError:
                pass

    def wait(self, count=1, timeout=30):
        wait_for(lambda: len(self.deliveries) >= count, timeout)
        return self.deliveries[count - 1]

    def close(self):
        self.closing.set()
        # A blocked accept(2) does not end with close(2) alone.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def statuses(*codes):
    """These, one after the other; the last again and again."""
    def behave(receiver, connection, number):
        connection.sendall(answer(codes[min(number, len(codes) - 1)]))
    return behave


def silence(receiver, connection, number):
    receiver.closing.wait(60)


def redirect(to):
    def behave(receiver, connection, number):
        connection.sendall(answer(302, b"Location: %s\r\n" % to.encode()))
    return behave


def huge(receiver, connection, number):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    with open("/dev/zero", "rb") as zeros:
        while not receiver.closing.is_set():
            connection.sendall(zeros.read(65536))
