"""Clients of live updates, on raw sockets: Server-Sent Events (HTML Standard, 9.2) and WebSocket (RFC 6455)."""
import base64
import hashlib
import json
import os
import socket
import struct
import time

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Stream:
    """A GET whose answer goes on. `head` is its status line and headers."""

    def __init__(self, port, path, headers=(), timeout=30, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.timeout = timeout
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{n}: {v}" for n, v in dict(headers).items())]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.bytes = b""
        self.head = self.until(b"\r\n\r\n").decode()
        self.status = int(self.head.split()[1])

    def more(self):
        came = self.socket.recv(65536)
        self.bytes += came
        return bool(came)

    def until(self, end):
        """What comes up to `end`; None when the stream ends before."""
        while end not in self.bytes:
            if not self.more():
                return None
        found, _, self.bytes = self.bytes.partition(end)
        return found

    def exactly(self, size):
        while len(self.bytes) < size:
            if not self.more():
                return None
        found, self.bytes = self.bytes[:size], self.bytes[size:]
        return found

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Events(Stream):
    """next() gives (id, decoded data), or None at the end."""

    def __init__(self, port, path, last_id=None, **options):
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})}
        super().__init__(port, path, headers, **options)

    def next(self):
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:  # whatever comes to keep the connection alive
            block = self.until(b"\n\n")
            if block is None:
                return None
            fields = {}
            for line in block.decode().split("\n"):
                name, _, value = line.partition(":")
                if name:
                    fields.setdefault(name, []).append(value.removeprefix(" "))
            if "data" in fields:
                return fields["id"][0], json.loads("\n".join(fields["data"]))
        raise TimeoutError("no event")


class WebSocket(Stream):
    """next() gives (None, decoded message), or None at the end; `code` is then the close frame's."""

    def __init__(self, port, path, last_id=None, **options):
        key = base64.b64encode(os.urandom(16)).decode()
        path += f"?last_event_id={last_id}" if last_id else ""
        super().__init__(port, path, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                                      "Sec-WebSocket-Key": key}, **options)
        self.code = None
        if self.status == 101:
            accept = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
            assert f"Sec-WebSocket-Accept: {accept}" in self.head

    def frame(self):
        head = self.exactly(2)
        if head is None:
            return None, b""
        assert not head[1] & 0x80, "a server masks nothing"
        size = head[1] & 0x7f
        if size == 126:
            [size] = struct.unpack(">H", self.exactly(2))
        elif size == 127:
            [size] = struct.unpack(">Q", self.exactly(8))
        assert head[0] & 0x80, "frames are whole"
        return head[0] & 0x0f, self.exactly(size)

    def send(self, opcode, payload=b""):
        mask = os.urandom(4)
        assert len(payload) < 126
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def next(self):
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            opcode, payload = self.frame()
            if opcode == 1:
                return None, json.loads(payload)
            if opcode == 9:
                self.send(10, payload)
            if opcode == 8:
                [self.code] = struct.unpack(">H", payload[:2])
                self.send(8, payload)
            if opcode in (8, None):
                return None
        raise TimeoutError("no message")
