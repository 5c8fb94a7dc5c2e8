"""Networks that fail: TCP proxies that cut, stall, and look for the named points of the code.

A named point is a moment between a commit and its acknowledgement. It is found from outside, by the answer that
passes here: the process that sent it has committed; killed now, and its answer dropped, it is to all others a
process that died between the two.
"""
import asyncio
import contextlib
import random
import threading

# name -> (what the request begins with, what its answer then holds). The names say: done, not yet told.
HTTP_POINTS = {
    "submission committed, not answered": (b"POST /api/v1/submissions", b"HTTP/1.1 201 "),
    "claim committed, not answered": (b"POST /internal/v1/claim", b'"lease":'),
    "result committed, not answered": (b"POST /internal/v1/finish", b"HTTP/1.1 200 "),
    "heartbeat noted, not answered": (b"POST /internal/v1/heartbeat", b"HTTP/1.1 200 "),
}
# PostgreSQL's CommandComplete with the tag COMMIT.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
POSTGRES_POINT = "PostgreSQL committed, service not told"
WEBHOOK_POINT = "webhook delivered, not recorded"
POINTS = [*HTTP_POINTS, POSTGRES_POINT, WEBHOOK_POINT]


class Points:
    """Those that are armed, and what to do there. Thread-safe."""

    def __init__(self, note):
        self.lock, self.armed, self.note = threading.Lock(), {}, note

    def arm(self, name, deed, action):
        with self.lock:
            self.armed[name] = (deed, action)

    def hit(self, name, where=None):
        """True when it was armed: its action is done, and no answer may pass."""
        with self.lock:
            deed, action = self.armed.pop(name, (None, None))
        if not action:
            return False
        self.note(f"{name}: {deed}")
        action(where)
        return True


def http_point(request, answer):
    for name, (begin, holds) in HTTP_POINTS.items():
        if request.startswith(begin) and holds in answer:
            return name
    return None


def postgres_point(_, answer):
    return POSTGRES_POINT if COMMITTED in answer else None


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def call(self, function):
        self.loop.call_soon_threadsafe(function)

    def close(self):
        self.call(self.loop.stop)
        self.thread.join(10)


class Proxy:
    """Listens on a port of 127.0.0.1; each connection goes to one of `targets`, ports or paths of Unix sockets."""

    def __init__(self, loop, points, point_of, targets, port=0):
        self.loop, self.points, self.point_of, self.targets = loop, points, point_of, targets
        self.open, self.dice = set(), random.Random(1)
        self.flowing = loop.run(self.make_gate())
        self.server = loop.run(asyncio.start_server(self.serve, "127.0.0.1", port))
        self.port = self.server.sockets[0].getsockname()[1]

    async def make_gate(self):
        gate = asyncio.Event()
        gate.set()
        return gate

    async def connect(self, target):
        if isinstance(target, str):
            return await asyncio.open_unix_connection(target)
        return await asyncio.open_connection("127.0.0.1", target)

    async def serve(self, reader, writer):
        there = None
        try:
            target = self.dice.choice(self.targets)
            there_reader, there = await self.connect(target)
            pair = (writer.transport, there.transport)
            self.open.add(pair)
            last = [b""]
            try:
                await asyncio.gather(self.pump(reader, there, last, None),
                                     self.pump(there_reader, writer, last, target))
            finally:
                self.open.discard(pair)
        except OSError:
            pass
        finally:
            for each in filter(None, (writer, there)):
                each.transport.abort()

    async def pump(self, reader, writer, last, target):
        """`target`: whose answers these are; None for requests. Ends with an error, so that the other one does."""
        while data := await reader.read(65536):
            await self.flowing.wait()
            if target is None:
                last[0] = data
            elif (name := self.point_of(last[0], data)) and self.points.hit(name, target):
                raise ConnectionResetError
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError

    def cut(self):
        """All that is open now."""
        def now():
            for pair in list(self.open):
                for each in pair:
                    each.abort()
        self.loop.call(now)

    def stall(self, stalled):
        """Nothing passes, and nobody is told."""
        self.loop.call(self.flowing.clear if stalled else self.flowing.set)

    def close(self):
        with contextlib.suppress(Exception):
            self.stall(False)
            self.loop.call(self.server.close)
            self.cut()
