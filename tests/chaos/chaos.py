"""What goes wrong, and when: drawn with dice whose seed is printed."""
import contextlib
import os
import signal
import time

from proxy import HTTP_POINTS, POSTGRES_POINT, WEBHOOK_POINT

PAUSE_S = (0.3, 2.5)  # between one deed and the next: some of them meet, and all recover at times
LASTS_S = (0.3, 4.5)  # longer than a lease at times
STEPS_S = (-86400, -3600, -30, -2, 2, 30, 3600, 86400)


class Chaos:
    def __init__(self, world, dice):
        self.world, self.dice, self.undo = world, dice, []
        self.deeds = {self.kill_service: 4, self.kill_worker: 3, self.kill_lane_maker: 1, self.kill_keeper: 3,
                      self.cut: 3, self.stall: 2, self.step_clock: 3, self.pause: 2, self.arm_answer: 8,
                      self.arm_webhook: 2}
        if world.database:
            self.deeds.update({self.kill_database: 1, self.kill_backend: 2, self.arm_commit: 4})
        elif world.disk.is_mounted:
            self.deeds[self.fill_disk] = 3

    def run(self, seconds):
        """Every deed once in random order, then at random; all is put right at the end."""
        end = time.monotonic() + seconds
        order = self.dice.sample(list(self.deeds), len(self.deeds))
        while time.monotonic() < end:
            deed = order.pop() if order else self.dice.choices(list(self.deeds), self.deeds.values())[0]
            deed()
            time.sleep(self.dice.uniform(*PAUSE_S))
            self.put_right(time.monotonic())
        self.put_right(float("inf"))
        with self.world.points.lock:
            self.world.points.armed.clear()

    def put_right(self, now):
        for each in [each for each in self.undo if each[0] <= now]:
            self.undo.remove(each)
            each[1]()

    def later(self, action):
        self.undo.append((time.monotonic() + self.dice.uniform(*LASTS_S), action))

    # ---- kills ----

    def kill_one(self, some, what):
        self.world.note(f"kill {what}")
        self.dice.choice(some).kill()

    def kill_service(self):
        self.kill_one(self.world.services, "service")

    def kill_worker(self):
        self.kill_one(self.world.workers, "worker")

    def kill_lane_maker(self):
        self.kill_one(self.world.lane_makers, "lane maker")

    def kill_keeper(self):
        """Or an init."""
        pids = self.world.keepers()
        if pids:
            self.world.note("kill lane")
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.dice.choice(pids), signal.SIGKILL)

    def kill_database(self):
        self.world.note("kill PostgreSQL")
        self.world.database.kill()

    def kill_backend(self):
        self.world.note("kill process of PostgreSQL")
        self.world.database.kill_backend(self.dice)

    # ---- what is slow, full or wrong ----

    def cut(self):
        self.world.note("cut connections")
        self.dice.choice(self.world.proxies).cut()

    def stall(self):
        self.world.note("stall connections")
        proxy = self.dice.choice(self.world.proxies)
        proxy.stall(True)
        self.later(lambda: proxy.stall(False))

    def pause(self):
        """Who slept longer than its lease comes back with results that are nobody's any more."""
        self.world.note("pause process")
        each = self.dice.choice(self.world.workers + self.world.services)
        each.send(signal.SIGSTOP)
        self.later(lambda: each.send(signal.SIGCONT))

    def step_clock(self):
        """Of one host, which then differs from the others', or of all."""
        clocks = list(self.world.clocks.values())
        some = clocks if self.dice.random() < 0.5 else [self.dice.choice(clocks)]
        seconds = self.dice.choice(STEPS_S)
        self.world.note("step clock")
        for clock in some:
            clock.step(seconds)
        self.later(lambda: [clock.step(0) for clock in some])

    def fill_disk(self):
        self.world.note("fill disk")
        self.world.disk.fill()
        self.later(self.world.disk.empty)

    # ---- named points ----

    def arm_answer(self):
        """The answer is lost, and with it, three times in four, who sent it."""
        name = self.dice.choice(list(HTTP_POINTS))
        if self.dice.random() < 0.75:
            self.world.points.arm(name, "kill service", lambda port: self.world.service_at(port).kill())
        else:
            self.world.points.arm(name, "cut", lambda port: None)

    def arm_commit(self):
        deeds = {"cut": lambda _: None, "kill PostgreSQL": lambda _: self.world.database.kill(),
                 "kill services": self.kill_services}
        deed = self.dice.choice(list(deeds))
        self.world.points.arm(POSTGRES_POINT, deed, deeds[deed])

    def arm_webhook(self):
        self.world.points.arm(WEBHOOK_POINT, "kill services", self.kill_services)

    def kill_services(self, _):
        for each in self.world.services:
            each.kill()
