"""Submissions with known answers."""
import collections

Program = collections.namedtuple("Program", "kind fields status verdict output")

HELLO_C = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
NO_C = "int main(void) { return nothing; }\n"
ADD = "print(sum(map(int, input().split())))"


def python(kind, code, status, verdict, output, **fields):
    return Program(kind, {"code": code, "language": "python", **fields}, status, verdict, output)


def case(a, b, answer):
    return {"input": f"{a} {b}", "expected_output": str(answer)}


def plain(dice):
    number = dice.randrange(10**9)
    return python("plain", f"print({number} * 3)", "completed", "ok", f"{number * 3}\n")


def slow(dice):
    """Long enough to be killed in the middle."""
    number, seconds = dice.randrange(10**9), round(dice.uniform(0.1, 1.5), 2)
    return python("slow", f"import time\ntime.sleep({seconds})\nprint({number})", "completed", "ok", f"{number}\n")


def judged(dice):
    pairs = [(dice.randrange(1000), dice.randrange(1000)) for _ in range(4)]
    return python("judged", ADD, "completed", "accepted", None, test_cases=[case(a, b, a + b) for a, b in pairs])


def wrong(dice):
    cases = [case(1, 1, 2), case(1, 2, dice.randrange(4, 99))]
    return python("wrong", ADD, "completed", "wrong_answer", "3\n", test_cases=cases)


def failing(dice):
    number = dice.randrange(10**9)
    return python("failing", f"import sys\nprint({number})\nsys.exit(3)", "error", "runtime_error", f"{number}\n")


def endless(_):
    limits = {"cpu_time_ms": 300, "wall_time_ms": 30000}
    return python("endless", "while True: pass", "error", "time_limit_exceeded", "", limits=limits)


def compiled(_):
    return Program("compiled", {"code": HELLO_C, "language": "c"}, "completed", "ok", "hello\n")


def uncompiled(_):
    return Program("uncompiled", {"code": NO_C, "language": "c"}, "error", "compile_error", None)


KINDS = {plain: 6, slow: 6, judged: 2, wrong: 1, failing: 1, endless: 1, compiled: 1, uncompiled: 0.5}


def one(dice):
    return dice.choices(list(KINDS), KINDS.values())[0](dice)
